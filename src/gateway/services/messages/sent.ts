// What the phone sent lately, so that a receipt or an error that comes back finds the message it is about, also in a later
// session. A ring of settings per account: an id says where its record is.

import type { StructureOf } from '../../../imps/primitives.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { fromJson, toJson } from '../../json.ts';
import { type Effect, set } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';

export interface SentMessage {
  readonly id: string;
  /** Bare JIDs. */
  readonly to: readonly string[];
  /** DateTime, ContentSize and Validity as reports repeat them. */
  readonly date: string;
  readonly size: number;
  /** ContentType. */
  readonly type?: string;
  /** The groups, or those in them, that it was for, by room. */
  readonly groups?: Readonly<Record<string, StructureOf<'Group'>>>;
  readonly validityS?: number;
  /** The phone asked for a delivery report. */
  readonly report: boolean;
}

const places = 512;
/** The account's, not the session's: two phones, or one that signs in again, must not take each other's places. */
const nextPlace: Kept<number> = kept('messages.sent.next', 0);
const keyOf = (place: number): string => `messages.sent.${place}`;

/** A session takes so many at a time: one write to the store for all of them. */
const takenAtOnce = 16;
const taken = slot<{ next: number; left: number }>('messages-sent-places', () => ({ next: 0, left: 0 }));

/** An id for a message about to be sent: a MessageID for the phone and a stanza id, 18 characters at most. */
export const newSentId = async (session: SessionView): Promise<string> => {
  const mine = session.slot(taken);
  if (mine.left === 0) {
    const take = nextPlace.change((next) => {
      mine.next = next;
      return (next + takenAtOnce) % places;
    });
    await session.apply([take]);
    mine.left = takenAtOnce;
  }
  const place = mine.next++ % places;
  mine.left--;
  return `${place.toString(36)}-${session.random.id(15)}`;
};

export const remember = (message: SentMessage): Effect => set(keyOf(placeOf(message.id)), toJson(message));

/** The message that `from` answers, if it was one of ours to them. */
export const recall = async (
  session: SessionView,
  id: string | undefined,
  from: Jid,
): Promise<SentMessage | undefined> => {
  const place = placeOf(id ?? '');
  if (id === undefined || Number.isNaN(place)) return undefined;
  const text = await session.setting(keyOf(place));
  const message = text === undefined ? undefined : (fromJson(text) as SentMessage);
  return message?.id === id && message.to.includes(from.bare.toString()) ? message : undefined;
};

const placeOf = (id: string): number => Number.parseInt(/^([0-9a-z]{1,2})-/.exec(id)?.[1] ?? '', 36);
