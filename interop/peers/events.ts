// What happened to somebody, in order, and waiting for what is still to come.

export class Events<Event> {
  readonly all: Event[] = [];
  readonly #name: string;
  readonly #waiting = new Set<(event: Event) => void>();

  constructor(name: string) {
    this.#name = name;
  }

  add(event: Event): void {
    this.all.push(event);
    for (const check of [...this.#waiting]) check(event);
  }

  /**
   * The first event that `wanted` takes, also one that came before; `after` says from which index on to look. Rejects after
   * `withinMs` with everything that came instead.
   */
  async until<Wanted extends Event>(
    what: string,
    wanted: ((event: Event) => event is Wanted) | ((event: Event) => boolean),
    { withinMs = 15_000, after = 0 }: { withinMs?: number; after?: number } = {},
  ): Promise<Wanted> {
    const past = this.all.slice(after).find((event) => wanted(event));
    if (past !== undefined) return past as Wanted;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const seen = this.all.slice(after).map((event) => JSON.stringify(event));
        reject(new Error(`${this.#name} waited ${withinMs} ms for ${what}; saw:\n  ${seen.join('\n  ') || 'nothing'}`));
      }, withinMs);
      const check = (event: Event): void => {
        if (!wanted(event)) return;
        this.#waiting.delete(check);
        clearTimeout(timer);
        resolve(event as Wanted);
      };
      this.#waiting.add(check);
    });
  }
}
