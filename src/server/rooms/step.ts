// A room's one function: the room as it was, what happened, and when, give the room as it is now and what is to be done.
// Undefined is the room that is not there. Nothing else decides anything about a room. (XEP-0045)

import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { formNs, formValues } from '../forms.ts';
import { iqFault } from '../iq.ts';
import { applyAffiliations } from './affiliate.ts';
import { Change, sessionsOf } from './change.ts';
import { available } from './enter.ts';
import { answered, askSilent, bounced } from './ghosts.ts';
import { decline, invitationsIn, invite } from './invite.ts';
import { answerFromOccupant, requestToOccupant, requestToRoom } from './iq.ts';
import { destroy, leave } from './leave.ts';
import { sayToAll, sayToOne } from './message.ts';
import { code, ns } from './names.ts';
import { approveRegistration } from './register.ts';
import { defaultSettings } from './settings.ts';
import { presenceOf, showToSelf } from './show.ts';
import { roleMay } from './standing.ts';
import {
  affiliationOf,
  type Circumstances,
  type Effect,
  type Event,
  occupantOf,
  type Room,
  seesAddresses,
} from './state.ts';
import { voiceForm } from './voice.ts';

type StanzaEvent = Extract<Event, { readonly type: 'stanza' }>;

export interface Stepped {
  readonly room: Room | undefined;
  readonly effects: readonly Effect[];
}

export const step = (room: Room | undefined, event: Event, now: Circumstances): Stepped => {
  if (event.type === 'stanza') return heard(room, event, now);
  if (!room) return { room, effects: [] };
  const change = new Change(room, now);
  switch (event.type) {
    case 'sweep':
      askSilent(change, event.id);
      break;
    case 'account-removed':
      forget(change, event.account);
      break;
    case 'shutdown':
      // §11.2. The room itself is only let go: what is kept of it stays kept.
      for (const occupant of room.occupants.values())
        showToSelf(change, occupant, sessionsOf(occupant), { isGone: true, codes: [code.shutdown] });
      change.set({ occupants: new Map(), nicks: new Map() });
      break;
    default:
      event satisfies never;
  }
  return { room: change.isOver ? undefined : change.room, effects: change.effects };
};

const heard = (room: Room | undefined, { stanza, id, birth }: StanzaEvent, now: Circumstances): Stepped => {
  const { from, to } = stanza;
  if (!from || !to) return { room, effects: [] };
  const isEntering = stanza.kind === 'presence' && stanza.has('x', ns.muc);
  const change = new Change(room ?? unborn(to.bare, isEntering ? from : undefined, birth, now), now);
  change.isOver = !room;
  if (room) {
    touch(change, stanza, from);
    if (room.isLocked && affiliationOf(room, from) !== 'owner' && stanza.kind !== 'presence')
      change.refuse(stanza, 'item-not-found', { text: 'the room is not there yet: its owner is configuring it' });
    else byKind(change, stanza, from, id);
  } else if (stanza.kind === 'presence') {
    if (stanza.type === undefined) {
      if (!birth.allowed && isEntering) change.refuse(stanza, birth.condition, { text: birth.text });
      else {
        available(change, stanza, from, true);
        change.isOver = change.room.occupants.size === 0;
      }
    }
  } else change.refuse(stanza, 'item-not-found', { text: 'there is no such room' });
  return { room: change.isOver ? undefined : change.room, effects: change.effects };
};

/** §10.1.1: locked until its creator has configured it. Without a creator it is what is said of rooms that are not there. */
const unborn = (jid: Jid, creator: Jid | undefined, birth: StanzaEvent['birth'], { limits }: Circumstances): Room => {
  const owner = creator?.bare.toString() ?? '';
  return {
    jid,
    settings: defaultSettings(limits),
    affiliations: new Map(
      creator ? [[owner, { jid: owner, affiliation: 'owner', nick: undefined, reason: undefined }]] : [],
    ),
    occupants: new Map(),
    nicks: new Map(),
    subject: undefined,
    history: [],
    isLocked: true,
    creator: owner,
    secret: birth.allowed ? birth.secret : '',
  };
};

