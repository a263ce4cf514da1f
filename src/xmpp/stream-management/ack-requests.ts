// When to ask for an acknowledgement: never more than one question on its way; the next when the answer has come and there
// is something new, after so many stanzas or a little quiet. A busy stream so asks once per round trip, a quiet one once.

export interface AckRequestPolicy {
  /** Ask at once when so many stanzas are unasked for. */
  readonly stanzas: number;
  /** Otherwise ask when nothing was sent for so long, ms. */
  readonly quietMs: number;
}

export class AckRequests {
  readonly #policy: AckRequestPolicy;
  #unasked = 0;
  #isAsked = false;
  #lastSentAt = 0;

  constructor(policy: AckRequestPolicy) {
    this.#policy = policy;
  }

  /** A question is on its way. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** now: monotonic ms. */
  sent(now: number): void {
    this.#unasked++;
    this.#lastSentAt = now;
  }

  /** 0: ask now (and call `asked`); otherwise how many ms to wait; undefined: there is nothing to ask for yet. */
  dueInMs(now: number): number | undefined {
    if (this.#isAsked || this.#unasked === 0) return undefined;
    if (this.#unasked >= this.#policy.stanzas) return 0;
    return Math.max(0, this.#lastSentAt + this.#policy.quietMs - now);
  }

  asked(): void {
    this.#isAsked = true;
    this.#unasked = 0;
  }

  /** The peer answered (or acknowledged unasked), and so many stanzas are still open. */
  answered(openCount: number): void {
    this.#isAsked = false;
    this.#unasked = Math.min(this.#unasked, openCount);
  }

  /** A new connection: no question survives the old one. */
  restart(openCount: number, now: number): void {
    this.#isAsked = false;
    this.#unasked = openCount;
    this.#lastSentAt = now;
  }
}
