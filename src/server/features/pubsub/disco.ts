// XEP-0060 §5: an account's nodes and their items in service discovery. An item is shown to whoever may read its node.

import { type Element, el } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type AccountDisco, type AccountRequest, discoItems } from '../../points.ts';
import { pubsubNs, refuse } from './names.ts';
import { findNode, nodesOf, readingFault } from './node.ts';
import { itemsKept } from './settings.ts';

const infoNs = 'http://jabber.org/protocol/disco#info';
const itemsNs = 'http://jabber.org/protocol/disco#items';

export const discoOfNodes = ({ request, wants, node }: AccountDisco): Promise<Stanza> | undefined => {
  if (node === undefined) return wants === 'items' ? listNodes(request) : undefined;
  return wants === 'items' ? listItems(request) : nodeInfo(request);
};

/** §5.2. */
const listNodes = async ({ user, from, stanza }: AccountRequest): Promise<Stanza> => {
  const jid = user.jid.toString();
  const nodes = (await nodesOf(user)).filter((node) => readingFault(user, node, from) === undefined);
  return stanza.result(
    el(
      'query',
      { xmlns: itemsNs },
      user.host.hooks.gather(discoItems, [] as readonly Element[], { kind: 'account' }),
      nodes.map(({ name, settings: { title } }) =>
        el('item', { jid, node: name, name: title === '' ? undefined : title }),
      ),
    ),
  );
};

/** §5.3. */
const nodeInfo = async ({ user, from, stanza, payload }: AccountRequest): Promise<Stanza> => {
  const found = await findNode(user, payload);
  if (!found.ok) return refuse(stanza, found.fault);
  const denied = readingFault(user, found.value, from);
  if (denied) return refuse(stanza, denied);
  const { name, settings } = found.value;
  return stanza.result(
    el(
      'query',
      { xmlns: infoNs, node: name },
      el('identity', {
        category: 'pubsub',
        type: 'leaf',
        name: settings.title === '' ? undefined : settings.title,
      }),
      [infoNs, itemsNs, pubsubNs].map((feature) => el('feature', { var: feature })),
    ),
  );
};

/** §5.5. */
const listItems = async ({ user, from, stanza, payload }: AccountRequest): Promise<Stanza> => {
  const found = await findNode(user, payload);
  if (!found.ok) return refuse(stanza, found.fault);
  const denied = readingFault(user, found.value, from);
  if (denied) return refuse(stanza, denied);
  const { name, settings } = found.value;
  const jid = user.jid.toString();
  const items = await user.host.store.pubsub.items(jid, name, itemsKept(settings, user.host.limits));
  return stanza.result(
    el(
      'query',
      { xmlns: itemsNs, node: name },
      items.map(({ id }) => el('item', { jid, name: id })),
    ),
  );
};
