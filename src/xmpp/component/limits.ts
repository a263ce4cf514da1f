// What one component's connection may cost. Times in milliseconds.

import type { XmlLimits } from '../../xml/limits.ts';

export interface ComponentLimits {
  /** What one element may cost. `bytesMax` is the largest stanza. A stranger is held short by time and rate. */
  readonly xml: Partial<XmlLimits>;
  /** From the connection to the handshake's end. */
  readonly authMs: number;
  /** Octets per second read before and after the handshake, and what may come at once; a faster one is read more slowly. */
  readonly bytesPerSecondBeforeAuth: number;
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
  /** Stanzas per second, in the long run and at once; the same goes for a faster one. */
  readonly elementsPerSecond: number;
  readonly burstElements: number;
  /** Stanzas of the component that are being routed at a time; while that many are, nothing is read. */
  readonly handlingMax: number;
  /** Stanzas for the component, and characters of them, that it has not confirmed; beyond, the stream ends. */
  readonly unconfirmedMax: number;
  readonly unconfirmedCharsMax: number;
  /** Quiet from the component before it is asked for a sign of life, and how long any question may take to be answered. */
  readonly idleMs: number;
  readonly answerMs: number;
  /** White space is sent after so long without anything else. */
  readonly keepaliveMs: number;
  /** How long each half of the stream's end may take. */
  readonly closeMs: number;
}

export const defaultComponentLimits: ComponentLimits = {
  xml: { bytesMax: 524_288 },
  authMs: 15_000,
  bytesPerSecondBeforeAuth: 10_000,
  bytesPerSecond: 4_000_000,
  burstBytes: 4_000_000,
  elementsPerSecond: 2_000,
  burstElements: 10_000,
  handlingMax: 1_000,
  unconfirmedMax: 20_000,
  unconfirmedCharsMax: 16_000_000,
  idleMs: 120_000,
  answerMs: 60_000,
  keepaliveMs: 60_000,
  closeMs: 5_000,
};
