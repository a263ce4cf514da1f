// How many of the peer's stanzas are safe with us (XEP-0198 `h`). Handling may take its time and may end out of order; only
// what is done without a gap counts, so an acknowledgement never covers a stanza that could still be lost.

const wrap = 2 ** 32;

export class HandledCount {
  #begun: number;
  #done: number;
  #isAbandoned = false;
  readonly #doneAhead = new Set<number>();
  readonly #waiting: { readonly upTo: number; readonly task: () => void }[] = [];

  /** `start`: the count so far, after a restart. */
  constructor(start = 0) {
    this.#begun = start;
    this.#done = start;
  }

  /** The count for the wire. */
  get h(): number {
    return this.#done % wrap;
  }

  /** Stanzas being handled. */
  get pending(): number {
    return this.#begun - this.#done - this.#doneAhead.size;
  }

  /** A stanza has arrived; returns the ticket to hand to `finish`. */
  begin(): number {
    return this.#begun++;
  }

  finish(ticket: number): void {
    if (ticket !== this.#done) {
      this.#doneAhead.add(ticket);
      return;
    }
    do this.#done++;
    while (this.#doneAhead.delete(this.#done));
    while (this.#waiting[0] && this.#waiting[0].upTo <= this.#done) this.#waiting.shift()?.task();
  }

  /** Runs `task` once everything that has arrived so far is handled: at once when it is. */
  whenSettled(task: () => void): void {
    if (this.#done === this.#begun || this.#isAbandoned) task();
    else this.#waiting.push({ upTo: this.#begun, task });
  }

  /** A stanza will never be handled: nobody waits for it any more, and the count stays where it is. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const { task } of this.#waiting.splice(0)) task();
  }
}
