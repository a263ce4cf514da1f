// XEP-0030 Service Discovery 2.5.0: info and items of the server and of accounts, gathered from the features that are there.
// XEP-0115 Entity Capabilities 1.6.0: the server's own, as a stream feature.

import { add, own } from '../../../base/hooks.ts';
import { el } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import {
  type AccountDisco,
  type AccountRequest,
  type Answer,
  accountRequest,
  type DiscoIdentity,
  type DiscoTarget,
  discoFeatures,
  discoIdentities,
  discoItems,
  discoOfAccount,
  discoOfServer,
  type Request,
  requestKey,
  serverRequest,
  streamFeatures,
} from '../../points.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';
import { capsVersion } from './caps.ts';

const info = 'http://jabber.org/protocol/disco#info';
const items = 'http://jabber.org/protocol/disco#items';
const caps = 'http://jabber.org/protocol/caps';
const capsNode = 'urn:onesoup:server';

const identitiesOf = (host: Host, kind: DiscoTarget['kind']): readonly DiscoIdentity[] => {
  const first: DiscoIdentity =
    kind === 'server'
      ? { category: 'server', type: 'im', name: host.software.name }
      : { category: 'account', type: 'registered' };
  return host.hooks.gather(discoIdentities, [first], { kind });
};

const featuresOf = (host: Host, kind: DiscoTarget['kind']): string[] =>
  [...new Set(host.hooks.gather(discoFeatures, [], { kind }))].sort();

export const serverCapsVersion = (host: Host): string =>
  capsVersion(identitiesOf(host, 'server'), featuresOf(host, 'server'));

const answerInfo = (host: Host, kind: DiscoTarget['kind'], { stanza, payload }: Request): Stanza => {
  const { node } = payload.attrs;
  if (node !== undefined && !(kind === 'server' && node === `${capsNode}#${serverCapsVersion(host)}`))
    return stanza.error('item-not-found');
  return stanza.result(
    el(
      'query',
      { xmlns: info, node },
      identitiesOf(host, kind).map(({ category, type, name }) => el('identity', { category, type, name })),
      featuresOf(host, kind).map((namespace) => el('feature', { var: namespace })),
    ),
  );
};

const answerItems = (host: Host, kind: DiscoTarget['kind'], { stanza, payload }: Request): Stanza =>
  payload.attrs.node === undefined
    ? stanza.result(
        el(
          'query',
          { xmlns: items },
          kind === 'server' ? host.services().map(({ domain, name }) => el('item', { jid: domain, name })) : [],
          host.hooks.gather(discoItems, [], { kind }),
        ),
      )
    : stanza.error('item-not-found');

/** Nodes of the server that another feature speaks for. */
const orNode =
  (host: Host, wants: 'info' | 'items', answer: (request: Request) => Stanza) =>
  (request: Request): Answer => {
    const { node } = request.payload.attrs;
    return (
      (node === undefined ? undefined : host.hooks.ask(discoOfServer, { request, wants, node })) ?? answer(request)
    );
  };

/** §8: accounts speak to themselves and to those who may see their presence; to all others they look like nobody. */
const ifAllowed =
  (wants: AccountDisco['wants'], answer: (request: AccountRequest) => Stanza) =>
  (request: AccountRequest): Answer =>
    request.isOwn || request.user.roster.letsSee(request.from)
      ? (request.user.host.hooks.ask(discoOfAccount, { request, wants, node: request.payload.attrs.node }) ??
        answer(request))
      : request.stanza.error('service-unavailable');

export const disco: Feature = {
  specs: [
    {
      id: 'XEP-0030',
      name: 'Service Discovery',
      version: '2.5.0',
      scope: 'the server and its accounts',
      namespaces: [info, items],
    },
    {
      id: 'XEP-0115',
      name: 'Entity Capabilities',
      version: '1.6.0',
      scope: 'the server’s own, as a stream feature; clients’ own, verified and remembered, for personal eventing',
      namespaces: [caps],
    },
  ],
  taps: (host) => [
    own(
      serverRequest,
      requestKey('get', info, 'query'),
      orNode(host, 'info', (request) => answerInfo(host, 'server', request)),
    ),
    own(
      serverRequest,
      requestKey('get', items, 'query'),
      orNode(host, 'items', (request) => answerItems(host, 'server', request)),
    ),
    own(
      accountRequest,
      requestKey('get', info, 'query'),
      ifAllowed('info', (request) => answerInfo(host, 'account', request)),
    ),
    own(
      accountRequest,
      requestKey('get', items, 'query'),
      ifAllowed('items', (request) => answerItems(host, 'account', request)),
    ),
    advertise('server', info, items, caps),
    advertise('account', info, items),
    add(streamFeatures, 'any', (elements, { isAuthenticated }) =>
      isAuthenticated
        ? [...elements, el('c', { xmlns: caps, hash: 'sha-1', node: capsNode, ver: serverCapsVersion(host) })]
        : elements,
    ),
  ],
};
