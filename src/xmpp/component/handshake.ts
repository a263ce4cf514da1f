// XEP-0114 §3: what a component proves its secret with.

import { createHash, timingSafeEqual } from 'node:crypto';

/** The lowercase hexadecimal SHA-1 of the stream id followed by the secret. */
export const handshakeOf = (streamId: string, secret: string): string =>
  createHash('sha1').update(streamId, 'utf8').update(secret, 'utf8').digest('hex');

/** Compares in constant time. COMPAT: upper case digits count too, as they do for Prosody 0.12 (accept.test.ts). */
export const provesSecret = (given: string, streamId: string, secret: string): boolean => {
  const wanted = Buffer.from(handshakeOf(streamId, secret));
  const claimed = Buffer.from(given.trim().toLowerCase().slice(0, 100).padEnd(wanted.length, ' '));
  return claimed.length === wanted.length && timingSafeEqual(claimed, wanted);
};
