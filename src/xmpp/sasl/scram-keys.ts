// What a server keeps instead of a password (RFC 5802 §3): enough to check a proof, not enough to make one.

import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { good, type Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import { preparePassword } from './saslprep.ts';

export type ScramHash = 'SHA-1' | 'SHA-256';

/** Equal in shape to the record in src/store. */
export interface ScramKeys {
  readonly hash: ScramHash;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/**
 * Iterations for new keys. RFC 5802 and 7677 ask for at least 4096; Prosody takes 10000. In SCRAM the *client* pays at every
 * sign-in, be it a small board, and the server pays only for PLAIN and new passwords: 2 ms at this number on a server of 2024,
 * which is also what each guess costs a thief of the keys. A longer password buys more than a factor of ten here would;
 * whoever disagrees configures more.
 */
export const defaultIterations = 10_000;

/** A client that is told more than this is being made to burn its CPU. */
export const iterationsMax = 1_000_000;

const digestNames = { 'SHA-1': 'sha1', 'SHA-256': 'sha256' } as const satisfies Record<ScramHash, string>;

const pbkdf2Async = promisify(pbkdf2);

export const digest = (hash: ScramHash, data: Uint8Array): Uint8Array =>
  createHash(digestNames[hash]).update(data).digest();
export const hmac = (hash: ScramHash, key: Uint8Array, data: Uint8Array | string): Uint8Array =>
  createHmac(digestNames[hash], key).update(data).digest();
export const digestLength = (hash: ScramHash): number => (hash === 'SHA-1' ? 20 : 32);

/** RFC 5802 §3 `Hi`: slow by design, so it runs in the thread pool. `password` is prepared already. */
export const saltPassword = (
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> => pbkdf2Async(password, salt, iterations, digestLength(hash), digestNames[hash]);

export const clientKeyOf = (hash: ScramHash, saltedPassword: Uint8Array): Uint8Array =>
  hmac(hash, saltedPassword, 'Client Key');
export const serverKeyOf = (hash: ScramHash, saltedPassword: Uint8Array): Uint8Array =>
  hmac(hash, saltedPassword, 'Server Key');

/** Keys of a prepared password (see `preparePassword`) for one hash. `salt`: at least 16 unguessable octets. */
export const makeScramKeys = async (
  hash: ScramHash,
  prepared: string,
  salt: Uint8Array,
  iterations: number = defaultIterations,
): Promise<ScramKeys> => {
  const salted = await saltPassword(hash, prepared, salt, iterations);
  return {
    hash,
    iterations,
    salt,
    storedKey: digest(hash, clientKeyOf(hash, salted)),
    serverKey: serverKeyOf(hash, salted),
  };
};

/** Is this (prepared) password the one the keys were made of? Costs as much as making them. */
export const provesPassword = async (keys: ScramKeys, prepared: string): Promise<boolean> => {
  const salted = await saltPassword(keys.hash, prepared, keys.salt, keys.iterations);
  return equalOctets(digest(keys.hash, clientKeyOf(keys.hash, salted)), keys.storedKey);
};

/** Keys nobody's password matches, the same for the same name every time: what a stranger is shown instead of "unknown". */
export const fakeScramKeys = (hash: ScramHash, name: string, secret: Uint8Array, iterations: number): ScramKeys => {
  const derive = (what: string): Uint8Array => hmac('SHA-256', secret, `${what}\0${hash}\0${name}`);
  const length = digestLength(hash);
  return {
    hash,
    iterations,
    salt: derive('salt').subarray(0, saltLength),
    storedKey: derive('stored').subarray(0, length),
    serverKey: derive('server').subarray(0, length),
  };
};

/** Octets of a salt; the same for real and fake ones, or the length would tell. */
export const saltLength = 16;

export const equalOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Keys for every hash we speak: what a new account, or a new password, is stored as. Fault: the password cannot be one. */
export const makeCredentials = async (
  password: string,
  random: Random,
  iterations: number = defaultIterations,
): Promise<Outcome<readonly ScramKeys[], 'malformed'>> => {
  const prepared = preparePassword(password);
  if (!prepared.ok) return prepared;
  const make = (hash: ScramHash): Promise<ScramKeys> =>
    makeScramKeys(hash, prepared.value, random.bytes(saltLength), iterations);
  return good(await Promise.all([make('SHA-256'), make('SHA-1')]));
};
