// Invitations over XMPP: into rooms by XEP-0249 (direct) and XEP-0045 §7.8.2 (by the room); everything else that phones invite
// to, and the answers, in an element of our own, beside words that any client shows. To see each other's presence is also
// suggested as a contact (XEP-0144), which other clients understand and send.

import { child, childrenNamed, childText, type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';

const direct = 'jabber:x:conference';
const mucUser = 'http://jabber.org/protocol/muc#user';
const own = 'urn:onesoup:imps:invite';
const outOfBand = 'jabber:x:oob';
const hints = 'urn:xmpp:hints';
const rosterExchange = 'http://jabber.org/protocol/rosterx';
const contactsMax = 20;
const textMax = 1000;
const urlsMax = 10;

export interface Invitation {
  /** The inviter's InviteID; undefined when an XMPP client invites. */
  readonly id: string | undefined;
  /** CSP's InviteType. */
  readonly type: string;
  readonly from: Jid;
  readonly room: Jid | undefined;
  /** The room passed it on: it also takes the answer. */
  readonly isByRoom: boolean;
  readonly note: string | undefined;
  readonly urls: readonly string[];
  readonly applicationId: string | undefined;
  /** PR: whom to add to the contacts; the inviter, or others whom the inviter suggests. */
  readonly contacts: readonly Suggested[];
}

export interface Suggested {
  /** Bare. */
  readonly jid: Jid;
  readonly name: string | undefined;
}

export type Heard =
  | { readonly kind: 'invited'; readonly invitation: Invitation }
  | { readonly kind: 'cancelled'; readonly from: Jid; readonly id: string; readonly note: string | undefined }
  | {
      readonly kind: 'answered';
      readonly from: Jid;
      /** Undefined: a room tells of a refusal, and knows no ids. */
      readonly id: string | undefined;
      readonly room: Jid | undefined;
      readonly isAccepted: boolean;
      readonly note: string | undefined;
    };

const cut = (text: string | undefined): string | undefined => text?.trim().slice(0, textMax) || undefined;

/** What a message says of an invitation; undefined when it says nothing of one. */
export const readInvitation = (stanza: Stanza): Heard | undefined => {
  const { from } = stanza;
  if (!from || stanza.kind !== 'message' || stanza.type === 'error' || stanza.type === 'groupchat') return undefined;
  const note = cut(stanza.has('body') ? childText(asElement(stanza), 'body') : undefined);
  const cancelled = stanza.child('cancel', own);
  if (cancelled) return { kind: 'cancelled', from: from.bare, id: cancelled.attrs.id ?? '', note };
  const answer = stanza.child('answer', own);
  if (answer) {
    const isAccepted = answer.attrs.accepted === 'true';
    return { kind: 'answered', from: from.bare, id: answer.attrs.id, room: undefined, isAccepted, note };
  }
  return readByRoom(stanza, from) ?? readSuggestion(stanza, from, note) ?? readDirect(stanza, from, note);
};

const readByRoom = (stanza: Stanza, room: Jid): Heard | undefined => {
  const x = room.resource === undefined ? stanza.child('x', mucUser) : undefined;
  const invite = x && child(x, 'invite');
  const decline = x && child(x, 'decline');
  const who = Jid.parse((invite ?? decline)?.attrs.from ?? '');
  if (decline) {
    const note = cut(childText(decline, 'reason'));
    const from = who.ok ? who.value.bare : room;
    return { kind: 'answered', from, id: undefined, room, isAccepted: false, note };
  }
  if (!invite) return undefined;
  // A room that hides its people names the inviter as one of its own.
  const from = who.ok ? (who.value.bare.equals(room) ? who.value : who.value.bare) : room;
  const note = cut(childText(invite, 'reason'));
  const rest = { urls: [], applicationId: undefined, contacts: [] };
  // §7.9: a chat that goes on as a room.
  const type = child(invite, 'continue') ? 'EC' : 'GR';
  return { kind: 'invited', invitation: { id: undefined, type, from, room, isByRoom: true, note, ...rest } };
};

/** XEP-0144 §3.1: contacts to be added. What is to be changed or deleted is not for strangers to say. */
const readSuggestion = (stanza: Stanza, from: Jid, note: string | undefined): Heard | undefined => {
  const x = stanza.child('x', rosterExchange);
  const contacts = (x ? childrenNamed(x, 'item') : []).slice(0, contactsMax).flatMap(({ attrs }): Suggested[] => {
    const jid = Jid.parse(attrs.jid ?? '');
    const isAdded = (attrs.action ?? 'add') === 'add' && jid.ok && jid.value.local !== undefined;
    return isAdded ? [{ jid: jid.value.bare, name: cut(attrs.name)?.slice(0, 100) }] : [];
  });
  if (contacts.length === 0) return undefined;
  const id = stanza.child('invite', own)?.attrs.id;
  const rest = { room: undefined, isByRoom: false, note, urls: [], applicationId: undefined, contacts };
  return { kind: 'invited', invitation: { id, type: 'PR', from: from.bare, ...rest } };
};

const readDirect = (stanza: Stanza, from: Jid, body: string | undefined): Heard | undefined => {
  const x = stanza.child('x', direct);
  const room = Jid.parse(x?.attrs.jid ?? '');
  const ours = stanza.child('invite', own);
  if (x && !room.ok) return undefined;
  if (!x && !ours) return undefined;
  const type = ours?.attrs.type ?? (x?.attrs.continue === 'true' ? 'EC' : 'GR');
  const urls = stanza.elements
    .filter(({ name, xmlns }) => name === 'x' && xmlns === outOfBand)
    .flatMap((one) => childText(one, 'url') ?? [])
    .slice(0, urlsMax);
  return {
    kind: 'invited',
    invitation: {
      id: ours?.attrs.id,
      type: /^[A-Z]{2}$/.test(type) ? type : 'IM',
      from: from.bare,
      room: room.ok ? room.value.bare : undefined,
      isByRoom: false,
      note: cut(x?.attrs.reason) ?? (ours && cut(childText(ours, 'note'))) ?? body,
      urls,
      applicationId: ours?.attrs.application,
      contacts: [],
    },
  };
};

const asElement = (stanza: Stanza): Element => el('x', { xmlns: 'jabber:client' }, ...stanza.elements);

// ---- written ------------------------------------------------------------------------------------------------------------

export interface Inviting {
  readonly id: string;
  readonly type: string;
  readonly room: Jid | undefined;
  readonly note: string | undefined;
  readonly urls: readonly string[];
  readonly applicationId: string | undefined;
  /** PR: the user, as a contact to be added. */
  readonly contact: Suggested | undefined;
  /** What clients that know nothing of invitations show. */
  readonly words: string;
}

export const inviteMessage = (
  to: Jid,
  stanzaId: string,
  { id, type, room, note, urls, applicationId, contact, words }: Inviting,
) =>
  Stanza.make(
    { kind: 'message', id: stanzaId, to },
    el('body', null, words),
    room && el('x', { xmlns: direct, jid: room.toString(), reason: note }),
    el('invite', { xmlns: own, id, type, application: applicationId }, note !== undefined && el('note', null, note)),
    contact &&
      el(
        'x',
        { xmlns: rosterExchange },
        el('item', { action: 'add', jid: contact.jid.toString(), name: contact.name }),
      ),
    ...urls.map((url) => el('x', { xmlns: outOfBand }, el('url', null, url))),
  );

export const cancelMessage = (to: Jid, stanzaId: string, id: string, note: string | undefined) =>
  Stanza.make(
    { kind: 'message', id: stanzaId, to },
    note === undefined ? undefined : el('body', null, note),
    el('cancel', { xmlns: own, id }),
    el('store', { xmlns: hints }),
  );

export const answerMessage = (to: Jid, stanzaId: string, id: string, isAccepted: boolean, note: string | undefined) =>
  Stanza.make(
    { kind: 'message', id: stanzaId, to },
    note === undefined ? undefined : el('body', null, note),
    el('answer', { xmlns: own, id, accepted: String(isAccepted) }),
    el('store', { xmlns: hints }),
  );

/** §7.8.2: a refusal that the room passes on. */
export const declineMessage = (room: Jid, stanzaId: string, to: Jid, note: string | undefined) =>
  Stanza.make(
    { kind: 'message', id: stanzaId, to: room },
    el('x', { xmlns: mucUser }, el('decline', { to: to.toString() }, note !== undefined && el('reason', null, note))),
  );
