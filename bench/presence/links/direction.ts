// Octets on their way from one end of a connection to the other.

import type { Socket } from 'node:net';
import type { Clock, MonoMs } from '../../../src/base/clock.ts';
import type { Line, LinkConditions } from './line.ts';

const heldOctetsMax = 4_194_304;

interface Piece {
  readonly at: MonoMs;
  /** undefined: the end of the direction. */
  readonly octets: Buffer | undefined;
  readonly onArrival: (() => void) | undefined;
}

export interface DirectionOptions {
  readonly clock: Clock;
  readonly conditions: () => LinkConditions;
}

export class Direction {
  readonly #options: DirectionOptions;
  readonly #line: Line;
  from: Socket | undefined;
  #into: Socket | undefined;
  readonly #pieces: Piece[] = [];
  #heldOctets = 0;
  #lastAt: MonoMs = 0;
  #timer: Disposable | undefined;
  #isHeld = false;

  constructor(options: DirectionOptions, line: Line, from: Socket | undefined) {
    this.#options = options;
    this.#line = line;
    this.from = from;
  }

  set into(socket: Socket) {
    this.#into = socket;
    this.#deliver();
  }

  set isHeld(held: boolean) {
    this.#isHeld = held;
    if (!held) this.#deliver();
  }

  /** Sends at `notBefore` at the earliest: a connection has to be open first. */
  push(octets: Buffer | undefined, notBefore: MonoMs, onArrival?: () => void): void {
    const now = Math.max(this.#options.clock.mono(), notBefore);
    const at = this.#line.arrival(octets?.length ?? 0, now, this.#lastAt, this.#options.conditions());
    this.#lastAt = at;
    this.#pieces.push({ at, octets, onArrival });
    this.#heldOctets += octets?.length ?? 0;
    if (this.#heldOctets > heldOctetsMax) this.from?.pause();
    if (this.#pieces.length === 1) this.#deliver();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#pieces.length = 0;
    this.#isHeld = true;
  }

  #deliver(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const into = this.#into;
    if (this.#isHeld || !into) return;
    for (let piece = this.#pieces[0]; piece; piece = this.#pieces[0]) {
      // A timer may fire a fraction of a millisecond early.
      const waitMs = piece.at - this.#options.clock.mono();
      if (waitMs > 0.5) {
        this.#timer = this.#options.clock.after(waitMs, () => this.#deliver());
        return;
      }
      this.#pieces.shift();
      this.#heldOctets -= piece.octets?.length ?? 0;
      piece.onArrival?.();
      if (into.destroyed) continue;
      if (piece.octets) into.write(piece.octets);
      else into.end();
    }
    if (this.#heldOctets <= heldOctetsMax / 2) this.from?.resume();
  }
}