/** Whoever says anything is there. */
const touch = (change: Change, { type }: Stanza, from: Jid): void => {
  const occupant = type === 'error' ? undefined : occupantOf(change.room, from);
  const session = occupant?.sessions.find(({ jid }) => jid.equals(from));
  if (occupant && session)
    change.putSession(occupant, { ...session, heardAt: change.circumstances.mono, askedAt: undefined });
};

const byKind = (change: Change, stanza: Stanza, from: Jid, id: string): void => {
  switch (stanza.kind) {
    case 'presence':
      return presence(change, stanza, from);
    case 'message':
      return message(change, stanza, from, id);
    case 'iq':
      return iq(change, stanza, from);
    default:
      stanza.kind satisfies never;
  }
};

const presence = (change: Change, stanza: Stanza, from: Jid): void => {
  const occupant = occupantOf(change.room, from);
  const session = occupant?.sessions.find(({ jid }) => jid.equals(from));
  if (stanza.type === undefined) available(change, stanza, from, false);
  else if (stanza.type === 'error') bounced(change, stanza, from);
  else if (!occupant || !session) return;
  else if (stanza.type === 'unavailable') leave(change, occupant, session, stanza);
  else if (stanza.type === 'probe') {
    // §16.3: those who are in the room may ask about each other.
    const other = change.room.occupants.get(stanza.to?.resource ?? '');
    if (!other || (other !== occupant && !roleMay(change.room.settings, other.role, 'show presence'))) return;
    const withAddresses = seesAddresses(change.room, occupant);
    change.show(presenceOf(change.room, other, { withAddresses, isSelf: other === occupant }), [from]);
  }
};

const message = (change: Change, stanza: Stanza, from: Jid, id: string): void => {
  if (stanza.type === 'error') return bounced(change, stanza, from);
  if (stanza.to?.resource !== undefined) return sayToOne(change, stanza, from);
  if (stanza.type === 'groupchat') return sayToAll(change, stanza, from, id);
  const invitations = invitationsIn(stanza);
  const form = stanza.child('x', formNs);
  if (invitations.length > 0) {
    const [invites, refusals] = ['invite', 'decline'].map((kind) => invitations.filter(({ name }) => name === kind));
    if (refusals && refusals.length > 0) decline(change, stanza, from, refusals);
    if (invites && invites.length > 0) invite(change, stanza, from, invites);
    return;
  }
  const values = form?.attrs.type === 'submit' ? formValues(form) : undefined;
  switch (values?.get('FORM_TYPE')?.[0]) {
    case ns.request:
      return voiceForm(change, stanza, from, values ?? new Map());
    case ns.registerForm:
      return approveRegistration(change, stanza, from, values ?? new Map());
    default:
      return change.refuse(stanza, 'bad-request', { text: 'a message to the room is of type groupchat' });
  }
};

const iq = (change: Change, stanza: Stanza, from: Jid): void => {
  const fault = iqFault(stanza);
  if (fault !== undefined) return change.refuse(stanza, 'bad-request', { text: fault });
  const isRequest = stanza.type === 'get' || stanza.type === 'set';
  const isToOccupant = stanza.to?.resource !== undefined;
  if (isRequest) (isToOccupant ? requestToOccupant : requestToRoom)(change, stanza, from);
  else (isToOccupant ? answerFromOccupant : answered)(change, stanza, from);
};

/** A ban stays, so that nobody gets rid of it by making the account anew. */
const forget = (change: Change, account: Jid): void => {
  const record = change.room.affiliations.get(account.toString());
  if (!record || record.affiliation === 'outcast') return;
  const isOwner = ({ affiliation, jid }: typeof record): boolean => affiliation === 'owner' && jid !== record.jid;
  if (record.affiliation === 'owner' && ![...change.room.affiliations.values()].some(isOwner)) {
    // §10.8: a room has an owner. The next in standing becomes it; without anybody the room ends.
    const heirs = [...change.room.affiliations.values()];
    const heir =
      heirs.find(({ affiliation }) => affiliation === 'admin') ??
      heirs.find(({ affiliation }) => affiliation === 'member');
    if (!heir) return destroy(change, el('destroy', null, el('reason', null, 'the owner of the room is gone')));
    applyAffiliations(change, [{ jid: Jid.from(heir.jid), affiliation: 'owner' }], { isInvited: true });
  }
  applyAffiliations(change, [{ jid: account, affiliation: 'none' }], { isInvited: true });
};
