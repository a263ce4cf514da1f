// A link between two sockets for tests: octets take their time by a simulated clock, or none, and it counts flights: how often
// the word went from one side to the other.

import { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';

export interface WireOptions {
  /** One way, ms. Without a clock there is no delay. */
  readonly delayMs?: number;
  readonly clock?: Clock;
}

class End extends Duplex {
  other!: End;
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super({ allowHalfOpen: false });
    this.#wire = wire;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#wire.carried(this, chunk);
    this.#wire.later(() => this.other.#arrived(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.#wire.later(() => this.other.#arrived(null));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.later(() => this.other.#arrived(null));
    done(error);
  }

  #arrived(chunk: Buffer | null): void {
    if (!this.destroyed && !this.readableEnded) this.push(chunk);
  }
}

export class Wire {
  readonly ends: readonly [Duplex, Duplex];
  readonly #options: WireOptions;
  #speaker: End | undefined;
  /** Turns of speech so far; what one side says without being answered is one. */
  flights = 0;
  octets = 0;

  constructor(options: WireOptions = {}) {
    this.#options = options;
    const [a, b] = [new End(this), new End(this)];
    a.other = b;
    b.other = a;
    this.ends = [a, b];
  }

  carried(by: End, chunk: Buffer): void {
    this.octets += chunk.length;
    if (by === this.#speaker) return;
    this.#speaker = by;
    this.flights++;
  }

  later(task: () => void): void {
    const { clock, delayMs = 0 } = this.#options;
    if (clock) clock.after(delayMs, task);
    else setImmediate(task);
  }

  /** The link breaks: both ends notice at once. */
  cut(): void {
    for (const end of this.ends) end.destroy(new Error('the link is cut'));
  }
}
