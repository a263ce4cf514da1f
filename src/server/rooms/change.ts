// One step of a room while it is being made: the room as it becomes, and what is to be done about it. It lives inside `step`
// only, so that the handlers read in the order of what happens.

import { type Element, el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza, StanzaCondition, StanzaErrorType } from '../../xmpp/stanza.ts';
import { mayBounce } from '../router.ts';
import { ns } from './names.ts';
import type { Circumstances, Effect, Occupant, OccupantSession, Room, Said } from './state.ts';

export class Change {
  readonly circumstances: Circumstances;
  readonly effects: Effect[] = [];
  #room: Room;
  /** The room is no more. */
  isOver = false;

  constructor(room: Room, circumstances: Circumstances) {
    this.#room = room;
    this.circumstances = circumstances;
  }

  get room(): Room {
    return this.#room;
  }

  set(change: Partial<Room>): void {
    this.#room = { ...this.#room, ...change };
  }

  /** Adds an occupant or replaces the one of that nickname. */
  put(occupant: Occupant): void {
    const occupants = new Map(this.#room.occupants).set(occupant.nick, occupant);
    const nicks = new Map(this.#room.nicks);
    for (const { jid } of this.#room.occupants.get(occupant.nick)?.sessions ?? []) nicks.delete(jid.toString());
    for (const { jid } of occupant.sessions) nicks.set(jid.toString(), occupant.nick);
    this.set({ occupants, nicks });
  }

  /** Changes one session of an occupant, whose sessions stay who they are. */
  putSession(occupant: Occupant, session: OccupantSession): Occupant {
    const sessions = occupant.sessions.map((one) => (one.jid.equals(session.jid) ? session : one));
    const changed = { ...occupant, sessions };
    this.set({ occupants: new Map(this.#room.occupants).set(occupant.nick, changed) });
    return changed;
  }

  remove(occupant: Occupant): void {
    const occupants = new Map(this.#room.occupants);
    const nicks = new Map(this.#room.nicks);
    occupants.delete(occupant.nick);
    for (const { jid } of occupant.sessions) nicks.delete(jid.toString());
    this.set({ occupants, nicks });
  }

  keep(said: Said): void {
    this.effects.push({ type: 'keep', said });
  }

  send(stanza: Stanza): void {
    this.effects.push({ type: 'send', stanza });
  }

  spread(stanza: Stanza, to: readonly Jid[]): void {
    if (to.length > 0) this.effects.push({ type: 'spread', stanza, to });
  }

  show(stanza: Stanza, to: readonly Jid[]): void {
    if (to.length > 0) this.effects.push({ type: 'show', stanza, to });
  }

  /** Answers with an error, unless the stanza gets none (RFC 6120 §8.3.1). */
  refuse(
    stanza: Stanza,
    condition: StanzaCondition,
    options: { readonly type?: StanzaErrorType; readonly text?: string; readonly extra?: Element } = {},
  ): void {
    // A presence without type asks to enter, or to change something: here it does get an answer.
    if (mayBounce(stanza) || (stanza.kind === 'presence' && stanza.type === undefined))
      this.send(echoed(stanza, stanza.error(condition, { by: this.#room.jid, ...options })));
  }
}

/** Clients know by the element that it is their wish to enter that was refused (the examples of §7.2). */
export const echoed = (asked: Stanza, refusal: Stanza): Stanza =>
  asked.kind === 'presence' && asked.has('x', ns.muc) ? refusal.plus(el('x', { xmlns: ns.muc })) : refusal;

/** Every session in the room, but for those of one occupant. */
export const sessionsIn = (room: Room, except?: Occupant): Jid[] =>
  [...room.occupants.values()].flatMap((one) => (one.nick === except?.nick ? [] : one.sessions.map(({ jid }) => jid)));

export const sessionsOf = ({ sessions }: Occupant): Jid[] => sessions.map(({ jid }) => jid);
