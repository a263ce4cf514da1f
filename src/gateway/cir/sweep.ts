// One timer for all connections: every few seconds it looks for those whose time is over. A timer each would cost more than
// the connections themselves, and none of their times needs to be kept to the second.

import type { Clock, MonoMs } from '../../base/clock.ts';

export interface Swept {
  readonly closeAt: MonoMs;
  /** Called at each sweep: what is counted per sweep begins anew. */
  swept(): void;
  close(): void;
}

export const sweepEveryMs = 5000;

export class Sweep {
  readonly #clock: Clock;
  readonly #members = new Set<Swept>();
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#members.size;
  }

  [Symbol.iterator](): IterableIterator<Swept> {
    return this.#members.values();
  }

  add(member: Swept): void {
    this.#members.add(member);
    this.#timer ??= this.#clock.after(sweepEveryMs, () => this.#run());
  }

  delete(member: Swept): void {
    this.#members.delete(member);
  }

  #run(): void {
    this.#timer = undefined;
    const now = this.#clock.mono();
    for (const member of this.#members)
      if (member.closeAt <= now) member.close();
      else member.swept();
    if (this.#members.size > 0) this.#timer = this.#clock.after(sweepEveryMs, () => this.#run());
  }
}
