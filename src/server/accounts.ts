// Accounts: made, verified, changed and removed, by whoever may: registration over XMPP, the sign-up page, the command line.

import { bad, good, type Outcome } from '../base/outcome.ts';
import type { AccountRecord } from '../store/store.ts';
import { Jid } from '../xmpp/jid.ts';
import type { Host } from './host.ts';
import { keysMatch, makeKeys } from './keys.ts';
import { leavesForGood } from './points.ts';
import { leave } from './sessions/bind.ts';

export type AccountFault = {
  readonly reason:
    | 'exists'
    | 'no-account'
    | 'bad-name' // not a bare JID of this domain
    | 'bad-password'; // too short, or not fit for SASL
};

export type VerifyFault = { readonly reason: 'not-authorized' | 'account-disabled' };

export class Accounts {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get(account: Jid): Promise<AccountRecord | undefined> {
    return this.#host.store.accounts.get(account.bare.toString());
  }

  /** Reads a name as somebody types it: 'mila', or 'mila@home.test'. */
  address(name: string): Outcome<Jid, AccountFault> {
    const { domain } = this.#host;
    const parsed = name.includes('@') ? Jid.parse(name.trim()) : Jid.of(name.trim(), domain.toString());
    if (!parsed.ok || parsed.value.local === undefined || parsed.value.resource !== undefined)
      return bad({ reason: 'bad-name' });
    return parsed.value.domain === domain.domain ? good(parsed.value) : bad({ reason: 'bad-name' });
  }

  /** Whether the name may be had is for the caller to ask ('registration'); an operator may always make accounts. */
  async create(account: Jid, password: string): Promise<Outcome<AccountRecord, AccountFault>> {
    if (account.local === undefined || !account.isBare || account.domain !== this.#host.domain.domain)
      return bad({ reason: 'bad-name' });
    const keys = await this.#keys(password);
    if (!keys) return bad({ reason: 'bad-password' });
    const record: AccountRecord = {
      address: account.toString(),
      keys,
      createdAt: this.#host.clock.wall(),
      disabled: false,
    };
    return (await this.#host.store.accounts.create(record)) ? good(record) : bad({ reason: 'exists' });
  }

  /** Is this the account's password? A wrong one and an unknown account are the same answer, after the same work. */
  async verify(account: Jid, password: string): Promise<Outcome<AccountRecord, VerifyFault>> {
    const record = await this.get(account);
    const isRight = await keysMatch(record?.keys ?? [], password);
    if (!record || !isRight) return bad({ reason: 'not-authorized' });
    return record.disabled ? bad({ reason: 'account-disabled' }) : good(record);
  }

  /** Sessions go on: they have proven who they are. */
  async setPassword(account: Jid, password: string): Promise<Outcome<void, AccountFault>> {
    const keys = await this.#keys(password);
    if (!keys) return bad({ reason: 'bad-password' });
    const isSet = await this.#host.store.accounts.setKeys(account.bare.toString(), keys);
    if (isSet) await this.#host.passwordChanged?.(account.bare, password);
    return isSet ? good(undefined) : bad({ reason: 'no-account' });
  }

  /** A disabled account keeps everything and can't be signed in to; its sessions end. */
  async setDisabled(account: Jid, disabled: boolean): Promise<Outcome<void, AccountFault>> {
    const isSet = await this.#host.store.accounts.setDisabled(account.bare.toString(), disabled);
    if (!isSet) return bad({ reason: 'no-account' });
    if (disabled) await this.endSessions(account);
    return good(undefined);
  }

  /**
   * Removes the account and all that is kept for it: contacts are told that the subscriptions are over, messages that wait
   * go with it, its sessions end.
   */
  async remove(account: Jid): Promise<Outcome<void, AccountFault>> {
    const { users, hooks, store } = this.#host;
    let isRemoved = false;
    await users.turn(account, async (user, turn) => {
      if (!user) return;
      for (const work of hooks.gather(leavesForGood, [], user)) await work(turn);
      for (const session of [...user.sessions.values()]) await leave(session, 'removed', turn);
      isRemoved = await store.accounts.remove(user.jid.toString());
      users.forget(user);
    });
    return isRemoved ? good(undefined) : bad({ reason: 'no-account' });
  }

  /** Signs every session of the account out. */
  endSessions(account: Jid): Promise<void> {
    return this.#host.users.turn(account, async (user, turn) => {
      for (const session of [...(user?.sessions.values() ?? [])]) await leave(session, 'removed', turn);
    });
  }

  async #keys(password: string): Promise<AccountRecord['keys'] | undefined> {
    if ([...password].length < this.#host.limits.passwordCharactersMin) return undefined;
    return makeKeys(password, this.#host.random);
  }
}
