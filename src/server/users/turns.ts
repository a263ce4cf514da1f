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
  #isTaken = false;
  #onIdle: (() => void)[] = [];

  get isIdle(): boolean {
    return !this.#isTaken && this.#waiting.length === 0;
  }

  /** Resolves when the task and all it asked for `also` are done; rejects with the first failure among them. */
  run(task: Task): Promise<void> {
    return new Promise((resolve, reject) => {
      const work: Promise<void>[] = [];
      const settle = (): void => {
        if (work.length === 0) resolve();
        else Promise.all(work).then(() => resolve(), reject);
      };
      const failed = (cause: unknown): void => {
        // What was begun runs on and is accounted for by whoever began it; this turn's own failure is what is reported.
        for (const one of work) one.catch(() => {});
        reject(cause);
      };
      this.#waiting.push(() => {
        try {
          const going = task({ also: (one) => void work.push(one) });
          if (going === undefined) settle();
          else return going.then(settle, failed);
        } catch (cause) {
          failed(cause);
        }
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
      const start = this.#waiting.shift();
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
