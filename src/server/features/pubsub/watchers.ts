// Who is there to get an account's events, and what each wants (XEP-0163 §4.3, XEP-0115): the resources of contacts that the
// presence view has, on this server and others, with the nodes their capabilities name with "+notify". A resource is told of
// the last items when it is heard first, and of those it did not want before when its capabilities change; not again when it
// was only doubted meanwhile.
//
// The view is the record: it is there after a restart, and while the account is out of memory. Kept here is only who is not
// in it: the account's own resources, and contacts that it does not see but who sent it their presence.

import { extensionsOf } from '../../../presence/payload.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { stanzaOfInner } from '../../../xmpp/stanza-text.ts';
import type { Host } from '../../host.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';
import { viewOf } from '../presence/view.ts';
import { Capabilities, type Caps, capsOf } from './capabilities.ts';
import { sendLastItems } from './events.ts';

export interface Watcher {
  /** Full. */
  readonly jid: Jid;
  readonly caps: Caps;
}

/** Far more than a Store in good health ever has open. */
const askingMax = 1_000;

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
  /** By account, then by full address: those that the view does not have. */
  readonly #others = new Map<string, Map<string, Watcher>>();
  /** Questions to the Store that presence for accounts out of memory has set off, and that are not answered yet. */
  #asking = 0;
  /** Accounts and resources, "account full", that are waited for. */
  readonly #learning = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
    this.capabilities = new Capabilities(host);
  }

  /** Resources with capabilities, of those whom `isFor` says. */
  of(user: LocalUser, isFor: (contact: Jid) => boolean): Watcher[] {
    const account = user.jid.toString();
    const there = [...(this.#others.get(account)?.values() ?? [])].filter(({ jid }) => isFor(jid.bare));
    for (const { contact, resources } of viewOf(this.#host).known(account, isFor))
      for (const { resource, payload } of resources) {
        if (resource === '') continue;
        const jid = contact.withResource(resource);
        const caps = capsIn(jid, payload);
        if (caps) there.push({ jid, caps });
      }
    return there;
  }

  /**
   * The nodes that a resource wants events of. What its kind of client can do is remembered; one of a kind that is not known
   * yet is asked, and told of the last items once it has answered. In the account's turn. Rejects when the Store fails.
   */
  async wants(user: LocalUser, watcher: Watcher): Promise<ReadonlySet<string> | undefined> {
    const { jid, caps } = watcher;
    const known = this.capabilities.known(caps, jid) ?? (await this.capabilities.remembered(caps));
    if (!known) this.#learn(user.jid, watcher, undefined);
    return known;
  }

  /** Presence for an account's bare address, before the view has it. */
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
    if (this.#host.users.isPresent(account)) {
      // In its turn: what came before is in the view by then, and this is not.
      this.#inTurn(account, (user, turn) => this.#meet(user, from, caps, this.#capsOf(account, from), turn));
      return;
    }
    const before = this.#capsOf(account, from);
    if (!caps) return this.#forget(account, from);
    if (caps.key !== before?.key) this.#meetAbsent(account, from, caps, before);
  }

  /** The contact may see the account from now on. */
  admit(user: LocalUser, contact: Jid): void {
    this.#inTurn(user.jid, async (now, turn) => {
      for (const watcher of this.of(now, (one) => one.equals(contact.bare))) {
        const wants = await this.wants(now, watcher);
        if (wants) await sendLastItems(now, watcher, wants, 'on_sub', turn);
      }
    });
  }

  forgetAccount(user: LocalUser): void {
    this.#others.delete(user.jid.toString());
  }

  #forget(account: Jid, from: Jid): void {
    const key = account.toString();
    const watchers = this.#others.get(key);
    if (!watchers) return;
    if (!from.isBare) watchers.delete(from.toString());
    else for (const [full, { jid }] of watchers) if (jid.bare.equals(from)) watchers.delete(full);
    if (watchers.size === 0) this.#others.delete(key);
  }

  /** What the resource announced last, as far as it is known to be there. */
  #capsOf(account: Jid, from: Jid): Caps | undefined {
    const other = this.#others.get(account.toString())?.get(from.toString());
    if (other) return other.caps;
    const payload = viewOf(this.#host).payloadOf(account.toString(), from);
    return payload === undefined ? undefined : capsIn(from, payload);
  }

  /** No account is brought into memory that has nothing to tell. */
  #meetAbsent(account: Jid, from: Jid, caps: Caps, before: Caps | undefined): void {
    // Anybody may send presence to any address, as fast as he likes; the Store may be slow.
    if (this.#asking >= askingMax) return;
    this.#asking++;
    this.#host.store.pubsub
      .nodes(account.toString())
      .then((nodes) => {
        if (nodes.length === 0) return;
        this.#inTurn(account, (user, turn) => {
          const isThere = !user.roster.sees(from) || this.#capsOf(account, from)?.key === caps.key;
          return isThere ? this.#meet(user, from, caps, before, turn) : undefined;
        });
      })
      .catch((cause: unknown) => this.#host.events.failed(undefined, cause))
      .finally(() => this.#asking--);
  }

  async #meet(user: LocalUser, from: Jid, caps: Caps | undefined, before: Caps | undefined, turn: Turn): Promise<void> {
    const account = user.jid.toString();
    if (!caps) return this.#forget(user.jid, from);
    const isOwn = from.bare.equals(user.jid);
    const isInView = !isOwn && user.roster.sees(from);
    // A stranger's directed presence is not remembered, so nobody can make us remember much.
    if (before?.key === caps.key || !(isOwn || isInView || user.roster.letsSee(from))) return;
    const watcher: Watcher = { jid: from, caps };
    if (!isInView) {
      const others = this.#others.get(account) ?? new Map<string, Watcher>();
      if (!others.has(from.toString()) && others.size >= this.#host.limits.pubsubWatchersMax) return;
      this.#others.set(account, others);
      others.set(from.toString(), watcher);
    }
    const had = before && this.capabilities.known(before, from);
    const wants = this.capabilities.known(caps, from) ?? (await this.capabilities.remembered(caps));
    if (wants) await this.#begin(user, watcher, wants, had, turn);
    else this.#learn(user.jid, watcher, had);
  }

  /** A client may take long to answer: nobody waits for it. */
  #learn(account: Jid, watcher: Watcher, had: ReadonlySet<string> | undefined): void {
    const { jid, caps } = watcher;
    const isThere = (): boolean => this.#capsOf(account, jid)?.key === caps.key;
    const key = `${account} ${jid}`;
    if (this.#learning.has(key)) return;
    this.#learning.add(key);
    this.capabilities
      .learn(caps, jid, isThere)
      .then((learnt) => {
        if (learnt)
          this.#inTurn(account, (user, turn) =>
            isThere() ? this.#begin(user, watcher, learnt, had, turn) : undefined,
          );
      })
      .catch((cause: unknown) => this.#host.events.failed(undefined, cause))
      .finally(() => this.#learning.delete(key));
  }

  #begin(
    user: LocalUser,
    watcher: Watcher,
    wants: ReadonlySet<string>,
    had: ReadonlySet<string> | undefined,
    turn: Turn,
  ): Promise<void> {
    const news = had ? new Set([...wants].filter((node) => !had.has(node))) : wants;
    return sendLastItems(user, watcher, news, 'on_sub_and_presence', turn);
  }

  #inTurn(account: Jid, task: (user: LocalUser, turn: Turn) => void | Promise<void>): void {
    this.#host.users
      .turn(account, (user, turn) => (user ? task(user, turn) : undefined))
      .catch((cause: unknown) => this.#host.events.failed(undefined, cause));
  }
}

const capsNs = 'http://jabber.org/protocol/caps';
/** Extensions of payloads and what they announce: a few kinds of client are most of them. */
const recent = new Map<string, Caps>();
const recentMax = 500;

const capsIn = (from: Jid, payload: string): Caps | undefined => {
  if (!payload.includes(capsNs)) return undefined;
  const extensions = extensionsOf(payload);
  const known = recent.get(extensions);
  if (known) return known;
  const caps = capsOf(stanzaOfInner({ kind: 'presence', from }, extensions));
  // Without a hash to verify, it says something of this client alone.
  if (caps?.algorithm === undefined) return caps;
  if (recent.size >= recentMax) recent.clear();
  recent.set(extensions, caps);
  return caps;
};
