// What is said in rooms, for the phone: messages to all, private messages, topics (XEP-0045 §7.4, §7.5, §8.1).

import type { Stanza } from '../../../xmpp/stanza.ts';
import { type Effects, tell } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { wasReflected, wasWritten } from '../messages/receive.ts';
import { choiceOf } from './choices.ts';
import { ns, subjectOf } from './muc.ts';
import { changeNotice } from './notices.ts';
import { screenName } from './people.ts';
import { type Room, rooms } from './rooms.ts';

/** A message from a room that we are in or coming into, or from somebody in it; undefined when it is for others to take. */
export const heardInRoom = async (stanza: Stanza, room: Room, session: SessionView): Promise<Effects | undefined> => {
  const { from, type } = stanza;
  // What came back is the delivery report of the message that it was.
  if (!from || type === 'error') return undefined;
  room.heardAt = session.clock.mono();
  const nick = from.resource;
  if (type === 'groupchat') {
    const topic = subjectOf(stanza);
    if (topic !== undefined) return newTopic(session, room, topic);
    const shown = {
      Sender: { Group: nick === undefined ? { GroupID: room.id } : { ScreenName: screenName(room, nick) } },
      Recipient: { Group: [{ GroupID: room.id }] },
    };
    // Our own words come back: the room has them.
    return nick === room.nick ? wasReflected(stanza, from, session, shown) : (wasWritten(stanza, session, shown) ?? []);
  }
  if (nick === undefined) return stanza.has('x', ns.user) ? undefined : [];
  if ((await choiceOf(session, room)).privateMessaging === false)
    return stanza.has('body') ? [tell(stanza.error('not-acceptable').with({ from: undefined }))] : [];
  return (
    wasWritten(stanza, session, {
      Sender: { Group: { ScreenName: screenName(room, nick) } },
      Recipient: { Group: [{ ScreenName: screenName(room, room.nick) }] },
    }) ?? []
  );
};

const newTopic = (session: SessionView, room: Room, topic: string): Effects => {
  if (topic === room.topic) return [];
  const isNews = room.isIn;
  room.topic = topic;
  return isNews ? changeNotice(session, room, { group: { Property: [{ Name: 'Topic', Value: topic }] } }) : [];
};

/** The room behind a stanza, if we are in it or coming in. */
export const roomBehind = (session: SessionView, { from }: Stanza): Room | undefined =>
  from && session.slot(rooms).all.find(({ jid }) => jid.equals(from.bare));
