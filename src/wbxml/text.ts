// UTF-8 in both directions, quick for the short ASCII strings that CSP is made of.

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8Encoder = new TextEncoder();
const char = String.fromCharCode;

/** Above this many octets the platform's decoder is quicker than a call per eight characters (measured, Node 24). */
const shortMax = 12;

/** The octets from start to end as text. Malformed UTF-8 becomes U+FFFD: a text cut inside a character is
 *  still worth reading. Test: vectors/forms.txt, "cut-utf8".
 *  seen: all the octets or-ed together, so that plain ASCII is known without another look. */
export function textFrom(bytes: Uint8Array, start: number, end: number, seen: number): string {
  if (end - start > shortMax || seen > 0x7f) return utf8.decode(bytes.subarray(start, end));
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4)
    text += char(bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number, bytes[at + 3] as number);
  for (; at < end; at++) text += char(bytes[at] as number);
  return text;
}

/** As textFrom, for ISO-8859-1. */
export function latin1From(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += char(bytes[at] as number);
  return text;
}

/** All octets or-ed together: above 7F when they are not plain ASCII. */
export function octetsSeen(bytes: Uint8Array, start: number, end: number): number {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at] as number;
  return seen;
}

/** Write text at an offset and return the offset after it. The room must be there: three octets a character at most.
 *  U+0000, which WBXML strings cannot hold, is left out; a lone surrogate becomes U+FFFD. */
export function putText(into: Uint8Array, at: number, text: string): number {
  const length = text.length;
  let to = at;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return to + utf8Encoder.encodeInto(text.slice(i).replaceAll('\0', ''), into.subarray(to)).written;
    if (code !== 0) into[to++] = code;
  }
  return to;
}
