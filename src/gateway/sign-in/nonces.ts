// Nonces of 4-way sign-ins under way: one per UserID, SessionCookie and ClientID (phones may change the TransactionID between
// the halves), good for one use within a minute. A first half that comes twice, by a phone or a proxy that got impatient, is
// answered with the same nonce: whichever answer the phone takes, it can prove itself by it. (CSP all versions, "Login", 4-way)

import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

export type Scheme = 'SHA' | 'MD5' | 'PWD';

export interface Challenge {
  readonly nonce: string;
  readonly scheme: Scheme;
}

interface Pending extends Challenge {
  /** Monotonic ms. */
  readonly at: number;
  /** The one that it took the place of: its answer may be under way. */
  readonly before: Pending | undefined;
}

const liveMs = 60_000;

export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #max: number;
  /** Oldest first. */
  readonly #pending = new Map<string, Pending>();

  constructor(clock: Clock, random: Random, max: number) {
    this.#clock = clock;
    this.#random = random;
    this.#max = max;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** The challenge to answer with. When too many are open, the oldest gives way. */
  challenge(key: string, scheme: Scheme): Challenge {
    const before = this.#pending.get(key);
    const now = this.#clock.mono();
    if (before?.scheme === scheme && now - before.at < liveMs / 2) return before;
    const challenge: Pending = {
      nonce: this.#random.id(20),
      scheme,
      at: now,
      before: before && { ...before, before: undefined },
    };
    this.#pending.delete(key);
    this.#pending.set(key, challenge);
    for (const [first, { at }] of this.#pending) {
      if (this.#pending.size <= this.#max && this.#isLive(at)) break;
      this.#pending.delete(first);
    }
    return challenge;
  }

  /** Takes what the phone may have answered, the latest first: there is no second try with it. */
  take(key: string): readonly Challenge[] {
    const challenge = this.#pending.get(key);
    this.#pending.delete(key);
    return [challenge, challenge?.before].filter((one) => one !== undefined && this.#isLive(one.at)) as Challenge[];
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
