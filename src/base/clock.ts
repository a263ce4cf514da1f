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
  after(delayMs, task) {
    // setTimeout clamps anything above 2^31-1 ms to 1 ms; a longer wait is waited out in pieces.
    const longest = 0x7fffffff;
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      timer = setTimeout(() => (leftMs > longest ? arm(leftMs - longest) : task()), Math.min(leftMs, longest));
      timer.unref();
    };
    arm(delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** A clock that tests move by hand: `advance` runs every timer that falls due, in order of its time. */
export class SimulatedClock implements Clock {
  #mono = 0;
  #wall: number;
  #next = 0;
  readonly #timers = new Map<number, { at: number; task: () => void }>();

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
    const id = this.#next++;
    this.#timers.set(id, { at: this.#mono + Math.max(0, delayMs), task });
    return { [Symbol.dispose]: () => void this.#timers.delete(id) };
  }

  /** How many timers are armed: a test's way to see that nothing leaks. */
  get armed(): number {
    return this.#timers.size;
  }

  /** When the next timer falls due, in monotonic ms; undefined when none is armed. */
  get nextAt(): MonoMs | undefined {
    let next: MonoMs | undefined;
    for (const { at } of this.#timers.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  advance(byMs: number): void {
    const end = this.#mono + byMs;
    for (;;) {
      let due: [number, { at: number; task: () => void }] | undefined;
      for (const entry of this.#timers) if (entry[1].at <= end && (!due || entry[1].at < due[1].at)) due = entry;
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#wall += due[1].at - this.#mono;
      this.#mono = due[1].at;
      due[1].task();
    }
    this.#wall += end - this.#mono;
    this.#mono = end;
  }

  /** Moves only the wall clock, as an operator or NTP does. */
  jumpWall(byMs: number): void {
    this.#wall += byMs;
  }
}
