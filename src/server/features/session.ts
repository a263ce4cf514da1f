// RFC 3921 §3 sessions, which RFC 6121 has done away with: clients of that time ask for one after binding when it is on
// offer, and some (on phones of those years, too) give up when it is not. It has no effect.

import { add, own } from '../../base/hooks.ts';
import { el } from '../../xml/element.ts';
import { accountRequest, requestKey, serverRequest, streamFeatures } from '../points.ts';
import type { Feature } from './feature.ts';

const xmlns = 'urn:ietf:params:xml:ns:xmpp-session';

export const session: Feature = {
  specs: [{ id: 'RFC 3921 §3', name: 'Session establishment', scope: 'offered to older clients; no effect' }],
  taps: () => [
    own(accountRequest, requestKey('set', xmlns, 'session'), ({ stanza, session }) =>
      session ? stanza.result() : stanza.error('service-unavailable'),
    ),
    own(serverRequest, requestKey('set', xmlns, 'session'), ({ stanza, session }) =>
      session ? stanza.result() : stanza.error('service-unavailable'),
    ),
    // <optional/> tells newer clients to save the round trip (draft-cridland-xmpp-session).
    add(streamFeatures, 'any', (elements, { isAuthenticated }) =>
      isAuthenticated ? [...elements, el('session', { xmlns }, el('optional'))] : elements,
    ),
  ],
};
