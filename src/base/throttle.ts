// Guessing passwords is made slow, never impossible to get right: after a few failures every attempt for that account, and
// every attempt from that address, waits before it is looked at. Nobody is locked out by somebody else's guesses. Only when
// very many attempts wait at once are further ones turned away, unheard: of those who come from where others wait already. The
// owner of an account, who comes alone from wherever, is always heard, and from where they signed in last at once.

import type { Clock } from './clock.ts';
import { networkOf } from './network.ts';

interface Tally {
  failures: number;
  at: number;
  /** Attempts that wait now. */
  waiting: number;
}

const freeFailures = 3;
const firstWaitMs = 500;
const waitMaxMs = 8000;
/** A tally halves in this time. */
const halvesInMs = 5 * 60_000;
const waitingPerAddressMax = 16;
const waitingPerAccountMax = 64;
const talliesMax = 50_000;

export class Throttle {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Tally>();
  readonly #addresses = new Map<string, Tally>();
  /** Accounts and the addresses they last signed in from: their owner does not wait for a guesser elsewhere. */
  readonly #known = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits as long as this attempt has to; false when too many wait already. */
  async admit(account: string, address: string): Promise<boolean> {
    const from = networkOf(address);
    const byAccount = this.#tally(this.#accounts, account);
    const byAddress = this.#tally(this.#addresses, from);
    const isKnown = this.#known.get(account) === from;
    const waitMs = Math.max(isKnown ? 0 : waitOf(byAccount), waitOf(byAddress));
    if (waitMs === 0) return true;
    const isCrowded =
      byAddress.waiting >= waitingPerAddressMax || (byAccount.waiting >= waitingPerAccountMax && byAddress.waiting > 0);
    if (isCrowded && !isKnown) return false;
    byAccount.waiting++;
    byAddress.waiting++;
    await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
    byAccount.waiting--;
    byAddress.waiting--;
    return true;
  }

  failed(account: string, address: string): void {
    this.#tally(this.#accounts, account).failures++;
    this.#tally(this.#addresses, networkOf(address)).failures++;
  }

  succeeded(account: string, address: string): void {
    const tally = this.#accounts.get(account);
    if (tally) tally.failures = 0;
    this.#known.delete(account);
    this.#known.set(account, networkOf(address));
    trim(this.#known);
  }

  #tally(tallies: Map<string, Tally>, key: string): Tally {
    const now = this.#clock.mono();
    const tally = tallies.get(key) ?? { failures: 0, at: now, waiting: 0 };
    tally.failures *= 0.5 ** ((now - tally.at) / halvesInMs);
    tally.at = now;
    tallies.delete(key);
    tallies.set(key, tally);
    trim(tallies);
    return tally;
  }
}

const waitOf = ({ failures }: Tally): number =>
  failures < freeFailures ? 0 : Math.min(waitMaxMs, firstWaitMs * 2 ** (failures - freeFailures));

/** The oldest go first. */
const trim = (map: Map<string, unknown>): void => {
  for (const key of map.keys()) {
    if (map.size <= talliesMax) return;
    map.delete(key);
  }
};
