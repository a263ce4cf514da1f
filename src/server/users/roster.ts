// An account's roster in memory: what the Store holds, changed only after the Store has committed the change.

import type { AccountRecord, Address, RosterItem, RosterStore } from '../../store/store.ts';
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
  /** When the account was made, in words of a version: an account made anew counts its versions from the start. */
  readonly #era: string;
  #version: number;

  constructor(
    store: RosterStore,
    account: Pick<AccountRecord, 'address' | 'createdAt'>,
    loaded: { version: number; items: readonly RosterItem[] },
  ) {
    this.#store = store;
    this.#account = account.address;
    this.#era = account.createdAt.toString(36);
    this.#version = loaded.version;
    for (const item of loaded.items) this.#items.set(item.contact, item);
  }

  get version(): number {
    return this.#version;
  }

  /** A version as clients see it (RFC 6121 §2.6.1). */
  versionText(version = this.#version): string {
    return `${version}-${this.#era}`;
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

  /** Undefined when the version says nothing here: not ours, of an account before this one, or too long ago. */
  async changesSince(versionText: string): ReturnType<RosterStore['changesSince']> {
    const [, version, era] = /^(\d{1,15})-([0-9a-z]+)$/.exec(versionText) ?? [];
    return era === this.#era ? this.#store.changesSince(this.#account, Number(version)) : undefined;
  }

  async #set(contact: Address, item: RosterItem | undefined): Promise<number> {
    this.#version = await this.#store.set(this.#account, contact, item);
    if (item) this.#items.set(contact, item);
    else this.#items.delete(contact);
    return this.#version;
  }
}
