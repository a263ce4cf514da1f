// CSP 1.1, 1.2, 1.3 "Presence service" over RFC 6121 §3 and §4. Which attribute lives where: src/gateway/mapping/presence-table.ts.

import type { Service } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { isWatched, roster } from '../common/roster.ts';
import { createAttributeList, deleteAttributeList, getAttributeList } from './attribute-list-requests.ts';
import {
  answeredElsewhere,
  authorizationKind,
  cancelAuth,
  getReactiveAuthStatus,
  hasNewLink,
  presenceAuthUser,
  subscribeAsked,
} from './authorize.ts';
import { contacts } from './contacts.ts';
import { greet, outward, publish } from './own.ts';
import { farewell, news, plan, replan, settle } from './plan.ts';
import { beSeen, presenceKind, subscribePresence, unsubscribePresence } from './subscribe.ts';
import { getPresence, updatePresence } from './update.ts';
import { getWatcherList, noteWatchers } from './watchers.ts';

/** Phones publish presence of their own at the end of signing in; one that does not is shown as available all the same. */
const afterNegotiationMs = 2000;
const afterSignInMs = 10_000;

export const presence: Service = {
  name: 'presence',
  specs: [
    'CSP 1.1, 1.2, 1.3: Presence service',
    'RFC 6121 §3: Managing Presence Subscriptions',
    'RFC 6121 §4: Exchanging Presence Information',
    'XEP-0054: vcard-temp',
    'XEP-0080: User Location',
    'XEP-0084: User Avatar',
    'XEP-0107: User Mood',
    'XEP-0115: Entity Capabilities',
    'XEP-0153: vCard-Based Avatars',
    'XEP-0163: Personal Eventing Protocol',
    'XEP-0172: User Nickname',
    'XEP-0292: vCard4 Over XMPP',
  ],
  leaves: ['GETPR', 'UPDPR', 'CALI', 'DALI', 'GALS', 'GETWL', 'REACT', 'CAAUT', 'GETAUT'],
  primitives: {
    'SubscribePresence-Request': subscribePresence,
    'UnsubscribePresence-Request': unsubscribePresence,
    'GetPresence-Request': getPresence,
    'UpdatePresence-Request': updatePresence,
    'GetWatcherList-Request': getWatcherList,
    'CreateAttributeList-Request': createAttributeList,
    'DeleteAttributeList-Request': deleteAttributeList,
    'GetAttributeList-Request': getAttributeList,
    'PresenceAuth-User': presenceAuthUser,
    'CancelAuth-Request': cancelAuth,
    'GetReactiveAuthStatus-Request': getReactiveAuthStatus,
  },
  kinds: { presence: presenceKind, authorization: authorizationKind },

  onStanza(stanza, session) {
    if (stanza.kind === 'presence') {
      if (stanza.type === 'subscribe') return subscribeAsked(stanza, session);
      // What became of our own requests, and who stopped watching us: the roster push behind it says the same.
      if (stanza.type !== undefined && stanza.type !== 'unavailable' && stanza.type !== 'error') return [];
    } else if (stanza.kind !== 'message' || stanza.type === 'error') return undefined;
    // Directed presence and events of strangers concern no contact.
    const bare = stanza.from?.bare.toString() ?? '';
    const { isLoaded, items } = session.slot(roster);
    const isKnown = !isLoaded || items.has(bare) || session.slot(plan).wishes.has(bare);
    const isNewClient = stanza.from !== undefined && !session.slot(contacts).isAvailable(stanza.from);
    const who = isKnown ? session.slot(contacts).hear(stanza) : undefined;
    if (who && stanza.kind === 'presence' && stanza.type === undefined && isNewClient) {
      const greeting = greet(session, who);
      if (greeting.length > 0) session.run(async () => greeting);
    }
    if (who) return news(session, [who.toString()]);
    return stanza.kind === 'presence' ? [] : undefined;
  },

  onStart(session) {
    hasNewLink(session);
    follow(session);
    session.after(afterSignInMs, () => beSeen(session));
  },
  onNegotiated(session) {
    session.after(afterNegotiationMs, () => beSeen(session));
  },
  onResume(session) {
    hasNewLink(session);
    // After a restart the slots are new and follow nothing yet; after a lost Link they follow already.
    if (session.slot(outward).since === undefined) follow(session);
    session.slot(contacts).renew();
    session.slot(outward).hasPep = undefined;
    session.slot(outward).directed.clear();
    session.slot(outward).since = session.clock.mono();
    session.run(async () => {
      const effects = [...(await publish(session)), ...(await replan(session))];
      settle(session);
      return effects;
    });
  },
};

/** What the roster and the contacts' clients bring changes what the phone is told, and what others may see. */
const follow = (session: SessionView): void => {
  let isDue = false;
  session.slot(roster).watch((jid, item) => {
    if (!isWatched(item)) session.run(() => farewell(session, jid));
    if (isDue) return;
    isDue = true;
    session.run(async () => {
      // Pushes come in numbers: one look for all that came together.
      await Promise.resolve();
      isDue = false;
      const seen = session.slot(outward).since === undefined ? [] : await publish(session);
      return [
        ...seen,
        ...(await replan(session)),
        ...(await answeredElsewhere(session)),
        ...(await noteWatchers(session)),
      ];
    });
  });
  session.slot(contacts).devices.onKnown = (caps) =>
    session.run(() => news(session, session.slot(contacts).withCaps(caps).map(String)));
};
