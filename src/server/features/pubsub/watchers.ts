// Who is there to get an account's events, and what each wants (XEP-0163 §4.3, XEP-0115): the resources whose presence the
// account's server has heard, with the nodes their capabilities name with "+notify". A resource is told of the last items
// when it is heard first, and of those it did not want before when its capabilities change.
//
// Kept per domain and not with the account in memory: contacts come and go while the account's owner is away.

import type { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';
import { Capabilities, type Caps, capsOf } from './capabilities.ts';
import { sendLastItems } from './events.ts';

export interface Watcher {
  /** Full. */
  readonly jid: Jid;
  readonly caps: string;
  /** Nodes; undefined until the capabilities are known. */
  wants: ReadonlySet<string> | undefined;
}

const byHost = new WeakMap<Host, Watchers>();

/** Each domain has its own. */
export const watchersOf = (host: Host): Watchers => {
  let watchers = byHost.get(host);
  if (!watchers) {
    watchers = new Watchers(host);
    byHost.set(host, watchers);
  }
  return watchers;
};

class Watchers {
  readonly #host: Host;
  readonly capabilities: Capabilities;
  /** By account, then by full address. */
  readonly #known = new Map<string, Map<string, Watcher>>();

  constructor(host: Host) {
    this.#host = host;
    this.capabilities = new Capabilities(host);
  }

  of(user: LocalUser): readonly Watcher[] {
    return [...(this.#known.get(user.jid.toString())?.values() ?? [])];
  }

  /** Presence for an account's bare address. */
  hear(stanza: Stanza): void {
    const { from, to, type } = stanza;
    if (!from || !to) return;
    const account = to.bare;
    if (type !== undefined) {
      this.capabilities.forget(from);
      if (this.#host.users.isPresent(account)) this.#inTurn(account, () => this.#forget(account, from));
      else this.#forget(account, from);
      return;
    }
    if (from.isBare) return;
    const caps = capsOf(stanza);
    const known = this.#known.get(account.toString())?.get(from.toString());
    // No account is brought into memory for presence that says nothing new of what the resource wants.
    if (caps?.key === known?.caps && !this.#host.users.isPresent(account)) return;
    this.#inTurn(account, (user, turn) => this.#meet(user, from, caps, turn));
  }

  /** The contact may see the account from now on. */
  admit(user: LocalUser, contact: Jid): void {
    const there = this.of(user).filter(({ jid }) => jid.bare.equals(contact.bare));
    if (there.length > 0)
      this.#inTurn(user.jid, async (now, turn) => {
        for (const watcher of there)
          if (watcher.wants) await sendLastItems(now, watcher, watcher.wants, 'on_sub', turn);
      });
  }

  forgetAccount(user: LocalUser): void {
    this.#known.delete(user.jid.toString());
  }

  #forget(account: Jid, from: Jid): void {
    const key = account.toString();
    const watchers = this.#known.get(key);
    if (!watchers) return;
    if (!from.isBare) watchers.delete(from.toString());
    else for (const [full, { jid }] of watchers) if (jid.bare.equals(from)) watchers.delete(full);
    if (watchers.size === 0) this.#known.delete(key);
  }

  async #meet(user: LocalUser, from: Jid, caps: Caps | undefined, turn: Turn): Promise<void> {
    const account = user.jid.toString();
    const before = this.#known.get(account)?.get(from.toString());
    if (!caps) return this.#forget(user.jid, from);
    // A stranger's directed presence is not remembered, so nobody can make us remember much.
    const isOwn = from.bare.equals(user.jid);
    if (before?.caps === caps.key || !(isOwn || user.roster.letsSee(from) || user.roster.sees(from))) return;
    const watchers = this.#known.get(account) ?? new Map<string, Watcher>();
    if (!before && watchers.size >= this.#host.limits.pubsubWatchersMax) return;
    this.#known.set(account, watchers);
    const watcher: Watcher = { jid: from, caps: caps.key, wants: undefined };
    watchers.set(from.toString(), watcher);
    const begin = (now: LocalUser, wants: ReadonlySet<string>, inTurn: Turn): Promise<void> => {
      watcher.wants = wants;
      const had = before?.wants;
      const news = had ? new Set([...wants].filter((node) => !had.has(node))) : wants;
      return sendLastItems(now, watcher, news, 'on_sub_and_presence', inTurn);
    };
    const wants = this.capabilities.known(caps, from);
    if (wants) return begin(user, wants, turn);
    // A client may take long to answer: nobody waits for it.
    const isThere = (): boolean => this.#known.get(account)?.get(from.toString()) === watcher;
    this.capabilities
      .learn(caps, from, isThere)
      .then((learnt) => {
        if (!learnt) return;
        this.#inTurn(user.jid, (now, later) => {
          return isThere() ? begin(now, learnt, later) : undefined;
        });
      })
      .catch((cause: unknown) => this.#host.events.failed(undefined, cause));
  }

  #inTurn(account: Jid, task: (user: LocalUser, turn: Turn) => void | Promise<void>): void {
    this.#host.users
      .turn(account, (user, turn) => (user ? task(user, turn) : undefined))
      .catch((cause: unknown) => this.#host.events.failed(undefined, cause));
  }
}
