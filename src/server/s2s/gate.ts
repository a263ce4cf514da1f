// So many at a time, and so many of one family of domains; the others wait in order, family by family. Whoever has a domain has
// all the names below it for nothing: a thousand of them that lead nowhere must not stand in front of everybody else.

export class Gate {
  readonly #max: number;
  readonly #familyMax: number;
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #insideOf = new Map<string, number>();
  #inside = 0;

  constructor(max: number, familyMax: number) {
    this.#max = max;
    this.#familyMax = familyMax;
  }

  async run<Value>(family: string, work: () => Promise<Value>): Promise<Value> {
    if (this.#hasRoomFor(family)) this.#count(family, 1);
    else
      await new Promise<void>((resolve) => {
        const waiting = this.#waiting.get(family);
        if (waiting) waiting.push(resolve);
        else this.#waiting.set(family, [resolve]);
      });
    try {
      return await work();
    } finally {
      this.#count(family, -1);
      this.#admitNext();
    }
  }

  #hasRoomFor(family: string): boolean {
    return this.#inside < this.#max && (this.#insideOf.get(family) ?? 0) < this.#familyMax;
  }

  #admitNext(): void {
    for (const [family, waiting] of this.#waiting) {
      if (!this.#hasRoomFor(family)) continue;
      const next = waiting.shift();
      // Its next one stands behind the other families.
      this.#waiting.delete(family);
      if (waiting.length > 0) this.#waiting.set(family, waiting);
      this.#count(family, 1);
      return next?.();
    }
  }

  #count(family: string, by: 1 | -1): void {
    this.#inside += by;
    const left = (this.#insideOf.get(family) ?? 0) + by;
    if (left > 0) this.#insideOf.set(family, left);
    else this.#insideOf.delete(family);
  }
}

/** The last two labels of a domain: as a rule, what somebody had to register. */
export const familyOf = (domain: string): string =>
  /^[\d.]+$|^\[/.test(domain) ? domain : domain.split('.').slice(-2).join('.');
