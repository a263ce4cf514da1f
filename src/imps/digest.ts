// 4-way sign-in: DigestBytes = BASE64( H( Nonce, password ) ), the nonce as the characters of its element. CSP "Login".

import { createHash, timingSafeEqual } from 'node:crypto';

/** The schemes of DigestSchema that can be computed here. MD4 and MD6 are no longer in any library worth using. */
export const digestSchemes = ['MD5', 'SHA'] as const;
export type DigestScheme = (typeof digestSchemes)[number];

const hashes: Readonly<Record<DigestScheme, string>> = { MD5: 'md5', SHA: 'sha1' };

/** DigestBytes for a password, as clients compute it: ISO-8859-1 where the password fits into it, else UTF-8. */
export const digestBytes = (scheme: DigestScheme, nonce: string, password: string): string =>
  digest(scheme, nonce, passwordBytes(password)[0] as Buffer).toString('base64');

/**
 * Whether DigestBytes proves the password. Takes BASE64 with or without padding, and hexadecimal digits, which one gateway
 * family had its clients send; the password's octets as ISO-8859-1 and as UTF-8. Compares in constant time.
 */
export const provesPassword = (scheme: DigestScheme, nonce: string, password: string, given: string): boolean => {
  const size = scheme === 'MD5' ? 16 : 20;
  const text = given.trim();
  const isHex = text.length === size * 2 && /^[0-9a-fA-F]+$/.test(text);
  const octets = Buffer.from(text, isHex ? 'hex' : 'base64');
  // Of the right length always, so that a wrong length takes as long as a wrong digest.
  const claimed = octets.length === size ? octets : Buffer.alloc(size);
  let proven = false;
  for (const bytes of passwordBytes(password))
    if (timingSafeEqual(digest(scheme, nonce, bytes), claimed)) proven = true;
  return proven && octets.length === size;
};

const digest = (scheme: DigestScheme, nonce: string, password: Buffer): Buffer =>
  createHash(hashes[scheme]).update(nonce, 'latin1').update(password).digest();

/** The ways a client may have turned the password into octets, the likeliest first. */
const passwordBytes = (password: string): Buffer[] => {
  const utf8 = Buffer.from(password, 'utf8');
  if (/[^\u0000-\u00ff]/.test(password)) return [utf8];
  return [Buffer.from(password, 'latin1'), utf8];
};
