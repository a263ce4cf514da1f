// What is kept of a stream between servers that lost its connection (XEP-0198 §5).

import { ResumableStreams } from '../stream/resumable-streams.ts';
import type { Traffic } from '../stream/traffic.ts';
import type { Pair, S2sResumables, S2sResumption, Sent } from './s2s.ts';
import type { ServerStream } from './server-stream.ts';

/** Incoming streams: they wait whole. */
export type Resumables = ResumableStreams<ServerStream>;

export const s2sResumables = (): S2sResumables => new ResumableStreams<ServerStream>();

/** An outgoing stream: what the next one goes on with. */
export class Resumption implements S2sResumption {
  readonly id: string;
  readonly until: number;
  readonly resumeMs: number;
  readonly granted: readonly Pair[];
  readonly admitted: readonly Pair[];
  readonly traffic: Traffic;

  constructor(kept: {
    readonly id: string;
    readonly until: number;
    readonly resumeMs: number;
    readonly granted: readonly Pair[];
    readonly admitted: readonly Pair[];
    readonly traffic: Traffic;
  }) {
    this.id = kept.id;
    this.until = kept.until;
    this.resumeMs = kept.resumeMs;
    this.granted = kept.granted;
    this.admitted = kept.admitted;
    this.traffic = kept.traffic;
  }

  get unacked(): readonly Sent[] {
    return this.traffic.unacked;
  }

  /** Stanzas of the other side that have been handled, once all that arrived are. */
  async handled(): Promise<number> {
    const { handled } = this.traffic;
    await new Promise<void>((resolve) => handled.whenSettled(resolve));
    return handled.h;
  }
}
