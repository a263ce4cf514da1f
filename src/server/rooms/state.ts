// A room as a value. Nothing in it is ever changed in place: a step makes a new room of it, or fails and leaves it alone.

import type { MonoMs, WallMs } from '../../base/clock.ts';
import type { RoomAffiliation } from '../../store/store.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { RoomLimits } from './limits.ts';
import type { RoomSettings } from './settings.ts';
import type { Affiliation, Role } from './standing.ts';

export interface Room {
  readonly jid: Jid;
  readonly settings: RoomSettings;
  /** By bare JID, or by domain for a ban of all its users. */
  readonly affiliations: ReadonlyMap<string, RoomAffiliation>;
  /** By nickname. */
  readonly occupants: ReadonlyMap<string, Occupant>;
  /** The nickname of every session, by its full JID. */
  readonly nicks: ReadonlyMap<string, string>;
  readonly subject: Subject | undefined;
  /** Oldest first. */
  readonly history: readonly Said[];
  /** Made, but not configured yet: nobody but its owner comes in (§10.1). */
  readonly isLocked: boolean;
  /** Bare JID of who made it. */
  readonly creator: string;
  /** What occupant ids are made with (XEP-0421), in base64. */
  readonly secret: string;
}

/** Somebody under a nickname, with one session or several: the clients of one account may share it (§7.2.9). */
export interface Occupant {
  readonly nick: string;
  /** The room's address with the nickname. */
  readonly jid: Jid;
  /** The real address, bare. */
  readonly account: Jid;
  /** XEP-0421. */
  readonly id: string;
  readonly role: Role;
  /** Never empty; the first, which is here longest, is the one whose presence the others see. */
  readonly sessions: readonly OccupantSession[];
}

export interface OccupantSession {
  /** The real address, full. */
  readonly jid: Jid;
  /** What it shows of itself, without what only rooms say. */
  readonly presence: Stanza;
  readonly heardAt: MonoMs;
  /** It was silent for long, and was asked at that time. */
  readonly askedAt?: MonoMs | undefined;
}

export interface Subject {
  /** As it was sent to all, without `to`. */
  readonly stanza: Stanza;
  readonly at: WallMs;
}

/** A message worth showing to those who enter later. */
export interface Said {
  readonly id: string;
  /** As it was sent to all, without `to`. */
  readonly stanza: Stanza;
  readonly at: WallMs;
}

export type Event =
  /**
   * A stanza for the room or an occupant. `id`: a random text, used once. `birth`: whether a room may be made, should there
   * be none, with what secret.
   */
  | { readonly type: 'stanza'; readonly stanza: Stanza; readonly id: string; readonly birth: Birth }
  /** Time to look at who has been silent for long. */
  | { readonly type: 'sweep'; readonly id: string }
  /** The address belongs to nobody any more: whoever gets it next is somebody else. */
  | { readonly type: 'account-removed'; readonly account: Jid }
  /** The service is about to end. */
  | { readonly type: 'shutdown' };

export type Birth =
  | { readonly allowed: true; readonly secret: string }
  | { readonly allowed: false; readonly condition: 'not-allowed' | 'resource-constraint'; readonly text: string };

export interface Circumstances {
  readonly mono: MonoMs;
  readonly wall: WallMs;
  readonly limits: RoomLimits;
}

/** What is to be done, in this order, after the room as it is now has been stored. All stanzas have `from`. */
export type Effect =
  /** What was said, for the Store; before anything else. */
  | { readonly type: 'keep'; readonly said: Said }
  /** An answer, an invitation, a private message: it counts as handled when it was delivered, or stored. */
  | { readonly type: 'send'; readonly stanza: Stanza }
  /** The same stanza to several: nobody waits for them, but errors come back. */
  | { readonly type: 'spread'; readonly stanza: Stanza; readonly to: readonly Jid[] }
  /** Presence: nobody is told when it cannot be delivered. */
  | { readonly type: 'show'; readonly stanza: Stanza; readonly to: readonly Jid[] };

export const affiliationOf = (room: Room, account: Jid): Affiliation =>
  room.affiliations.get(account.bare.toString())?.affiliation ??
  // §9.2: a ban of a domain is one of all its users.
  (room.affiliations.get(account.domain)?.affiliation === 'outcast' ? 'outcast' : 'none');

export const occupantOf = (room: Room, session: Jid): Occupant | undefined => {
  const nick = room.nicks.get(session.toString());
  return nick === undefined ? undefined : room.occupants.get(nick);
};

export const standingOf = (room: Room, session: Jid): { readonly role: Role; readonly affiliation: Affiliation } => ({
  role: occupantOf(room, session)?.role ?? 'none',
  affiliation: affiliationOf(room, session),
});

/** May the occupant see real addresses? */
export const seesAddresses = ({ settings }: Room, { role }: Occupant): boolean =>
  settings.whois === 'anyone' || role === 'moderator';

/** Is the room in the Store, with what is said in it? */
export const isKept = (room: Room | undefined): room is Room => room?.settings.isPersistent === true && !room.isLocked;
