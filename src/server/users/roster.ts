// An account's roster in memory: what the Store holds, changed only after the Store has committed the change.

import type { Address, RosterItem, RosterStore } from '../../store/store.ts';
import type { Jid } from '../../xmpp/jid.ts';

export const emptyItem = (contact: Address): RosterItem => ({
  contact,
  name: undefined,
  groups: [],
  subscription: 'none',
  ask: false,
  request: undefined,
  approved: false,
  listed: false,
});

/** A record that says nothing is not worth keeping. */
const saysNothing = (item: RosterItem): boolean => !item.listed && item.request === undefined && !item.approved;

export class Roster {
  readonly #store: RosterStore;
  readonly #account: Address;
  readonly #items = new Map<Address, RosterItem>();
  #version: number;

  constructor(store: RosterStore, account: Address, loaded: { version: number; items: readonly RosterItem[] }) {
    this.#store = store;
    this.#account = account;
    this.#version = loaded.version;
    for (const item of loaded.items) this.#items.set(item.contact, item);
  }

  get version(): number {
    return this.#version;
  }

  /** Records of every kind, unlisted ones included. */
  get records(): Iterable<RosterItem> {
    return this.#items.values();
  }

  get size(): number {
    return this.#items.size;
  }

  get(contact: Jid): RosterItem | undefined {
    return this.#items.get(contact.bare.toString());
  }

  /** May the contact see this account's presence? */
  letsSee(contact: Jid): boolean {
    const subscription = this.get(contact)?.subscription;
    return subscription === 'from' || subscription === 'both';
  }

  /** Does this account see the contact's presence? */
  sees(contact: Jid): boolean {
    const subscription = this.get(contact)?.subscription;
    return subscription === 'to' || subscription === 'both';
  }

  /** Stores a record (or, when it says nothing any more, its removal); resolves with the new version. */
  async put(item: RosterItem): Promise<number> {
    return this.#set(item.contact, saysNothing(item) ? undefined : item);
  }

  remove(contact: Address): Promise<number> {
    return this.#set(contact, undefined);
  }

  changesSince(version: number): ReturnType<RosterStore['changesSince']> {
    return this.#store.changesSince(this.#account, version);
  }

  async #set(contact: Address, item: RosterItem | undefined): Promise<number> {
    this.#version = await this.#store.set(this.#account, contact, item);
    if (item) this.#items.set(contact, item);
    else this.#items.delete(contact);
    return this.#version;
  }
}
