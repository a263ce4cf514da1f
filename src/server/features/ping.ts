// XEP-0199 XMPP Ping 2.0.1: answers pings to the domain and to accounts; pings to full JIDs are the client's to answer.

import { own } from '../../base/hooks.ts';
import { accountRequest, requestKey, serverRequest } from '../points.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';

const xmlns = 'urn:xmpp:ping';

export const ping: Feature = {
  specs: [{ id: 'XEP-0199', name: 'XMPP Ping', version: '2.0.1', scope: 'answers; sends none', namespaces: [xmlns] }],
  taps: () => [
    own(serverRequest, requestKey('get', xmlns, 'ping'), ({ stanza }) => stanza.result()),
    own(accountRequest, requestKey('get', xmlns, 'ping'), ({ stanza, isOwn }) =>
      // To strangers an account answers like one that does not exist.
      isOwn ? stanza.result() : stanza.error('service-unavailable'),
    ),
    advertise('server', xmlns),
    advertise('account', xmlns),
  ],
};
