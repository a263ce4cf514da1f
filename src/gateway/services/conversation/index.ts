// CSP 1.3 "Extend conversation" over XEP-0045 §7.9: a chat between two goes on in a room, with more people in it. The room is
// one that only who is invited can enter, that nobody finds, and that goes with the last who leaves it.

import { formatAddress, parseAddress } from '../../../imps/address.ts';
import type { PrimitiveOf } from '../../../imps/primitives.ts';
import { el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { jidOfUser, nameOfUser, userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Effects, type Handler, keep, type Service, send } from '../../service.ts';
import { keptSlot, type SessionView } from '../../session-view.ts';
import { resultFor } from '../common/details.ts';
import { create } from '../groups/manage.ts';
import { joinedRoom } from '../groups/membership.ts';
import { ns } from '../groups/muc.ts';
import type { Room } from '../groups/rooms.ts';
import { sent } from '../invitations/kept.ts';

const usersMax = 50;
const conversationsMax = 20;
const validityMs = 24 * 60 * 60_000;

/** The groups that chats of this session have become, by ExtendConversationID. */
const extended = keptSlot<Readonly<Record<string, string>>>('conversations', {});

type Request = PrimitiveOf<'ExtendConversation-Request'>;

const extend: Handler<'ExtendConversation-Request'> = async (request, session) => {
  const named = [request.ExtendConversationUser?.UserID, ...(request.UserIDList?.UserID ?? [])].flatMap(
    (one) => one ?? [],
  );
  const users = new Map<string, Jid>();
  const wrong: string[] = [];
  for (const text of named) {
    const jid = jidOfUser(text, session.user.domain);
    if (!jid) wrong.push(text);
    else if (!jid.equals(session.user)) users.set(jid.toString(), jid);
  }
  if (users.size > usersMax) return statusOf(402, `at most ${usersMax} users at a time`);
  const refused = wrong.length > 0 ? [{ code: 531, users: wrong }] : [];
  if (users.size === 0)
    return { name: 'Status', Result: refused.length ? resultFor(refused, 0, session.version) : { Code: 402 } };

  const id = request.ExtendConversationID?.trim() || session.random.id(12);
  const rooms = session.slot(extended);
  const known = Object.hasOwn(rooms, id) ? rooms[id] : undefined;
  const before = known === undefined ? 808 : await joinedRoom(session, known);
  const opened = typeof before === 'number' ? await open(request, [...users.values()], session) : { room: before };
  if ('code' in opened) return statusOf(opened.code, opened.text);
  const { room, effects = [] } = opened;
  return {
    answer: {
      name: 'ExtendConversation-Response',
      ExtendConversationID: id,
      GroupID: room.id,
      Result: resultFor(refused, users.size, session.version),
    },
    effects: [
      ...effects,
      keep(
        extended,
        Object.fromEntries([
          ...Object.entries(session.slot(extended))
            .filter(([other]) => other !== id)
            .slice(1 - conversationsMax),
          [id, room.id],
        ]),
      ),
      // So that a refusal finds its way back to the phone as an answer to this.
      await sent.with(session, id, {
        type: 'EC',
        room: room.jid.toString(),
        to: [...users.keys()],
        until: session.clock.wall() + validityMs,
      }),
      ...[...users.values()].map((user) => send(invitation(session, room, user, noteOf(request)))),
    ],
  };
};

type Opened =
  | { readonly room: Room; readonly effects?: Effects }
  | { readonly code: number; readonly text: string | undefined };

/** Makes the room and goes in. */
const open = async (request: Request, users: readonly Jid[], session: SessionView): Promise<Opened> => {
  const own = parseAddress(userOfJid(session.user) ?? '');
  if (!own) return { code: 405, text: undefined };
  const GroupID = formatAddress({ ...own, resource: `chat-${session.random.id(10).toLowerCase()}` });
  const properties = {
    Name: [session.user, ...users].map(nameOfUser).join(', ').slice(0, 100),
    Accesstype: 'Restricted',
    Type: 'Private',
    Searchable: 'F',
    AutoDelete: 'T',
  };
  const reply = await create(
    {
      name: 'CreateGroup-Request',
      GroupID,
      GroupProperties: {
        Property: Object.entries(properties).map(([Name, Value]) => ({ Name, Value })),
        ...(request.WelcomeNote && { WelcomeNote: request.WelcomeNote }),
      },
      JoinGroup: true,
      // The phone cannot have known what the group is called.
      ...(request.ScreenName && { ScreenName: { ...request.ScreenName, GroupID } }),
      SubscribeNotification: request.SubscribeNotification ?? true,
    },
    session,
  );
  const { answer, effects } = 'answer' in reply ? reply : { answer: reply, effects: [] };
  const room = await joinedRoom(session, GroupID);
  if (typeof room !== 'number') return { room, effects };
  const { Code = 500, Description } = answer.name === 'Status' ? answer.Result : {};
  return { code: Code, text: Description };
};

const noteOf = ({ WelcomeNote }: Request): string | undefined =>
  typeof WelcomeNote?.ContentData === 'string' ? WelcomeNote.ContentData.slice(0, 1000) : undefined;

/** §7.9: an invitation that says of itself that it goes on from a chat. The room makes a member of whom it lets through. */
const invitation = (session: SessionView, room: Room, to: Jid, note: string | undefined): Stanza =>
  Stanza.make(
    { kind: 'message', id: session.random.id(12), to: room.jid },
    el(
      'x',
      { xmlns: ns.user },
      el('invite', { to: to.toString() }, note !== undefined && el('reason', null, note), el('continue', null)),
    ),
  );

export const conversation: Service = {
  name: 'conversation',
  specs: ['CSP 1.3: Extend conversation', 'XEP-0045 §7.9: Converting a One-to-One Chat Into a Multi-User Chat'],
  leaves: ['EXCON'],
  primitives: { 'ExtendConversation-Request': extend },
};
