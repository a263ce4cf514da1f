// Entering a room (XEP-0045 §7.2), making one (§10.1), and being there already: another nickname (§7.6), another presence
// (§7.7), or a client that has lost its picture of the room and asks for all of it (§7.2.1, §17.3).

import { bad, type Outcome } from '../../base/outcome.ts';
import { childText } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type Change, sessionsOf } from './change.ts';
import { cleaned } from './clean.ts';
import { showPast } from './history.ts';
import { showRemaining } from './leave.ts';
import { type Code, code, ns } from './names.ts';
import { assignNick, type NickFault } from './nick.ts';
import { occupantId } from './occupant-id.ts';
import { presenceOf, showAddresses, showOneTo, showOthersTo, showToAll, showToOthers, showToSelf } from './show.ts';
import { affiliationMay, defaultRole, isAtLeast } from './standing.ts';
import { affiliationOf, type Occupant, type OccupantSession, occupantOf, seesAddresses } from './state.ts';

/** Available presence from somebody who is in the room or wants to be. */
export const available = (change: Change, stanza: Stanza, from: Jid, isNew: boolean): void => {
  const { room, circumstances } = change;
  if (stanza.inner.length > circumstances.limits.presenceMax)
    return change.refuse(stanza, 'policy-violation', { text: 'the presence is too large' });
  const wanted = stanza.to?.resource;
  if (wanted === undefined) return change.refuse(stanza, 'jid-malformed', { text: 'a nickname is needed' });
  const occupant = occupantOf(room, from);
  if (!occupant) {
    if (stanza.has('x', ns.muc)) enter(change, stanza, from, wanted, isNew);
    else sayNotThere(change, stanza, from);
    return;
  }
  const nick = assignNick(room, wanted, occupant.account, circumstances.limits, from);
  if (!nick.ok) return refuseNick(change, stanza, nick.fault);
  const own: Code[] = nick.value === wanted ? [] : [code.nickAssigned];
  if (nick.value === occupant.nick) update(change, stanza, occupant, from, own);
  else if (!rename(change, stanza, occupant, from, nick.value, own)) return;
  if (stanza.has('x', ns.muc)) tellAll(change, stanza, from, own);
};

const refuseNick = (change: Change, stanza: Stanza, { condition, text }: NickFault): void =>
  change.refuse(stanza, condition, { text });

/** What keeps somebody out (§7.2.6 to §7.2.12), or the nickname to enter with. */
const admit = (change: Change, stanza: Stanza, from: Jid, wanted: string): Outcome<string, NickFault> => {
  const { room, circumstances } = change;
  const { settings } = room;
  const affiliation = affiliationOf(room, from);
  if (room.isLocked && affiliation !== 'owner')
    return bad({ condition: 'item-not-found', text: 'the room is not there yet: its owner is configuring it' });
  if (!affiliationMay(affiliation, 'enter'))
    return bad({ condition: 'forbidden', text: 'you are banned from the room' });
  if (settings.isMembersOnly && !affiliationMay(affiliation, 'enter members-only'))
    return bad({ condition: 'registration-required', text: 'only members may enter' });
  const x = stanza.child('x', ns.muc);
  if (settings.password !== undefined && (x && childText(x, 'password')) !== settings.password)
    return bad({ condition: 'not-authorized', text: 'the room has a password' });
  const nick = assignNick(room, wanted, from.bare, circumstances.limits);
  if (!nick.ok) return nick;
  const known = room.occupants.get(nick.value);
  if (known && known.sessions.length >= circumstances.limits.sessionsPerNickMax)
    return bad({ condition: 'resource-constraint', text: 'too many of your clients are in the room' });
  // Admins come in where there is no room for others, up to some reasonable number (§7.2.11).
  const places = settings.occupantsMax + (isAtLeast(affiliation, 'admin') ? 10 : 0);
  if (!known && room.occupants.size >= places)
    return bad({ condition: 'service-unavailable', text: 'the room is full' });
  return nick;
};

const enter = (change: Change, stanza: Stanza, from: Jid, wanted: string, isNew: boolean): void => {
  const nick = admit(change, stanza, from, wanted);
  if (!nick.ok) {
    const isFull = nick.fault.condition === 'service-unavailable';
    return change.refuse(stanza, nick.fault.condition, { text: nick.fault.text, ...(isFull && { type: 'wait' }) });
  }
  const { room } = change;
  const known = room.occupants.get(nick.value);
  const session = sessionOf(change, stanza, from);
  const occupant: Occupant = known
    ? { ...known, sessions: [...known.sessions, session] }
    : {
        nick: nick.value,
        jid: room.jid.withResource(nick.value),
        account: from.bare,
        id: occupantId(room.secret, from),
        role: defaultRole(affiliationOf(room, from), room.settings),
        sessions: [session],
      };
  change.put(occupant);
  if (known) {
    showAddresses(change, occupant);
    showToSelf(change, occupant, sessionsOf(known));
  } else showToOthers(change, occupant);
  tellAll(change, stanza, from, [
    ...(isNew ? [code.created] : []),
    ...(nick.value === wanted ? [] : [code.nickAssigned]),
  ]);
};

