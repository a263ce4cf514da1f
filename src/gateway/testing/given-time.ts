// Time as a doomed process has it when its parent gives it: a simulated clock that moves when it is told to, and only when
// nothing is going on any more. So hours pass in a moment, in a real process over real files.

import { SimulatedClock } from '../../base/clock.ts';
import type { Activity } from '../simulation/activity.ts';
import type { Life } from '../simulation/mortal-store.ts';
import type { HttpCounts } from './doomed-http.ts';

/** From the parent. */
export interface Order {
  /** Time that passes before anything else, in milliseconds. */
  readonly advanceMs: number;
  /** How many requests have been sent to this process. It answers when they are here, and it is quiet. */
  readonly asked: number;
  /** It dies after so many more moments; null: it does not any more. */
  readonly dieAfter?: number | null;
}

/** To the parent. */
export interface Quiet extends HttpCounts {
  /** Milliseconds until it has something to do; undefined: nothing. */
  readonly nextInMs: number | undefined;
  /** Moments since the last `dieAfter`. */
  readonly moments: number;
}

export class GivenTime {
  readonly clock: SimulatedClock;
  readonly #life: Life;
  readonly #activity: Activity;

  constructor(wallMs: number, life: Life, activity: Activity) {
    this.clock = new SimulatedClock(wallMs);
    this.#life = life;
    this.#activity = activity;
  }

  obey(counts: () => HttpCounts): void {
    // Who gives the time is gone.
    process.on('disconnect', () => process.exit());
    process.on('message', (order: Order) => void this.#carryOut(order, counts));
  }

  async #carryOut({ advanceMs, asked, dieAfter }: Order, counts: () => HttpCounts): Promise<void> {
    const { clock } = this;
    if (dieAfter !== undefined) this.#life.dieAfter(dieAfter ?? Number.POSITIVE_INFINITY);
    clock.advance(advanceMs);
    do await this.#activity.quiet();
    while (counts().asked < asked);
    const { nextAt } = clock;
    const quiet: Quiet = {
      ...counts(),
      nextInMs: nextAt === undefined ? undefined : Math.max(0, nextAt - clock.mono()),
      moments: this.#life.moments,
    };
    process.send?.(quiet);
  }
}
