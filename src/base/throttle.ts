// Guessing passwords is made slow, never impossible to get right: after a few failures every attempt for that account, and
// every attempt from that address, waits before it is looked at. Nobody is locked out by somebody else's guesses, nor slowed
// down: from where an account was signed in to before only the guesses from there count, and by a phone or client that it was
// signed in with only the guesses under that name. So guesses from everywhere are slow together, and whoever guesses from a
// known place, or has heard the name of a known client, gains one more slow way in.
//
// Only when very many attempts wait at once are further ones turned away, unheard: of those who come from where others wait
// already. The owner of an account, who comes alone from wherever, is always heard, and so is one who comes from a known place,
// as long as only others crowd it: whoever has one account must not hold the requests of all.

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
/** … beyond these, on one account from a place that it knows. */
const waitingOfOwnerMax = 4;
const talliesMax = 50_000;

/** Where an account was signed in to from, and with what, the latest last. */
interface Known {
  readonly addresses: string[];
  readonly clients: string[];
}
/** Of either. */
const knownMax = 5;

export class Throttle {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Tally>();
  readonly #addresses = new Map<string, Tally>();
  /** Attempts on an account under the name of a client that it knows. */
  readonly #clients = new Map<string, Tally>();
  /** … from a place that it knows. */
  readonly #places = new Map<string, Tally>();
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits as long as this attempt has to; false when too many wait already. `client`: what it says to be, which proves nothing;
   * '' for one that does not say.
   */
  async admit(account: string, address: string, client = ''): Promise<boolean> {
    const from = networkOf(address);
    const known = this.#known.get(account);
    const isKnownAddress = known?.addresses.includes(from) ?? false;
    const isKnownClient = known?.clients.includes(client) ?? false;
    const byAddress = this.#tally(this.#addresses, from);
    const byWho = isKnownClient
      ? this.#tally(this.#clients, keyOf(account, client))
      : this.#tally(this.#accounts, account);
    const [ofAddress, ofWho] = [waitOf(byAddress), waitOf(byWho)];
    // Both known: neither who guesses at others from there, nor who goes by its name elsewhere, slows the owner's phone down.
    const ofKnownAddress = isKnownClient ? Math.min(ofAddress, ofWho) : ofAddress;
    const waitMs = isKnownAddress ? ofKnownAddress : Math.max(ofAddress, ofWho);
    if (waitMs === 0) return true;
    const isCrowded =
      byAddress.waiting >= waitingPerAddressMax || (byWho.waiting >= waitingPerAccountMax && byAddress.waiting > 0);
    const byOwner = isKnownAddress ? this.#tally(this.#places, keyOf(account, from)) : undefined;
    if (isCrowded && (byOwner?.waiting ?? waitingOfOwnerMax) >= waitingOfOwnerMax) return false;
    const tallies = byOwner ? [byWho, byAddress, byOwner] : [byWho, byAddress];
    for (const tally of tallies) tally.waiting++;
    await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
    for (const tally of tallies) tally.waiting--;
    return true;
  }

  failed(account: string, address: string, client = ''): void {
    this.#tally(this.#accounts, account).failures++;
    this.#tally(this.#addresses, networkOf(address)).failures++;
    if (this.#known.get(account)?.clients.includes(client))
      this.#tally(this.#clients, keyOf(account, client)).failures++;
  }

  /** What was counted against the account fades with time, not by this: others may guess on. */
  succeeded(account: string, address: string, client = ''): void {
    const { addresses, clients } = this.#known.get(account) ?? { addresses: [], clients: [] };
    this.#known.delete(account);
    this.#known.set(account, {
      addresses: withLatest(addresses, networkOf(address)),
      clients: client === '' ? clients : withLatest(clients, client),
    });
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

const keyOf = (account: string, client: string): string => `${account} ${client}`;

const withLatest = (all: readonly string[], one: string): string[] =>
  [...all.filter((other) => other !== one), one].slice(-knownMax);

/** The oldest go first. */
const trim = (map: Map<string, unknown>): void => {
  for (const key of map.keys()) {
    if (map.size <= talliesMax) return;
    map.delete(key);
  }
};
