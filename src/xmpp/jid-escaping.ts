// XEP-0106 JID Escaping 1.1: names with characters that an address cannot have before its @, and back.

const codes: Readonly<Record<string, string>> = {
  ' ': '20',
  '"': '22',
  '&': '26',
  "'": '27',
  '/': '2f',
  ':': '3a',
  '<': '3c',
  '>': '3e',
  '@': '40',
  '\\': '5c',
};
const characters = new Map(Object.entries(codes).map(([character, code]) => [code, character]));

/**
 * The name as a localpart, still to be prepared like any other. Undefined for an empty name and for one with a space at
 * either end, which cannot be written (§3).
 */
export const escapeLocal = (name: string): string | undefined =>
  name === '' || name.startsWith(' ') || name.endsWith(' ')
    ? undefined
    : // A backslash stands for itself unless it would be read as the beginning of an escape.
      name.replace(/[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)/gi, (c) => `\\${codes[c]}`);

/** The name that a localpart shows to people. */
export const unescapeLocal = (local: string): string =>
  local.replace(/\\(20|22|26|27|2f|3a|3c|3e|40|5c)/gi, (_, code: string) => characters.get(code.toLowerCase()) ?? '');
