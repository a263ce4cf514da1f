// XEP-0077 In-Band Registration 2.4: accounts made before sign-in (where registration is open), password changed and account
// removed afterwards. No data forms: user name and password are all we ask for.

import { add, own } from '../../../base/hooks.ts';
import { networkOf } from '../../../base/network.ts';
import { Window } from '../../../base/window.ts';
import { child, childText, el } from '../../../xml/element.ts';
import type { Stanza, StanzaCondition } from '../../../xmpp/stanza.ts';
import type { AccountFault } from '../../accounts.ts';
import type { Host } from '../../host.ts';
import {
  type AccountRequest,
  type Answer,
  accountRequest,
  type Request,
  requestKey,
  type StrangerRequest,
  serverRequest,
  strangerRequest,
  streamFeatures,
} from '../../points.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';

const xmlns = 'jabber:iq:register';
const hourMs = 3_600_000;

/** Our reasons as theirs. */
export const conditions: Readonly<Record<AccountFault['reason'], StanzaCondition>> = {
  exists: 'conflict',
  'no-account': 'item-not-found',
  'bad-name': 'not-acceptable',
  'bad-password': 'not-acceptable',
};

export const registration: Feature = {
  specs: [
    {
      id: 'XEP-0077',
      name: 'In-Band Registration',
      version: '2.4',
      scope: 'user name and password; no data forms',
      namespaces: [xmlns],
    },
  ],
  taps: (host) => {
    const window = new Window(host.clock, host.limits.registrationsPerHour, hourMs);
    return [
      own(strangerRequest, requestKey('get', xmlns, 'query'), ({ stanza }) => form(host, stanza)),
      own(strangerRequest, requestKey('set', xmlns, 'query'), (request) => register(host, window, request)),
      own(accountRequest, requestKey('get', xmlns, 'query'), ownOnly(registered)),
      own(
        accountRequest,
        requestKey('set', xmlns, 'query'),
        ownOnly((request) => change(host, request)),
      ),
      own(serverRequest, requestKey('get', xmlns, 'query'), ownOnly(registered)),
      own(
        serverRequest,
        requestKey('set', xmlns, 'query'),
        ownOnly((request) => change(host, request)),
      ),
      advertise('server', xmlns),
      add(streamFeatures, 'any', (elements, { isAuthenticated }) =>
        isAuthenticated || host.registration === 'closed'
          ? elements
          : [...elements, el('register', { xmlns: 'http://jabber.org/features/iq-register' })],
      ),
    ];
  },
};

const notOffered = (stanza: Stanza): Stanza =>
  stanza.error('not-allowed', { text: 'accounts are not made here by everybody' });

const form = (host: Host, stanza: Stanza): Stanza =>
  host.registration === 'closed'
    ? notOffered(stanza)
    : stanza.result(
        el(
          'query',
          { xmlns },
          el('instructions', null, 'Choose a user name and a password.'),
          el('username'),
          el('password'),
        ),
      );

/** §3.1. */
const register = async (host: Host, window: Window, { stanza, payload, remote }: StrangerRequest): Promise<Stanza> => {
  if (host.registration === 'closed') return notOffered(stanza);
  const username = childText(payload, 'username');
  const password = childText(payload, 'password');
  if (!username || !password || child(payload, 'remove')) return stanza.error('not-acceptable');
  const address = host.accounts.address(username);
  if (!address.ok) return stanza.error(conditions[address.fault.reason]);
  if (!window.admits(networkOf(remote)))
    return stanza.error('resource-constraint', { text: 'too many accounts were made from your address' });
  const made = await host.accounts.create(address.value, password);
  if (!made.ok) return stanza.error(conditions[made.fault.reason]);
  host.log.info({ account: address.value.toString(), remote }, 'account registered');
  return stanza.result();
};

/** Only the account's own sessions may ask. */
const ownOnly =
  <R extends Request | AccountRequest>(answer: (request: R & { session: NonNullable<Request['session']> }) => Answer) =>
  (request: R): Answer =>
    request.session
      ? answer(request as R & { session: NonNullable<Request['session']> })
      : request.stanza.error('service-unavailable');

type OwnRequest = Request & { session: NonNullable<Request['session']> };

const registered = ({ stanza, session }: OwnRequest): Stanza =>
  stanza.result(el('query', { xmlns }, el('registered'), el('username', null, session.jid.local), el('password')));

/** §3.2 cancels, §3.3 changes the password. */
const change = async (host: Host, { stanza, payload, session }: OwnRequest): Promise<Stanza | undefined> => {
  const account = session.jid.bare;
  if (child(payload, 'remove')) {
    if (payload.children.filter((one) => typeof one !== 'string').length > 1) return stanza.error('bad-request');
    // The answer goes first: after the removal there is no session to give it to. Nothing here may wait for the
    // removal, which takes a turn of the account's own.
    session.deliver(stanza.result());
    host.accounts.remove(account).catch((cause: unknown) => host.events.failed(stanza, cause));
    return undefined;
  }
  const username = childText(payload, 'username');
  const password = childText(payload, 'password');
  if (!username || !password) return stanza.error('bad-request');
  const named = host.accounts.address(username);
  if (!named.ok || !named.value.equals(account)) return stanza.error('not-allowed');
  const changed = await host.accounts.setPassword(account, password);
  return changed.ok ? stanza.result() : stanza.error(conditions[changed.fault.reason]);
};
