// Stanzas on a stream once it is negotiated, in both directions and whoever is on the other side: what was sent and is not
// known to have arrived, what has arrived and is being handled, XEP-0198's counts and questions, and the watch for a peer that
// is gone without saying so. It outlives its connection: `detach`, then `attach` to the next.

import type { Clock } from '../../base/clock.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { Stanza } from '../stanza.ts';
import { AckRequests } from '../stream-management/ack-requests.ts';
import { HandledCount } from '../stream-management/handled-count.ts';
import { answerText, requestText } from '../stream-management/nonzas.ts';
import { SentQueue } from '../stream-management/sent-queue.ts';
import type { Connection } from './transport.ts';

export interface SentStanza {
  readonly stanza: Stanza;
  readonly tag: number | undefined;
  readonly chars: number;
}

export interface TrafficLimits {
  /** Stanzas that may be handled at a time; while that many are, nothing is read. */
  readonly handlingMax: number;
  /** Quiet, ms, before the peer is asked for a sign of life, and how long it then has to give one. */
  readonly idleMs: number;
  readonly answerMs: number;
  /** Stanzas, and characters of them, that wait for acknowledgement (or the socket, without XEP-0198). */
  readonly unackedMax: number;
  readonly unackedCharsMax: number;
}

/** Whose traffic it is. */
export interface TrafficOwner {
  /** The peer has these (without XEP-0198: they went out of our hands). */
  acked(tags: readonly number[]): void;
  /** The peer is silent although it was asked. */
  timedOut(): void;
  /** A handler threw or rejected: its stanza will never be counted. */
  handlerFailed(error: unknown): void;
  /** What asks for a sign of life where there is no XEP-0198; undefined: nothing does, and white space has to do. */
  ping(): string | undefined;
}

export class Traffic {
  readonly #clock: Clock;
  readonly #limits: TrafficLimits;
  #owner: TrafficOwner;
  #connection: Connection | undefined;
  readonly sent = new SentQueue<SentStanza>();
  handled = new HandledCount();
  readonly #requests = new AckRequests({ stanzas: 16, quietMs: 200 });
  #isHolding = false;
  #askTimer: Disposable | undefined;
  #watchTimer: Disposable | undefined;
  #room: (() => void) | undefined;

  constructor(clock: Clock, limits: TrafficLimits, owner: TrafficOwner) {
    this.#clock = clock;
    this.#limits = limits;
    this.#owner = owner;
  }

  set owner(owner: TrafficOwner) {
    this.#owner = owner;
  }

  /** Its stream is over and its connection gone; whoever is left to hear of acknowledgements. */
  heardBy(acked: TrafficOwner['acked']): void {
    this.#owner = { acked, ping() {}, timedOut() {}, handlerFailed() {} };
  }

  /** XEP-0198 is on. */
  get isManaged(): boolean {
    return this.sent.isManaged;
  }

  get unacked(): { readonly stanza: Stanza; readonly tag: number | undefined }[] {
    return Array.from(this.sent, ({ stanza, tag }) => ({ stanza, tag }));
  }

  /** More waits than may. */
  get isOverrun(): boolean {
    return this.sent.length > this.#limits.unackedMax || this.sent.chars > this.#limits.unackedCharsMax;
  }

  /**
   * While true, what has gone to the socket uncounted is not taken for delivered: the peer may yet refuse all of it, or agree to
   * count. Its first acknowledgement tells that what was sent before has arrived.
   */
  set isHolding(isHolding: boolean) {
    this.#isHolding = isHolding;
    if (!isHolding) this.#connection?.wake();
  }

  /** Writes what waits, and from now on what is sent. */
  attach(connection: Connection): void {
    this.#connection = connection;
    for (const { stanza } of this.sent) connection.write(stanza.toXml());
    this.#requests.restart(this.isManaged ? this.sent.length : 0, this.#clock.mono());
    if (this.sent.length > 0) connection.wake();
  }

  detach(): void {
    this.#connection = undefined;
    this.unwatch();
    this.#makeRoom();
  }

  send(stanza: Stanza, tag: number | undefined): void {
    const text = stanza.toXml();
    this.sent.push({ stanza, tag, chars: text.length });
    this.#connection?.write(text);
    if (this.isManaged) this.#requests.sent(this.#clock.mono());
  }

