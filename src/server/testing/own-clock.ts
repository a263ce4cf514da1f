// One server's clock in a world of several: they share the passing of time, but each has its own beginning, its own idea of
// the time of day, and its own end, after which nothing of it stirs any more.

import { type MonoMs, SimulatedClock, type WallMs } from '../../base/clock.ts';

export class OwnClock extends SimulatedClock {
  readonly #shared: SimulatedClock;
  readonly #startedAt: MonoMs;
  #wallAheadMs: number;
  #isStopped = false;

  constructor(shared: SimulatedClock, wallAheadMs = 0) {
    super();
    this.#shared = shared;
    this.#startedAt = shared.mono();
    this.#wallAheadMs = wallAheadMs;
  }

  /** How far its wall clock is ahead of the others'. */
  get wallAheadMs(): number {
    return this.#wallAheadMs;
  }

  override mono(): MonoMs {
    return this.#shared.mono() - this.#startedAt;
  }

  override wall(): WallMs {
    return this.#shared.wall() + this.#wallAheadMs;
  }

  override after(delayMs: number, task: () => void): Disposable {
    return this.#shared.after(delayMs, () => {
      if (!this.#isStopped) task();
    });
  }

  override advance(byMs: number): void {
    this.#shared.advance(byMs);
  }

  override jumpWall(byMs: number): void {
    this.#wallAheadMs += byMs;
  }

  /** The process is dead: no timer of it fires again. */
  stop(): void {
    this.#isStopped = true;
  }
}
