// One direction of a link: when octets that are handed to it now come out at the far end. TCP as an application sees it:
// everything arrives, in order; a lost segment is late, and so is all that was sent behind it on the same connection.

import type { MonoMs } from '../../../src/base/clock.ts';
import type { Random } from '../../../src/base/random.ts';

export interface LinkConditions {
  readonly rttMs: number;
  /** Octets per second and direction; Infinity: no limit. */
  readonly rate: number;
  /** The share of segments lost, 0 to 1. */
  readonly loss: number;
}

export const segmentOctets = 1448;
/** What TCP waits beyond a round trip before it sends a segment again, where nothing behind it tells of the loss. */
export const retransmitMs = 200;

/** All connections of a link share its rate; each keeps its own order. */
export class Line {
  readonly #random: Random;
  #busyUntil: MonoMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * When the last of `octets` arrives that are sent at `now`; never before `notBefore`, the arrival of what was sent before
   * them on the same connection.
   */
  arrival(octets: number, now: MonoMs, notBefore: MonoMs, { rttMs, rate, loss }: LinkConditions): MonoMs {
    this.#busyUntil = Math.max(now, this.#busyUntil) + (octets / rate) * 1000;
    let lateMs = 0;
    for (let left = octets; left > 0 && loss > 0; left -= segmentOctets) {
      let segmentMs = 0;
      // A segment sent again may be lost again; TCP doubles its wait each time.
      for (let wait = rttMs + retransmitMs; this.#random.fraction() < loss && wait < 64_000; wait *= 2)
        segmentMs += wait;
      lateMs = Math.max(lateMs, segmentMs);
    }
    return Math.max(notBefore, this.#busyUntil + rttMs / 2 + lateMs);
  }
}
