// Every room of the service, in memory or only in the Store, by address: for the list of rooms and for quotas.

export interface Entry {
  /** As its owner calls it; '' when it has no name. */
  readonly name: string;
  readonly isPublic: boolean;
  /** Bare JID. */
  readonly creator: string;
}

export class Directory {
  readonly #entries = new Map<string, Entry>();
  readonly #byCreator = new Map<string, number>();
  #listed: readonly (readonly [string, Entry])[] | undefined;

  get size(): number {
    return this.#entries.size;
  }

  has(room: string): boolean {
    return this.#entries.has(room);
  }

  get rooms(): Iterable<string> {
    return this.#entries.keys();
  }

  countOf(creator: string): number {
    return this.#byCreator.get(creator) ?? 0;
  }

  /** Undefined: there is no such room any more. */
  set(room: string, entry: Entry | undefined): void {
    const before = this.#entries.get(room);
    if (before?.name === entry?.name && before?.isPublic === entry?.isPublic && before?.creator === entry?.creator)
      return;
    if (before) this.#count(before.creator, -1);
    if (entry) {
      this.#entries.set(room, entry);
      this.#count(entry.creator, 1);
    } else this.#entries.delete(room);
    this.#listed = undefined;
  }

  /** Public rooms, in order of address. */
  get listed(): readonly (readonly [string, Entry])[] {
    this.#listed ??= [...this.#entries].filter(([, { isPublic }]) => isPublic).sort(([a], [b]) => (a < b ? -1 : 1));
    return this.#listed;
  }

  #count(creator: string, by: number): void {
    const count = this.countOf(creator) + by;
    if (count > 0) this.#byCreator.set(creator, count);
    else this.#byCreator.delete(creator);
  }
}
