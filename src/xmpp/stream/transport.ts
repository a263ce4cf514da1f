// The socket under a stream: one connection, plain or TLS, that turns octets into stream events one at a time, and text
// into few large writes. It knows when to stop reading (the listener is busy, the peer does not read, the peer is too fast)
// and how to end without losing what was said. What the events mean is the listener's matter.

import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { XmlFault, XmlLimits } from '../../xml/limits.ts';
import {
  type StreamElement,
  type StreamHeader,
  type XmlStreamEvent,
  XmlStreamReader,
} from '../../xml/stream-reader.ts';
import { streamEnd } from './header.ts';
import { TokenBucket } from './token-bucket.ts';

/** Events come in order; while a returned promise is unsettled the next one waits, and before long nothing is read. */
export interface ConnectionListener {
  opened(header: StreamHeader): void | Promise<void>;
  element(element: StreamElement): void | Promise<void>;
  /** The peer's </stream:stream>. */
  closed(): void;
  faulted(fault: XmlFault): void;
  /** The socket is gone. The last event, and it comes exactly once. `error`: ours or the system's word for why. */
  disconnected(error: Error | undefined): void;
  /** What was written is about to go to the socket: text to go with it, and what to do when it has left. */
  flushing?(): { readonly text: string; readonly sent?: () => void } | undefined;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly xml: Partial<XmlLimits>;
  /** How long each half of ending may take. */
  readonly closeMs: number;
  /** Characters waiting for the peer to read, above which we read nothing from it either. */
  readonly writeBufferMax?: number;
  /** Rate of reading; undefined: as fast as it comes. */
  readonly bytesPerSecond?: number;
  readonly burstBytes?: number;
  /** White space is sent after so long without anything else (RFC 6120 §4.6.1); undefined or 0: never. */
  readonly keepaliveMs?: number;
}

const greaterThan = 0x3e;
const nothing = Buffer.alloc(0);

type Queued = XmlStreamEvent | { readonly type: 'gone' };

export class Connection {
  listener: ConnectionListener;
  readonly #options: ConnectionOptions;
  #socket: Duplex;
  #tls: TLSSocket | undefined;
  #reader: XmlStreamReader;
  #bucket: TokenBucket | undefined;
  #elements: TokenBucket | undefined;
  #isHeld = false;
  #isStepwise = false;
  /** Octets received and not read yet; only while reading stepwise. */
  #unread: Buffer = nothing;
  readonly #queue: Queued[] = [];
  #isHandling = false;
  #isPumping = false;
  #isReading = false;
  #isPaused = false;
  #isThrottled = false;
  #isDiscarding = false;
  #isUpgrading = false;
  #out = '';
  #isFlushArmed = false;
  #isEnding = false;
  #isGone = false;
  #error: Error | undefined;
  #timer: Disposable | undefined;
  #keepalive: Disposable | undefined;
  #throttle: Disposable | undefined;
  #lastWriteAt: number;
  readonly #drained: (() => void)[] = [];

  /** Monotonic ms of the last octets received. */
  lastHeardAt: number;

  constructor(socket: Duplex, options: ConnectionOptions, listener: ConnectionListener) {
    this.listener = listener;
    this.#options = options;
    this.#socket = socket;
    this.#reader = new XmlStreamReader(options.xml);
    this.lastHeardAt = this.#lastWriteAt = options.clock.mono();
    this.limitRate(options.bytesPerSecond, options.burstBytes);
    this.#listen(socket);
    this.#armKeepalive();
  }

  get tls(): TLSSocket | undefined {
    return this.#tls;
  }

  /** No more can be written: it is ending or gone. */
  get isOver(): boolean {
    return this.#isEnding || this.#isGone;
  }

  /** Characters and octets on their way to the peer. */
  get buffered(): number {
    return this.#out.length + this.#socket.writableLength;
  }

  /** Has the peer sent more than the events so far: part of an element, or elements that still wait? */
  get hasMore(): boolean {
    return this.#queue.length > 0 || this.#unread.some((octet) => octet > 0x20) || this.#reader.isPending;
  }

