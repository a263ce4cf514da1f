// The service of rooms: takes each stanza to its room, in the room's turn, has `step` say what becomes of it, stores that and
// only then does it. A room whose store is slow holds up nobody in another.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../../store/store.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza, StanzaKind } from '../../xmpp/stanza.ts';
import type { Service } from '../elsewhere.ts';
import { type Turn, Turns } from '../users/turns.ts';
import { echoed } from './change.ts';
import { Directory } from './directory.ts';
import { type RoomEvents, roomEvents } from './events.ts';
import { keepRoom, loadRoom, nameAndPublicity } from './keep.ts';
import { defaultRoomLimits, type RoomLimits } from './limits.ts';
import { Pace } from './pace.ts';
import { serviceAnswer } from './service-desk.ts';
import { type Birth, type Effect, type Event, isKept, type Room } from './state.ts';
import { step } from './step.ts';

export interface RoomsOptions {
  readonly domain: string;
  /** As service discovery shows it. */
  readonly name?: string;
  /** Who may make rooms; 'local': accounts of this server. */
  readonly create?: 'anyone' | 'local' | 'nobody';
  readonly limits?: Partial<RoomLimits>;
  /** The server that the rooms are part of. */
  readonly server: {
    route(stanza: Stanza): Promise<void>;
    broadcast(stanza: Stanza): Promise<void>;
    /** Does the domain have its accounts here? */
    hasAccounts(domain: string): boolean;
  };
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Rooms extends Service {
  deliver(stanza: Stanza): Promise<void>;
  /** The account is gone: it has no affiliation any more, bans excepted. Resolves when that is stored. */
  forget(account: Jid): Promise<void>;
  /** Resolves when no room has anything to do. */
  settled(): Promise<void>;
  /** Says goodbye to all occupants. Nothing may be delivered any more. */
  close(): Promise<void>;
}

/** A room while it is in use. */
interface Place {
  readonly jid: Jid;
  readonly turns: Turns;
  room: Room | undefined;
  isLoaded: boolean;
  usedAt: number;
}

/** Reads which rooms there are. Rejects when the Store does. */
export const openRooms = async (options: RoomsOptions): Promise<Rooms> => {
  const { domain } = Jid.from(options.domain);
  const directory = new Directory();
  for (let after: string | undefined; ; ) {
    const page = await options.store.rooms.list({ after, limit: 500 });
    for (const { room, creator, state } of page)
      if (Jid.from(room).domain === domain) directory.set(room, { creator, ...nameAndPublicity(state) });
    after = page.at(-1)?.room;
    if (page.length < 500) break;
  }
  return new RoomService(options, directory);
};

class RoomService implements Rooms {
  readonly domain: string;
  readonly name: string;
  readonly #options: RoomsOptions;
  readonly #limits: RoomLimits;
  readonly #directory: Directory;
  readonly #places = new Map<string, Place>();
  readonly #events: RoomEvents;
  readonly #paces: Readonly<Record<StanzaKind, Pace>>;
  /** … of all accounts of a domain that is not ours. */
  readonly #domainPaces: Readonly<Record<StanzaKind, Pace>>;
  #timer: Disposable | undefined;

  constructor(options: RoomsOptions, directory: Directory) {
    this.domain = Jid.from(options.domain).domain;
    this.name = options.name ?? 'Rooms';
    this.#options = options;
    this.#limits = { ...defaultRoomLimits, ...options.limits };
    this.#directory = directory;
    this.#events = roomEvents(options.log, options.meter, {
      rooms: () => directory.size,
      occupants: () => [...this.#places.values()].reduce((sum, { room }) => sum + (room?.occupants.size ?? 0), 0),
    });
    const { messagesPerSecond, messagesBurst, requestsPerSecond, requestsBurst, presencesPerSecond, presencesBurst } =
      this.#limits;
    const pacesOf = (accounts: number) => ({
      message: new Pace(accounts * messagesPerSecond, accounts * messagesBurst),
      iq: new Pace(accounts * requestsPerSecond, accounts * requestsBurst),
      presence: new Pace(accounts * presencesPerSecond, accounts * presencesBurst),
    });
    this.#paces = pacesOf(1);
    this.#domainPaces = pacesOf(this.#limits.accountsPerDomain);
    this.#arm();
  }

