// Passwords are compared as prepared text: PRECIS OpaqueString (RFC 8265 §4.2), where clients still use SASLprep (RFC 4013).
// For what people type the two agree when the result is in NFKC, which is what servers and clients in the field store and
// send, so that is what we do: white space becomes a space, invisible joiners vanish, controls are refused.

import { bad, good, type Outcome } from '../../base/outcome.ts';

/** RFC 3454 B.1: commonly mapped to nothing. */
const vanishing = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|[\u200B-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/g;
/** RFC 3454 C.1.2, which RFC 8265 has as Zs. */
const spaces = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g;
/** RFC 3454 C.2 to C.9 in short: controls, private use, surrogates, non-characters, change of direction, tags. */
const forbidden =
  /[\p{Cc}\p{Co}\p{Cs}\u06DD\u070F\u180E\u200E\u200F\u2028\u2029\u202A-\u202E\u2061-\u2063\u206A-\u206F\uFDD0-\uFDEF\uFFF9-\uFFFF\u{1D173}-\u{1D17A}\u{E0001}-\u{E007F}]/u;

/** At most this many characters: preparing and hashing what a stranger sends has to have an end. */
export const passwordLengthMax = 1023;

/** Fault 'malformed': empty, too long, or with characters no password may have. */
export const preparePassword = (password: string): Outcome<string, 'malformed'> => {
  if (password.length > passwordLengthMax) return bad('malformed');
  const prepared = password.replace(spaces, ' ').replace(vanishing, '').normalize('NFKC');
  return prepared === '' || forbidden.test(prepared) ? bad('malformed') : good(prepared);
};
