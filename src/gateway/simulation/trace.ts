// What happened when, and to whom: so that a failure can be read.

import type { SimulatedClock } from '../../base/clock.ts';

const linesMax = 400_000;

/** How much of the time around a word is of interest. */
const aroundMs = 60_000;

interface Line {
  readonly at: number;
  readonly who: string;
  readonly text: string;
}

export class Trace {
  readonly #clock: SimulatedClock;
  #lines: Line[] = [];

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  tell(who: string, text: string): void {
    this.#lines.push({ at: this.#clock.mono(), who, text });
    if (this.#lines.length > linesMax) this.#lines = this.#lines.slice(linesMax / 2);
  }

  /** What these people and places did before `until`; with a word, only around the times it was mentioned. */
  about(names: readonly string[], word: string | undefined, until: number, count: number): readonly string[] {
    const mentioned =
      word === undefined ? [] : this.#lines.filter(({ text }) => text.includes(word)).map(({ at }) => at);
    const isNear = (at: number): boolean =>
      word === undefined || mentioned.some((time) => at > time - aroundMs && at < time + 2 * aroundMs);
    return this.#lines
      .filter(({ at, who, text }) => {
        if (word !== undefined && text.includes(word)) return true;
        return at <= until && names.some((name) => who.startsWith(name)) && isNear(at);
      })
      .slice(-count)
      .map(({ at, who, text }) => `${timeOf(at)} ${who}: ${text}`);
  }
}

/** Days, hours, minutes, seconds since the beginning. */
export const timeOf = (ms: number): string => {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const day = ms >= 86_400_000 ? `${Math.floor(ms / 86_400_000)}d ` : '';
  return `${day}${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
};
