// What a server does not keep of a public profile in a vCard stands in a node of personal eventing that everybody may read.
// COMPAT Prosody 0.12 (mod_vcard_legacy): it makes a vCard4 of every vCard, and what that has no field for is lost.
// (interop/services-prosody.test.ts)

import { child, type Element, el, elementsOf, textOf } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { profileNs } from '../../../xmpp/person/vcard-temp.ts';
import type { SessionView } from '../../session-view.ts';
import { type PropertyName, propertyNames, tagOf } from './vcard.ts';

const pubsub = 'http://jabber.org/protocol/pubsub';
const textMax = 1000;

/** The one item of a node; undefined when it is not there or may not be read. */
export const itemOf = async (
  session: SessionView,
  jid: Jid | undefined,
  node: string,
): Promise<Element | undefined> => {
  const to = jid && !jid.equals(session.user) ? { to: jid } : {};
  const request = el('pubsub', { xmlns: pubsub }, el('items', { node, max_items: '1' }));
  const answer = await session.iq({ type: 'get', ...to, child: request });
  const found = answer.ok ? answer.value.child('pubsub', pubsub) : undefined;
  const items = found && child(found, 'items');
  return items && child(items, 'item');
};

/** `jid` undefined: the user's own. Empty also where there is no such node, or it may not be read. */
export const readNode = async (session: SessionView, jid: Jid | undefined): Promise<Map<PropertyName, string>> => {
  const item = await itemOf(session, jid, profileNs);
  const profile = item && child(item, 'profile', profileNs);
  const said = new Map((profile ? elementsOf(profile) : []).map((one) => [one.name, textOf(one).slice(0, textMax)]));
  return new Map(
    propertyNames.flatMap((name): [PropertyName, string][] => {
      const value = said.get(tagOf(name));
      return value ? [[name, value]] : [];
    }),
  );
};

/** False when the server did not take it. */
export const writeNode = async (session: SessionView, profile: ReadonlyMap<PropertyName, string>): Promise<boolean> => {
  const field = (name: string, value: string): Element => el('field', { var: name }, el('value', null, value));
  const payload = el(
    'profile',
    { xmlns: profileNs },
    ...[...profile].map(([name, text]) => el(tagOf(name), null, text)),
  );
  const options = el(
    'publish-options',
    null,
    el(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      field('FORM_TYPE', `${pubsub}#publish-options`),
      field('pubsub#access_model', 'open'),
    ),
  );
  const publish = el('publish', { node: profileNs }, el('item', { id: 'current' }, payload));
  return (await session.iq({ type: 'set', child: el('pubsub', { xmlns: pubsub }, publish, options) })).ok;
};
