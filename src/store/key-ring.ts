// Keys in files, outside the database: `keys/<id>.key` in the data directory, 32 random octets as base64, mode 0600. The
// newest seals, all of them open; rotating adds one.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../base/random.ts';
import { fileTrouble, makeDirectory, writeWhole } from './files.ts';

export interface Key {
  readonly id: string;
  readonly octets: Uint8Array;
}

/** The keys cannot be read or made; the message is one line for the operator. */
export class KeyRingError extends Error {
  override name = 'KeyRingError';
}

const idLength = 10;
const name = /^(\d{6})-([A-Za-z0-9]{10})\.key$/;

export class KeyRing {
  readonly #directory: string;
  readonly #random: Random;
  /** Oldest first. */
  #keys: readonly Key[];

  /** Reads the keys in `directory`, and makes the first where there is none. Throws KeyRingError. */
  constructor(directory: string, random: Random) {
    this.#directory = directory;
    this.#random = random;
    this.#keys = this.#read();
    if (!this.#keys.length) this.addKey();
  }

  static hasKeys(directory: string): boolean {
    return readdirSync(directory).some((file) => name.test(file));
  }

  get newest(): Key {
    const key = this.#keys.at(-1);
    if (!key) throw new KeyRingError(`${this.#directory} has no keys any more`);
    return key;
  }

  /** The oldest key: for what must stay the same as long as the data directory does. */
  get oldest(): Key {
    return this.#keys[0] ?? this.newest;
  }

  /** Also finds a key that another process has added meanwhile. */
  key(id: string): Key | undefined {
    const known = this.#keys.find((key) => key.id === id);
    if (known) return known;
    this.#keys = this.#read();
    return this.#keys.find((key) => key.id === id);
  }

  /** Makes a key that seals from now on. */
  addKey(): Key {
    const number = this.#keys.length ? Number(this.newest.id.slice(0, 6)) + 1 : 1;
    const key: Key = {
      id: `${String(number).padStart(6, '0')}-${this.#random.id(idLength)}`,
      octets: this.#random.bytes(32),
    };
    const path = join(this.#directory, `${key.id}.key`);
    try {
      writeWhole(path, `${Buffer.from(key.octets).toString('base64')}\n`, 0o600);
    } catch (cause) {
      throw new KeyRingError(`cannot write ${path}: ${fileTrouble(cause)}`, { cause });
    }
    this.#keys = this.#read();
    return key;
  }

  #read(): readonly Key[] {
    try {
      makeDirectory(this.#directory);
      return readdirSync(this.#directory)
        .filter((file) => name.test(file))
        .sort()
        .map((file) => readKey(join(this.#directory, file), file.slice(0, -'.key'.length)));
    } catch (cause) {
      if (cause instanceof KeyRingError) throw cause;
      throw new KeyRingError(`cannot use ${this.#directory}: ${fileTrouble(cause)}`, { cause });
    }
  }
}

const readKey = (path: string, id: string): Key => {
  if (statSync(path).mode & 0o077)
    throw new KeyRingError(`${path} can be read by others than its owner; chmod 600 it, and rotate the keys`);
  const octets = new Uint8Array(Buffer.from(readFileSync(path, 'utf8').trim(), 'base64'));
  if (octets.length !== 32) throw new KeyRingError(`${path} is no key of 32 octets; restore it from a backup`);
  return { id, octets };
};

const nonceLength = 12;
const tagLength = 16;

/** AES-256-GCM: nonce, tag, ciphertext. `context` is authenticated with it: opening takes the same. */
export const seal = (key: Uint8Array, context: string, plain: Uint8Array, random: Random): Uint8Array => {
  const nonce = random.bytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), sealed]));
};

/** Undefined when it was sealed with another key or context, or was changed since. */
export const open = (key: Uint8Array, context: string, sealed: Uint8Array): Uint8Array | undefined => {
  if (sealed.length < nonceLength + tagLength) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceLength), { authTagLength: tagLength })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength));
  const plain = decipher.update(sealed.subarray(nonceLength + tagLength));
  try {
    return new Uint8Array(Buffer.concat([plain, decipher.final()]));
  } catch {
    // The only failure `final` has: the tag does not match. That is the answer, not an error.
    return undefined;
  }
};
