// RFC 6121 §2: the roster, with versioning (§2.6) and pushes (§2.1.6), in full.

import { add, own } from '../../../base/hooks.ts';
import { el } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type AccountRequest, type Answer, accountRequest, requestKey, streamFeatures } from '../../points.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { emptyItem } from '../../users/roster.ts';
import type { Feature } from '../feature.ts';
import { endSubscriptions } from '../subscriptions/subscriptions.ts';
import { itemElement, readItem, rosterNamespace } from './item.ts';
import { pushItem, pushTo } from './push.ts';

export const roster: Feature = {
  specs: [
    { id: 'RFC 6121 §2', name: 'Roster', scope: 'all of section 2, versioning included' },
    { id: 'XEP-0237', name: 'Roster Versioning', version: '1.3', scope: 'as RFC 6121 §2.6 has it' },
  ],
  taps: () => [
    own(accountRequest, requestKey('get', rosterNamespace, 'query'), getRoster),
    own(accountRequest, requestKey('set', rosterNamespace, 'query'), setItem),
    add(streamFeatures, 'any', (elements, { isAuthenticated }) =>
      isAuthenticated ? [...elements, el('ver', { xmlns: 'urn:xmpp:features:rosterver' })] : elements,
    ),
  ],
};

/** §2.1.3. With the version a client knows, it gets only what has changed since, as pushes (§2.6.3). */
const getRoster = async ({ user, stanza, payload, session }: AccountRequest): Promise<Stanza | undefined> => {
  if (!session) return stanza.error('forbidden');
  session.isInterested = true;
  const { ver } = payload.attrs;
  const changes = ver === undefined ? undefined : await user.roster.changesSince(ver);
  if (changes === undefined) return rosterResult(user, stanza);
  session.deliverAll([
    { stanza: stanza.result() },
    ...changes.map(({ contact, version }) => ({ stanza: pushTo(session, contact, version) })),
  ]);
  return undefined;
};

/** The whole roster, as the answer to `stanza`. */
export const rosterResult = (user: LocalUser, stanza: Stanza): Stanza => {
  const listed = [...user.roster.records].filter((item) => item.listed);
  return stanza.result(
    el('query', { xmlns: rosterNamespace, ver: user.roster.versionText() }, listed.map(itemElement)),
  );
};

const setItem = (request: AccountRequest): Answer =>
  request.session ? changeItem(request) : request.stanza.error('forbidden');

/** §2.3 (add), §2.4 (change), §2.5 (remove), in the account's turn; whether it may be done is the caller's to know. */
export const changeItem = async ({
  user,
  stanza,
  payload,
  turn,
}: Pick<AccountRequest, 'user' | 'stanza' | 'payload' | 'turn'>): Promise<Stanza> => {
  const read = readItem(payload, user.host.limits);
  if (!read.ok) return stanza.error(read.fault);
  const { contact, name, groups, isRemoval } = read.value;
  if (contact.equals(user.jid)) return stanza.error('not-allowed');
  const before = user.roster.get(contact);
  if (isRemoval) {
    if (!before?.listed) return stanza.error('item-not-found');
    await user.roster.remove(before.contact);
    endSubscriptions(user, before, contact, turn);
  } else {
    if (!before && user.roster.size >= user.host.limits.rosterItemsMax)
      return stanza.error('resource-constraint', { text: 'the roster is full' });
    await user.roster.put({ ...(before ?? emptyItem(contact.toString())), name, groups, listed: true });
  }
  pushItem(user, contact.toString());
  return stanza.result();
};
