/** Requests per second of one session, as a bucket of ten seconds' worth. now: monotonic ms. */
export class Rate {
  readonly #perSecond: number;
  #left: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond * 10;
  }

  /** False: too many. */
  take(now: number): boolean {
    const since = Math.max(0, now - this.#at);
    this.#left = Math.min(this.#perSecond * 10, this.#left + (since / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
