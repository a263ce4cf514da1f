// COMPAT: Android's client sends a SendMessage-Request whose answer did not reach it again under a NEW TransactionID, so the
// id does not tell it from a second message. The only defence is its content: the same message again, shortly after an
// answer of which we know that it could not be delivered, is answered as the first was. The answers of a process that died
// are such answers too, but only the last of them, and only for the first thing the phone says afterwards: it asks one thing
// after another, so whatever else it says shows that it had its answer.
// (CSP reference §1.3 "Retries"; shown by transactions/exchange.test.ts)

import { LateMap } from '../../base/late.ts';
import type { Primitive } from '../../imps/primitives.ts';
import type { StoredAnswer } from '../../store/store.ts';
import { fromJson } from '../json.ts';

interface Given {
  readonly answer: Primitive;
  readonly at: number;
  isLost: boolean;
}

/** Android tries ten times, 5 s apart doubling to 300 s: the first six tries lie within this. */
const withinMs = 180_000;
const keptMax = 8;

export class LostAnswers {
  readonly #given = new LateMap<string, Given>();
  /** The process before this one may have died with an answer on its way, and the phone has not been heard since. */
  isUnsure = false;

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

  /** The last answer of the process before, if this is the request it belonged to. wall: wall-clock ms, as `stored.at`. */
  static ofTheDead(stored: StoredAnswer | undefined, digest: string, wall: number): Primitive | undefined {
    if (stored?.request !== digest || wall - stored.at >= withinMs) return undefined;
    return fromJson(new TextDecoder().decode(stored.body)) as Primitive;
  }

  /** The answer that was lost, when this is the request it belonged to. */
  find(digest: string, now: number): Primitive | undefined {
    const given = this.#given.get(digest);
    return given?.isLost && now - given.at < withinMs ? given.answer : undefined;
  }
}
