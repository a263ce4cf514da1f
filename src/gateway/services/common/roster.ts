// RFC 6121 §2: the user's roster as this session knows it. Loaded once, then kept right by the server's pushes, so that
// what another client changes is seen here too.

import { LateSet } from '../../../base/late.ts';
import { bad, good, type Outcome } from '../../../base/outcome.ts';
import { child, childrenNamed, type Element, el, textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type IqFault, type SessionView, slot } from '../../session-view.ts';

export const rosterNamespace = 'jabber:iq:roster';

export interface RosterItem {
  /** Bare JID of a user: items that CSP has no address for (services, domains) are left out. */
  readonly jid: Jid;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly subscription: 'none' | 'to' | 'from' | 'both';
  /** We asked to see their presence and wait for the answer. */
  readonly ask: boolean;
}

/** `isOwn`: this session's phone changed it. */
export type RosterWatcher = (jid: Jid, item: RosterItem | undefined, isOwn: boolean) => void;

/** One per session. `ready` before looking. */
export class Roster {
  readonly #session: SessionView;
  #items = new Map<string, RosterItem>();
  #loading: Promise<void> | undefined;
  readonly #watchers: RosterWatcher[] = [];
  /** Bare JIDs whose change by this session is under way. */
  readonly #changing = new LateSet<string>();
  #isLoaded = false;

  constructor(session: SessionView) {
    this.#session = session;
  }

  /** The roster as known now, by bare JID: empty before it was loaded. */
  get items(): ReadonlyMap<string, RosterItem> {
    return this.#items;
  }

  /** False until the server gave it: then nothing is known of who is in it. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Resolves once the roster is loaded; rejects when the server does not give it, and the next call tries again. */
  async ready(): Promise<ReadonlyMap<string, RosterItem>> {
    this.#loading ??= this.#load();
    try {
      await this.#loading;
    } catch (cause) {
      this.#loading = undefined;
      throw cause;
    }
    return this.#items;
  }

  /** The Link is a new one: pushes may have been missed. */
  reload(): Promise<ReadonlyMap<string, RosterItem>> {
    this.#loading = undefined;
    return this.ready();
  }

  async #load(): Promise<void> {
    const answer = await this.#session.iq({ type: 'get', child: el('query', { xmlns: rosterNamespace }) });
    if (!answer.ok) throw new Error(`the server did not give the roster: ${answer.fault.reason}`);
    const query = answer.value.child('query', rosterNamespace);
    const items = new Map<string, RosterItem>();
    for (const one of query ? childrenNamed(query, 'item') : []) {
      const read = readItem(one);
      if (read?.item) items.set(read.jid.toString(), read.item);
    }
    const gone = [...this.#items.values()].filter(({ jid }) => !items.has(jid.toString()));
    this.#items = items;
    this.#isLoaded = true;
    for (const { jid } of gone) for (const watcher of this.#watchers) watcher(jid, undefined, false);
    for (const item of items.values()) for (const watcher of this.#watchers) watcher(item.jid, item, false);
  }

  /** Hears of every item when the roster was loaded, and of each change after that. */
  watch(watcher: RosterWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Takes a roster push; undefined when the stanza is none. A push from anybody but the account is forged (§2.1.6). */
  push(stanza: Stanza): Stanza | undefined {
    if (stanza.kind !== 'iq' || stanza.type !== 'set') return undefined;
    const query = stanza.child('query', rosterNamespace);
    if (!query) return undefined;
    if (stanza.from && !stanza.from.equals(this.#session.user)) return stanza.error('service-unavailable');
    const item = child(query, 'item');
    const read = item && readItem(item);
    // The push that tells of a change of our own may come before the answer.
    if (read) this.#apply(read.jid, read.item, this.#changing.has(read.jid.toString()));
    return stanza.result().with({ from: undefined });
  }

  #apply(jid: Jid, item: RosterItem | undefined, isOwn: boolean): void {
    if (item) this.#items.set(jid.toString(), item);
    else this.#items.delete(jid.toString());
    for (const watcher of this.#watchers) watcher(jid, item, isOwn);
  }

  /** Adds a contact or changes its name and groups (§2.3, §2.4). Resolves when the server has it. */
  async set(jid: Jid, name: string | undefined, groups: readonly string[]): Promise<Outcome<void, IqFault>> {
    const done = await this.#change(
      jid,
      el('item', { jid: jid.toString(), name: name || undefined }, ...groups.map((group) => el('group', null, group))),
    );
    if (!done.ok) return done;
    // The push stands behind or before the result as the server likes; what the phone asks next must see the change.
    const old = this.#items.get(jid.toString());
    const item: RosterItem = {
      jid,
      name: name || undefined,
      groups,
      subscription: old?.subscription ?? 'none',
      ask: old?.ask ?? false,
    };
    this.#apply(jid, item, true);
    return done;
  }

  /** Removes a contact, and with it the subscriptions both ways (§2.5). A contact that is gone already is removed. */
  async remove(jid: Jid): Promise<Outcome<void, IqFault>> {
    const done = await this.#change(jid, el('item', { jid: jid.toString(), subscription: 'remove' }));
    if (!done.ok && !(done.fault.reason === 'error' && done.fault.condition === 'item-not-found')) return done;
    if (this.#items.has(jid.toString())) this.#apply(jid, undefined, true);
    return good(undefined);
  }

  async #change(jid: Jid, item: Element): Promise<Outcome<void, IqFault>> {
    const user = jid.toString();
    this.#changing.add(user);
    const answer = await this.#session
      .iq({ type: 'set', child: el('query', { xmlns: rosterNamespace }, item) })
      .finally(() => this.#changing.delete(user));
    return answer.ok ? good(undefined) : bad(answer.fault);
  }
}

const readItem = (item: Element): { readonly jid: Jid; readonly item: RosterItem | undefined } | undefined => {
  const parsed = Jid.parse(item.attrs.jid ?? '');
  if (!parsed.ok || parsed.value.local === undefined || !parsed.value.isBare) return undefined;
  const jid = parsed.value;
  const { subscription } = item.attrs;
  if (subscription === 'remove') return { jid, item: undefined };
  return {
    jid,
    item: {
      jid,
      name: item.attrs.name || undefined,
      groups: [
        ...new Set(
          childrenNamed(item, 'group')
            .map(textOf)
            .filter((group) => group !== ''),
        ),
      ],
      subscription: subscription === 'to' || subscription === 'from' || subscription === 'both' ? subscription : 'none',
      ask: item.attrs.ask === 'subscribe',
    },
  };
};

/** The session's roster. */
export const roster = slot<Roster>('roster', (session) => new Roster(session));

/** Does the contact show us its presence? */
export const isWatched = (item: RosterItem | undefined): boolean =>
  item?.subscription === 'to' || item?.subscription === 'both';
/** Does the contact see ours? */
export const isWatcher = (item: RosterItem | undefined): boolean =>
  item?.subscription === 'from' || item?.subscription === 'both';
