// The rooms a session is in: who is there, what the room has told, and what the phone wants to hear of it.

import { LateMap } from '../../../base/late.ts';
import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type Effect, type Effects, keep, tell } from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { within } from '../../within.ts';
import {
  cancelConfiguration,
  codeOfRefusal,
  joinPresence,
  leavePresence,
  type Occupant,
  type RoomPresence,
  readRoomPresence,
} from './muc.ts';

/** What survives a restart of the gateway, so that it can go back in. */
export interface KeptRoom {
  readonly room: string;
  readonly id: string;
  readonly nick: string;
  readonly wantsNotices: boolean;
  /** Wall-clock ms. */
  readonly since?: number;
}
const keptRooms = keptSlot<readonly KeptRoom[]>('groups-joined', []);

export interface Room {
  /** Bare. */
  readonly jid: Jid;
  /** The group's address as the phone writes it. */
  readonly id: string;
  nick: string;
  wantsNotices: boolean;
  /** Wall-clock ms: in it since then, but for the times when a Link was lost or its server away. */
  since: number;
  readonly occupants: Map<string, Occupant>;
  topic: string;
  isIn: boolean;
  /** The room is about to tell of a configuration that is our own doing, and no news. */
  isConfiguring: boolean;
  /** Monotonic ms of the last sign that the room still has us. */
  heardAt: number;
}

/** What a presence in a room means for the phone. */
export interface RoomNews {
  readonly room: Room;
  readonly joined: readonly Occupant[];
  readonly left: readonly Occupant[];
  /** Put out by somebody: 301, 307, 321 (§9.1, §8.2, §9.4). */
  readonly removed?: readonly Occupant[];
  /** What we are in the room has changed. */
  readonly own?: Occupant;
  /** We are out: why. */
  readonly out?: RoomPresence;
}

/**
 * How to come in. `history`: messages to be shown of what was said before. `since`: … of what was said since then (wall-clock ms).
 * `mustBeThere`: no room is made by it.
 */
interface Wish {
  readonly id: string;
  readonly nick: string;
  readonly wantsNotices: boolean;
  readonly history: number;
  readonly since?: number | undefined;
  readonly mustBeThere?: boolean;
}

export interface Entry {
  readonly room: Room;
  /** We made it by entering (201): it is locked until it is configured. */
  readonly isNew: boolean;
}
export interface Refusal {
  readonly code: number;
  readonly text?: string;
}

interface Joining {
  readonly settle: (outcome: Outcome<Entry, Refusal>) => void;
  /** Resolves when it has come to an end, and that is kept. */
  readonly over: Promise<unknown>;
  /** What the room was asked. */
  readonly presence: Stanza;
}

const joinMs = 20_000;
/** Phones do not wait much longer than that. */
const findMs = 10_000;
const occupantsMax = 5000;

export class Rooms {
  readonly #session: SessionView;
  readonly #rooms = new LateMap<string, Room>();
  readonly #joining = new LateMap<string, Joining>();
  /** Those that the phone believes to be in, while we are out. */
  readonly #awaited = new LateMap<string, KeptRoom>();

  constructor(session: SessionView) {
    this.#session = session;
  }

