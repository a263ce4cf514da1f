// What is kept of a stream between servers that lost its connection (XEP-0198 §5).

import { ResumableStreams } from '../stream/resumable-streams.ts';
import type { Traffic } from '../stream/traffic.ts';
import type { Pair, S2sResumables, S2sResumption, Sent } from './s2s.ts';
import type { ServerStream } from './server-stream.ts';

/** Incoming streams: they wait whole. */
export type Resumables = ResumableStreams<ServerStream>;

/**
 * `lostOfOneMax`, `lostMax`: so many that lost their connection are kept of one domain, and in all. Whoever breaks off and does
 * not come back must not be able to fill our memory.
 */
export const s2sResumables = (
  limits: { readonly lostOfOneMax?: number; readonly lostMax?: number } = {},
): S2sResumables => new ResumableStreams<ServerStream>({ lostOfOneMax: 50, lostMax: 2_000, ...limits });

interface Kept {
  /** Under which the other side knows it. */
  readonly id: string;
  /** Monotonic ms. */
  readonly until: number;
  readonly resumeMs: number;
  readonly granted: readonly Pair[];
  readonly admitted: readonly Pair[];
  readonly traffic: Traffic;
}

/** An outgoing stream: what the next one goes on with. */
export class Resumption implements S2sResumption {
  readonly kept: Kept;

  constructor(kept: Kept) {
    this.kept = kept;
  }

  get until(): number {
    return this.kept.until;
  }
  get unacked(): readonly Sent[] {
    return this.kept.traffic.unacked;
  }

  /** Stanzas of the other side that have been handled, once all that arrived are. */
  async handled(): Promise<number> {
    const { handled } = this.kept.traffic;
    await new Promise<void>((resolve) => handled.whenSettled(resolve));
    return handled.h;
  }
}
