// What was written to a component and is not known to have arrived. There is no acknowledgement in XEP-0114, but every entity
// answers every request (RFC 6120 §8.2.3), and reads its stream in order: the answer to a ping that follows the stanzas says
// that they were read. One ping is out at a time; it goes into the same write as the stanzas it follows.

export interface Handed {
  readonly chars: number;
  /** Called once. */
  settle(fate: 'read' | 'lost'): void;
}

export class Unconfirmed {
  readonly #handed: Handed[] = [];
  #chars = 0;
  /** How many of the first are covered by the ping that is out; undefined when none is. */
  #covered: number | undefined;

  get count(): number {
    return this.#handed.length;
  }

  get chars(): number {
    return this.#chars;
  }

  get isAsking(): boolean {
    return this.#covered !== undefined;
  }

  add(handed: Handed): void {
    this.#handed.push(handed);
    this.#chars += handed.chars;
  }

  /** A question goes out that follows everything handed over so far. */
  ask(): void {
    this.#covered = this.#handed.length;
  }

  /** It was answered. */
  answered(): void {
    const covered = this.#covered ?? 0;
    this.#covered = undefined;
    for (const one of this.#handed.splice(0, covered)) {
      this.#chars -= one.chars;
      one.settle('read');
    }
  }

  /** Nothing more will be read: in the order in which it was handed over. */
  lose(): void {
    this.#covered = undefined;
    this.#chars = 0;
    for (const one of this.#handed.splice(0)) one.settle('lost');
  }
}
