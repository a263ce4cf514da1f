// Occupants that are no more though they never left (XEP-0045 §11.1, §17.1.2): what their servers answer gives them away, and
// whoever has been silent for long is asked.

import { el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { conditionOf, Stanza } from '../../xmpp/stanza.ts';
import type { Change } from './change.ts';
import { removeSession } from './leave.ts';
import { code, ns } from './names.ts';
import { type Occupant, type OccupantSession, occupantOf } from './state.ts';

/** Nobody is there, or there is no way to him. */
const deliveryErrors: ReadonlySet<string> = new Set([
  'gone',
  'item-not-found',
  'jid-malformed',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
]);

/** A message or presence of ours came back. Other errors are between the two clients, and are not passed on. */
export const bounced = (change: Change, stanza: Stanza, from: Jid): void => {
  if (deliveryErrors.has(conditionOf(stanza)?.condition ?? '')) lose(change, from);
};

const lose = (change: Change, from: Jid): void => {
  const occupant = occupantOf(change.room, from);
  const session = occupant?.sessions.find(({ jid }) => jid.equals(from));
  if (occupant && session) removeSession(change, occupant, session, { codes: [code.technical] });
};

/** Asks all who were silent for long, each once in that time. */
export const askSilent = (change: Change, id: string): void => {
  const { mono, limits } = change.circumstances;
  let count = 0;
  for (const occupant of change.room.occupants.values())
    for (const session of occupant.sessions)
      if (mono - Math.max(session.heardAt, session.askedAt ?? 0) >= limits.silenceMs)
        ask(change, occupant, session, 'ping', `${id}-${count++}`);
};

const ask = (change: Change, { nick }: Occupant, session: OccupantSession, what: 'ping' | 'info', id: string): void => {
  // It may have been changed by what came before in this step.
  const occupant = change.room.occupants.get(nick);
  if (occupant) change.putSession(occupant, { ...session, askedAt: change.circumstances.mono });
  const payload = what === 'ping' ? el('ping', { xmlns: ns.ping }) : el('query', { xmlns: ns.info });
  const { jid } = change.room;
  change.spread(Stanza.make({ kind: 'iq', type: 'get', id: `${what}-${id}`, from: jid }, payload), [session.jid]);
};

/**
 * The answer to the room's question. A client that knows no pings says "service-unavailable" as a server does whose client has
 * gone, so that one is asked for something that every client knows.
 */
export const answered = (change: Change, stanza: Stanza, from: Jid): void => {
  if (stanza.type !== 'error') return;
  const { condition } = conditionOf(stanza) ?? {};
  if (condition === undefined || !deliveryErrors.has(condition)) return;
  const occupant = occupantOf(change.room, from);
  const session = occupant?.sessions.find(({ jid }) => jid.equals(from));
  if (!occupant || !session) return;
  const [, what, id] = /^(ping|info)-(.*)$/s.exec(stanza.id ?? '') ?? [];
  if (what === 'ping' && condition === 'service-unavailable') ask(change, occupant, session, 'info', id ?? '');
  else if (what !== undefined) lose(change, from);
};
