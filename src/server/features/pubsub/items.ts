// XEP-0060 §6.5 and §7: what is published, retracted and read.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { PubsubItem } from '../../../store/store.ts';
import { child, childrenNamed, type Element, el, elementsOf, write } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { formNs, formValues } from '../../forms.ts';
import type { AccountRequest } from '../../points.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';
import { itemsContent, notify } from './events.ts';
import { roomForNode, withinQuota } from './keep.ts';
import { fault, type PubsubFault, publishOptionsType, pubsubNs, refuse } from './names.ts';
import { findNode, itemElement, type Node, nameIn, readingFault } from './node.ts';
import { itemsKept, metBy, readSettings } from './settings.ts';

/** §7.1. The node is made when it is not there (§7.1.4), as the publish-options say (§7.1.5). */
export const publish = async (request: AccountRequest, wish: Element): Promise<Stanza> => {
  const { user, stanza, payload, turn } = request;
  const item = readItem(user, wish);
  if (!item.ok) return refuse(stanza, item.fault);
  const name = nameIn(user, wish);
  if (!name.ok) return refuse(stanza, name.fault);
  const options = readOptions(payload);
  if (!options.ok) return refuse(stanza, options.fault);
  const done = await publishItem(user, name.value, item.value, options.value, turn);
  if (!done.ok) return refuse(stanza, done.fault);
  const { id } = item.value;
  return stanza.result(el('pubsub', { xmlns: pubsubNs }, el('publish', { node: name.value }, el('item', { id }))));
};

/** The same for whoever acts in the account's name. `options`: what the node has to be, or is made to be. */
export const publishItem = async (
  user: LocalUser,
  name: string,
  item: PubsubItem,
  options: Map<string, readonly string[]>,
  turn: Turn,
): Promise<Outcome<void, PubsubFault>> => {
  const { store, limits } = user.host;
  const found = await store.pubsub.node(user.jid.toString(), name);
  const settings = metBy(found && readSettings(found.settings), options, limits);
  if (!settings.ok) return settings;
  const full = found ? undefined : await roomForNode(user);
  if (full) return bad(full);
  const node: Node = { name, settings: settings.value };
  if (item.payload === '' && node.settings.deliverPayloads) return bad(fault('bad-request', 'payload-required'));
  const keep = itemsKept(node.settings, limits);
  const kept = await withinQuota(user, async (pubsub, account) => {
    if (!found) await pubsub.putNode(account, node.name, JSON.stringify(node.settings));
    if (keep === 0) return;
    await pubsub.putItem(account, node.name, item);
    await pubsub.trim(account, node.name, keep);
  });
  if (kept.ok) await notify(user, node, itemsContent(node, itemElement(item, node.settings.deliverPayloads)), turn);
  return kept;
};

/** The one item of a publish request; the server makes an id when there is none (§7.1.2). */
const readItem = ({ host }: LocalUser, wish: Element): Outcome<PubsubItem, PubsubFault> => {
  const [item, ...more] = childrenNamed(wish, 'item');
  if (!item) return bad(fault('bad-request', 'item-required'));
  if (more.length > 0) return bad(fault('bad-request', undefined, 'one item is published at a time'));
  const [content, ...others] = elementsOf(item);
  if (others.length > 0) return bad(fault('bad-request', 'invalid-payload'));
  const { id = '' } = item.attrs;
  if (id.length > host.limits.rosterTextMax) return bad(fault('not-acceptable', undefined, 'the id is too long'));
  const payload = content ? write(content) : '';
  if (payload.length > host.limits.pubsubItemMax) return bad(fault('not-acceptable', 'payload-too-big'));
  return good({ id: id === '' ? host.random.id(16) : id, payload, publishedAt: host.clock.wall() });
};

const readOptions = (pubsub: Element): Outcome<Map<string, readonly string[]>, PubsubFault> => {
  const options = child(pubsub, 'publish-options');
  if (!options) return good(new Map());
  const form = child(options, 'x', formNs);
  const values = form && formValues(form);
  return values && (values.get('FORM_TYPE')?.[0] ?? publishOptionsType) === publishOptionsType
    ? good(values)
    : bad(fault('bad-request', 'invalid-options'));
};

/** §7.2. Watchers are told when the request or the node says so. */
export const retract = async ({ user, stanza, turn }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const node = found.value;
  const ids = childrenNamed(wish, 'item').map(({ attrs }) => attrs.id ?? '');
  if (ids.length === 0 || ids.includes('')) return refuse(stanza, fault('bad-request', 'item-required'));
  const gone: string[] = [];
  await user.host.store.together(async ({ pubsub }) => {
    for (const id of new Set(ids)) if (await pubsub.removeItem(user.jid.toString(), node.name, id)) gone.push(id);
  });
  if (gone.length === 0) return refuse(stanza, fault('item-not-found'));
  const isAsked = wish.attrs.notify === 'true' || wish.attrs.notify === '1';
  if (isAsked || node.settings.notifyRetract)
    await notify(user, node, itemsContent(node, ...gone.map((id) => el('retract', { id }))), turn);
  return stanza.result();
};

/** §6.5: all items, the newest ones, or those named; newest first. */
export const read = async ({ user, stanza, from }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const node = found.value;
  const denied = readingFault(user, node, from);
  if (denied) return refuse(stanza, denied);
  const { pubsub } = user.host.store;
  const account = user.jid.toString();
  const max = wish.attrs.max_items;
  if (max !== undefined && !/^\d{1,9}$/.test(max)) return refuse(stanza, fault('bad-request'));

  const ids = childrenNamed(wish, 'item').map(({ attrs }) => attrs.id ?? '');
  const limit = itemsKept(node.settings, user.host.limits);
  if (ids.length > limit) return refuse(stanza, fault('bad-request', undefined, 'the node keeps no so many items'));
  const items: PubsubItem[] = [];
  if (ids.length === 0) items.push(...(await pubsub.items(account, node.name, Math.min(Number(max ?? limit), limit))));
  else
    for (const id of new Set(ids)) {
      const item = await pubsub.item(account, node.name, id);
      if (item) items.push(item);
    }
  if (ids.length > 0 && items.length === 0) return refuse(stanza, fault('item-not-found'));
  return stanza.result(
    el(
      'pubsub',
      { xmlns: pubsubNs },
      el(
        'items',
        { node: node.name },
        items.map((item) => itemElement(item)),
      ),
    ),
  );
};
