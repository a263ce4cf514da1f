// Passwords as RFC 5802 keys: what an account is verified against without its password being stored.

import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../base/random.ts';
import type { ScramKeys } from '../store/store.ts';

const derive = promisify(pbkdf2);
const digests = { 'SHA-1': 'sha1', 'SHA-256': 'sha256' } as const;
const lengths = { 'SHA-1': 20, 'SHA-256': 32 } as const;
/** RFC 7677 §4 asks for at least 4096; a sign-in costs its client this many rounds, and it may be an old one. */
const iterations = 10_000;
/** No account looks like this one: verifying against it takes the time that verifying takes. */
const nobody: ScramKeys = {
  hash: 'SHA-256',
  iterations,
  salt: new Uint8Array(16),
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
};

const storedKeyOf = async (hash: ScramKeys['hash'], password: string, salt: Uint8Array, rounds: number) => {
  const salted = await derive(password.normalize('NFC'), salt, rounds, lengths[hash], digests[hash]);
  const hmac = (text: string): Buffer => createHmac(digests[hash], salted).update(text).digest();
  return {
    storedKey: createHash(digests[hash]).update(hmac('Client Key')).digest(),
    serverKey: hmac('Server Key'),
  };
};

/** Undefined when the password is not fit to be one. */
export const makeKeys = async (password: string, random: Random): Promise<readonly ScramKeys[] | undefined> => {
  if (password === '' || !password.isWellFormed()) return undefined;
  const keys: ScramKeys[] = [];
  for (const hash of ['SHA-256', 'SHA-1'] as const) {
    const salt = random.bytes(16);
    const { storedKey, serverKey } = await storedKeyOf(hash, password, salt, iterations);
    keys.push({
      hash,
      iterations,
      salt,
      storedKey: new Uint8Array(storedKey),
      serverKey: new Uint8Array(serverKey),
    });
  }
  return keys;
};

/** Compares in constant time, and works as long when there is nothing to compare with. */
export const keysMatch = async (keys: readonly ScramKeys[], password: string): Promise<boolean> => {
  const key = keys.find((one) => one.hash === 'SHA-256') ?? keys[0] ?? nobody;
  const { storedKey } = await storedKeyOf(key.hash, password, key.salt, key.iterations);
  return timingSafeEqual(storedKey, key.storedKey) && key !== nobody;
};
