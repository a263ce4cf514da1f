// Messages to all (XEP-0045 §7.4) and the subject (§8.1), with stable ids (XEP-0359) and occupants' ids (XEP-0421); messages
// to one occupant (§7.5).

import { childText, el, textOf } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type Change, sessionsIn, sessionsOf } from './change.ts';
import { cleaned } from './clean.ts';
import { isWorthSaying, remember } from './history.ts';
import { ns } from './names.ts';
import { occupantIdElement } from './show.ts';
import { roleMay } from './standing.ts';
import { type Occupant, occupantOf } from './state.ts';

/** §8.1: a subject without body and without thread changes the subject. */
const isSubjectChange = (stanza: Stanza): boolean =>
  stanza.has('subject') && !stanza.has('body') && !stanza.has('thread');

/** To the room, of type groupchat. `id`: of the event, becomes the stanza's stable id. */
export const sayToAll = (change: Change, stanza: Stanza, from: Jid, id: string): void => {
  const { room, circumstances } = change;
  const occupant = occupantOf(room, from);
  if (!occupant) return change.refuse(stanza, 'not-acceptable', { type: 'cancel', text: 'you are not in the room' });
  if (stanza.inner.length > circumstances.limits.messageMax)
    return change.refuse(stanza, 'policy-violation', { text: 'the message is too large' });
  const isSubject = isSubjectChange(stanza);
  if (isSubject) {
    if (!roleMay(room.settings, occupant.role, 'change the subject'))
      return change.refuse(stanza, 'forbidden', { text: 'you may not change the subject' });
    const subject = stanza.elements.find(({ name, xmlns }) => name === 'subject' && xmlns === 'jabber:client');
    if (subject && subject.children.join('').length > circumstances.limits.subjectMax)
      return change.refuse(stanza, 'policy-violation', { text: 'the subject is too long' });
  } else if (!roleMay(room.settings, occupant.role, 'speak'))
    return change.refuse(stanza, 'forbidden', { text: 'you have no voice in the room' });
  const before = isSubject ? undefined : saidBefore(change, stanza, occupant);
  if (before) return change.send(before.with({ to: from }));

  const said = attributed(change, stanza, occupant).plus(
    el('stanza-id', { xmlns: ns.stanzaId, id, by: room.jid.toString() }),
  );
  if (isSubject) change.set({ subject: { stanza: said, at: circumstances.wall } });
  else if (isWorthSaying(stanza)) remember(change, { id, stanza: said, at: circumstances.wall });
  change.spread(said, sessionsIn(change.room));
};

/** For so long a message is known again. */
const repeatMs = 5 * 60_000;

/**
 * Who was cut off before its message was acknowledged says it again under the same id: all have heard it, and only its sender
 * does not know. Some clients use their ids again, so it is the same only with the same words.
 */
const saidBefore = ({ room, circumstances }: Change, stanza: Stanza, { jid }: Occupant): Stanza | undefined => {
  if (stanza.id === undefined) return undefined;
  const text = bodyOf(stanza);
  for (const { stanza: said, at } of room.history.toReversed()) {
    if (circumstances.wall - at > repeatMs) return undefined;
    if (said.id === stanza.id && said.from?.equals(jid) && bodyOf(said) === text) return said;
  }
  return undefined;
};
const bodyOf = (stanza: Stanza): string | undefined => {
  const body = stanza.child('body');
  return body && textOf(body);
};

/** Without what only the room may say, from the occupant, with its id; `to` is open. */
const attributed = (change: Change, stanza: Stanza, { jid, id }: Occupant): Stanza =>
  cleaned(change.room, stanza).with({ from: jid, to: undefined }).plus(occupantIdElement(id));

/** §7.5, to room/nick: to all clients of that nickname. */
export const sayToOne = (change: Change, stanza: Stanza, from: Jid): void => {
  const { room, circumstances } = change;
  const occupant = occupantOf(room, from);
  if (!occupant) return change.refuse(stanza, 'not-acceptable', { type: 'cancel', text: 'you are not in the room' });
  if (stanza.type === 'groupchat')
    return change.refuse(stanza, 'bad-request', { text: 'a message to one occupant is not of type groupchat' });
  const target = room.occupants.get(stanza.to?.resource ?? '');
  if (!target) return change.refuse(stanza, 'item-not-found', { text: 'nobody of that nickname is in the room' });
  if (!roleMay(room.settings, occupant.role, 'send private messages'))
    return change.refuse(stanza, 'forbidden', { text: 'you may not send private messages' });
  if (stanza.inner.length > circumstances.limits.messageMax)
    return change.refuse(stanza, 'policy-violation', { text: 'the message is too large' });
  const said = attributed(change, stanza, occupant).plus(el('x', { xmlns: ns.user }));
  for (const to of sessionsOf(target)) change.send(said.with({ to }));
};

/** A reason, a thread: at most so many characters of what somebody wrote. */
export const shortText = (change: Change, element: Parameters<typeof childText>[0], name: string): string | undefined =>
  childText(element, name)?.slice(0, change.circumstances.limits.textMax).toWellFormed();
