// One account's serial queue. RFC 6120 §10.1 wants stanzas between two entities processed in the order they came; a turn
// is the time in which one of them is processed, and the next turn begins when it is over. When nothing waits, a turn
// runs at once and in full before `run` returns, so that ordinary traffic costs no detour through the scheduler.

export interface Turn {
  /**
   * Work that has to be done before the stanza counts as handled, but that the next turn need not wait for: above all
   * another account's turn, since two accounts waiting for each other's turns would wait for ever.
   */
  also(work: Promise<void>): void;
}

export type Task = (turn: Turn) => void | Promise<void>;

export class Turns {
  readonly #waiting: (() => void | Promise<void>)[] = [];
  readonly #waitingAhead: (() => void | Promise<void>)[] = [];
  #isTaken = false;
  #onIdle: (() => void)[] = [];

  get isIdle(): boolean {
    return !this.#isTaken && this.#waiting.length === 0 && this.#waitingAhead.length === 0;
  }

  /** Resolves when the task and all it asked for `also` are done; rejects with the first failure among them. */
  run(task: Task): Promise<void> {
    return this.#run(task, this.#waiting);
  }

  /**
   * The same, before all that waits, in order among its kind: for what happened before the stanzas that wait arrived, such
   * as a message that a session turns out not to have received.
   */
  runAhead(task: Task): Promise<void> {
    return this.#run(task, this.#waitingAhead);
  }

  #run(task: Task, queue: (() => void | Promise<void>)[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const work: Promise<void>[] = [];
      const settle = (): void => {
        if (work.length === 0) resolve();
        else Promise.all(work).then(() => resolve(), reject);
      };
      // Work may fail before the turn is over, when nobody looks at it yet; `settle` will. If the turn itself fails, that is
      // what is reported, and the work begun runs on.
      const also = (one: Promise<void>): void => {
        one.catch(() => {});
        work.push(one);
      };
      queue.push(() => {
        try {
          const going = task({ also });
          if (going !== undefined) return going.then(settle, reject);
          settle();
        } catch (cause) {
          reject(cause);
        }
        return undefined;
      });
      if (!this.#isTaken) this.#next();
    });
  }

  /** Resolves when no turn is taken and none is waited for. */
  idle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #next(): void {
    for (;;) {
      const start = this.#waitingAhead.shift() ?? this.#waiting.shift();
      if (!start) {
        this.#isTaken = false;
        const told = this.#onIdle;
        this.#onIdle = [];
        for (const tell of told) tell();
        return;
      }
      this.#isTaken = true;
      const going = start();
      if (going) {
        going.then(() => this.#next());
        return;
      }
    }
  }
}
