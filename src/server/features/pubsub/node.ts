// A node of an account, and who may read it (XEP-0060 §4.5).

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { PubsubItem } from '../../../store/store.ts';
import { type Element, el } from '../../../xml/element.ts';
import { parseElement } from '../../../xml/reader.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { fault, type PubsubFault } from './names.ts';
import { type NodeSettings, readSettings } from './settings.ts';

export interface Node {
  readonly name: string;
  readonly settings: NodeSettings;
}

export const nodesOf = async ({ host, jid }: LocalUser): Promise<Node[]> =>
  (await host.store.pubsub.nodes(jid.toString())).map(({ node, settings }) => ({
    name: node,
    settings: readSettings(settings),
  }));

/** The name that a request gives, if it is fit to be one. */
export const nameIn = ({ host }: LocalUser, { attrs: { node } }: Element): Outcome<string, PubsubFault> => {
  if (node === undefined || node === '') return bad(fault('bad-request', 'nodeid-required'));
  if (node.length > host.limits.rosterTextMax) return bad(fault('not-acceptable', undefined, 'the name is too long'));
  return good(node);
};

export const findNode = async (user: LocalUser, request: Element): Promise<Outcome<Node, PubsubFault>> => {
  const name = nameIn(user, request);
  if (!name.ok) return name;
  const found = await user.host.store.pubsub.node(user.jid.toString(), name.value);
  return found ? good({ name: found.node, settings: readSettings(found.settings) }) : bad(fault('item-not-found'));
};

/** Undefined when `who` may read the node, otherwise why not (§6.5.9). */
export const readingFault = (user: LocalUser, { settings }: Node, who: Jid): PubsubFault | undefined => {
  const { roster, blocks, jid } = user;
  if (who.bare.equals(jid)) return undefined;
  if (blocks.has(who)) return fault('service-unavailable');
  if (settings.members.includes(who.bare.toString())) return undefined;
  switch (settings.accessModel) {
    case 'open':
      return undefined;
    case 'presence':
      return roster.letsSee(who) ? undefined : fault('not-authorized', 'presence-subscription-required');
    case 'roster': {
      const groups = roster.letsSee(who) ? (roster.get(who)?.groups ?? []) : [];
      return groups.some((group) => settings.rosterGroups.includes(group))
        ? undefined
        : fault('not-authorized', 'not-in-roster-group');
    }
    case 'whitelist':
      return fault('not-allowed', 'closed-node');
    default:
      return settings.accessModel satisfies never;
  }
};

/** Without its payload when the node is configured so. */
export const itemElement = ({ id, payload }: PubsubItem, hasPayload = true): Element => {
  if (payload === '' || !hasPayload) return el('item', { id });
  const read = parseElement(payload, {
    bytesMax: Number.MAX_SAFE_INTEGER,
    depthMax: 1_000,
    elementsMax: Number.MAX_SAFE_INTEGER,
  });
  if (!read.ok) throw new Error(`a stored item is not well-formed: ${read.fault.text}`);
  return el('item', { id }, read.value);
};
