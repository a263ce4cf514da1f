// XEP-0191 Blocking Command 1.3: the block list at the server, which holds for all the user's clients.

import { childrenNamed, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { discoInfo, hasFeature } from '../client/caps.ts';

const blocking = 'urn:xmpp:blocking';

export class ServerList {
  readonly #session: SessionView;
  #entries: Promise<Set<string> | undefined> | undefined;

  constructor(session: SessionView) {
    this.#session = session;
  }

  /** Entries as they stand, JIDs of any form; undefined when the server has no blocking. Rejects when it does not answer. */
  async entries(): Promise<ReadonlySet<string> | undefined> {
    this.#entries ??= this.#load();
    try {
      return await this.#entries;
    } catch (cause) {
      this.#entries = undefined;
      throw cause;
    }
  }

  async #load(): Promise<Set<string> | undefined> {
    const { user } = this.#session;
    const home = Jid.from(user.domain);
    const info = await this.#session.iq({ type: 'get', to: home, child: el('query', { xmlns: discoInfo }) });
    if (!info.ok && info.fault.reason !== 'error') throw new Error(`the server did not answer: ${info.fault.reason}`);
    const query = info.ok ? info.value.child('query', discoInfo) : undefined;
    if (!query || !hasFeature(query, blocking)) return undefined;
    const list = await this.#session.iq({ type: 'get', child: el('blocklist', { xmlns: blocking }) });
    if (!list.ok) throw new Error(`the server did not give the block list: ${list.fault.reason}`);
    const found = list.value.child('blocklist', blocking);
    return new Set(found ? childrenNamed(found, 'item').map(({ attrs }) => attrs.jid ?? '') : []);
  }

  /** Rejects when the server refuses. */
  async block(entries: readonly string[]): Promise<void> {
    if (entries.length > 0) await this.#change('block', entries);
  }
  async unblock(entries: readonly string[]): Promise<void> {
    // Without an item the command would unblock everybody (§3.4).
    if (entries.length > 0) await this.#change('unblock', entries);
  }

  async #change(command: 'block' | 'unblock', entries: readonly string[]): Promise<void> {
    const items = entries.map((jid) => el('item', { jid }));
    const done = await this.#session.iq({ type: 'set', child: el(command, { xmlns: blocking }, ...items) });
    if (!done.ok) throw new Error(`the server did not ${command}: ${done.fault.reason}`);
    this.#apply((await this.#entries) ?? new Set(), command, entries);
  }

  /** Takes a push (§3.3, §3.4); undefined when the stanza is none. */
  push(stanza: Stanza): Stanza | undefined {
    if (stanza.kind !== 'iq' || stanza.type !== 'set') return undefined;
    const change = stanza.child('block', blocking) ?? stanza.child('unblock', blocking);
    if (!change) return undefined;
    if (stanza.from && !stanza.from.equals(this.#session.user)) return stanza.error('service-unavailable');
    const entries = childrenNamed(change, 'item').map(({ attrs }) => attrs.jid ?? '');
    const known = this.#entries;
    if (known)
      this.#session.run(async () => {
        const set = await known;
        if (set) this.#apply(set, change.name === 'block' ? 'block' : 'unblock', entries);
      });
    return stanza.result().with({ from: undefined });
  }

  /** The Link is a new one: pushes may have been missed. */
  forget(): void {
    this.#entries = undefined;
  }

  #apply(set: Set<string>, command: 'block' | 'unblock', entries: readonly string[]): void {
    if (command === 'unblock' && entries.length === 0) set.clear();
    for (const entry of entries) {
      if (command === 'block') set.add(entry);
      else set.delete(entry);
    }
  }
}

export const serverList = slot<ServerList>('blocking-server-list', (session) => new ServerList(session));
