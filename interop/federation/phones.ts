// People with phones on two onesoups, and what they do to each other: CSP at both ends, XMPP only between the servers.

import assert from 'node:assert/strict';
import type { PrimitiveOf, StructureOf } from '../../src/imps/primitives.ts';
import type { Phone } from '../peers/phone.ts';

export interface Handy {
  readonly phone: Phone;
  /** `wv:ann@north.test`. */
  readonly address: string;
  /** Whoever wants to see its user has to be let in by hand; otherwise a standing rule (`letsEverybodySee`) does it. */
  readonly isAsked: boolean;
}

/** CSP 1.3: an attribute list for everybody else is consent given beforehand. */
export const letsEverybodySee = async (phone: Phone): Promise<void> => {
  const code = await phone.codeFor({
    name: 'CreateAttributeList-Request',
    PresenceSubList: { OnlineStatus: [true], UserAvailability: true, StatusText: true },
    DefaultList: true,
  });
  assert.equal(code, 200);
};

type Shown = NonNullable<StructureOf<'PresenceSubList'>>;

const statusText = (list: Shown): string | undefined =>
  typeof list.StatusText === 'object' ? list.StatusText.PresenceValue : undefined;

/** The phone is shown something of somebody, at last; `what` is for the message when it is not. */
export const isShown = async (
  who: Handy,
  of: Handy,
  what: string,
  wanted: (shown: Shown) => boolean,
  withinMs = 30_000,
): Promise<void> => {
  const past: string[] = [];
  const isIt = ({ Presence }: PrimitiveOf<'PresenceNotification-Request'>): boolean => {
    const lists = (Presence ?? []).flatMap(({ UserID, PresenceSubList }) =>
      UserID === of.address ? (PresenceSubList ?? []) : [],
    );
    past.push(JSON.stringify(lists));
    return lists.some((shown) => wanted(shown));
  };
  await who.phone.next('PresenceNotification-Request', isIt, withinMs).catch((cause: unknown) => {
    throw new Error(`${who.address} was not shown ${what} of ${of.address}, but ${past.join('\n') || 'nothing'}`, {
      cause,
    });
  });
};

export const isOnline = (shown: Shown): boolean => {
  const [status] = shown.OnlineStatus ?? [];
  return typeof status === 'object' && status.PresenceValue === true;
};
export const isOffline = (shown: Shown): boolean => {
  const [status] = shown.OnlineStatus ?? [];
  return typeof status === 'object' && status.PresenceValue === false;
};
export const says = (text: string) => (shown: Shown) => statusText(shown) === text;

/** One puts the other on the contact list and asks to see them; the other says yes, or has. */
export const becomeContact = async (one: Handy, other: Handy): Promise<void> => {
  const lists = await one.phone.contactLists();
  const list = lists.at(-1);
  assert.ok(list, 'there is always a default list');
  await one.phone.manageList({
    name: 'ListManage-Request',
    ContactList: list,
    AddNickList: { NickName: [{ Name: 'Friend', UserID: other.address }] },
  });
  assert.equal(await one.phone.subscribe({ lists: [list] }), 200);
  if (!other.isAsked) return;
  const asked = await other.phone.next('PresenceAuth-Request', ({ UserID }) => UserID === one.address, 30_000);
  assert.equal(asked.UserID, one.address);
  assert.equal(await other.phone.codeFor({ name: 'PresenceAuth-User', UserID: one.address, Acceptance: true }), 200);
};

/** Milliseconds until a text that one sent was shown to the other. */
export const sendsText = async (one: Handy, other: Handy, text: string, withinMs = 30_000): Promise<number> => {
  const started = performance.now();
  await one.phone.sendText(other.address, text);
  const message = await other.phone.next('NewMessage', ({ ContentData }) => ContentData === text, withinMs);
  assert.equal(message.MessageInfo.Sender?.User?.UserID, one.address);
  return performance.now() - started;
};
