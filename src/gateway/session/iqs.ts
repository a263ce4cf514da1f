// Requests a session sent over its Link, and the answers that come back to them. (RFC 6120 §8.2.3)

import type { Clock } from '../../base/clock.ts';
import { LateMap } from '../../base/late.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { conditionOf, type Stanza } from '../../xmpp/stanza.ts';
import type { IqFault } from '../session-view.ts';

interface Pending {
  readonly to: Jid | undefined;
  readonly resolve: (outcome: Outcome<Stanza, IqFault>) => void;
  readonly timer: Disposable;
}

export class Iqs {
  readonly #clock: Clock;
  readonly #pending = new LateMap<string, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  expect(id: string, to: Jid | undefined, timeoutMs: number): Promise<Outcome<Stanza, IqFault>> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(timeoutMs, () => {
        this.#pending.delete(id);
        resolve(bad({ reason: 'timeout' }));
      });
      this.#pending.set(id, { to, resolve, timer });
    });
  }

  /** True when the stanza is the answer to one of ours. account: who answers for requests without `to`. */
  take(stanza: Stanza, account: Jid): boolean {
    if (stanza.kind !== 'iq' || (stanza.type !== 'result' && stanza.type !== 'error')) return false;
    const pending = this.#pending.get(stanza.id ?? '');
    if (!pending || !isFrom(stanza.from, pending.to, account)) return false;
    this.#pending.delete(stanza.id ?? '');
    pending.timer[Symbol.dispose]();
    pending.resolve(
      stanza.type === 'result'
        ? good(stanza)
        : bad({ reason: 'error', condition: conditionOf(stanza)?.condition, stanza }),
    );
    return true;
  }

  /** The Link is gone: no answer will come. */
  fail(): void {
    for (const { resolve, timer } of this.#pending.values()) {
      timer[Symbol.dispose]();
      resolve(bad({ reason: 'link-lost' }));
    }
    this.#pending.clear();
  }
}

/** An answer from anyone else is none. The account's own comes without a sender, or from its bare or full address. */
const isFrom = (from: Jid | undefined, to: Jid | undefined, account: Jid): boolean => {
  if (to && !to.equals(account)) return to.equals(from);
  return from === undefined || from.bare.equals(account);
};
