// CSP 1.1, 1.2, 1.3 "Invite", "Cancel invite" over XEP-0249 and XEP-0045 invitations into rooms; between phones, to chat and
// to look at things too.

import type { Primitive, PrimitiveOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { roomOfText, userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Effects, enqueue, type Handler, type Service, send, settle, spread } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { groupAtHand, groupOf } from '../groups/address.ts';
import { cancel, invite } from './invite.ts';
import { type ShownInvitation, sent, shown } from './kept.ts';
import { add, takeUp, watchForGuests } from './presence.ts';
import { answerMessage, declineMessage, type Heard, type Invitation, readInvitation } from './stanzas.ts';

const shownMs = 7 * 24 * 60 * 60_000;

const arrived = async (stanza: Stanza, session: SessionView): Promise<Effects | undefined> => {
  // A phone that knows no invitations is shown the words, if there are any.
  const heard = session.features.has('INVIT') ? readInvitation(stanza) : undefined;
  switch (heard?.kind) {
    case undefined:
      return undefined;
    case 'invited':
      return invited(stanza, heard.invitation, session);
    case 'cancelled':
      return cancelled(heard, session);
    case 'answered':
      return answered(heard, session);
  }
};

const Sender = (from: Jid) => ({ User: { UserID: userOfJid(from) ?? `wv:${from.domain}` } });
const toUs = (session: SessionView) =>
  session.version === '1.3' ? { Recipient: { User: [{ UserID: userOfJid(session.user) ?? '' }] } } : {};

const invited = async (stanza: Stanza, invitation: Invitation, session: SessionView): Promise<Effects> => {
  const { id, type, from, room, isByRoom, note: written, urls, applicationId, contacts } = invitation;
  const others = contacts.filter(({ jid }) => !jid.equals(from)).flatMap(({ jid }) => userOfJid(jid) ?? []);
  // Who else is suggested has no place of its own.
  const note = [written, ...others].filter(Boolean).join('\n') || undefined;
  // The same text may be another inviter's id: the phone gets one of ours.
  const InviteID = session.random.id(16);
  const open: ShownInvitation = {
    ...(id !== undefined && { id }),
    from: from.toString(),
    ...(room && { room: room.toString() }),
    isByRoom,
    ...(contacts.length > 0 && {
      contacts: contacts.map(({ jid, name }) => ({ jid: jid.toString(), ...(name !== undefined && { name }) })),
    }),
    ...(session.jid.resource !== undefined && { phone: session.jid.resource }),
    until: session.clock.wall() + shownMs,
  };
  const GroupID = room && groupAtHand(session, room);
  // The answer stands behind this stanza: it is there when the phone is told.
  if (room) session.run(async () => void (await groupOf(session, room)));
  const isHidden = room?.equals(from.bare) && from.resource !== undefined;
  const primitive: PrimitiveOf<'InviteUser-Request'> = {
    name: 'InviteUser-Request',
    InviteID,
    // Only 1.3 has a word for a chat of two that goes on with more.
    InviteType: (type === 'EC' && session.version !== '1.3'
      ? 'GR'
      : type) as PrimitiveOf<'InviteUser-Request'>['InviteType'],
    Sender: isHidden ? { Group: { ScreenName: { SName: from.resource ?? '', GroupID: GroupID ?? '' } } } : Sender(from),
    ...toUs(session),
    ...(applicationId !== undefined && session.version === '1.3' && { ApplicationID: applicationId }),
    ...(GroupID !== undefined && { GroupID }),
    ...(urls.length > 0 && { URLList: { URL: urls } }),
    ...(note !== undefined && { InviteNote: note }),
    Validity: shownMs / 1000,
  };
  const origin = stanza.id === undefined ? {} : { origin: `invitation ${from} ${id ?? stanza.id}` };
  return [
    shown.with(session, InviteID, open),
    enqueue({ kind: 'invitation', durable: true, primitive, expiresInMs: shownMs, ...origin }),
  ];
};

/** The group as its owner calls it, as far as that is known by now. */
const underItsName = (primitive: Primitive, session: SessionView): Primitive => {
  if (primitive.name !== 'InviteUser-Request' || primitive.GroupID === undefined) return primitive;
  const room = roomOfText(primitive.GroupID, session.user.domain);
  return room ? { ...primitive, GroupID: groupAtHand(session, room) } : primitive;
};

const cancelled = async (heard: Extract<Heard, { kind: 'cancelled' }>, session: SessionView): Promise<Effects> => {
  const found = [...(await shown.open(session))].find(
    ([, { id, from }]) => id === heard.id && from === heard.from.toString(),
  );
  if (!found) return [];
  const [InviteID] = found;
  const waiting = (await session.waiting('invitation')).filter(
    ({ primitive }) => primitive.name === 'InviteUser-Request' && primitive.InviteID === InviteID,
  );
  const gone = shown.without(session, InviteID);
  // Not handed out yet: then there never was one.
  if (waiting.length > 0) return [gone, settle(...waiting.map(({ seq }) => seq))];
  const primitive: Primitive = {
    name: 'CancelInviteUser-Request',
    InviteID,
    Sender: Sender(heard.from),
    ...toUs(session),
    ...(heard.note !== undefined && { InviteNote: heard.note }),
  };
  return [gone, enqueue({ kind: 'invitation-withdrawn', durable: true, primitive })];
};

/** Somebody answered what the user invited them to. */
const answered = async (heard: Extract<Heard, { kind: 'answered' }>, session: SessionView): Promise<Effects> => {
  const { from, id, room, isAccepted, note } = heard;
  const found = [...(await sent.open(session))].find(
    ([key, one]) => (id === undefined ? one.room === room?.toString() : key === id) && one.to.includes(from.toString()),
  );
  if (!found) return [];
  const [InviteID] = found;
  const words = session.version === '1.3' ? { InviteNote: note } : { ResponseNote: note };
  const primitive: PrimitiveOf<'Invite-Response'> = {
    name: 'Invite-Response',
    InviteID,
    Acceptance: isAccepted,
    Sender: Sender(from),
    ...toUs(session),
    ...(note !== undefined && words),
  };
  if (isAccepted && found[1].type === 'PR') session.run(() => add(session, from, undefined));
  return [enqueue({ kind: 'invitation-answer', durable: true, primitive, origin: `answer ${InviteID} ${from}` })];
};

/** The user answers. That somebody comes into a room needs no words; that they do not is told the way the invitation came. */
const respond: Handler<'InviteUser-Response'> = async (request, session) => {
  const { InviteID, Acceptance, ResponseNote: note } = request;
  const open = (await shown.open(session)).get(InviteID);
  if (!open) return statusOf(423);
  const from = Jid.from(open.from);
  const id = session.random.id(12);
  const room = open.room === undefined ? undefined : Jid.from(open.room);
  const stanza =
    open.id !== undefined
      ? answerMessage(from, id, open.id, Acceptance, note)
      : room && open.isByRoom && !Acceptance
        ? declineMessage(room, id, from, note)
        : undefined;
  const news = {
    what: 'invitation-answered',
    isAccepted: Acceptance,
    from: open.from,
    id: open.id,
    room: open.room,
  } as const;
  return {
    answer: statusOf(200),
    effects: [
      shown.without(session, InviteID),
      ...(Acceptance ? await takeUp(session, open) : []),
      ...(stanza ? [send(stanza)] : []),
      spread(news),
    ],
  };
};

export const invitations: Service = {
  name: 'invitations',
  specs: [
    'CSP 1.1, 1.2, 1.3: Invitation',
    'XEP-0249: Direct MUC Invitations',
    'XEP-0045: Multi-User Chat',
    'XEP-0066: Out of Band Data',
    'XEP-0144: Roster Item Exchange',
  ],
  leaves: ['INVIT', 'CAINV'],
  primitives: { 'Invite-Request': invite, 'CancelInvite-Request': cancel, 'InviteUser-Response': respond },
  kinds: {
    invitation: { outlivesSession: true, shape: underItsName },
    'invitation-answer': { outlivesSession: true },
    // COMPAT: AOSP drops CancelInviteUser-Request without a word: it must not be asked for ever. (suite/invitations.ts)
    'invitation-withdrawn': { outlivesSession: false },
  },
  onStanza: (stanza, session) => (stanza.kind === 'message' ? arrived(stanza, session) : undefined),
  onStart: watchForGuests,
  onResume: watchForGuests,
};
