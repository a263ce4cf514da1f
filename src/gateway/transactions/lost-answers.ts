// COMPAT: Android's client sends a SendMessage-Request whose answer did not reach it again under a NEW TransactionID, so the
// id does not tell it from a second message. The only defence is its content: the same message again, shortly after an
// answer of which we know that it could not be delivered, is answered as the first was.
// (CSP reference §1.3 "Retries"; shown by transactions/lost-answers.test.ts)

import type { Primitive } from '../../imps/primitives.ts';

interface Given {
  readonly answer: Primitive;
  readonly at: number;
  isLost: boolean;
}

/** Android tries ten times, 5 s apart doubling to 300 s: the first six tries lie within this. */
const withinMs = 180_000;
const keptMax = 8;

export class LostAnswers {
  readonly #given = new Map<string, Given>();

  /** Remembers the answer to a request with this digest; the returned function is told whether it left. */
  remember(digest: string, answer: Primitive, now: number): (delivered: boolean) => void {
    const given: Given = { answer, at: now, isLost: false };
    this.#given.delete(digest);
    this.#given.set(digest, given);
    for (const key of this.#given.keys()) {
      if (this.#given.size <= keptMax) break;
      this.#given.delete(key);
    }
    return (delivered) => {
      given.isLost = !delivered;
    };
  }

  /** The answer that was lost, when this is the request it belonged to. */
  find(digest: string, now: number): Primitive | undefined {
    const given = this.#given.get(digest);
    return given?.isLost && now - given.at < withinMs ? given.answer : undefined;
  }
}
