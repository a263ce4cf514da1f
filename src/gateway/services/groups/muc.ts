// XEP-0045 Multi-User Chat 1.34, the occupant's side: what is written to a room and read from it.

import { child, childrenNamed, childText, type Element, el, elementsOf, textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { IqFault } from '../../session-view.ts';

export const ns = {
  muc: 'http://jabber.org/protocol/muc',
  user: 'http://jabber.org/protocol/muc#user',
  admin: 'http://jabber.org/protocol/muc#admin',
  owner: 'http://jabber.org/protocol/muc#owner',
  form: 'jabber:x:data',
} as const;

export type Affiliation = 'owner' | 'admin' | 'member' | 'none' | 'outcast';
export type Role = 'moderator' | 'participant' | 'visitor' | 'none';

export interface Occupant {
  readonly nick: string;
  /** Bare; undefined where the room does not tell. */
  readonly jid: Jid | undefined;
  readonly affiliation: Affiliation;
  readonly role: Role;
}

/** Presence of an occupant (§7.1, §7.14, §8, §9). */
export interface RoomPresence {
  readonly occupant: Occupant;
  readonly isAvailable: boolean;
  /** It is about ourselves (110). */
  readonly isOwn: boolean;
  readonly codes: ReadonlySet<number>;
  /** With 303: the name the occupant has from now on. */
  readonly newNick: string | undefined;
  readonly reason: string | undefined;
  /** The room is gone (§10.9). */
  readonly isDestroyed: boolean;
}

const affiliations = new Set(['owner', 'admin', 'member', 'none', 'outcast']);
const roles = new Set(['moderator', 'participant', 'visitor', 'none']);

export const readRoomPresence = (stanza: Stanza, ownNick: string): RoomPresence | undefined => {
  const nick = stanza.from?.resource;
  if (nick === undefined || (stanza.type !== undefined && stanza.type !== 'unavailable')) return undefined;
  const x = stanza.child('x', ns.user);
  const item = x && child(x, 'item');
  const codes = new Set(x ? childrenNamed(x, 'status').map(({ attrs }) => Number(attrs.code)) : []);
  const jid = Jid.parse(item?.attrs.jid ?? '');
  const { affiliation = 'none', role = 'participant' } = item?.attrs ?? {};
  const destroyed = x && child(x, 'destroy');
  return {
    occupant: {
      nick,
      jid: jid.ok ? jid.value.bare : undefined,
      affiliation: affiliations.has(affiliation) ? (affiliation as Affiliation) : 'none',
      role: roles.has(role) ? (role as Role) : 'participant',
    },
    isAvailable: stanza.type === undefined,
    // COMPAT: gateways to other networks leave out 110; one's own name says the same. (people.test.ts)
    isOwn: codes.has(110) || nick === ownNick,
    codes,
    newNick: codes.has(303) ? item?.attrs.nick : undefined,
    reason: (item && childText(item, 'reason')) ?? (destroyed && childText(destroyed, 'reason')),
    isDestroyed: destroyed !== undefined,
  };
};

/** §7.2: how much of what was said before is wanted: so many messages, none older than `since` (wall-clock ms). */
export const joinPresence = (room: Jid, nick: string, stanzasMax: number, since?: number): Stanza => {
  const attributes = {
    maxstanzas: String(stanzasMax),
    since: since === undefined ? undefined : `${new Date(since).toISOString().slice(0, 19)}Z`,
  };
  return Stanza.make(
    { kind: 'presence', to: room.withResource(nick) },
    el('x', { xmlns: ns.muc }, el('history', attributes)),
  );
};

export const leavePresence = (room: Jid, nick: string): Stanza =>
  Stanza.make({ kind: 'presence', type: 'unavailable', to: room.withResource(nick) });

// ---- §9, §10: lists ---------------------------------------------------------------------------------------------------

export const listQuery = (affiliation: Affiliation): Element =>
  el('query', { xmlns: ns.admin }, el('item', { affiliation }));

export const affiliate = (users: readonly Jid[], affiliation: Affiliation): Element =>
  el(
    'query',
    { xmlns: ns.admin },
    users.map((jid) => el('item', { affiliation, jid: jid.toString() })),
  );

/** Bare JIDs of a list. */
export const readList = (answer: Stanza): Jid[] => {
  const query = answer.child('query', ns.admin);
  return (query ? childrenNamed(query, 'item') : []).flatMap(({ attrs }) => {
    const jid = Jid.parse(attrs.jid ?? '');
    return jid.ok ? [jid.value.bare] : [];
  });
};

// ---- §10: configuration ------------------------------------------------------------------------------------------------

/** The values of a form, by field. */
export const readForm = (form: Element | undefined): Map<string, string> =>
  new Map(
    (form ? childrenNamed(form, 'field') : []).map((field) => [field.attrs.var ?? '', childText(field, 'value') ?? '']),
  );

/** §10.2: only what is to change. Without values: as the server has it (an instant room). */
export const submitConfiguration = (values: ReadonlyMap<string, string>): Element =>
  el(
    'query',
    { xmlns: ns.owner },
    el(
      'x',
      { xmlns: ns.form, type: 'submit' },
      el('field', { var: 'FORM_TYPE', type: 'hidden' }, el('value', null, 'http://jabber.org/protocol/muc#roomconfig')),
      [...values].map(([name, value]) => el('field', { var: name }, el('value', null, value))),
    ),
  );

/** §10.1.2: the room that we made by entering is not wanted. */
export const cancelConfiguration = (): Element =>
  el('query', { xmlns: ns.owner }, el('x', { xmlns: ns.form, type: 'cancel' }));

export const destroy = (): Element => el('query', { xmlns: ns.owner }, el('destroy'));

// ---- what a room says of itself ------------------------------------------------------------------------------------------

/** §6.4. */
export interface RoomInfo {
  readonly name: string | undefined;
  readonly features: ReadonlySet<string>;
  /** muc#roominfo. */
  readonly form: ReadonlyMap<string, string>;
}

export const readInfo = (query: Element): RoomInfo => ({
  name: childrenNamed(query, 'identity').find(({ attrs }) => attrs.category === 'conference')?.attrs.name,
  features: new Set(childrenNamed(query, 'feature').map(({ attrs }) => attrs.var ?? '')),
  form: readForm(childrenNamed(query, 'x', ns.form)[0]),
});

/** §8.1: the subject that a message sets; undefined for any other message. */
export const subjectOf = (stanza: Stanza): string | undefined => {
  const subject = stanza.child('subject');
  return subject && !stanza.has('body') && !stanza.has('thread') ? textOf(subject) : undefined;
};

/** §10.9: a message of the room itself with status 104. */
export const isNewConfiguration = (stanza: Stanza): boolean => {
  const x = stanza.from?.resource === undefined ? stanza.child('x', ns.user) : undefined;
  return x !== undefined && childrenNamed(x, 'status').some(({ attrs }) => attrs.code === '104');
};

/** An IQ that failed, as a CSP code: what the room does not allow, what is not there. */
export const codeOfFault = (fault: IqFault): number => {
  if (fault.reason !== 'error') return 504;
  switch (fault.condition) {
    case 'item-not-found':
    case 'gone':
    case 'remote-server-not-found':
      return 800;
    case 'forbidden':
    case 'not-allowed':
    case 'not-authorized':
    case 'conflict':
      return 816;
    case 'jid-malformed':
      return 531;
    case 'not-acceptable':
    case 'bad-request':
      return 806;
    case 'service-unavailable':
    case 'feature-not-implemented':
      return 405;
    default:
      return 500;
  }
};

/** §7.2: why the room did not let us in. */
export const codeOfRefusal = (stanza: Stanza): number => {
  const error = stanza.child('error');
  const condition = error && elementsOf(error)[0]?.name;
  switch (condition) {
    case 'conflict':
      return 811;
    case 'forbidden':
      return 809;
    case 'registration-required':
    case 'not-authorized':
      return 816;
    case 'service-unavailable':
      return 817;
    case 'jid-malformed':
    case 'not-acceptable':
      return 811;
    case 'remote-server-timeout':
      return 504;
    default:
      return 800;
  }
};
