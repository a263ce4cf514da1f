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
    const run = this.#last.then(task).finally(() => {
      this.#waiting--;
    });
    this.#last = run.catch(() => {}); // The caller hears of it through `run`.
    return run;
  }
}
