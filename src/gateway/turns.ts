/** One at a time, in order of asking. A task that fails takes nothing with it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Tasks asked for and not done. */
  get waiting(): number {
    return this.#waiting;
  }

  take<Value>(task: () => Promise<Value>): Promise<Value> {
    this.#waiting++;
    const run = this.#run(this.#last, task);
    this.#last = run.then(nothing, nothing); // The caller hears of it through `run`.
    return run;
  }

  async #run<Value>(before: Promise<unknown>, task: () => Promise<Value>): Promise<Value> {
    await before;
    try {
      return await task();
    } finally {
      this.#waiting--;
    }
  }
}

const nothing = (): void => {};
