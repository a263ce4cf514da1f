// Integers and dates in OPAQUE (CSP WBXML, "Data types"): their octets and their text.

/** Unsigned, big endian; no octets are 0 (libwbxml), leading zeros allowed. Returns -1 when it exceeds 32 bits. */
export function integerFrom(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    value = value * 256 + (bytes[at] as number);
    if (value > 0xffffffff) return -1;
  }
  return value;
}

/** The number that a decimal text stands for, or -1 unless it is the plain form of one of 32 bits: no sign, space or
 *  leading zero. */
export function plainDecimal(text: string): number {
  const length = text.length;
  if (length === 0 || length > 10 || (length > 1 && text.charCodeAt(0) === 0x30)) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 0xffffffff ? -1 : value;
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/**
 * Six octets as `YYYYMMDDThhmmssZ`: bits 2 unused, 12 year, 4 month, 5 day, 5 hour, 6 minute, 6 second, then the zone, a
 * military letter (Z is UTC) or 0 for none. Fields are given as they stand, also a thirteenth month: what they mean is
 * the reader's to judge. Returns undefined for another length or no such zone.
 */
export function dateFrom(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start !== 6) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, zone = 0] = bytes.subarray(start, end);
  const isLetter = zone >= 0x41 && zone <= 0x5a && zone !== 0x4a;
  if (zone !== 0 && !isLetter) return undefined;
  const year = ((a & 0x3f) << 6) | (b >> 2);
  const month = ((b & 3) << 2) | (c >> 6);
  const day = (c >> 1) & 0x1f;
  const hour = ((c & 1) << 4) | (d >> 4);
  const minute = ((d & 15) << 2) | (e >> 6);
  const date = digits(year, 4) + digits(month, 2) + digits(day, 2);
  const time = digits(hour, 2) + digits(minute, 2) + digits(e & 0x3f, 2);
  return `${date}T${time}${isLetter ? String.fromCharCode(zone) : ''}`;
}
