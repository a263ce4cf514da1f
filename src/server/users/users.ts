// The accounts of one domain that are in use: loaded from the Store when first needed, let go when nobody has used them for
// a while. Accounts that do not exist get a turn too, without a user.

import type { Jid } from '../../xmpp/jid.ts';
import type { Host } from '../host.ts';
import { letGo } from '../points.ts';
import { BlockList } from './block-list.ts';
import { LocalUser } from './local-user.ts';
import { Roster } from './roster.ts';
import { type Turn, Turns } from './turns.ts';

interface Entry {
  readonly turns: Turns;
  user: LocalUser | undefined;
  usedAt: number;
}

export class Users {
  readonly #host: Host;
  readonly #entries = new Map<string, Entry>();
  /** Addresses in `#entries` that were found to have no account. */
  readonly #unknown = new Set<string>();
  #sweep: Disposable | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Runs a task in the turn of the account that `address` belongs to. `user` is undefined when there is no such account.
   * Resolves and rejects as Turns.run does; rejects when the account could not be loaded.
   */
  turn(address: Jid, task: (user: LocalUser | undefined, turn: Turn) => void | Promise<void>): Promise<void> {
    const entry = this.#entry(address.bare);
    entry.usedAt = this.#host.clock.mono();
    const handled = entry.turns.run((turn) => {
      if (entry.user) return task(entry.user, turn);
      return this.#load(entry, address.bare).then(() => task(entry.user, turn));
    });
    if (!entry.user) handled.then(this.#tidy, this.#tidy);
    return handled;
  }

  /** Addresses nobody has are forgotten at once: there are many, and whoever likes can think up more. */
  readonly #tidy = (): void => {
    for (const key of this.#unknown) {
      const entry = this.#entries.get(key);
      if (entry?.user || !entry?.turns.isIdle) continue;
      this.#entries.delete(key);
      this.#unknown.delete(key);
    }
  };

  /** The account if it is in memory. One that is not has no sessions. */
  inUse(account: string): LocalUser | undefined {
    return this.#entries.get(account)?.user;
  }

  /** Is the account in memory, or about to be? */
  isPresent(address: Jid): boolean {
    return this.#entries.has(address.bare.toString());
  }

  get inMemory(): LocalUser[] {
    return [...this.#entries.values()].flatMap(({ user }) => user ?? []);
  }

  get sessionCount(): number {
    let count = 0;
    for (const { user } of this.#entries.values()) count += user?.sessions.size ?? 0;
    return count;
  }

  /** Forgets an account that was removed, in its own turn: the next turn looks into the Store again. */
  forget(user: LocalUser): void {
    user.isRemoved = true;
    const entry = this.#entries.get(user.jid.toString());
    if (entry?.user === user) entry.user = undefined;
    this.#host.hooks.tell(letGo, user);
  }

  /** Resolves when no account has anything to do. */
  async settled(): Promise<void> {
    for (;;) {
      const busy = [...this.#entries.values()].filter(({ turns, user }) => !turns.isIdle || user?.mailbox.isBusy);
      if (busy.length === 0) return;
      await Promise.all(busy.map(({ turns }) => turns.idle()));
      // Writes of the mailboxes go on beside the turns.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  [Symbol.dispose](): void {
    this.#sweep?.[Symbol.dispose]();
    this.#sweep = undefined;
  }

  #entry(bare: Jid): Entry {
    const key = bare.toString();
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { turns: new Turns(), user: undefined, usedAt: 0 };
      this.#entries.set(key, entry);
      this.#armSweep();
    }
    return entry;
  }

  async #load(entry: Entry, jid: Jid): Promise<void> {
    const { store } = this.#host;
    const account = jid.toString();
    const record = await store.accounts.get(account);
    if (!record) {
      this.#unknown.add(account);
      return;
    }
    this.#unknown.delete(account);
    const [roster, blocked] = await Promise.all([store.rosters.get(account), store.blocks.list(account)]);
    entry.user = new LocalUser(this.#host, jid, entry.turns, {
      roster: new Roster(store.rosters, record, roster),
      blocks: new BlockList(store.blocks, jid, blocked),
    });
  }

  #armSweep(): void {
    this.#sweep ??= this.#host.clock.after(this.#host.limits.idleAccountMs, () => {
      this.#sweep = undefined;
      const { clock, limits } = this.#host;
      const before = clock.mono() - limits.idleAccountMs;
      for (const [key, { turns, user, usedAt }] of this.#entries)
        if (usedAt <= before && turns.isIdle && (!user || user.isIdle)) {
          this.#entries.delete(key);
          if (user) this.#host.hooks.tell(letGo, user);
        }
      if (this.#entries.size > 0) this.#armSweep();
    });
  }
}
