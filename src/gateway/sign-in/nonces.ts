// Nonces of 4-way sign-ins under way: one per UserID, SessionCookie and ClientID (phones may change the TransactionID between
// the halves), good for one use within a minute. (CSP all versions, "Login", 4-way)

import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

export type Scheme = 'SHA' | 'MD5' | 'PWD';

export interface Challenge {
  readonly nonce: string;
  readonly scheme: Scheme;
}

const liveMs = 60_000;

export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #max: number;
  /** Oldest first. */
  readonly #pending = new Map<string, Challenge & { readonly at: number }>();

  constructor(clock: Clock, random: Random, max: number) {
    this.#clock = clock;
    this.#random = random;
    this.#max = max;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** A new challenge in the place of any older one. When too many are open, the oldest gives way. */
  challenge(key: string, scheme: Scheme): Challenge {
    const challenge = { nonce: this.#random.id(20), scheme, at: this.#clock.mono() };
    this.#pending.delete(key);
    this.#pending.set(key, challenge);
    for (const [first, { at }] of this.#pending) {
      if (this.#pending.size <= this.#max && this.#isLive(at)) break;
      this.#pending.delete(first);
    }
    return challenge;
  }

  /** Takes the challenge: there is no second try with it. */
  take(key: string): Challenge | undefined {
    const challenge = this.#pending.get(key);
    this.#pending.delete(key);
    return challenge && this.#isLive(challenge.at) ? challenge : undefined;
  }

  #isLive(at: number): boolean {
    return this.#clock.mono() - at < liveMs;
  }
}

/** Of one length, however long a stranger's cookie is: many are kept. */
export const nonceKey = (account: string, cookie: string, client: string): string =>
  createHash('sha256')
    .update(JSON.stringify([account, cookie, client]))
    .digest('base64');
