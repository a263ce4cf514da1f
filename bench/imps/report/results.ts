// What a run found: the JSON file.

import type { Form } from '../load/phones.ts';
import type { Work } from '../load/work.ts';

/** Of several rounds. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
};

export interface ThroughputRow extends Form {
  readonly work: Work;
  readonly requestOctets: number;
  readonly answerOctets: number;
  readonly perSecond: Spread;
  readonly echoPerSecond: Spread;
  /** Requests per second as a share of the echo's in the same round. */
  readonly ofEcho: Spread;
  /** Microseconds of the server's CPU per request. */
  readonly cpu: Spread;
  readonly echoCpu: Spread;
  readonly cpuOfEcho: Spread;
  /** … and what the load itself took for each. */
  readonly loadCpu: Spread;
}

export interface Results {
  readonly at: string;
  /** Where it ran: processors, their load at the start and at the end. */
  readonly machine: { readonly cpus: number; readonly loadBefore: number; readonly loadAfter: number };
  readonly requests: readonly ThroughputRow[];
}
