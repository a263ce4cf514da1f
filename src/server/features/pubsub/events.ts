// XEP-0163 §4.3: what an account's nodes tell, and to whom: its own resources, and contacts' resources that may read the node
// and said that they want to hear of it.

import { type Element, el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';
import { eventNs } from './names.ts';
import { itemElement, type Node, nodesOf, readingFault } from './node.ts';
import type { NodeSettings } from './settings.ts';
import { type Watcher, watchersOf } from './watchers.ts';

/**
 * Sends an event to everybody it is for. `content`: <items/>, <purge/>, <delete/> or <configuration/>. Waited for within the
 * account's turn, so that events keep their order.
 */
export const notify = async (user: LocalUser, node: Node, content: Element, turn: Turn): Promise<void> => {
  if (!node.settings.deliverNotifications) return;
  const event = eventOf(user, content);
  const watchers = watchersOf(user.host);
  for (const watcher of watchers.of(user, (contact) => mayHear(user, node, contact))) {
    const wants = await watchers.wants(user, watcher);
    if (wants?.has(node.name) && mayHear(user, node, watcher.jid)) send(user, event, watcher.jid, turn);
  }
};

/** XEP-0060 §7.1.2.1. */
export const itemsContent = (node: Node, ...items: readonly Element[]): Element =>
  el('items', { node: node.name }, items);

/** §4.3.4: the last item of each of these nodes that sends it on such an occasion. */
export const sendLastItems = async (
  user: LocalUser,
  { jid }: Watcher,
  wanted: ReadonlySet<string>,
  occasion: Exclude<NodeSettings['sendLast'], 'never'>,
  turn: Turn,
): Promise<void> => {
  if (wanted.size === 0) return;
  const { host } = user;
  for (const node of await nodesOf(user)) {
    const { sendLast, deliverNotifications, deliverPayloads } = node.settings;
    const isDue = sendLast === 'on_sub_and_presence' || sendLast === occasion;
    if (!isDue || !deliverNotifications || !wanted.has(node.name) || !mayHear(user, node, jid)) continue;
    const [last] = await host.store.pubsub.items(user.jid.toString(), node.name, 1);
    if (!last) continue;
    const stamp = new Date(last.publishedAt).toISOString();
    const event = eventOf(user, itemsContent(node, itemElement(last, deliverPayloads)));
    send(user, event.plus(el('delay', { xmlns: 'urn:xmpp:delay', from: user.jid.toString(), stamp })), jid, turn);
  }
};

/** Events are for those who see the account's presence, whatever else the access model lets read. */
const mayHear = (user: LocalUser, node: Node, jid: Jid): boolean =>
  (jid.bare.equals(user.jid) || user.roster.letsSee(jid)) && readingFault(user, node, jid) === undefined;

const eventOf = (user: LocalUser, content: Element): Stanza =>
  Stanza.make(
    { kind: 'message', type: 'headline', id: user.host.random.id(10), from: user.jid },
    el('event', { xmlns: eventNs }, content),
  );

/** The event is handled with the stanza that caused it, but its failure is not that stanza's. */
const send = ({ host }: LocalUser, event: Stanza, to: Jid, turn: Turn): void =>
  turn.also(host.route(event.with({ to })).catch((cause: unknown) => host.events.failed(event, cause)));
