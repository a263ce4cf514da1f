// Time as a collaborator: protocol logic never reads the system clock or arms a timer of its own.

/** Monotonic milliseconds: for durations and deadlines only. */
export type MonoMs = number & { readonly mono?: never };
/** Milliseconds since 1970-01-01T00:00:00Z: for time stamps that people or peers see. */
export type WallMs = number & { readonly wall?: never };

export interface Clock {
  mono(): MonoMs;
  wall(): WallMs;
  /** Runs `task` once after `delayMs`; disposing cancels it. The timer does not keep the process alive. */
  after(delayMs: number, task: () => void): Disposable;
}

export const systemClock: Clock = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  after: (delayMs, task) => new SystemTimer(delayMs, task),
};

/** setTimeout clamps anything above 2^31-1 ms to 1 ms; a longer wait is waited out in pieces. */
const longestMs = 0x7fffffff;

/** There is one for every idle session, so it is one object beside Node's own. */
class SystemTimer implements Disposable {
  readonly #task: () => void;
  #leftMs: number;
  #timer: NodeJS.Timeout;

  constructor(delayMs: number, task: () => void) {
    this.#task = task;
    this.#leftMs = delayMs;
    this.#timer = this.#arm();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(SystemTimer.#fired, Math.min(this.#leftMs, longestMs), this).unref();
  }

  static #fired(timer: SystemTimer): void {
    timer.#leftMs -= longestMs;
    if (timer.#leftMs > 0) timer.#timer = timer.#arm();
    else timer.#task();
  }
}

const leastDelayMs = 0.001;

interface Timer {
  readonly at: MonoMs;
  /** Timers of one instant run in the order in which they were armed. */
  readonly order: number;
  readonly task: () => void;
  isOver: boolean;
}

/** A clock that tests move by hand: `advance` runs every timer that falls due, in order of its time. */
export class SimulatedClock implements Clock {
  #mono = 0;
  #wall: number;
  #next = 0;
  #armed = 0;
  /** A binary heap, the earliest on top; timers that were disposed of go when they get there. */
  readonly #timers: Timer[] = [];

  constructor(wallStartMs: WallMs = Date.UTC(2009, 5, 12, 13, 59)) {
    this.#wall = wallStartMs;
  }

  mono(): MonoMs {
    return this.#mono;
  }

  wall(): WallMs {
    return this.#wall;
  }

  after(delayMs: number, task: () => void): Disposable {
    // What is left of a longer wait may be lost in rounding; time moves on all the same.
    const at = this.#mono + (delayMs > 0 ? Math.max(delayMs, leastDelayMs) : 0);
    const timer: Timer = { at, order: this.#next++, task, isOver: false };
    this.#armed++;
    this.#push(timer);
    return {
      [Symbol.dispose]: () => {
        if (!timer.isOver) this.#armed--;
        timer.isOver = true;
      },
    };
  }

  /** How many timers are armed: a test's way to see that nothing leaks. */
  get armed(): number {
    return this.#armed;
  }

  /** When the next timer falls due, in monotonic ms; undefined when none is armed. */
  get nextAt(): MonoMs | undefined {
    return this.#first()?.at;
  }

  advance(byMs: number): void {
    const end = this.#mono + byMs;
    for (let due = this.#first(); due && due.at <= end; due = this.#first()) {
      this.#pop();
      due.isOver = true;
      this.#armed--;
      this.#wall += due.at - this.#mono;
      this.#mono = due.at;
      due.task();
    }
    this.#wall += end - this.#mono;
    this.#mono = end;
  }

  /** Moves only the wall clock, as an operator or NTP does. */
  jumpWall(byMs: number): void {
    this.#wall += byMs;
  }

  #first(): Timer | undefined {
    while (this.#timers[0]?.isOver) this.#pop();
    return this.#timers[0];
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.length;
    for (; at > 0; ) {
      const up = (at - 1) >> 1;
      const above = heap[up] as Timer;
      if (!isBefore(timer, above)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = timer;
  }

  /** Takes the top away. */
  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && isBefore(heap[down + 1] as Timer, heap[down] as Timer)) down++;
      const below = heap[down] as Timer;
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = down;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
