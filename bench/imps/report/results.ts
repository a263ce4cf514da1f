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
  readonly memory: readonly MemoryRow[];
  readonly wakeUp: WakeRow | null;
}

/** What a process of cases/memory-host.ts says of itself, octets. */
export interface MemoryReport {
  readonly rss: number;
  /** After garbage collection: the heap, and what lies outside of it. */
  readonly heap: number;
  readonly port?: number | undefined;
  readonly sessionIds?: readonly string[];
}

export interface MemoryRow {
  /** `links`: plain XMPP sessions. `phones`: the same with a phone each. `cir`: connections of such phones. */
  readonly what: 'links' | 'phones' | 'cir';
  readonly count: number;
  readonly contacts: number;
  /** Octets of each. */
  readonly heapEach: number;
  readonly residentEach: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export const percentilesOf = (values: readonly number[]): Percentiles => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

export interface WakeRow {
  readonly phones: number;
  readonly messages: number;
  readonly perSecond: number;
  readonly pollsPerSecond: number;
  /** Milliseconds from the SendMessage-Request until its answer, until WVCI, and until the poll that followed brought the message. */
  readonly answered: Percentiles;
  readonly woken: Percentiles;
  readonly shown: Percentiles;
  /** Shares of one processor. */
  readonly serverCpuShare: number;
  readonly loadCpuShare: number;
  /** Octets the server has resident. */
  readonly resident: number;
}
