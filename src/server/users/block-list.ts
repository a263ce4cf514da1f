// The addresses an account has blocked (XEP-0191 §3.1: full JID, bare JID, domain with resource, domain), in memory.

import { LateSet } from '../../base/late.ts';
import type { BlockStore } from '../../store/store.ts';
import type { Jid } from '../../xmpp/jid.ts';

export class BlockList {
  readonly #store: BlockStore;
  readonly #account: Jid;
  readonly #entries = new LateSet<string>();

  constructor(store: BlockStore, account: Jid, entries: readonly string[]) {
    this.#store = store;
    this.#account = account;
    for (const entry of entries) this.#entries.add(entry);
  }

  get entries(): readonly string[] {
    return [...this.#entries];
  }

  get size(): number {
    return this.#entries.size;
  }

  /** An account never blocks itself: its own resources must go on hearing of each other. */
  has(other: Jid): boolean {
    if (this.#entries.size === 0 || other.bare.equals(this.#account)) return false;
    if (this.#entries.has(other.toString()) || this.#entries.has(other.bare.toString())) return true;
    if (other.local === undefined) return false;
    return (
      this.#entries.has(other.domain) ||
      (other.resource !== undefined && this.#entries.has(`${other.domain}/${other.resource}`))
    );
  }

  async add(entries: readonly string[]): Promise<void> {
    await this.#store.add(this.#account.toString(), entries);
    for (const entry of entries) this.#entries.add(entry);
  }

  /** Without entries: all of them. */
  async remove(entries?: readonly string[]): Promise<void> {
    await this.#store.remove(this.#account.toString(), entries);
    if (!entries) this.#entries.clear();
    else for (const entry of entries) this.#entries.delete(entry);
  }
}
