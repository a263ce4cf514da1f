// The life of a stream once it is negotiated, whoever is on the other side:
//
//   established ──► closing ──► ended
//     ▲     │ connection lost      ▲
//     │     ▼                      │
//     └── detached ────────────────┘   (XEP-0198 §5: until it is taken over, or for too long)
//
// with what XEP-0198 says meanwhile. What a stanza or any other element means is its owner's matter.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { ns } from '../namespaces.ts';
import type { Stanza } from '../stanza.ts';
import { elementOf } from '../stanza-reader.ts';
import {
  countOf,
  countTooHigh,
  enabledText,
  enableText,
  failedText,
  requestText,
  resumedText,
} from '../stream-management/nonzas.ts';
import { type StreamError, streamErrorOf, streamErrorText } from './conditions.ts';
import { Traffic, type TrafficLimits, type TrafficOwner } from './traffic.ts';
import type { Connection, ConnectionListener } from './transport.ts';

export interface LifeOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: TrafficLimits & { readonly resumeMs: number };
  /**
   * For the side that is asked for XEP-0198: where streams are kept that lost their connection, under a new id. Undefined: it is
   * not offered.
   */
  readonly book: { add(): string; end(id: string): void } | undefined;
}

export interface LifeEnd {
  readonly reason: 'closed-by-peer' | 'closed-by-us' | 'lost' | 'overrun';
  readonly error?: StreamError;
}

export type LifeState = 'negotiating' | 'established' | 'detached' | 'closing' | 'ended';

/** A connection, and who hears that it is gone. */
export interface Carried {
  readonly connection: Connection;
  readonly disconnected?: (() => void) | undefined;
}

/** Whose life it is. */
export interface LifeOwner<On extends Carried = Carried> extends Pick<TrafficOwner, 'acked' | 'ping'> {
  /** Who is on the other side, for logs. */
  readonly who: object;
  /** Anything but XEP-0198 and stream errors. */
  element(element: StreamElement): void | Promise<void>;
  /** A header in the middle of the stream: true when it is to be expected. */
  opened?(header: StreamHeader): boolean;
  /** <resume/> on this stream. */
  resume?(id: string, h: number): Promise<void>;
  detached?(): void;
  resumed?(on: On): void;
  ended(end: LifeEnd, unacked: Traffic['unacked']): void;
}

