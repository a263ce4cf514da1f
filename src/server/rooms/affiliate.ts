// Changes of role and affiliation that have been allowed: what becomes of the room, and who is shown what (XEP-0045 §8.2 to
// §10.8).

import type { RoomAffiliation } from '../../store/store.ts';
import { el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { type Change, sessionsOf } from './change.ts';
import { sendInvitation } from './invitation.ts';
import { removeOccupant } from './leave.ts';
import { code, ns } from './names.ts';
import { type Actor, presenceOf, showOthersTo, showToAll, showToSelf, statusElements } from './show.ts';
import { type Affiliation, type Role, roleAfter, roleMay } from './standing.ts';
import { affiliationOf, type Occupant, seesAddresses } from './state.ts';

export interface AffiliationChange {
  /** Bare. */
  readonly jid: Jid;
  readonly affiliation: Affiliation;
  /** Undefined: as it was; '': none. */
  readonly nick?: string | undefined;
  readonly reason?: string | undefined;
}

interface Manner {
  readonly actor?: Actor | undefined;
  /** The one it is about is told by an invitation. */
  readonly isInvited?: boolean;
  /** Removals are for this cause, unless it is a ban. */
  readonly removal?: typeof code.notMemberAnyMore | typeof code.nowMembersOnly;
}

/** Absent people whose change is told about, in one step: whoever changes whole lists does not flood the room with it. */
const absentToldMax = 20;

export const applyAffiliations = (change: Change, changes: readonly AffiliationChange[], manner: Manner = {}): void => {
  if (changes.length === 0) return;
  // One copy for all of them; nobody else has it yet.
  const affiliations = new Map(change.room.affiliations);
  change.set({ affiliations });
  let absent = 0;
  for (const one of changes) {
    const from = affiliations.get(one.jid.toString())?.affiliation ?? 'none';
    const affected = occupantsOf(change, one.jid);
    const wereThere = affected.map((occupant) => [occupant, affiliationOf(change.room, occupant.account)] as const);
    enter(affiliations, one);
    if (from === one.affiliation) continue;
    for (const [occupant, was] of wereThere) showChange(change, occupant, was, one.reason, manner);
    if (affected.length === 0) tellOfAbsent(change, one, from, manner, ++absent <= absentToldMax);
  }
};

const enter = (
  affiliations: Map<string, RoomAffiliation>,
  { jid, affiliation, nick, reason }: AffiliationChange,
): void => {
  const key = jid.toString();
  const before = affiliations.get(key);
  // An outcast has no reserved nickname (§9.1).
  const kept = affiliation === 'outcast' ? undefined : nick === undefined ? before?.nick : nick || undefined;
  if (affiliation === 'none') affiliations.delete(key);
  else affiliations.set(key, { jid: key, affiliation, nick: kept, reason });
};

const occupantsOf = ({ room }: Change, jid: Jid): Occupant[] =>
  [...room.occupants.values()].filter(({ account }) =>
    jid.local === undefined ? account.domain === jid.domain : account.equals(jid),
  );

const showChange = (
  change: Change,
  occupant: Occupant,
  from: Affiliation,
  reason: string | undefined,
  { actor, removal = code.notMemberAnyMore }: Manner,
): void => {
  const { settings } = change.room;
  const affiliation = affiliationOf(change.room, occupant.account);
  // An owner is not thrown out by a ban of the domain; nor is there news in it.
  if (affiliation === from) return;
  const look = { actor, reason };
  if (affiliation === 'outcast') removeOccupant(change, occupant, { ...look, codes: [code.banned] });
  else if (affiliation === 'none' && settings.isMembersOnly)
    removeOccupant(change, occupant, { ...look, codes: [removal] });
  else showRole(change, occupant, roleAfter(occupant.role, from, affiliation, settings), look);
};

/** Gives an occupant a role and shows it to all, with whatever else is new about it. */
export const showRole = (
  change: Change,
  occupant: Occupant,
  role: Role,
  look: { readonly actor?: Actor | undefined; readonly reason?: string | undefined } = {},
): void => {
  const before = change.room;
  const changed = { ...occupant, role };
  change.put(changed);
  const { settings } = change.room;
  if (roleMay(settings, role, 'show presence')) showToAll(change, changed, look);
  else {
    // The others, who saw it until now, do not see it any more (§10.2, presencebroadcast).
    if (roleMay(settings, occupant.role, 'show presence')) hide(change, occupant);
    showToSelf(change, changed, sessionsOf(changed), look);
  }
  // A moderator sees addresses from now on (§7.2.4): it is shown all of them again.
  if (!seesAddresses(before, occupant) && seesAddresses(change.room, changed))
    showOthersTo(change, changed, sessionsOf(changed));
};

/** For the others it is gone. */
export const hide = (change: Change, occupant: Occupant): void => {
  const { room } = change;
  for (const viewer of room.occupants.values())
    if (viewer.nick !== occupant.nick) {
      const withAddresses = seesAddresses(room, viewer);
      change.show(presenceOf(room, occupant, { withAddresses, isSelf: false }, { isGone: true }), sessionsOf(viewer));
    }
};

/** Kicked, or given another role (§8.2 to §8.5, §9.6 to §9.8). */
export const applyRole = (change: Change, nick: string, role: Role, actor: Actor, reason: string | undefined): void => {
  const occupant = change.room.occupants.get(nick);
  if (!occupant) return;
  if (role === 'none') removeOccupant(change, occupant, { codes: [code.kicked], actor, reason });
  else if (role !== occupant.role) showRole(change, occupant, role, { actor, reason });
};

/** §9.3 to §9.5, §10.3 to §10.8: those in the room who see addresses hear of it, and the one it is about. */
const tellOfAbsent = (
  change: Change,
  { jid, affiliation, reason }: AffiliationChange,
  from: Affiliation,
  { isInvited = false }: Manner,
  isWorthTelling: boolean,
): void => {
  const { room } = change;
  const viewers = [...room.occupants.values()].filter((one) => seesAddresses(room, one)).flatMap(sessionsOf);
  const item = el('item', { affiliation, role: 'none', jid: jid.toString() });
  if (isWorthTelling)
    change.spread(Stanza.make({ kind: 'message', from: room.jid }, el('x', { xmlns: ns.user }, item)), viewers);
  // A domain has no inbox.
  if (isInvited || jid.local === undefined) return;
  if (room.settings.isMembersOnly && from === 'none' && affiliation !== 'outcast')
    sendInvitation(change, jid, { reason });
  else if (isWorthTelling)
    change.send(
      Stanza.make(
        { kind: 'message', from: room.jid, to: jid },
        el(
          'x',
          { xmlns: ns.user },
          el('item', { affiliation, role: 'none' }, reason !== undefined && el('reason', null, reason)),
          statusElements([code.affiliationChangedOutside]),
        ),
      ),
    );
};
