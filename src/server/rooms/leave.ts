// Leaving a room: by oneself (XEP-0045 §7.14), kicked (§8.2), banned (§9.1), no longer a member (§9.4), lost (§11.1); and
// what becomes of a room that nobody is in.

import { el } from '../../xml/element.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type Change, sessionsOf } from './change.ts';
import { cleaned } from './clean.ts';
import { type Look, showAddresses, showToAll, showToOthers, showToSelf } from './show.ts';
import { isKept, type Occupant, type OccupantSession } from './state.ts';

/** Takes all sessions of an occupant out of the room. Everybody is told. */
export const removeOccupant = (change: Change, occupant: Occupant, look: Look): void => {
  showToAll(change, occupant, { ...look, isGone: true });
  change.remove(occupant);
  endIfEmpty(change);
};

/** Takes one session out of the room: the others only hear of it if it was the last, or the one whose presence they saw. */
export const removeSession = (change: Change, occupant: Occupant, session: OccupantSession, look: Look): void => {
  const rest = occupant.sessions.filter((one) => !one.jid.equals(session.jid));
  if (rest.length === 0) {
    removeOccupant(change, occupant, look);
    return;
  }
  showToSelf(change, { ...occupant, sessions: [session] }, [session.jid], { ...look, isGone: true });
  const remaining = { ...occupant, sessions: rest };
  change.put(remaining);
  showRemaining(change, occupant, remaining);
};

/** One client less: the others see another presence if they saw that client's, and one address less if they see any. */
export const showRemaining = (change: Change, before: Occupant, after: Occupant): void => {
  if (before.sessions[0]?.jid.equals(after.sessions[0]?.jid)) showAddresses(change, after);
  else showToOthers(change, after);
  showToSelf(change, after, sessionsOf(after));
};

/** §7.14: with what the leaving client says in parting. */
export const leave = (change: Change, occupant: Occupant, session: OccupantSession, stanza: Stanza): void => {
  const presence = cleaned(change.room, stanza).with({ type: undefined, from: undefined, to: undefined });
  const isAbandoned = change.room.isLocked && occupant.sessions.length === 1;
  removeSession(change, occupant, session, { presence, ...(isAbandoned && { destroy: el('destroy') }) });
};

/** A room that is not persistent ends with its last occupant, one that was never configured as well. */
export const endIfEmpty = (change: Change): void => {
  if (change.room.occupants.size === 0 && !isKept(change.room)) change.isOver = true;
};

/** §10.9: everybody is told to go, each of itself only. */
export const destroy = (change: Change, element: Look['destroy']): void => {
  for (const occupant of change.room.occupants.values())
    showToSelf(change, occupant, sessionsOf(occupant), { isGone: true, ...(element && { destroy: element }) });
  for (const occupant of [...change.room.occupants.values()]) change.remove(occupant);
  change.isOver = true;
};
