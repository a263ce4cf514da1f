// Who may read a node of the user's personal events (XEP-0060 §4.5, §8.2, §8.9): whoever sees the user's presence, or those on
// a whitelist. Set before anything is published in it.

import { el } from '../../../xml/element.ts';
import { namespaces } from '../../mapping/contact-presence.ts';
import type { SessionView } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';

/** By node, the whitelists that are in force on the server; nodes without one are for all who see the user. */
export const whitelists: Kept<Readonly<Record<string, readonly string[]>>> = kept('presence.whitelists', {});

const owner = `${namespaces.pubsub}#owner`;
const configType = `${namespaces.pubsub}#node_config`;

/** False: the server did not do it, and nothing that is not for all may be published in the node. */
export const setAccess = async (
  session: SessionView,
  node: string,
  before: readonly string[] | undefined,
  members: readonly string[] | undefined,
): Promise<boolean> => {
  const model = members === undefined ? 'presence' : 'whitelist';
  const field = (name: string, value: string) => el('field', { var: name }, el('value', null, value));
  const form = el(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    field('FORM_TYPE', configType),
    field('pubsub#access_model', model),
  );
  const configure = el('pubsub', { xmlns: owner }, el('configure', { node }, form));
  let done = await session.iq({ type: 'set', child: configure });
  const isMissing = !done.ok && done.fault.reason === 'error' && done.fault.condition === 'item-not-found';
  if (isMissing)
    done = await session.iq({
      type: 'set',
      child: el('pubsub', { xmlns: namespaces.pubsub }, el('create', { node }), el('configure', null, form)),
    });
  if (!done.ok) return false;
  const was = new Set(isMissing ? [] : before);
  const is = new Set(members);
  const changes = [
    ...[...is].filter((jid) => !was.has(jid)).map((jid) => el('affiliation', { jid, affiliation: 'member' })),
    ...[...was].filter((jid) => !is.has(jid)).map((jid) => el('affiliation', { jid, affiliation: 'none' })),
  ];
  if (changes.length === 0) return true;
  const affiliations = el('pubsub', { xmlns: owner }, el('affiliations', { node }, changes));
  return (await session.iq({ type: 'set', child: affiliations })).ok;
};