  async deliver(stanza: Stanza): Promise<void> {
    const { from, to } = stanza;
    if (!from || !to) return;
    const { server, clock, random } = this.#options;
    if (to.local === undefined) {
      const answer = serviceAnswer(stanza, this.name, this.#directory);
      if (answer) await server.route(answer);
      return;
    }
    if (!this.#keepsPace(stanza, from, to)) {
      this.#events.tooFast();
      const refusal = stanza.error('resource-constraint', { by: to.bare, text: 'too fast; wait a moment' });
      return server.route(echoed(stanza, refusal));
    }
    const place = this.#place(to.bare);
    place.usedAt = clock.mono();
    const id = stanza.kind === 'message' ? random.id(20) : '';
    try {
      await place.turns.run((turn) =>
        this.#enact(place, () => ({ type: 'stanza', stanza, id, birth: this.#birth(place, from) }), turn),
      );
    } finally {
      // Strangers may try any number of addresses under which there is nothing.
      if (!place.room && place.turns.isIdle && this.#places.get(place.jid.toString()) === place)
        this.#places.delete(place.jid.toString());
    }
  }

  async forget(account: Jid): Promise<void> {
    const kept = await this.#options.store.rooms.affiliatedWith(account.toString());
    const rooms = new Set([...kept.filter((room) => this.#directory.has(room)), ...this.#places.keys()]);
    await Promise.all(
      [...rooms].map((room) => this.#happen(this.#place(Jid.from(room)), { type: 'account-removed', account })),
    );
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ turns }) => turns.idle()));
  }

  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    const goodbyes = [...this.#places.values()].map((place) => this.#happen(place, { type: 'shutdown' }));
    for (const one of await Promise.allSettled(goodbyes))
      if (one.status === 'rejected') this.#options.log.error({ err: one.reason }, 'a room did not close as it should');
  }

  #happen(place: Place, event: Event): Promise<void> {
    return place.turns.run((turn) => this.#enact(place, () => event, turn));
  }

  /** In the room's turn: at once, unless something has to be read or written first. */
  #enact(place: Place, event: () => Event, turn: Turn): void | Promise<void> {
    if (place.isLoaded) return this.#stepOn(place, event(), turn);
    // What is not in the directory is not in the Store.
    if (!this.#directory.has(place.jid.toString())) {
      place.isLoaded = true;
      return this.#stepOn(place, event(), turn);
    }
    return (async () => {
      place.room = await loadRoom(this.#options.store, place.jid, this.#limits);
      place.isLoaded = true;
      await this.#stepOn(place, event(), turn);
    })();
  }

  #stepOn(place: Place, event: Event, turn: Turn): void | Promise<void> {
    const { store, clock } = this.#options;
    const { room, effects } = step(place.room, event, { mono: clock.mono(), wall: clock.wall(), limits: this.#limits });
    const said = effects.flatMap((one) => (one.type === 'keep' ? [one.said] : []));
    const keeping = keepRoom(store, place.room, room, said, this.#limits);
    const go = (): void => {
      this.#become(place, room);
      for (const effect of effects) this.#perform(place, effect, turn);
    };
    // When the Store fails nothing has happened, and whoever asked is told so by the router.
    return keeping ? keeping.then(go) : go();
  }

  #become(place: Place, room: Room | undefined): void {
    const { room: before, jid } = place;
    place.room = room;
    if (room && !before) this.#events.made(jid, room.creator);
    if (before && !room) this.#events.ended(jid);
    this.#directory.set(
      jid.toString(),
      room && { name: room.settings.name, isPublic: room.settings.isPublic && !room.isLocked, creator: room.creator },
    );
    if (!room && place.turns.isIdle) this.#places.delete(jid.toString());
  }

  #perform(place: Place, effect: Effect, turn: Turn): void {
    const { server } = this.#options;
    switch (effect.type) {
      case 'keep':
        this.#events.said();
        return;
      case 'send':
        turn.also(server.route(effect.stanza));
        return;
      case 'spread':
      case 'show': {
        const { stanza, to, type } = effect;
        this.#events.copied(to.length);
        // Nobody waits for these: one slow way must not hold up whoever spoke.
        for (const one of to)
          server[type === 'spread' ? 'route' : 'broadcast'](stanza.with({ to: one })).catch((cause: unknown) =>
            this.#events.failed(place.jid, cause),
          );
        return;
      }
      default:
        effect satisfies never;
    }
  }

  #place(jid: Jid): Place {
    const key = jid.toString();
    let place = this.#places.get(key);
    if (!place) {
      place = { jid, turns: new Turns(), room: undefined, isLoaded: false, usedAt: this.#options.clock.mono() };
      this.#places.set(key, place);
    }
    return place;
  }

  #birth({ room }: Place, from: Jid): Birth {
    const { create = 'local', server, random } = this.#options;
    if (room) return { allowed: false, condition: 'not-allowed', text: 'the room is there already' };
    if (create === 'nobody' || (create === 'local' && !server.hasAccounts(from.domain)))
      return { allowed: false, condition: 'not-allowed', text: 'there is no such room, and you may not make one' };
    if (this.#directory.size >= this.#limits.roomsMax)
      return { allowed: false, condition: 'resource-constraint', text: 'there are too many rooms' };
    if (this.#directory.countOf(from.bare.toString()) >= this.#limits.roomsPerCreatorMax)
      return { allowed: false, condition: 'resource-constraint', text: 'you have made too many rooms' };
    return { allowed: true, secret: Buffer.from(random.bytes(32)).toString('base64') };
  }

  /** Leaving is always possible, and so is answering. */
  #keepsPace({ kind, type }: Stanza, from: Jid, to: Jid): boolean {
    if (type === 'error' || type === 'unavailable' || type === 'result') return true;
    const { clock, server } = this.#options;
    const now = clock.mono();
    return (
      this.#paces[kind].admits(`${to.bare} ${from.bare}`, now) &&
      (server.hasAccounts(from.domain) || this.#domainPaces[kind].admits(`${to.bare} ${from.domain}`, now))
    );
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(this.#limits.sweepMs, () => {
      this.#sweep();
      this.#arm();
    });
  }

  /** Looks at silent sessions, and lets go of rooms that nobody is in. */
  #sweep(): void {
    const { clock, random, log } = this.#options;
    for (const [key, place] of this.#places) {
      const { room, turns } = place;
      const isDeserted = !room || (isKept(room) && room.occupants.size === 0);
      if (isDeserted) {
        if (turns.isIdle && clock.mono() - place.usedAt >= this.#limits.sweepMs) this.#places.delete(key);
      } else
        this.#happen(place, { type: 'sweep', id: random.id(12) }).catch((cause: unknown) =>
          log.error({ err: cause, room: key }, 'a room could not look for silent occupants'),
        );
    }
  }
}
