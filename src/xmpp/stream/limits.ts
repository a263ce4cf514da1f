// What the other side of a stream may cost, whoever it is. Times in milliseconds.

import type { XmlLimits } from '../../xml/limits.ts';
import type { TrafficLimits } from './traffic.ts';

export interface StreamLimits extends TrafficLimits {
  /** What one element may cost before the other side is authenticated. */
  readonly xmlBeforeAuth: Partial<XmlLimits>;
  /** … and afterwards. `bytesMax` is the largest stanza, at least 10000 octets (RFC 6120 §13.12). */
  readonly xml: Partial<XmlLimits>;
  /** From the connection until the other side is authenticated, and what belongs to that is done. */
  readonly authMs: number;
  /** Octets per second read before and after that; who is faster is slowed down, not refused. */
  readonly bytesPerSecondBeforeAuth: number;
  readonly bytesPerSecond: number;
  /** Octets that may arrive at once before those rates apply. */
  readonly burstBytes: number;
  /** Stanzas and other elements per second afterwards, in the long run and at once; the same goes for who is faster. */
  readonly elementsPerSecond: number;
  readonly burstElements: number;
  /** White space is sent after so long without anything else, for middle boxes that forget connections; 0: never. */
  readonly keepaliveMs: number;
  /** How long each half of the closing handshake may take. */
  readonly closeMs: number;
  /** How long a stream that lost its connection waits for the other side to come back (XEP-0198 `max`); 0: no resumption. */
  readonly resumeMs: number;
}
