// XEP-0163 Personal Eventing Protocol 1.2.2 over XEP-0060 Publish-Subscribe 1.30.0: every account is a pubsub service at its
// bare address, whose events go to those who see its presence and whose clients want them. XEP-0223 1.1.1: private data kept
// in such nodes. There are no subscriptions but those, no other publishers, no collections.

import { add, hear, judge, own } from '../../../base/hooks.ts';
import { type Element, elementsOf } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import {
  type AccountRequest,
  type Answer,
  accountRequest,
  discoIdentities,
  discoOfAccount,
  leavesForGood,
  nodeChanged,
  presenceNews,
  requestKey,
  seenFromNow,
  serverAnswered,
} from '../../points.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';
import { discoOfNodes } from './disco.ts';
import { publish, read, retract } from './items.ts';
import { fault, ownerNs, pubsubNs, refuse, unsupported } from './names.ts';
import {
  create,
  getAffiliations,
  getConfiguration,
  getDefaults,
  purge,
  remove,
  setAffiliations,
  setConfiguration,
} from './owner.ts';
import { watchersOf } from './watchers.ts';

/** What an account's disco#info says, as `#…` of the pubsub namespace. */
export const pubsubFeatures = [
  'access-open',
  'access-presence',
  'access-roster',
  'access-whitelist',
  'auto-create',
  'auto-subscribe',
  'config-node',
  'config-node-max',
  'create-and-configure',
  'create-nodes',
  'delete-items',
  'delete-nodes',
  'filtered-notifications',
  'instant-nodes',
  'item-ids',
  'last-published',
  'member-affiliation',
  'modify-affiliations',
  'multi-items',
  'persistent-items',
  'presence-notifications',
  'presence-subscribe',
  'publish',
  'publish-options',
  'purge-nodes',
  'retract-items',
  'retrieve-default',
  'retrieve-items',
] as const;

export const pubsub: Feature = {
  specs: [
    {
      id: 'XEP-0060',
      name: 'Publish-Subscribe',
      version: '1.30.0',
      scope: 'what personal eventing needs: nodes of accounts, without explicit subscriptions',
    },
    {
      id: 'XEP-0163',
      name: 'Personal Eventing Protocol',
      version: '1.2.2',
      scope: 'all but explicit subscriptions and the publishing resource in events',
    },
    {
      id: 'XEP-0223',
      name: 'Persistent Storage of Private Data via PubSub',
      version: '1.1.1',
      scope: 'all',
    },
  ],
  taps: (host) => [
    own(accountRequest, requestKey('get', pubsubNs, 'pubsub'), dispatch(gets)),
    own(accountRequest, requestKey('set', pubsubNs, 'pubsub'), dispatch(sets)),
    own(accountRequest, requestKey('get', ownerNs, 'pubsub'), dispatch(ownerGets)),
    own(accountRequest, requestKey('set', ownerNs, 'pubsub'), dispatch(ownerSets)),
    judge(discoOfAccount, 'pubsub', discoOfNodes),
    add(discoIdentities, 'any', (known, { kind }) =>
      kind === 'account' ? [...known, { category: 'pubsub', type: 'pep' }] : known,
    ),
    advertise('account', pubsubNs, ...pubsubFeatures.map((name) => `${pubsubNs}#${name}`)),
    hear(presenceNews, 'any', (stanza) => watchersOf(host).hear(stanza)),
    hear(seenFromNow, 'any', ({ user, contact }) => watchersOf(host).admit(user, contact)),
    hear(serverAnswered, 'any', (stanza) => watchersOf(host).capabilities.hear(stanza)),
    add(leavesForGood, 'rest', (works, user) => [...works, () => watchersOf(host).forgetAccount(user)]),
  ],
};

type Action = (request: AccountRequest, wish: Element) => Answer;

/** Only the account itself publishes and configures (XEP-0163 §3.2). */
const byOwner =
  (action: Action): Action =>
  (request, wish) =>
    request.isOwn ? action(request, wish) : refuse(request.stanza, fault('forbidden'));

/** … and what changes a node has consequences. */
const changing = (action: Action): Action =>
  byOwner(async (request, wish) => {
    const answer = await action(request, wish);
    const { node } = wish.attrs;
    const { user, turn } = request;
    if (answer?.type === 'result' && node !== undefined)
      for (const work of user.host.hooks.gather(nodeChanged, [], { user, node })) await work(turn);
    return answer;
  });

const lacking =
  (feature: string): Action =>
  ({ stanza }) =>
    refuse(stanza, unsupported(feature));

const gets: Readonly<Record<string, Action>> = {
  items: read,
  affiliations: lacking('retrieve-affiliations'),
  subscriptions: lacking('retrieve-subscriptions'),
  options: lacking('subscription-options'),
  default: lacking('retrieve-default-sub'),
};
const sets: Readonly<Record<string, Action>> = {
  publish: changing(publish),
  retract: changing(retract),
  create: byOwner(create),
  subscribe: lacking('subscribe'),
  unsubscribe: lacking('subscribe'),
  options: lacking('subscription-options'),
};
const ownerGets: Readonly<Record<string, Action>> = {
  configure: byOwner(getConfiguration),
  default: byOwner(getDefaults),
  affiliations: byOwner(getAffiliations),
  subscriptions: lacking('manage-subscriptions'),
};
const ownerSets: Readonly<Record<string, Action>> = {
  configure: changing(setConfiguration),
  delete: changing(remove),
  purge: changing(purge),
  affiliations: byOwner(setAffiliations),
  subscriptions: lacking('manage-subscriptions'),
};

/** The element of the request that says what is asked. Strangers who get nothing cannot tell the account from nobody. */
const dispatch =
  (actions: Readonly<Record<string, Action>>) =>
  async (request: AccountRequest): Promise<Stanza | undefined> => {
    const { payload, stanza, isOwn, user, from } = request;
    const wish = elementsOf(payload).find(({ name, xmlns }) => xmlns === payload.xmlns && Object.hasOwn(actions, name));
    const answer = wish
      ? await actions[wish.name]?.(request, wish)
      : refuse(stanza, fault(elementsOf(payload).length === 0 ? 'bad-request' : 'feature-not-implemented'));
    const isKnown = isOwn || user.roster.letsSee(from);
    return !isKnown && answer?.type === 'error' ? stanza.error('service-unavailable') : answer;
  };
