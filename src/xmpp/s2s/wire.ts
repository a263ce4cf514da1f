// A link between two sockets for tests. Octets take their time, and time is what the wire says it is: it passes only when both
// sides have done all they can do without hearing from each other. So round trips can be told from the time that passed.

import { Duplex } from 'node:stream';
import type { SimulatedClock } from '../../base/clock.ts';

export interface WireOptions {
  /** One way. */
  readonly delayMs?: number;
  /** Is moved along. */
  readonly clock?: SimulatedClock;
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
    this.#wire.octets += chunk.length;
    this.#wire.carry(() => this.other.#arrived(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.#wire.carry(() => this.other.#arrived(null));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.carry(() => this.other.#arrived(null));
    done(error);
  }

  #arrived(chunk: Buffer | null): void {
    if (!this.destroyed && !this.readableEnded) this.push(chunk);
  }
}

// Turns of the event loop without anything new on the wire after which both sides are taken to wait.
const idleTurns = 12;

export class Wire {
  readonly ends: readonly [Duplex, Duplex];
  readonly #delayMs: number;
  readonly #clock: SimulatedClock | undefined;
  readonly #underway: { readonly at: number; readonly arrive: () => void }[] = [];
  #isRunning = false;
  #sent = 0;
  /** What is sent goes nowhere, and nobody is told. */
  isStalled = false;
  elapsedMs = 0;
  octets = 0;

  constructor({ delayMs = 0, clock }: WireOptions = {}) {
    this.#delayMs = delayMs;
    this.#clock = clock;
    const [a, b] = [new End(this), new End(this)];
    a.other = b;
    b.other = a;
    this.ends = [a, b];
  }

  carry(arrive: () => void): void {
    this.#sent++;
    if (this.isStalled) return;
    this.#underway.push({ at: this.elapsedMs + this.#delayMs, arrive });
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#underway.length > 0) {
      if (this.#delayMs > 0) await this.#idle();
      else await turn();
      const at = this.#underway[0]?.at ?? 0;
      this.#clock?.advance(at - this.elapsedMs);
      this.elapsedMs = at;
      while (this.#underway[0]?.at === at) this.#underway.shift()?.arrive();
    }
    this.#isRunning = false;
  }

  async #idle(): Promise<void> {
    let seen = -1;
    for (let turns = 0; turns < idleTurns; turns++) {
      if (seen !== this.#sent) turns = 0;
      seen = this.#sent;
      await turn();
    }
  }

  /** The link breaks: both ends notice at once, and what was underway is lost. */
  cut(): void {
    this.#underway.length = 0;
    for (const end of this.ends) end.destroy(new Error('the link is cut'));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