export class StreamLife<On extends Carried = Carried> {
  readonly #options: LifeOptions;
  readonly #owner: LifeOwner<On>;
  #state: LifeState = 'negotiating';
  #on: On | undefined;
  #traffic: Traffic;
  #isAttached = false;
  /** Sequence number of the first stanza after our <enable/>, while it is unanswered. */
  #enabledFrom: number | undefined;
  #resumeId: string | undefined;
  #resumeMs = 0;
  #ending: LifeEnd | undefined;
  #timer: Disposable | undefined;
  #taking: Promise<unknown> = Promise.resolve();
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: LifeOptions, owner: LifeOwner<On>) {
    this.#options = options;
    this.#owner = owner;
    this.#traffic = new Traffic(options.clock, options.limits, this.#trafficOwner);
  }

  get state(): LifeState {
    return this.#state;
  }
  get traffic(): Traffic {
    return this.#traffic;
  }
  get isManaged(): boolean {
    return this.#traffic.isManaged;
  }
  /** Resolves when it is over. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }
  /** Under which it can be resumed, and for how long. */
  get resumable(): { readonly id: string; readonly resumeMs: number } | undefined {
    return this.#resumeId === undefined ? undefined : { id: this.#resumeId, resumeMs: this.#resumeMs };
  }

  get #trafficOwner(): TrafficOwner {
    return {
      acked: (tags) => this.#owner.acked(tags),
      ping: () => this.#owner.ping(),
      timedOut: () => this.#timedOut(),
      handlerFailed: (error) => this.#handlerFailed(error),
    };
  }

  send(stanza: Stanza, tag: number | undefined): void {
    this.#traffic.send(stanza, tag);
    if (!this.#traffic.isOverrun) return;
    if (this.#state === 'detached') this.end({ reason: 'overrun' });
    else if (this.#state === 'established') this.fail({ condition: 'resource-constraint' }, 'overrun');
  }

  /** What waits goes out, and from now on what is sent; the other side has agreed to nothing yet. */
  sendAhead(connection: Connection): void {
    this.#isAttached = true;
    this.#traffic.attach(connection);
  }

  /** The connection is the stream's from now on. `first` is what negotiation has left to say. */
  establish(on: On, first = ''): void {
    const { connection } = on;
    this.#on = on;
    this.#state = 'established';
    connection.listener = this.#listenerFor(on);
    connection.write(first);
    if (!this.#isAttached) this.sendAhead(connection);
    this.#traffic.watch();
  }

  /** Goes on with what an earlier stream of ours had; the other side has `h` of it. False: that cannot be. */
  adopt(traffic: Traffic, h: number, resumable: { readonly id: string; readonly resumeMs: number }): boolean {
    traffic.owner = this.#trafficOwner;
    this.#traffic = traffic;
    this.#resumeId = resumable.id;
    this.#resumeMs = resumable.resumeMs;
    return traffic.resumed(h).ok;
  }

  /** Asks the other side for XEP-0198. */
  enable(connection: Connection): void {
    if (this.isManaged || this.#enabledFrom !== undefined) return;
    connection.write(enableText());
    // What has not been written yet goes out behind it, and is counted.
    const { next, length } = this.#traffic.sent;
    this.#enabledFrom = this.#isAttached ? next : next - length;
    this.#traffic.isHolding = true;
  }

  /** As far as it is known, nothing will be counted. */
  settleUncounted(): void {
    if (!this.isManaged && this.#enabledFrom === undefined) this.#traffic.isHolding = false;
  }

  /**
   * Goes on with another connection, whose other side has `h` of our stanzas. Waits until what has arrived on the old one is
   * handled: only then is it known what has to be sent again. False: the stream is over.
   */
  takeOver(on: On, h: number): Promise<boolean | StreamError> {
    const taking = this.#taking.then(() => this.#takeOver(on, h));
    // The next in turn goes on whatever became of this one; who asked for this one hears of its failure.
    this.#taking = taking.catch(() => {});
    return taking;
  }

  async #takeOver(on: On, h: number): Promise<boolean | StreamError> {
    if (this.#state !== 'established' && this.#state !== 'detached') return false;
    const old = this.#on;
    if (this.#state === 'established' && old) {
      // What is not handled yet is not counted, so the other side sends it again: it must not be handled twice.
      old.connection.listener = { ...silentListener, disconnected: () => old.disconnected?.() };
      old.connection.finish(streamErrorText({ condition: 'conflict', text: 'Resumed elsewhere' }));
      this.#setDetached();
    }
    const { handled } = this.#traffic;
    await new Promise<void>((resolve) => handled.whenSettled(resolve));
    if (this.#state !== 'detached') return false;
    const { connection } = on;
    if (connection.isOver) return true;
    const taken = this.#traffic.resumed(h);
    if (!taken.ok) return countTooHigh(h, this.#traffic.sent.sentCount);
    this.#timer?.[Symbol.dispose]();
    this.#on = on;
    this.#state = 'established';
    connection.listener = this.#listenerFor(on);
    connection.write(resumedText(this.#resumeId ?? '', handled.h));
    this.#traffic.attach(connection);
    this.#traffic.watch();
    this.#owner.resumed?.(on);
    return true;
  }

  #listenerFor(on: On): ConnectionListener {
    return {
      opened: (header) => {
        if (!this.#owner.opened?.(header)) this.fail({ condition: 'bad-format' });
      },
      element: (element) => this.#element(element),
      closed: () => this.#closedByPeer(),
      faulted: ({ reason, text }) => this.fail({ condition: reason, text }),
      disconnected: (error) => {
        on.disconnected?.();
        this.#disconnected(error);
      },
      flushing: () => this.#traffic.flushing(),
    };
  }

  #element(element: StreamElement): void | Promise<void> {
    const { name, xmlns } = element;
    if (xmlns === ns.sm) return this.#management(element);
    if (xmlns !== ns.stream || name !== 'error') return this.#owner.element(element);
    const error = streamErrorOf(elementOf(element));
    const { condition, text } = error;
    this.#options.log.info({ ...this.#owner.who, condition, text }, 'the other side ended its stream with an error');
    this.#ending ??= { reason: 'closed-by-peer', error };
    this.#closedByPeer();
  }

  #management({ name, attrs }: StreamElement): void | Promise<void> {
    const connection = this.#on?.connection;
    const { book } = this.#options;
    const h = countOf(attrs);
    if (name === 'r' && this.isManaged) this.#traffic.answer();
    else if (name === 'a' && this.isManaged) this.#acknowledged(h);
    else if (name === 'enabled' && this.#enabledFrom !== undefined) this.#enabled(attrs);
    else if (name === 'failed' && this.#enabledFrom !== undefined) {
      this.#enabledFrom = undefined;
      this.settleUncounted();
    } else if (name === 'enable' && book && !this.isManaged) this.#enableForPeer(attrs, book);
    else if (name === 'resume' && this.#owner.resume && !this.isManaged) {
      if (h !== undefined && attrs['previd']) return this.#owner.resume(attrs['previd'], h);
      connection?.write(failedText('bad-request'));
    } else if (name === 'enable' || name === 'resume') connection?.write(failedText('unexpected-request'));
    // A question that crossed our <enable/> counts nothing yet.
    else if (name !== 'r' || this.#enabledFrom === undefined) this.fail({ condition: 'unsupported-stanza-type' });
  }

  #acknowledged(h: number | undefined): void {
    if (h === undefined) return this.fail({ condition: 'invalid-xml', text: 'h' });
    const taken = this.#traffic.acknowledged(h);
    if (!taken.ok) this.fail(countTooHigh(h, this.#traffic.sent.sentCount));
  }

  #enabled(attrs: StreamElement['attrs']): void {
    this.#traffic.manage(this.#enabledFrom, true);
    this.#enabledFrom = undefined;
    this.#traffic.isHolding = false;
    this.#resumeMs = this.#agreedMs(attrs);
    if (this.#resumeMs > 0) this.#resumeId = attrs['id'] || undefined;
  }

  #enableForPeer(attrs: StreamElement['attrs'], book: NonNullable<LifeOptions['book']>): void {
    this.#resumeMs = this.#agreedMs(attrs);
    if (this.#resumeMs > 0) this.#resumeId = book.add();
    const id = this.#resumeId;
    const resume = id === undefined ? undefined : { id, maxMs: this.#resumeMs };
    this.#on?.connection.write(enabledText(resume));
    this.#traffic.manage();
  }

  /** How long both sides would keep the stream; 0: not at all. */
  #agreedMs({ resume, max = '' }: StreamElement['attrs']): number {
    const { resumeMs } = this.#options.limits;
    if (resume !== 'true' && resume !== '1') return 0;
    return /^\d{1,8}$/.test(max) ? Math.min(Number(max) * 1000, resumeMs) : resumeMs;
  }

  #timedOut(): void {
    this.#options.log.info(this.#owner.who, 'no sign of life from the other side');
    // A stream error would end a stream that can still be resumed.
    if (this.#resumeId !== undefined) this.#on?.connection.destroy(new Error('no sign of life'));
    else this.fail({ condition: 'connection-timeout' }, 'lost');
  }

  #handlerFailed(error: unknown): void {
    this.#options.log.error({ ...this.#owner.who, err: error }, 'a stanza could not be handled');
    const failure: StreamError = { condition: 'internal-server-error' };
    if (this.#state === 'detached') this.end({ reason: 'closed-by-us', error: failure });
    else this.fail(failure);
  }

  /** Closes in good order, or with an error. */
  close(error: StreamError | undefined): void {
    if (this.#state === 'detached') this.end({ reason: 'closed-by-us', ...(error && { error }) });
    else if (error) this.fail(error);
    else if (this.#state === 'established' && this.#on) {
      this.#state = 'closing';
      this.#ending = { reason: 'closed-by-us' };
      const { connection } = this.#on;
      // What the other side has of ours is worth knowing before it goes.
      const question = this.isManaged && this.#traffic.sent.length > 0 ? requestText : '';
      connection.write(this.#traffic.lastAnswer + question);
      connection.close();
    }
  }

  fail(error: StreamError, reason: LifeEnd['reason'] = 'closed-by-us'): void {
    if (this.#state !== 'established' && this.#state !== 'closing') return;
    this.#state = 'closing';
    this.#ending ??= { reason, error };
    // The last acknowledgement tells what need not be sent again (XEP-0198 §4).
    this.#on?.connection.finish(this.#traffic.lastAnswer + streamErrorText(error));
  }

  #closedByPeer(): void {
    if (this.#state !== 'established' && this.#state !== 'closing') return;
    this.#state = 'closing';
    this.#ending ??= { reason: 'closed-by-peer' };
    const connection = this.#on?.connection;
    this.#traffic.handled.whenSettled(() => {
      connection?.write(this.#traffic.lastAnswer);
      connection?.finishClose();
    });
  }

  #disconnected(error: Error | undefined): void {
    if (this.#state === 'ended' || this.#state === 'detached') return;
    this.#options.log.debug({ ...this.#owner.who, err: error }, 'connection gone');
    if (!this.#ending && this.#resumeId !== undefined) {
      // Who asked for XEP-0198 comes back by another stream, which goes on with what this one leaves.
      if (this.#options.book) return this.#setDetached();
      return this.end({ reason: 'lost' });
    }
    this.#traffic.handled.whenSettled(() => this.end(this.#ending ?? { reason: 'lost' }));
  }

  #setDetached(): void {
    this.#state = 'detached';
    this.#traffic.detach();
    this.#timer = this.#options.clock.after(this.#resumeMs, () => this.end({ reason: 'lost' }));
    this.#owner.detached?.();
  }

  end(end: LifeEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#timer?.[Symbol.dispose]();
    this.#traffic.detach();
    if (this.#resumeId !== undefined) this.#options.book?.end(this.#resumeId);
    this.#owner.ended(end, this.#traffic.unacked);
    this.#ended.resolve();
  }
}

const silentListener: ConnectionListener = {
  opened() {},
  element() {},
  closed() {},
  faulted() {},
  disconnected() {},
};
