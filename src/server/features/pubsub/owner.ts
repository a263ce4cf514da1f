// XEP-0060 §8: what the owner does with nodes: make, configure, purge and delete them, and say who is on their whitelist.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import { child, childrenNamed, type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { formNs, formValues, writeForm, writeResult } from '../../forms.ts';
import type { AccountRequest } from '../../points.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { notify } from './events.ts';
import { roomForNode, saveNode } from './keep.ts';
import { fault, nodeConfigType, ownerNs, type PubsubFault, pubsubNs, refuse } from './names.ts';
import { findNode, type Node, nameIn } from './node.ts';
import { configured, defaultSettings, fieldsOf, type NodeSettings } from './settings.ts';

/** §8.1, with or without a configuration; a node that is given no name gets one (§8.1.2). */
export const create = async ({ user, stanza, payload }: AccountRequest, wish: Element): Promise<Stanza> => {
  const isInstant = wish.attrs.node === undefined || wish.attrs.node === '';
  const name: Outcome<string, PubsubFault> = isInstant ? good(user.host.random.id(20)) : nameIn(user, wish);
  if (!name.ok) return refuse(stanza, name.fault);
  if (await user.host.store.pubsub.node(user.jid.toString(), name.value)) return refuse(stanza, fault('conflict'));
  const full = await roomForNode(user);
  if (full) return refuse(stanza, full);
  const settings = readConfiguration(user, defaultSettings, child(payload, 'configure'));
  if (!settings.ok) return refuse(stanza, settings.fault);
  const saved = await saveNode(user, { name: name.value, settings: settings.value ?? defaultSettings });
  if (!saved.ok) return refuse(stanza, saved.fault);
  return stanza.result(isInstant ? el('pubsub', { xmlns: pubsubNs }, el('create', { node: name.value })) : undefined);
};

/** The settings after a submitted form; undefined when the form was cancelled. */
const readConfiguration = (
  { host }: LocalUser,
  before: NodeSettings,
  configure: Element | undefined,
): Outcome<NodeSettings | undefined, PubsubFault> => {
  const form = configure && child(configure, 'x', formNs);
  if (!form) return good(before);
  if (form.attrs.type === 'cancel') return good(undefined);
  if (form.attrs.type !== undefined && form.attrs.type !== 'submit') return bad(fault('bad-request'));
  const values = formValues(form);
  if ((values.get('FORM_TYPE')?.[0] ?? nodeConfigType) !== nodeConfigType) return bad(fault('bad-request'));
  return configured(before, values, host.limits);
};

const answer = (stanza: Stanza, content: Element): Stanza => stanza.result(el('pubsub', { xmlns: ownerNs }, content));

/** §8.2.1. */
export const getConfiguration = async ({ user, stanza }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const form = writeForm(nodeConfigType, fieldsOf(found.value.settings));
  return answer(stanza, el('configure', { node: found.value.name }, form));
};

/** §8.3. */
export const getDefaults = ({ stanza }: AccountRequest): Stanza =>
  answer(stanza, el('default', null, writeForm(nodeConfigType, fieldsOf(defaultSettings))));

/** §8.2.5. */
export const setConfiguration = async ({ user, stanza, turn }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  if (!child(wish, 'x', formNs)) return refuse(stanza, fault('bad-request'));
  const settings = readConfiguration(user, found.value.settings, wish);
  if (!settings.ok) return refuse(stanza, settings.fault);
  if (!settings.value) return stanza.result();
  const node: Node = { name: found.value.name, settings: settings.value };
  const saved = await saveNode(user, node);
  if (!saved.ok) return refuse(stanza, saved.fault);
  if (node.settings.notifyConfig) {
    const form = node.settings.deliverPayloads ? writeResult(nodeConfigType, fieldsOf(node.settings)) : undefined;
    await notify(user, node, el('configuration', { node: node.name }, form), turn);
  }
  return stanza.result();
};

/** §8.4. */
export const remove = async ({ user, stanza, turn }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const { name, settings } = found.value;
  await user.host.store.pubsub.removeNode(user.jid.toString(), name);
  if (settings.notifyDelete) await notify(user, found.value, el('delete', { node: name }), turn);
  return stanza.result();
};

/** §8.5. */
export const purge = async ({ user, stanza, turn }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const { name, settings } = found.value;
  await user.host.store.pubsub.trim(user.jid.toString(), name, 0);
  if (settings.notifyRetract) await notify(user, found.value, el('purge', { node: name }), turn);
  return stanza.result();
};

/** §8.9.1. */
export const getAffiliations = async ({ user, stanza }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const { name, settings } = found.value;
  return answer(
    stanza,
    el(
      'affiliations',
      { node: name },
      el('affiliation', { jid: user.jid.toString(), affiliation: 'owner' }),
      settings.members.map((jid) => el('affiliation', { jid, affiliation: 'member' })),
    ),
  );
};

/** §8.9.2: 'member' and 'none' can be given; of the account's own there is only one. */
export const setAffiliations = async ({ user, stanza }: AccountRequest, wish: Element): Promise<Stanza> => {
  const found = await findNode(user, wish);
  if (!found.ok) return refuse(stanza, found.fault);
  const { name, settings } = found.value;
  const members = new Set(settings.members);
  for (const { attrs } of childrenNamed(wish, 'affiliation')) {
    const who = Jid.parse(attrs.jid ?? '');
    if (!who.ok) return refuse(stanza, fault('jid-malformed'));
    const isFit = attrs.affiliation === 'member' || attrs.affiliation === 'none';
    if (!isFit || who.value.bare.equals(user.jid)) return refuse(stanza, fault('not-acceptable'));
    if (attrs.affiliation === 'member') members.add(who.value.bare.toString());
    else members.delete(who.value.bare.toString());
  }
  if (members.size > user.host.limits.pubsubMembersMax)
    return refuse(stanza, fault('resource-constraint', undefined, 'the whitelist is full'));
  const saved = await saveNode(user, { name, settings: { ...settings, members: [...members].sort() } });
  return saved.ok ? stanza.result() : refuse(stanza, saved.fault);
};
