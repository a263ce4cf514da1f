// CSP "MessageInfo" and "ContentData": a message's content as text, whatever charset and encoding the phone wrote it in.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { StructureOf } from '../../../imps/primitives.ts';

/** Octets of UTF-8. RFC 6120 §13.12 lets a server refuse stanzas from 10 000 on; those about take at least 64 KiB. */
export const bodyMax = 65_536;

export interface ContentFault {
  readonly code: 400 | 415 | 432;
  readonly description: string;
}
const fault = (code: ContentFault['code'], description: string): Outcome<string, ContentFault> =>
  bad({ code, description });

/** The text of a message from the phone; 415 for content XMPP users could not be shown, which is refused rather than lost. */
export const textOfContent = (
  info: StructureOf<'MessageInfo'>,
  data: string | Uint8Array | undefined,
): Outcome<string, ContentFault> => {
  const [type = '', ...parameters] = (info.ContentType || 'text/plain').split(';').map((part) => part.trim());
  if (type.toLowerCase() !== 'text/plain') return fault(415, `only text/plain is carried, not ${type.slice(0, 60)}`);
  if (data === undefined)
    return info.MessageURI ? fault(415, 'content by reference is not carried') : fault(400, 'no content');
  let octets = typeof data === 'string' ? undefined : data;
  // COMPAT: the encoding is written in any case (NONE, None, base64).
  if (/^base64$/i.test(info.ContentEncoding ?? '')) {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    const packed = text.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return fault(400, 'content is not BASE64');
    octets = Buffer.from(packed, 'base64');
  }
  const charset = parameters
    .find((one) => /^charset\s*=/i.test(one))
    ?.replace(/^charset\s*=\s*/i, '')
    .replace(/^"|"$/g, '');
  const text = octets ? decode(octets, charset || 'utf-8') : String(data);
  if (text === undefined) return fault(415, `unknown charset ${charset?.slice(0, 40)}`);
  const clean = withoutForbidden(text);
  return Buffer.byteLength(clean) > bodyMax ? fault(432, `longer than ${bodyMax} octets`) : good(clean);
};

/** IANA MIBenum numbers, by which phones also name charsets. */
const mibEnums: Readonly<Record<string, string>> = {
  3: 'us-ascii',
  4: 'iso-8859-1',
  5: 'iso-8859-2',
  6: 'iso-8859-3',
  7: 'iso-8859-4',
  8: 'iso-8859-5',
  9: 'iso-8859-6',
  10: 'iso-8859-7',
  11: 'iso-8859-8',
  12: 'windows-1254',
  17: 'shift_jis',
  18: 'euc-jp',
  38: 'euc-kr',
  106: 'utf-8',
  113: 'gbk',
  1000: 'utf-16be',
  1013: 'utf-16be',
  1014: 'utf-16le',
  1015: 'utf-16',
  2025: 'gb2312',
  2026: 'big5',
  2084: 'koi8-r',
};

const decode = (octets: Uint8Array, charset: string): string | undefined => {
  const named = (mibEnums[charset] ?? charset).toLowerCase();
  const wide = /^(utf-16|iso-10646-ucs-2|ucs-2)$/.test(named);
  // UTF-16 without a byte order mark is big-endian (RFC 2781 §4.3).
  const label = wide ? (octets[0] === 0xff && octets[1] === 0xfe ? 'utf-16le' : 'utf-16be') : named;
  try {
    return new TextDecoder(label).decode(octets);
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
};

/** XML 1.0 §2.2 has no place for these characters; what cannot be carried is shown as missing. */
const withoutForbidden = (text: string): string =>
  text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
