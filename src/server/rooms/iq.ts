// Requests to the room, and those that go through it to an occupant and back (XEP-0045 §6.6, §16.4; XEP-0410).

import { createHash } from 'node:crypto';
import type { Element } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { answerList, changeList } from './admin.ts';
import type { Change } from './change.ts';
import { answerInfo, answerItems } from './disco.ts';
import { ns } from './names.ts';
import { answerOwner } from './owner.ts';
import { answerRegister } from './register.ts';
import { occupantOf, type Room } from './state.ts';

type Answerer = (change: Change, stanza: Stanza, from: Jid, payload: Element) => void;

const owners: Readonly<Record<string, Answerer>> = {
  [`get ${ns.info} query`]: answerInfo,
  [`get ${ns.items} query`]: answerItems,
  [`get ${ns.admin} query`]: answerList,
  [`set ${ns.admin} query`]: changeList,
  [`get ${ns.owner} query`]: answerOwner,
  [`set ${ns.owner} query`]: answerOwner,
  [`get ${ns.register} query`]: answerRegister,
  [`set ${ns.register} query`]: answerRegister,
  [`get ${ns.ping} ping`]: (change, stanza) => change.send(stanza.result()),
};

/** A request to the room itself. */
export const requestToRoom = (change: Change, stanza: Stanza, from: Jid): void => {
  const [payload] = stanza.elements;
  const owner = payload && owners[`${stanza.type} ${payload.xmlns} ${payload.name}`];
  if (owner) owner(change, stanza, from, payload);
  else change.refuse(stanza, 'service-unavailable');
};

/** A request to an occupant goes to one of its clients; one for its vCard to its account, which has it. */
export const requestToOccupant = (change: Change, stanza: Stanza, from: Jid): void => {
  const { room } = change;
  const asker = occupantOf(room, from);
  const [payload] = stanza.children;
  if (!asker) {
    const isDisco = payload?.xmlns === ns.info || payload?.xmlns === ns.items;
    return isDisco
      ? change.refuse(stanza, 'bad-request', { text: 'you are not in the room' })
      : change.refuse(stanza, 'not-acceptable', { type: 'cancel', text: 'you are not in the room' });
  }
  const target = room.occupants.get(stanza.to?.resource ?? '');
  if (!target) return change.refuse(stanza, 'item-not-found', { text: 'nobody of that nickname is in the room' });
  // XEP-0410 §4: nobody need be asked whether he is there.
  if (target.nick === asker.nick && payload?.xmlns === ns.ping && stanza.type === 'get')
    return change.send(stanza.result());
  const [first] = target.sessions;
  const to = payload?.xmlns === 'vcard-temp' ? target.account : first?.jid;
  const id = `${tagOf(room, from.toString())}${tagOf(room, target.nick)}.${stanza.id ?? ''}`;
  change.send(stanza.with({ from: asker.jid, to, id }));
};

/** An answer on its way back: the id says which client of whom asked whom. One that nobody asked for goes nowhere. */
export const answerFromOccupant = (change: Change, stanza: Stanza, from: Jid): void => {
  const { room } = change;
  const asker = room.occupants.get(stanza.to?.resource ?? '');
  const [, askerTag, answererTag, id] = /^(.{8})(.{8})\.(.*)$/s.exec(stanza.id ?? '') ?? [];
  const session = asker?.sessions.find(({ jid }) => tagOf(room, jid.toString()) === askerTag);
  const answerer = [...room.occupants.values()].find(
    ({ nick, account }) => account.equals(from.bare) && tagOf(room, nick) === answererTag,
  );
  if (session && answerer) change.send(stanza.with({ from: answerer.jid, to: session.jid, id }));
};

/** Tells nobody anything: it depends on the room's secret. */
const tagOf = (room: Room, text: string): string =>
  createHash('sha256').update(room.secret).update(text).digest('base64url').slice(0, 8);
