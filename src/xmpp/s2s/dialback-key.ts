// XEP-0185 Dialback Key Generation and Validation 1.0: keys that need not be remembered to be known again.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyRequest, Pair } from './s2s.ts';

export interface DialbackKeys {
  /** The key to send for a pair on a stream with this id: hex. */
  key(pair: Pair, streamId: string): string;
  /** Did `key` make it? */
  isOurs(request: KeyRequest): boolean;
}

/** `secret`: unguessable; every server of one domain has the same. */
export const dialbackKeys = (secret: string | Uint8Array): DialbackKeys => {
  // XEP-0185 §3 hands the digest on as its hexadecimal text.
  const own = createHash('sha256').update(secret).digest('hex');
  const key = ({ local, remote }: Pair, streamId: string): string =>
    createHmac('sha256', own).update(`${remote} ${local} ${streamId}`).digest('hex');
  return {
    key,
    isOurs: (request) => {
      const given = Buffer.from(request.key);
      const made = Buffer.from(key(request.pair, request.streamId));
      return given.length === made.length && timingSafeEqual(given, made);
    },
  };
};
