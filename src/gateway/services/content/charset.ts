// Text in the charsets of phones, and what of a text XML can carry.

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

/** Undefined when the charset is unknown, or with `isStrict` when the octets are not in it. */
export const decode = (octets: Uint8Array, charset: string, isStrict = false): string | undefined => {
  const named = (Object.hasOwn(mibEnums, charset) ? (mibEnums[charset] ?? '') : charset).toLowerCase();
  const wide = /^(utf-16|iso-10646-ucs-2|ucs-2)$/.test(named);
  // UTF-16 without a byte order mark is big-endian (RFC 2781 §4.3).
  const label = wide ? (octets[0] === 0xff && octets[1] === 0xfe ? 'utf-16le' : 'utf-16be') : named;
  try {
    return new TextDecoder(label, { fatal: isStrict }).decode(octets);
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError) return undefined;
    throw cause;
  }
};

const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

/** XML 1.0 §2.2 has no place for these characters; what cannot be carried is shown as missing. */
export const withoutForbidden = (text: string): string => text.toWellFormed().replace(forbidden, '\ufffd');

/** Does XML carry the text as it is? */
export const isCarried = (text: string): boolean => text.isWellFormed() && text.search(forbidden) < 0;
