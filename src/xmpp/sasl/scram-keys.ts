// What a server keeps instead of a password (RFC 5802 §3): enough to check a proof, not enough to make one.

import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

export type ScramHash = 'SHA-1' | 'SHA-256';

/** Equal in shape to the record in src/store. */
export interface ScramKeys {
  readonly hash: ScramHash;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}