  get all(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  /** The room, if we are in it. */
  get(jid: Jid): Room | undefined {
    const room = this.#rooms.get(jid.bare.toString());
    return room?.isIn ? room : undefined;
  }

  /** … or as soon as we are: after a restart a phone may ask before the session is back in its rooms. */
  async find(jid: Jid): Promise<Room | undefined> {
    const joining = this.#joining.get(jid.bare.toString());
    if (joining) await within(this.#session.clock, findMs, joining.over);
    return this.get(jid);
  }

  /** Is it a room that we are in, or on our way into? */
  knows(jid: Jid): boolean {
    return this.#rooms.has(jid.bare.toString());
  }

  /** The phone goes on believing to be in that room: we are on our way back, after a restart too, until we are in or give up. */
  goBack(kept: KeptRoom): Effect {
    this.#awaited.set(kept.room, kept);
    return this.#kept();
  }

  /** Are we to go back into it? */
  awaits(jid: Jid): boolean {
    return this.#awaited.has(jid.toString());
  }

  /** The phone knows, or is about to be told, that it is out. */
  giveUp(jid: Jid): Effect {
    this.#awaited.delete(jid.toString());
    return this.#kept();
  }

  /** On the way in already: undefined when not. The effects ask the room once more, by a Link that is new. */
  askAgain(jid: Jid): Effects | undefined {
    const joining = this.#joining.get(jid.toString());
    return joining && [tell(joining.presence)];
  }

  /** Enters a room; resolves when the room has let us in and told who is there. */
  async join(jid: Jid, wish: Wish): Promise<Outcome<Entry, Refusal>> {
    const key = jid.toString();
    if (this.#joining.has(key)) return bad({ code: 807, text: 'on the way in already' });
    if (!this.#rooms.has(key) && this.#rooms.size >= this.#session.limits.groupsMax) return bad({ code: 814 });
    const { clock } = this.#session;
    const over = Promise.withResolvers<void>();
    const room: Room = {
      jid,
      id: wish.id,
      nick: wish.nick,
      wantsNotices: wish.wantsNotices,
      since: wish.since ?? clock.wall(),
      occupants: new Map(),
      topic: '',
      isIn: false,
      isConfiguring: false,
      heardAt: clock.mono(),
    };
    this.#rooms.set(key, room);
    const presence = joinPresence(jid, wish.nick, wish.history, wish.since);
    const entered = new Promise<Outcome<Entry, Refusal>>((resolve) => {
      const timer = clock.after(joinMs, () => settle(bad({ code: 504, text: 'the room does not answer' })));
      const settle = (outcome: Outcome<Entry, Refusal>): void => {
        timer[Symbol.dispose]();
        this.#joining.delete(key);
        if (!outcome.ok) this.#rooms.delete(key);
        resolve(outcome);
      };
      this.#joining.set(key, { settle, over: over.promise, presence });
    });
    try {
      return await this.#enter(presence, room, wish, entered);
    } finally {
      over.resolve();
    }
  }

  async #enter(
    presence: Stanza,
    { jid }: Room,
    wish: Wish,
    entered: Promise<Outcome<Entry, Refusal>>,
  ): Promise<Outcome<Entry, Refusal>> {
    await this.#session.apply([tell(presence)]);
    const outcome = await entered;
    // Half in is worse than out: a room that answers later would think us there.
    if (!outcome.ok && outcome.fault.code === 504) await this.#session.apply([tell(leavePresence(jid, wish.nick))]);
    if (outcome.ok && outcome.value.isNew && wish.mustBeThere) {
      // It was deleted meanwhile, or went with the last who was in it: what we have made by coming in nobody asked for.
      await this.#session.iq({ type: 'set', to: jid, child: cancelConfiguration() });
      await this.#session.apply(this.leave(outcome.value.room));
      return bad({ code: 800 });
    }
    if (outcome.ok) await this.#session.apply([this.giveUp(jid)]);
    return outcome;
  }

  /** Leaves; what the phone is told is the caller's matter. */
  leave(room: Room): Effects {
    this.#rooms.delete(room.jid.toString());
    return [tell(leavePresence(room.jid, room.nick)), this.giveUp(room.jid)];
  }

  setNotices(room: Room, wanted: boolean): Effects {
    room.wantsNotices = wanted;
    return [this.#kept()];
  }

  /** Where the session was before the gateway or its Link began anew. */
  get before(): readonly KeptRoom[] {
    return this.#session.slot(keptRooms);
  }

  /** Presence from a room that we know; undefined for any other. */
  hear(stanza: Stanza): RoomNews | undefined {
    const room = stanza.from && this.#rooms.get(stanza.from.bare.toString());
    if (!room) return undefined;
    const nobody = { room, joined: [], left: [] };
    room.heardAt = this.#session.clock.mono();
    const joining = this.#joining.get(room.jid.toString());
    if (stanza.type === 'error') {
      joining?.settle(bad({ code: codeOfRefusal(stanza) }));
      return nobody;
    }
    const presence = readRoomPresence(stanza, room.nick);
    if (!presence) return nobody;
    const { occupant, isAvailable, isOwn, newNick } = presence;
    const known = room.occupants.get(occupant.nick);
    if (!isAvailable) {
      room.occupants.delete(occupant.nick);
      if (newNick !== undefined) {
        if (isOwn) room.nick = newNick;
        return { ...nobody, left: known ? [known] : [] };
      }
      if (!isOwn) {
        const wasPutOut = [301, 307, 321, 322].some((code) => presence.codes.has(code));
        return { ...nobody, [wasPutOut ? 'removed' : 'left']: known ? [known] : [] };
      }
      // An earlier session of the phone, under this very address, has just left; ours is on the way in.
      if (joining) return nobody;
      this.#rooms.delete(room.jid.toString());
      return { ...nobody, out: presence };
    }
    if (known || room.occupants.size < occupantsMax) room.occupants.set(occupant.nick, occupant);
    if (joining) {
      // Our own presence comes last (§7.2.2): now all who are there are known.
      if (isOwn) {
        room.nick = occupant.nick;
        room.isIn = true;
        joining.settle(good({ room, isNew: presence.codes.has(201) }));
      }
      return nobody;
    }
    if (isOwn && known && room.isIn && isAnother(known, occupant)) return { ...nobody, own: occupant };
    return { ...nobody, joined: known || !room.isIn ? [] : [occupant] };
  }

  #kept(): Effect {
    const isIn = this.all.filter((room) => room.isIn).map(keptOf);
    const isAwaited = [...this.#awaited.values()].filter(({ room }) => !this.#rooms.get(room)?.isIn);
    return keep(keptRooms, [...isIn, ...isAwaited]);
  }
}

/** As much of a room as is known of one that we are out of. */
export type Gone = Pick<Room, 'jid' | 'id' | 'nick' | 'wantsNotices'> & { readonly since: number | undefined };

export const keptOf = ({ jid, id, nick, wantsNotices, since }: Gone): KeptRoom => ({
  ...{ room: jid.toString(), id, nick, wantsNotices },
  ...(since !== undefined && { since }),
});

const isAnother = (a: Occupant, b: Occupant): boolean => a.affiliation !== b.affiliation || a.role !== b.role;

export const rooms = slot<Rooms>('groups-rooms', (session) => new Rooms(session));