/** §7.1: others' presence, its own, history, subject, in this order, to one session. */
const tellAll = (change: Change, stanza: Stanza, to: Jid, more: readonly Code[]): void => {
  const { room } = change;
  const occupant = occupantOf(room, to);
  if (!occupant) return;
  const own: Code[] = [...more];
  if (room.settings.whois === 'anyone') own.unshift(code.nonAnonymous);
  if (room.settings.isLogged) own.push(code.logged);
  showOthersTo(change, occupant, [to]);
  showToSelf(change, occupant, [to], {}, own);
  showPast(change, stanza, to);
};

const sessionOf = (change: Change, stanza: Stanza, jid: Jid): OccupantSession => ({
  jid,
  presence: cleaned(change.room, stanza).with({ from: undefined, to: undefined }),
  heardAt: change.circumstances.mono,
});

/** §7.7. The others see the first session of a nickname only. */
const update = (change: Change, stanza: Stanza, occupant: Occupant, from: Jid, own: readonly Code[]): void => {
  const session = sessionOf(change, stanza, from);
  const before = occupant.sessions.find(({ jid }) => jid.equals(from));
  const changed = change.putSession(occupant, session);
  const isSync = stanza.has('x', ns.muc);
  const isNews = before?.presence.inner !== session.presence.inner;
  if (changed.sessions[0] !== session) {
    if (!isSync) showToSelf(change, changed, [from], {}, own);
  } else if (!isSync) showToAll(change, changed, {}, own);
  else if (isNews) {
    showToOthers(change, changed);
    showToSelf(
      change,
      changed,
      sessionsOf(changed).filter((jid) => !jid.equals(from)),
    );
  }
};

/** §7.6. A client that shares its nickname with others of the account goes by itself. False when it was refused. */
const rename = (
  change: Change,
  stanza: Stanza,
  occupant: Occupant,
  from: Jid,
  nick: string,
  own: readonly Code[],
): boolean => {
  const { room, circumstances } = change;
  const target = room.occupants.get(nick);
  if (target && target.sessions.length >= circumstances.limits.sessionsPerNickMax) {
    change.refuse(stanza, 'resource-constraint', { text: 'too many of your clients are in the room' });
    return false;
  }
  const session = sessionOf(change, stanza, from);
  const look = { codes: [code.nickChanged], newNick: nick };
  const sharers = occupant.sessions.filter((one) => !one.jid.equals(from));
  const isAlone = sharers.length === 0;
  const isNewcomer = !target && !isAlone;
  if (isNewcomer && room.occupants.size >= room.settings.occupantsMax) {
    change.refuse(stanza, 'service-unavailable', { type: 'wait', text: 'the room is full' });
    return false;
  }
  if (isAlone) {
    showToAll(change, occupant, { ...look, isGone: true });
    change.remove(occupant);
  } else {
    const old = occupant.sessions.find((one) => one.jid.equals(from));
    if (!old) return false;
    const goodbye = presenceOf(
      room,
      { ...occupant, sessions: [old] },
      { withAddresses: false, isSelf: true },
      { ...look, isGone: true },
    );
    change.show(goodbye, [from]);
    const remaining = { ...occupant, sessions: sharers };
    change.put(remaining);
    showRemaining(change, occupant, remaining);
  }
  const moved: Occupant = target
    ? { ...target, sessions: [...target.sessions, session] }
    : { ...occupant, nick, jid: room.jid.withResource(nick), sessions: [session] };
  change.put(moved);
  // Its other clients are somebody else to it from now on.
  const left = change.room.occupants.get(occupant.nick);
  if (left) showOneTo(change, left, moved, [from]);
  if (target) {
    // Under this nickname it may see more than before.
    if (seesAddresses(change.room, moved) && !seesAddresses(change.room, occupant)) showOthersTo(change, moved, [from]);
    showAddresses(change, moved);
    showToSelf(change, moved, sessionsOf(moved), {}, own);
  } else showToAll(change, moved, {}, own);
  return true;
};

/** §7.2.18: whoever believes to be in the room is told that it is not; its client enters again. */
const sayNotThere = (change: Change, stanza: Stanza, from: Jid): void => {
  const { room } = change;
  const ghost: Occupant = {
    nick: stanza.to?.resource ?? '',
    jid: stanza.to ?? room.jid,
    account: from.bare,
    id: occupantId(room.secret, from),
    role: 'none',
    sessions: [{ jid: from, presence: stanza, heardAt: 0 }],
  };
  change.show(
    presenceOf(
      room,
      ghost,
      { withAddresses: false, isSelf: true },
      { isGone: true, codes: [code.kicked, code.technical] },
    ),
    [from],
  );
};
