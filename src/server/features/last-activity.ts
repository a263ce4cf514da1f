// XEP-0012 Last Activity 2.0: how long the server is up, and how long ago an account went offline, to those who may see its
// presence. Requests to full JIDs are the client's to answer.

import { own } from '../../base/hooks.ts';
import { el } from '../../xml/element.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type AccountRequest, accountRequest, requestKey, serverRequest } from '../points.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';

const xmlns = 'jabber:iq:last';
const seconds = (ms: number): string => String(Math.max(0, Math.floor(ms / 1_000)));

export const lastActivity: Feature = {
  specs: [
    {
      id: 'XEP-0012',
      name: 'Last Activity',
      version: '2.0',
      scope: 'answers for the server and for accounts',
      namespaces: [xmlns],
    },
  ],
  taps: (host) => [
    own(serverRequest, requestKey('get', xmlns, 'query'), ({ stanza }) =>
      stanza.result(el('query', { xmlns, seconds: seconds(host.clock.mono() - host.startedAt) })),
    ),
    own(accountRequest, requestKey('get', xmlns, 'query'), answer),
    advertise('server', xmlns),
    advertise('account', xmlns),
  ],
};

const answer = async ({ user, stanza, from, isOwn }: AccountRequest): Promise<Stanza> => {
  const { store, clock } = user.host;
  if (!isOwn && !user.roster.letsSee(from)) return stanza.error('forbidden');
  if (user.available.length > 0) return stanza.result(el('query', { xmlns, seconds: '0' }));
  const account = user.jid.toString();
  const last = await store.accounts.lastActivity(account);
  // An account that never was online has been away since it was made.
  const since = last?.at ?? (await store.accounts.get(account))?.createdAt;
  if (since === undefined) return stanza.error('item-not-found');
  return stanza.result(el('query', { xmlns, seconds: seconds(clock.wall() - since) }, last?.status || undefined));
};