  /**
   * Reads no further than the event being handled, so that `restart` can come between two elements of one packet: for peers
   * that do not wait for our answers (XEP-0305). Slower; for negotiation only.
   */
  set isStepwise(isStepwise: boolean) {
    this.#isStepwise = isStepwise;
    if (!isStepwise && this.#unread.length > 0) queueMicrotask(() => this.#readOn());
  }

  limitRate(bytesPerSecond: number | undefined, burstBytes = 65_536): void {
    this.#bucket =
      bytesPerSecond === undefined || !Number.isFinite(bytesPerSecond)
        ? undefined
        : new TokenBucket(bytesPerSecond, burstBytes, this.#options.clock.mono());
  }

  /** What an element may cost from now on. */
  limitXml(xml: Partial<XmlLimits>): void {
    this.#reader.limits = xml;
  }

  /** Elements per second from now on: small ones cost more than their octets. Who sends more is read more slowly. */
  limitElements(perSecond: number, burst: number): void {
    this.#elements = Number.isFinite(perSecond)
      ? new TokenBucket(perSecond, burst, this.#options.clock.mono())
      : undefined;
  }

  /** Writes after all that was written before; goes out with everything else of this turn of the event loop. */
  write(text: string): void {
    if (this.isOver) return;
    this.#out += text;
    this.wake();
  }

  /** Has `flushing` called soon, even when nothing is written. */
  wake(): void {
    if (this.#isFlushArmed || this.#isUpgrading || this.isOver) return;
    this.#isFlushArmed = true;
    setImmediate(() => {
      this.#isFlushArmed = false;
      this.#flush();
    });
  }

  /** The next octets are a new stream (after TLS or SASL). */
  restart(xml: Partial<XmlLimits> = this.#options.xml): void {
    this.#reader = new XmlStreamReader(xml);
  }

  /**
   * Goes on inside of TLS; `wrap` makes the TLS socket, `secured` is called before anything that came through it is looked
   * at. Call it from within an event, so that nothing is read meanwhile. Rejects when the handshake fails; the connection is
   * then gone.
   */
  upgrade(wrap: (socket: Duplex) => TLSSocket, secured: (socket: TLSSocket) => void): Promise<void> {
    this.#flush();
    const raw = this.#socket;
    this.#isUpgrading = true;
    raw.removeAllListeners('data');
    raw.removeAllListeners('end');
    raw.removeAllListeners('drain');
    raw.removeAllListeners('close');
    if (raw.isPaused()) raw.resume();
    const tls = wrap(raw);
    this.#tls = tls;
    this.#socket = tls;
    this.#isPaused = false;
    this.#listen(tls);
    this.restart();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        tls.off('secure', succeed).off('error', fail).off('close', fail);
        this.#isUpgrading = false;
      };
      const fail = (error?: Error): void => {
        stop();
        reject(new Error('TLS handshake failed', { cause: error ?? this.#error }));
      };
      const succeed = (): void => {
        stop();
        try {
          secured(tls);
        } catch (error) {
          this.destroy(error instanceof Error ? error : new Error(String(error)));
        }
        resolve();
        if (this.#out !== '') this.wake();
      };
      // Both roles emit 'secure'; what a client thinks of the certificate is for `secured` to say.
      tls.on('secure', succeed).on('error', fail).on('close', fail);
    });
  }

  /** Ends our half of the stream and waits for the peer's; its stanzas keep coming until then. */
  close(): void {
    if (this.isOver) return;
    this.#out += streamEnd;
    this.#flush();
    this.#isEnding = true;
    this.#arm(() => this.#endSocket());
  }

  /** Says `lastWords` (an error, if any), ends the stream and listens no more. */
  finish(lastWords: string): void {
    if (this.#isGone) return;
    this.#isDiscarding = true;
    this.#queue.length = 0;
    if (!this.#isEnding) {
      this.#out += lastWords + streamEnd;
      this.#flush();
      this.#isEnding = true;
    }
    this.#endSocket();
  }

  /** After the peer's </stream:stream>: answers it if we have not said it first, and ends the connection. */
  finishClose(): void {
    if (this.#isGone) return;
    if (!this.#isEnding) {
      this.#out += streamEnd;
      this.#flush();
      this.#isEnding = true;
    }
    this.#isDiscarding = true;
    this.#endSocket();
  }

  /** Drops the connection, and what has arrived but was not looked at yet. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#isDiscarding = true;
    if (!this.#isGone) this.#queue.length = 0;
    this.#isEnding = true;
    this.#socket.destroy();
  }

  /** Resolves when the socket is gone and every event has been dealt with. */
  drained(): Promise<void> {
    if (this.#isGone && !this.#isHandling && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #listen(socket: Duplex): void {
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error: Error) => {
      this.#error ??= error;
      socket.destroy();
    });
    socket.on('end', () => {
      this.#flush();
      if (!socket.writableEnded) socket.end();
      // The other half may take its time, but not forever.
      if (!this.#isGone) this.#arm(() => this.#socket.destroy());
    });
    socket.on('drain', () => this.#updateReading());
    socket.on('close', () => {
      if (socket === this.#socket) this.#gone();
    });
    if (socket.destroyed) this.#gone();
  }

  #received(chunk: Buffer): void {
    const now = this.#options.clock.mono();
    this.lastHeardAt = now;
    if (this.#isDiscarding) return;
    const waitMs = this.#bucket?.take(chunk.length, now) ?? 0;
    if (waitMs > 0) {
      this.#isThrottled = true;
      this.#throttle = this.#options.clock.after(waitMs, () => {
        this.#isThrottled = false;
        this.#updateReading();
      });
    }
    this.#unread = this.#unread.length > 0 ? Buffer.concat([this.#unread, chunk]) : chunk;
    this.#readOn();
  }

  #readOn(): void {
    if (this.#isReading || this.#isUpgrading) return;
    if (this.#isDiscarding) this.#unread = nothing;
    this.#isReading = true;
    // Stepwise: every event ends with a '>', and what comes after it waits until the event is dealt with.
    while (this.#unread.length > 0 && !(this.#isStepwise && (this.#isHandling || this.#queue.length > 0))) {
      const end = this.#isStepwise ? this.#unread.indexOf(greaterThan) + 1 : 0;
      const piece = end > 0 ? this.#unread.subarray(0, end) : this.#unread;
      this.#unread = this.#unread.subarray(piece.length);
      for (const event of this.#reader.push(piece)) this.#queue.push(event);
      this.#pump();
      if (this.#isDiscarding || this.#isUpgrading) this.#unread = nothing;
    }
    this.#isReading = false;
    this.#updateReading();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isHandling) {
      if (this.#isHeld && this.#queue[0]?.type === 'element') break;
      const event = this.#queue.shift();
      if (!event) break;
      if (event.type === 'element') this.#countElement();
      const pending = this.#handle(event);
      if (pending) {
        this.#isHandling = true;
        const next = (): void => {
          this.#isHandling = false;
          this.#pump();
          this.#readOn();
        };
        pending.then(next, (error: unknown) => {
          // A listener answers for its failures; one that gets here ends the connection, not the process.
          this.destroy(error instanceof Error ? error : new Error(String(error)));
          next();
        });
      }
    }
    this.#isPumping = false;
    if (this.#isGone && !this.#isHandling && this.#queue.length === 0)
      for (const resolve of this.#drained.splice(0)) resolve();
  }

  #countElement(): void {
    const { clock } = this.#options;
    const waitMs = this.#elements?.take(1, clock.mono()) ?? 0;
    if (waitMs === 0) return;
    this.#isHeld = true;
    clock.after(waitMs, () => {
      this.#isHeld = false;
      this.#pump();
      this.#readOn();
    });
  }

  #handle(event: Queued): Promise<void> | undefined {
    switch (event.type) {
      case 'open':
        return this.listener.opened(event.header) ?? undefined;
      case 'element':
        return this.listener.element(event.element) ?? undefined;
      case 'close':
        this.listener.closed();
        return undefined;
      case 'fault':
        this.listener.faulted(event.fault);
        return undefined;
      case 'gone':
        this.listener.disconnected(this.#error);
        return undefined;
    }
  }

  #updateReading(): void {
    if (this.#isGone || this.#isUpgrading) return;
    const isBusy = (this.#isHandling || this.#isHeld) && (this.#queue.length > 0 || this.#unread.length > 0);
    const isFull = this.#socket.writableLength > (this.#options.writeBufferMax ?? 1_048_576);
    const shouldPause = !this.#isDiscarding && (isBusy || isFull || this.#isThrottled);
    if (shouldPause === this.#isPaused) return;
    this.#isPaused = shouldPause;
    if (shouldPause) this.#socket.pause();
    else this.#socket.resume();
  }

  #flush(): void {
    if (this.isOver || this.#isUpgrading) return;
    const last = this.listener.flushing?.();
    const text = last ? this.#out + last.text : this.#out;
    this.#out = '';
    if (text === '') {
      last?.sent?.();
      return;
    }
    this.#lastWriteAt = this.#options.clock.mono();
    const sent = last?.sent;
    if (sent) this.#socket.write(text, (error) => !error && sent());
    else this.#socket.write(text);
    this.#updateReading();
  }

  #endSocket(): void {
    if (this.#isGone) return;
    this.#updateReading();
    if (!this.#socket.writableEnded) this.#socket.end();
    this.#arm(() => this.#socket.destroy());
  }

  #arm(task: () => void): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.clock.after(this.#options.closeMs, task);
  }

  #armKeepalive(): void {
    const { clock, keepaliveMs } = this.#options;
    if (!keepaliveMs) return;
    const quiet = clock.mono() - this.#lastWriteAt;
    this.#keepalive = clock.after(Math.max(1, keepaliveMs - quiet), () => {
      if (this.isOver) return;
      if (clock.mono() - this.#lastWriteAt >= keepaliveMs) this.write(' ');
      this.#armKeepalive();
    });
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#timer?.[Symbol.dispose]();
    this.#keepalive?.[Symbol.dispose]();
    this.#throttle?.[Symbol.dispose]();
    this.#isStepwise = false;
    this.#readOn();
    this.#queue.push({ type: 'gone' });
    this.#pump();
  }
}
