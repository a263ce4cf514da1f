// An account's messages between arrival and acknowledgement. What the Store holds is either in some session's hands
// ("underway") or waits for the next session that takes messages (XEP-0160).

import type { WallMs } from '../../base/clock.ts';
import { LateSet } from '../../base/late.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import type { Host } from '../host.ts';
import type { Parcel, Session } from '../sessions/session.ts';
import type { LocalUser } from '../users/local-user.ts';
import { Delivery } from './delivery.ts';

const pageSize = 100;

export class Mailbox {
  readonly #user: LocalUser;
  /** Deliveries whose end is not known yet. */
  readonly #open = new LateSet<Delivery>();
  /** Numbers in the Store of messages that sessions have, or whose removal is not committed yet. */
  readonly #underway = new LateSet<number>();
  readonly #keeping = new LateSet<Promise<unknown>>();
  #toDrop: number[] = [];
  #dropping: Promise<void> | undefined;

  constructor(user: LocalUser) {
    this.#user = user;
  }

  get host(): Host {
    return this.#user.host;
  }

  get isIdle(): boolean {
    return this.#open.size === 0 && this.#keeping.size === 0 && this.#dropping === undefined;
  }

  /** The Store is being written to. */
  get isBusy(): boolean {
    return this.#keeping.size > 0 || this.#dropping !== undefined;
  }

  /** Hands a message to sessions (at least one), in the account's turn. Resolves when it is safe. */
  deliver(stanza: Stanza, sessions: readonly Session[]): Promise<void> {
    const delivery = new Delivery(this, stanza, this.host.clock.wall());
    this.#open.add(delivery);
    delivery.handTo(sessions);
    return delivery.safe;
  }

  /** Keeps a message for later, in the account's turn; refuses it to its sender when the account holds too many. */
  async keepForLater(stanza: Stanza): Promise<void> {
    const seq = await this.#keep(stanza, this.host.clock.wall());
    if (seq === undefined) await this.refuse(stanza);
  }

  /**
   * Everything that waits, to one session, in order; in the account's turn, which lasts until all is handed over: what
   * arrives meanwhile comes after it.
   */
  async deliverKept(session: Session): Promise<void> {
    const { store, events } = this.host;
    // Messages on their way into the Store get their numbers first; without a number nobody could tell who has them.
    await Promise.allSettled([...this.#keeping]);
    let after = 0;
    for (;;) {
      const page = await store.messages.list(this.#user.jid.toString(), after, pageSize);
      const parcels: Parcel[] = [];
      for (const { seq, stanza, receivedAt } of page) {
        after = seq;
        if (this.#underway.has(seq)) continue;
        try {
          const delivery = new Delivery(this, stanzaFromText(stanza), receivedAt, seq);
          this.#underway.add(seq);
          this.#open.add(delivery);
          parcels.push(delivery.parcelFor(session));
        } catch (cause) {
          // A record that cannot be read stays where it is, for people to look at, and holds nobody up.
          events.failed(undefined, cause);
        }
      }
      session.deliverAll(parcels);
      if (page.length < pageSize || session.isGone) return;
    }
  }

  // ---- what a Delivery asks of its mailbox

  /** The message's number in the Store; undefined when the account holds too many already. */
  store(stanza: Stanza, receivedAt: WallMs): Promise<number | undefined> {
    return this.#keep(stanza, receivedAt, true);
  }

  /** A client has it: off our books and, in a while, out of the Store. */
  received(delivery: Delivery, seq: number | undefined): void {
    this.#open.delete(delivery);
    if (seq === undefined) return;
    this.#toDrop.push(seq);
    this.#dropping ??= Promise.resolve().then(() => this.#dropAll());
  }

  /** Nobody has it: it waits in the Store, if it got a number, for the next session. */
  leave(delivery: Delivery, seq: number | undefined): void {
    this.#open.delete(delivery);
    if (seq !== undefined) this.#underway.delete(seq);
  }

  /** No session has it any more: to the others, or among those that wait; before anything that came after it. */
  reroute(delivery: Delivery): Promise<void> {
    return this.#user.turns.runAhead(() => {
      if (!this.#user.isRemoved) return delivery.goOn(this.#user.takingMessages);
      this.#open.delete(delivery);
      return this.refuse(delivery.stanza);
    });
  }

  /** RFC 6121 §8.5.2.2, XEP-0160: as if nobody were there. */
  async refuse(stanza: Stanza): Promise<void> {
    if (stanza.type === 'error') return;
    await this.host.route(stanza.error('service-unavailable'));
  }

  async #keep(stanza: Stanza, receivedAt: WallMs, isUnderway = false): Promise<number | undefined> {
    const { store, limits, events } = this.host;
    const keeping = store.messages.keep(
      this.#user.jid.toString(),
      stanza.toXml(),
      receivedAt,
      limits.keptMessagesMax,
      limits.keptBytesMax,
    );
    this.#keeping.add(keeping);
    try {
      const seq = await keeping;
      if (seq !== undefined) {
        if (isUnderway) this.#underway.add(seq);
        events.messageKept();
      }
      return seq;
    } finally {
      this.#keeping.delete(keeping);
    }
  }

  /** One write for all that were acknowledged together. When it fails they stay stored and are delivered once more. */
  async #dropAll(): Promise<void> {
    while (this.#toDrop.length > 0) {
      const seqs = this.#toDrop;
      this.#toDrop = [];
      try {
        await this.host.store.messages.drop(this.#user.jid.toString(), seqs);
      } catch (cause) {
        this.host.events.dropFailed(this.#user.jid, cause);
      }
      for (const seq of seqs) this.#underway.delete(seq);
    }
    this.#dropping = undefined;
  }
}
