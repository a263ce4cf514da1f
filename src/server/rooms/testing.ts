// A room and the clients in it, for tests: each client has the picture of the room that XEP-0045 lets it have, made of nothing
// but the presence that it was sent.

import { childrenNamed, elementsOf } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { xml } from '../testing/client.ts';
import { defaultRoomLimits, type RoomLimits } from './limits.ts';
import { ns } from './names.ts';
import { roleMay } from './standing.ts';
import { affiliationOf, type Effect, type Event, type Room, seesAddresses } from './state.ts';
import { step } from './step.ts';

/** What one client knows of one occupant. */
export interface Shown {
  readonly affiliation: string;
  readonly role: string;
  /** Real addresses, if it may know them. */
  readonly addresses: readonly string[] | undefined;
  /** The occupant's own words, as XML. */
  readonly says: string;
}

export class RoomClient {
  readonly jid: Jid;
  /** By nickname; undefined: it is not in the room. */
  picture: Map<string, Shown> | undefined;
  /** Its own nickname in the room. */
  nick: string | undefined;
  /** It does not hear any more what it is sent, and its server says so. */
  isGone = false;
  readonly messages: Stanza[] = [];
  /** The occupants it was told of, since it asked to enter and until it is told of itself. */
  #entering: Map<string, Shown> | undefined;

  constructor(jid: string) {
    this.jid = Jid.from(jid);
  }

  /** It asks to enter: what it is told now is all that it knows. */
  enters(): void {
    this.#entering = new Map();
  }

  hears(stanza: Stanza): void {
    if (stanza.kind === 'message') this.messages.push(stanza);
    const nick = stanza.from?.resource;
    // It was refused: nothing comes of it.
    if (stanza.kind === 'presence' && stanza.type === 'error') this.#entering = undefined;
    if (stanza.kind !== 'presence' || nick === undefined || stanza.type === 'error') return;
    const x = stanza.child('x', ns.user);
    if (!x) throw new Error('presence from a room says who it is about');
    const codes = new Set(childrenNamed(x, 'status').map(({ attrs }) => attrs.code));
    const items = childrenNamed(x, 'item');
    const [item] = items;
    if (stanza.type === 'unavailable') {
      if (!codes.has('110')) {
        if (nick !== this.nick) this.#forget(nick);
        return;
      }
      this.#forget(nick);
      this.nick = codes.has('303') ? item?.attrs.nick : undefined;
      if (this.nick === undefined) this.picture = undefined;
      return;
    }
    const says = elementsOf({ name: '', xmlns: '', attrs: {}, children: stanza.elements }).filter(
      ({ xmlns }) => xmlns !== ns.user && xmlns !== ns.occupantId,
    );
    const shown: Shown = {
      affiliation: item?.attrs.affiliation ?? '',
      role: item?.attrs.role ?? '',
      addresses: items.flatMap(({ attrs }) => (attrs.jid === undefined ? [] : [attrs.jid])),
      says: Stanza.make({ kind: 'presence' }, ...says).inner,
    };
    if (codes.has('110')) {
      this.nick = nick;
      if (this.#entering) {
        this.picture = this.#entering;
        this.#entering = undefined;
      }
    }
    this.picture?.set(nick, shown);
    this.#entering?.set(nick, shown);
  }

  #forget(nick: string): void {
    this.picture?.delete(nick);
    this.#entering?.delete(nick);
  }
}

/**
 * What a client in the room should know of it. Addresses are undefined where there is nothing to say about them: its own, and
 * any that it may have learnt when it might.
 */
export const pictureOf = (room: Room, nick: string): Map<string, Shown> => {
  const viewer = room.occupants.get(nick);
  if (!viewer) throw new Error(`${nick} is in the room`);
  const picture = new Map<string, Shown>();
  for (const occupant of room.occupants.values()) {
    if (occupant !== viewer && !roleMay(room.settings, occupant.role, 'show presence')) continue;
    picture.set(occupant.nick, {
      affiliation: affiliationOf(room, occupant.account),
      role: occupant.role,
      addresses:
        seesAddresses(room, viewer) && occupant !== viewer
          ? occupant.sessions.map(({ jid }) => jid.toString())
          : undefined,
      says: occupant.sessions[0]?.presence.inner ?? '',
    });
  }
  return picture;
};

/** The room, stepped by hand: stanzas go in as text and out to the clients. */
export class RoomUnderTest {
  room: Room | undefined;
  readonly limits: RoomLimits;
  readonly clients = new Map<string, RoomClient>();
  readonly effects: Effect[] = [];
  now = 0;
  #ids = 0;

  constructor(limits: Partial<RoomLimits> = {}) {
    this.limits = { ...defaultRoomLimits, ...limits };
  }

  client(jid: string): RoomClient {
    let client = this.clients.get(jid);
    if (!client) {
      client = new RoomClient(jid);
      this.clients.set(jid, client);
    }
    return client;
  }

  /** XML without `from`. */
  send(from: string, text: string): void {
    const [element] = xml(text);
    if (!element) throw new SyntaxError(text);
    this.happen({
      type: 'stanza',
      stanza: stanzaFromElement(element).with({ from: Jid.from(from) }),
      id: `id${this.#ids++}`,
      birth: { allowed: true, secret: 'c2VjcmV0' },
    });
  }

  happen(event: Event): void {
    const { room, effects } = step(this.room, event, {
      mono: this.now,
      wall: this.now,
      limits: this.limits,
    });
    this.room = room;
    this.effects.push(...effects);
    const bounces: Stanza[] = [];
    for (const effect of effects) {
      if (effect.type === 'keep') continue;
      const stanzas = effect.type === 'send' ? [effect.stanza] : effect.to.map((to) => effect.stanza.with({ to }));
      for (const stanza of stanzas) {
        const client = this.clients.get(stanza.to?.toString() ?? '');
        if (!client) continue;
        if (!client.isGone) client.hears(stanza);
        else if (effect.type === 'spread') bounces.push(stanza.error('recipient-unavailable'));
      }
    }
    for (const stanza of bounces)
      this.happen({ type: 'stanza', stanza, id: '', birth: { allowed: false, condition: 'not-allowed', text: '' } });
  }
}
