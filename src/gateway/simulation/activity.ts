// When is everything done that an instant set off? Time may only move then. Work that shows nowhere else is seen here: calls
// of stores, octets between servers, passwords being hashed by other threads.

/** Turns of the event loop in which nothing was seen, after which nothing is going on. */
const stillTurns = 4;

export class Activity {
  #calls = 0;
  #events = 0;

  /** Something happened that may have consequences. */
  note(): void {
    this.#events++;
  }

  /** A call is under way; the function returned says that it is not any more, once or more often. */
  begin(): () => void {
    this.#calls++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#calls--;
      this.#events++;
    };
  }

  /** Resolves when nothing is going on. */
  async quiet(): Promise<void> {
    let seen = -1;
    for (let still = 0; still < stillTurns; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const isBusy = this.#calls > 0 || this.#events !== seen;
      seen = this.#events;
      still = isBusy ? 0 : still + 1;
    }
  }
}
