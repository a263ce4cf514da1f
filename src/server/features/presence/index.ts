// RFC 6121 §4: initial, subsequent, unavailable and directed presence, probes, priorities: all of section 4.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { add, hear, own } from '../../../base/hooks.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import {
  arrives,
  departs,
  presenceNews,
  presenceReceived,
  presenceSent,
  type Received,
  remoteReach,
  type Sent,
  starts,
  stops,
} from '../../points.ts';
import type { Session } from '../../sessions/session.ts';
import type { Turn } from '../../users/turns.ts';
import type { Feature } from '../feature.ts';
import { broadcast, echo, goodbye, goUnavailable, presencesFor } from './broadcast.ts';
import { viewOf } from './view.ts';

export const presence: Feature = {
  specs: [{ id: 'RFC 6121 §4', name: 'Exchanging presence', scope: 'all of section 4' }],
  taps: (host) => [
    own(presenceSent, 'available', sendAvailable),
    own(presenceSent, 'unavailable', ({ session, stanza, turn }) => leaveView(session, stanza, turn)),
    own(presenceSent, 'directed', sendDirected),
    own(presenceSent, 'probe', ({ stanza, turn, user, session }) => {
      // §4.3: probes are the server's business; a client that sends one all the same asks in its own name.
      if (stanza.to) turn.also(host.route(stanza));
      else session.deliver(stanza.error('bad-request', { text: `a probe needs an address, ${user.jid} has none` }));
    }),
    own(presenceSent, 'error', ({ stanza, turn }) => {
      if (stanza.to) turn.also(host.route(stanza));
    }),
    own(presenceReceived, 'available', receivePresence),
    own(presenceReceived, 'unavailable', receivePresence),
    own(presenceReceived, 'error', receivePresence),
    // An account that is in memory, or about to be, hears of it in its turn.
    hear(presenceNews, 'view', (stanza) => {
      if (stanza.to && !host.users.isPresent(stanza.to)) viewOf(host).overhear(stanza);
    }),
    hear(remoteReach, 'any', ({ domain, isReachable }) => viewOf(host).reach(domain, isReachable)),
    add(starts, 'any', (works) => [...works, () => viewOf(host).start()]),
    add(stops, 'any', (works) => [...works, () => viewOf(host).stop()]),
    own(presenceReceived, 'probe', answerProbe),
    add(departs, 'presence', (works, { session }) => [...works, (turn) => leaveView(session, goodbye(session), turn)]),
  ],
};

const leaveView = (session: Session, stanza: Stanza, turn: Turn): Promise<void> => {
  viewOf(session.user.host).depart(session);
  return goUnavailable(session, stanza, turn);
};

/** §4.2 and §4.4: to the contacts and to the user's own resources, the sending one included. */
const sendAvailable = async ({ user, session, stanza, turn }: Sent): Promise<void> => {
  const priority = readPriority(stanza);
  if (priority === undefined)
    return session.deliver(stanza.error('bad-request', { text: 'a priority is a number from -128 to 127' }));
  const isInitial = !session.isAvailable;
  const tookMessages = session.takesMessages;
  session.presence = stanza;
  session.priority = priority;
  echo(user, stanza);
  const ask = isInitial ? viewOf(user.host).arrive(user, session) : undefined;
  // What a session is given goes out when this turn of the event loop ends: let it, before the work for hundreds of contacts.
  if (ask) await nextTurn();
  broadcast(user, stanza, turn);
  ask?.();
  const takesMessages = session.takesMessages && !tookMessages;
  if (!isInitial && !takesMessages) return;
  for (const work of user.host.hooks.gather(arrives, [], { user, session, isInitial, takesMessages })) await work(turn);
};

/** §4.7.2.3. Without one it is zero. */
const readPriority = (stanza: Stanza): number | undefined => {
  const element = stanza.child('priority');
  if (!element) return 0;
  const text = element.children.join('').trim();
  const value = /^[+-]?\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return value >= -128 && value <= 127 ? value : undefined;
};

/** §4.6: the addressee is remembered, so that it learns of the end. */
const sendDirected = ({ user, session, stanza, turn }: Sent): void => {
  const { to } = stanza;
  if (!to) return;
  const key = to.toString();
  if (stanza.type === undefined) {
    if (!session.directed.has(key) && session.directed.size >= user.host.limits.directedPresenceMax)
      return session.deliver(stanza.error('resource-constraint', { text: 'presence was sent to too many addresses' }));
    session.directed.set(key, to);
  } else session.directed.delete(key);
  turn.also(user.host.route(stanza));
};

/** RFC 6121 §8.5.2.1.2, §8.5.3.1. */
const receivePresence = (received: Received): void => {
  const { user, stanza } = received;
  if (stanza.to?.isBare) viewOf(user.host).receive(received);
  else if (stanza.to) user.session(stanza.to)?.deliver(stanza);
};

/** §4.3.2. Whoever may not see the user, and whoever asks about nobody, gets the same answer. */
const answerProbe = ({ user, stanza, turn }: Received): void => {
  const { from: asker, to } = stanza;
  if (!asker || !to) return;
  const { host } = user;
  const isOwn = asker.bare.equals(user.jid);
  if (!isOwn && !user.roster.letsSee(asker)) {
    // §4.3.2 lets whoever was sent directed presence ask for it again.
    const directed = user.available.filter(
      ({ directed }) => directed.has(asker.toString()) || directed.has(asker.bare.toString()),
    );
    for (const { presence } of directed) if (presence) turn.also(host.broadcast(presence.with({ to: asker })));
    if (directed.length === 0)
      turn.also(
        host.broadcast(Stanza.make({ kind: 'presence', type: 'unsubscribed', from: user.jid, to: asker.bare })),
      );
    return;
  }
  const presences = presencesFor(user, asker).filter(({ from }) => to.isBare || from?.equals(to));
  if (presences.length === 0)
    presences.push(Stanza.make({ kind: 'presence', type: 'unavailable', from: to.isBare ? user.jid : to, to: asker }));
  for (const one of presences) turn.also(host.broadcast(one));
};
