// PRECIS (RFC 8264): which code points a name may have, and the two profiles (RFC 8265) that XMPP addresses use. The derived
// property is computed from the Unicode data of the JavaScript engine, by the rules in the order of RFC 8264 §8.

import { isInContext, keepsBidiRule } from './precis-context.ts';

/** `free` means FREE_PVAL / ID_DIS: good in free-form text, not in an identifier. */
export type DerivedProperty = 'valid' | 'free' | 'context' | 'disallowed' | 'unassigned';

/** The derived property of one code point, given as a string of one code point. RFC 8264 §8. */
export const derivedProperty = (c: string): DerivedProperty => {
  const exception = exceptions.get(c);
  if (exception) return exception;
  if (/^\p{Cn}$/u.test(c) && !/^\p{Noncharacter_Code_Point}$/u.test(c)) return 'unassigned';
  if (/^[!-~]$/.test(c)) return 'valid';
  if (/^\p{Join_Control}$/u.test(c)) return 'context';
  if (oldHangulJamo.test(c)) return 'disallowed';
  if (/^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u.test(c)) return 'disallowed';
  if (/^\p{Cc}$/u.test(c)) return 'disallowed';
  if (c.normalize('NFKC') !== c) return 'free';
  if (letterDigits.test(c)) return 'valid';
  if (/^[\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}]$/u.test(c)) return 'free';
  return 'disallowed';
};

/** RFC 8264 §9.1, and RFC 5892 §2.1 alike. */
export const letterDigits = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
/** Conjoining jamo of the old kind (RFC 8264 §9.9): Hangul_Syllable_Type L, V or T. */
export const oldHangulJamo = /^[\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7C6\uD7CB-\uD7FB]$/;

/** RFC 8264 §9.6, and RFC 5892 §2.6 alike. */
export const exceptions: ReadonlyMap<string, DerivedProperty> = new Map([
  ...[...'\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007'].map((c) => [c, 'valid'] as const),
  ...[...'\u00B7\u0375\u05F3\u05F4\u30FB'].map((c) => [c, 'context'] as const),
  ...[...'٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹'].map((c) => [c, 'context'] as const),
  ...[...'\u0640\u07FA\u302E\u302F\u3031\u3032\u3033\u3034\u3035\u303B'].map((c) => [c, 'disallowed'] as const),
]);

const isMadeOf = (text: string, allowed: 'identifier' | 'free-form'): boolean => {
  let at = 0;
  for (const c of text) {
    const property = derivedProperty(c);
    const isGood =
      property === 'valid' ||
      (property === 'free' && allowed === 'free-form') ||
      (property === 'context' && isInContext(text, at));
    if (!isGood) return false;
    at += c.length;
  }
  return true;
};

/** Applies `once` until nothing changes, as RFC 8264 §7 asks; undefined where that takes too long or a rule refuses. */
const untilStable = (text: string, once: (text: string) => string | undefined): string | undefined => {
  let before = text;
  for (let i = 0; i < 4; i++) {
    const after = once(before);
    if (after === undefined || after === before) return after;
    before = after;
  }
  return undefined;
};

/** RFC 8265 §3.3: names of accounts. Undefined when the text cannot be one. */
export const usernameCaseMapped = (text: string): string | undefined =>
  untilStable(text, (given) => {
    const narrow = given.replace(fullOrHalfWidth, (c) => c.normalize('NFKC'));
    if (!isMadeOf(narrow, 'identifier')) return undefined;
    const name = narrow.toLowerCase().normalize('NFC');
    return name !== '' && keepsBidiRule(name) ? name : undefined;
  });
const fullOrHalfWidth = /[\u3000\uFF01-\uFFEE]/g;

/** RFC 8265 §4.2: passwords, and the resources of addresses. Undefined when the text cannot be one. */
export const opaqueString = (text: string): string | undefined =>
  untilStable(text, (given) => {
    if (!isMadeOf(given, 'free-form')) return undefined;
    const opaque = given.replace(/\p{Zs}/gu, ' ').normalize('NFC');
    return opaque === '' ? undefined : opaque;
  });
