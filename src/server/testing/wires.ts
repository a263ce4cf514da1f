// Federation in memory, for tests: what one server gives its carrier comes out at the other, as text and in order. Ways
// between two domains break, heal and go silent as a script says, and whoever is at an end hears of it as of a real link.

import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import type { Carrier } from '../elsewhere.ts';
import { mayBounce } from '../router.ts';

/** Who speaks for a domain: a server, or a script. */
export interface End {
  /** Takes a stanza from another domain. */
  receive(stanza: Stanza): Promise<void> | void;
  /** The way to another domain was lost, or is there again. */
  reach(domain: string, isReachable: boolean): void;
}

/** `silent`: what is sent is lost, and nobody knows. */
type State = 'up' | 'broken' | 'silent';

export class Wires {
  readonly #ends = new Map<string, End>();
  /** Domains that there are, up or not. */
  readonly #known = new Set<string>();
  readonly #states = new Map<string, State>();
  /** Ways that an end was told are lost, as "end other". */
  readonly #lost = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  #inFlight = 0;

  get isQuiet(): boolean {
    return this.#inFlight === 0;
  }

  /** From now on this end speaks for the domain; undefined: nobody does, and unless it went in good order, everybody has lost the way to it. */
  set(domain: string, end: End | undefined, { inGoodOrder = false } = {}): void {
    this.#known.add(domain);
    if (end) this.#ends.set(domain, end);
    else {
      this.#ends.delete(domain);
      for (const other of inGoodOrder ? [] : this.#ends.keys())
        if (this.#state(domain, other) !== 'silent') this.#lose(other, domain);
    }
    for (const key of this.#lost) if (key.startsWith(`${domain} `)) this.#lost.delete(key);
  }

  change(one: string, other: string, state: State): void {
    this.#states.set(keyOf(one, other), state);
    for (const [end, far] of [
      [one, other],
      [other, one],
    ] as const)
      if (state === 'broken') this.#lose(end, far);
      else if (state === 'up' && this.#ends.has(far)) this.#find(end, far);
  }

  carrier(domain: string): Carrier {
    return {
      carry: async (stanza, isBroadcast) => {
        const far = stanza.to?.domain ?? '';
        const state = this.#state(domain, far);
        if (state === 'silent') return;
        if (state === 'broken' || !this.#ends.has(far)) {
          const isKnown = this.#known.has(far);
          if (isKnown) this.#lose(domain, far);
          if (!isBroadcast && mayBounce(stanza))
            await this.#ends
              .get(domain)
              ?.receive(stanza.error(isKnown ? 'remote-server-timeout' : 'remote-server-not-found'));
          return;
        }
        // Whoever gets through knows that the way is there, on both sides.
        this.#find(domain, far);
        this.#find(far, domain);
        this.#inFlight++;
        const text = stanza.toXml();
        this.#last = this.#last.then(async () => {
          try {
            await this.#ends.get(far)?.receive(stanzaFromText(text));
          } finally {
            this.#inFlight--;
          }
        });
      },
    };
  }

  #state(one: string, other: string): State {
    return this.#states.get(keyOf(one, other)) ?? 'up';
  }

  #lose(end: string, far: string): void {
    if (this.#lost.has(`${end} ${far}`)) return;
    this.#lost.add(`${end} ${far}`);
    this.#ends.get(end)?.reach(far, false);
  }

  #find(end: string, far: string): void {
    if (this.#lost.delete(`${end} ${far}`)) this.#ends.get(end)?.reach(far, true);
  }
}

const keyOf = (one: string, other: string): string => [one, other].sort().join(' ');
