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

/** The phone is shown something of somebody. */
export const isShown = (who: Handy, of: Handy, wanted: (shown: Shown) => boolean, withinMs = 30_000) =>
  who.phone.next(
    'PresenceNotification-Request',
    ({ Presence }: PrimitiveOf<'PresenceNotification-Request'>) =>
      (Presence ?? []).some(
        ({ UserID, PresenceSubList }) =>
          UserID === of.address && (PresenceSubList ?? []).some((shown) => wanted(shown)),
      ),
    withinMs,
  );

export const isOnline = (shown: Shown): boolean => {
  const [status] = shown.OnlineStatus ?? [];
  return typeof status === 'object' && String(status.PresenceValue) === 'T';
};
export const isOffline = (shown: Shown): boolean => {
  const [status] = shown.OnlineStatus ?? [];
  return typeof status === 'object' && String(status.PresenceValue) === 'F';
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