  /**
   * Counting begins: `sent` from the stanza with this sequence number on, `handled` with the next. Whoever asked for it knows by
   * the answer that what it had sent before has arrived.
   */
  manage(sentFrom: number = this.sent.next, hasAsked = false): void {
    this.sent.manage(this.sent.next - sentFrom);
    if (hasAsked) this.#tell(this.sent.flushed(sentFrom));
    this.handled = new HandledCount();
    this.#requests.restart(this.#isHolding ? this.sent.length : this.sent.next - sentFrom, this.#clock.mono());
    this.#connection?.wake();
  }

  /** Has a stanza handled; the promise tells when there is room for the next. */
  handle(handler: () => void | Promise<void>): void | Promise<void> {
    const { handled } = this;
    const ticket = handled.begin();
    const failed = (error: unknown): void => {
      this.#owner.handlerFailed(error);
      this.#makeRoom();
      handled.abandon();
    };
    let pending: void | Promise<void>;
    try {
      pending = handler();
    } catch (error) {
      return failed(error);
    }
    if (!pending) return handled.finish(ticket);
    const finished = pending.then(() => {
      handled.finish(ticket);
      this.#makeRoom();
    }, failed);
    const { handlingMax } = this.#limits;
    if (handlingMax <= 1) return finished;
    if (handled.pending >= handlingMax) return new Promise((resolve) => (this.#room = resolve));
  }

  #makeRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }

  /** Answers <r/>, once what came before it is handled. */
  answer(): void {
    const { handled } = this;
    const connection = this.#connection;
    handled.whenSettled(() => connection?.write(answerText(handled.h)));
  }

  /** The last word about what is handled, for a stream that ends (XEP-0198 §4). */
  get lastAnswer(): string {
    return this.isManaged ? answerText(this.handled.h) : '';
  }

  /** What went to the socket uncounted is out of our hands. */
  release(): void {
    this.#tell(this.sent.flushed(this.sent.next));
  }

  /** The peer has handled `h` and knows that counting had begun, so it has what was sent before that. */
  resumed(h: number): Outcome<void, 'handled-count-too-high'> {
    this.release();
    return this.acknowledged(h);
  }

  /** The peer has handled `h`. Faults when it was not sent so many. */
  acknowledged(h: number): Outcome<void, 'handled-count-too-high'> {
    const taken = this.sent.acknowledged(h);
    if (!taken.ok) return taken;
    if (this.#isHolding) this.release();
    this.#isHolding = false;
    this.#requests.answered(this.sent.length);
    if (this.sent.length > 0) this.#connection?.wake();
    this.#tell(taken.value);
    return { ok: true, value: undefined };
  }

  #tell(items: readonly SentStanza[]): void {
    const tags: number[] = [];
    for (const { tag } of items) if (tag !== undefined) tags.push(tag);
    if (tags.length > 0) this.#owner.acked(tags);
  }

  /** For ConnectionListener. */
  flushing(): { text: string; sent?: () => void } | undefined {
    let text = '';
    if (this.isManaged) {
      const due = this.#requests.dueInMs(this.#clock.mono());
      if (due === 0) {
        this.#requests.asked();
        text = requestText;
      } else if (due !== undefined && !this.#askTimer) {
        this.#askTimer = this.#clock.after(due, () => {
          this.#askTimer = undefined;
          this.#connection?.wake();
        });
      }
    }
    if (this.#isHolding || !this.sent.hasUncounted) return text === '' ? undefined : { text };
    const upTo = this.sent.next;
    return { text, sent: () => this.#tell(this.sent.flushed(upTo)) };
  }

  /** Asks a quiet peer for a sign of life, and reports when none comes. */
  watch(): void {
    const connection = this.#connection;
    if (!connection) return;
    const { idleMs, answerMs } = this.#limits;
    const arm = (ms: number, task: () => void): void => {
      this.#watchTimer?.[Symbol.dispose]();
      this.#watchTimer = this.#clock.after(ms, task);
    };
    const check = (): void => {
      const quietMs = this.#clock.mono() - connection.lastHeardAt;
      if (quietMs < idleMs) return arm(idleMs - quietMs, check);
      const question = this.isManaged ? requestText : this.#owner.ping();
      // A connection that is broken takes it badly; one that is not has nothing to answer.
      connection.write(question ?? ' ');
      if (question === undefined) return arm(idleMs, check);
      const askedAt = this.#clock.mono();
      arm(answerMs, () => (connection.lastHeardAt >= askedAt ? check() : this.#owner.timedOut()));
    };
    arm(idleMs, check);
  }

  unwatch(): void {
    this.#watchTimer?.[Symbol.dispose]();
    this.#askTimer?.[Symbol.dispose]();
    this.#askTimer = undefined;
  }
}
