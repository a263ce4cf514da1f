// RFC 6121 §3 and Appendix A: presence subscriptions, in full, with pre-approval (§3.4).

import { add, own } from '../../../base/hooks.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { stanzaFromText } from '../../../xmpp/stanza-text.ts';
import { arrives, leavesForGood, presenceReceived, presenceSent, streamFeatures } from '../../points.ts';
import type { Feature } from '../feature.ts';
import { endSubscriptions, handleSubscriptionReceived, handleSubscriptionSent } from './subscriptions.ts';

const types = ['subscribe', 'unsubscribe', 'subscribed', 'unsubscribed'] as const;

export const subscriptions: Feature = {
  specs: [
    {
      id: 'RFC 6121 §3',
      name: 'Presence subscriptions',
      scope: 'all of section 3 and Appendix A, pre-approval included',
    },
  ],
  taps: () => [
    ...types.flatMap((type) => [
      own(presenceSent, type, (sent) => handleSubscriptionSent(type, sent)),
      own(presenceReceived, type, (received) => handleSubscriptionReceived(type, received)),
    ]),
    // §3.1.3: requests that wait are shown to every resource that becomes available.
    add(arrives, 'requests', (works, { user, session, isInitial }) =>
      isInitial
        ? [
            ...works,
            () =>
              session.deliverAll(
                [...user.roster.records].flatMap(({ request }) =>
                  request === undefined ? [] : { stanza: stanzaFromText(request) },
                ),
              ),
          ]
        : works,
    ),
    add(leavesForGood, 'subscriptions', (works, user) => [
      ...works,
      (turn) => {
        for (const item of [...user.roster.records]) endSubscriptions(user, item, Jid.from(item.contact), turn);
      },
    ]),
    add(streamFeatures, 'any', (elements, { isAuthenticated }) =>
      isAuthenticated ? [...elements, el('sub', { xmlns: 'urn:xmpp:features:pre-approval' })] : elements,
    ),
  ],
};
