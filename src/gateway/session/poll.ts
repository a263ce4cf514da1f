// A poll held open: the phone's Polling-Request waits a few seconds for something to be told. Another request of the
// session lets it go at once, so that a phone with one connection never waits for its own poll.

import type { Clock } from '../../base/clock.ts';

export type PollEnd = 'ready' | 'released' | 'timeout';

export class Poll {
  readonly #clock: Clock;
  #end: ((end: PollEnd) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isHeld(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves when there is something to tell, when it is let go, or after `holdMs`. */
  hold(holdMs: number, gone?: AbortSignal): Promise<PollEnd> {
    this.release();
    return new Promise((resolve) => {
      if (gone?.aborted) return resolve('released');
      const end = (how: PollEnd): void => {
        timer[Symbol.dispose]();
        gone?.removeEventListener('abort', abort);
        if (this.#end === end) this.#end = undefined;
        resolve(how);
      };
      const abort = (): void => end('released');
      const timer = this.#clock.after(holdMs, () => end('timeout'));
      gone?.addEventListener('abort', abort, { once: true });
      this.#end = end;
    });
  }

  /** Something is ready. False when no poll is held. */
  ready(): boolean {
    const isHeld = this.isHeld;
    this.#end?.('ready');
    return isHeld;
  }

  release(): void {
    this.#end?.('released');
  }
}
