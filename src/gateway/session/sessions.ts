// All sessions of this gateway, by the key of their SessionID, by account, and by phone.

import type { Session } from './session.ts';

export class Sessions {
  readonly #byKey = new Map<string, Session>();
  readonly #byAccount = new Map<string, Set<Session>>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Session | undefined {
    return this.#byKey.get(key);
  }

  all(): IterableIterator<Session> {
    return this.#byKey.values();
  }

  /** Those of an account, the one heard longest ago first. */
  of(account: string): readonly Session[] {
    return [...(this.#byAccount.get(account) ?? [])].sort((a, b) => a.lastHeardAt - b.lastHeardAt);
  }

  /** The session of that phone. */
  ofClient(account: string, client: string): Session | undefined {
    return this.of(account).find((session) => session.client === client);
  }

  add(session: Session): void {
    this.#byKey.set(session.key, session);
    const ofAccount = this.#byAccount.get(session.account) ?? new Set();
    ofAccount.add(session);
    this.#byAccount.set(session.account, ofAccount);
  }

  remove(session: Session): void {
    if (this.#byKey.get(session.key) === session) this.#byKey.delete(session.key);
    const ofAccount = this.#byAccount.get(session.account);
    ofAccount?.delete(session);
    if (ofAccount?.size === 0) this.#byAccount.delete(session.account);
  }
}
