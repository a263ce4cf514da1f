// What went over the links, as the ends that dialled see it.

import type { MonoMs } from '../../../src/base/clock.ts';

/** `out`: from the end that dialled. */
export class Traffic {
  connections = 0;
  outOctets = 0;
  backOctets = 0;
  /** Changes of direction, the first octets of a connection included: two of them make a round trip. */
  flights = 0;
  /** When octets last moved. */
  lastAt: MonoMs = 0;

  snapshot(): { connections: number; outOctets: number; backOctets: number; flights: number } {
    const { connections, outOctets, backOctets, flights } = this;
    return { connections, outOctets, backOctets, flights };
  }
}
