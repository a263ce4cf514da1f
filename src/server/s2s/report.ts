// What an operator may see of federation: every pair of domains, the streams of each, and why something does not go.

import type { Clock } from '../../base/clock.ts';
import type { PeerCertificate, Proof } from '../../xmpp/s2s/s2s.ts';
import type { Link } from './link.ts';
import { pairKey, type StreamRecord } from './streams.ts';

export interface FederationReport {
  readonly links: readonly LinkReport[];
  /** Connections of servers that have not shown who they are. */
  readonly strangers: number;
}

/** Times are in seconds before now. */
export interface LinkReport {
  readonly local: string;
  readonly remote: string;
  /** What our side of it does: the phases of link-machine.ts. */
  readonly phase: Link['state']['phase']['name'];
  readonly phaseSeconds?: number;
  readonly retryInSeconds?: number;
  readonly isLost: boolean;
  readonly waiting: number;
  readonly unacknowledged: number;
  readonly streams: readonly StreamReport[];
  readonly lastFault?: { readonly text: string; readonly condition: string; readonly seconds: number };
}

export interface StreamReport {
  readonly direction: 'in' | 'out';
  readonly address: string;
  readonly isSecure: boolean;
  readonly isManaged: boolean;
  /** It carries what we send. */
  readonly isOurs: boolean;
  readonly proof?: Proof;
  readonly openSeconds: number;
  readonly resumptions: number;
  readonly certificate?: PeerCertificate;
}

/** `remote`: that domain only. */
export const federationReport = (
  links: Iterable<Link>,
  records: Iterable<StreamRecord>,
  strangers: number,
  clock: Clock,
  remote?: string,
): FederationReport => {
  const now = clock.mono();
  const seconds = (since: number): number => Math.max(0, Math.round((now - since) / 1000));
  const reports = new Map<string, LinkReport>();
  for (const link of links) reports.set(pairKey(link.pair), linkReport(link, now, seconds));
  for (const record of records) {
    for (const [key, proof] of record.proofs) {
      const [local = '', other = ''] = key.split(' ');
      const report = reports.get(key) ?? { ...blank, local, remote: other };
      const stream = streamReport(record, { local, remote: other }, proof, seconds);
      reports.set(key, { ...report, streams: [...report.streams, stream] });
    }
  }
  const chosen = [...reports.values()].filter((report) => remote === undefined || report.remote === remote);
  const order = (one: LinkReport): string => `${one.remote} ${one.local}`;
  return { links: chosen.sort((a, b) => (order(a) < order(b) ? -1 : 1)), strangers };
};

const blank: Omit<LinkReport, 'local' | 'remote'> = {
  phase: 'idle',
  isLost: false,
  waiting: 0,
  unacknowledged: 0,
  streams: [],
};

const linkReport = (link: Link, now: number, seconds: (since: number) => number): LinkReport => {
  const { pair, outbox, state } = link;
  const { phase, lastFault, isLost } = state;
  const waiting = outbox.waiting.length;
  return {
    ...pair,
    phase: phase.name,
    ...('since' in phase && { phaseSeconds: seconds(phase.since) }),
    ...('until' in phase && { retryInSeconds: Math.max(0, Math.round((phase.until - now) / 1000)) }),
    isLost,
    waiting,
    unacknowledged: outbox.size - waiting,
    streams: [],
    ...(lastFault && {
      lastFault: { text: lastFault.text, condition: lastFault.condition, seconds: seconds(lastFault.at) },
    }),
  };
};

const streamReport = (
  record: StreamRecord,
  pair: { readonly local: string; readonly remote: string },
  proof: Proof,
  seconds: (since: number) => number,
): StreamReport => {
  const { stream, direction, openedAt, resumptions } = record;
  return {
    direction,
    address: stream.remote,
    isSecure: stream.isSecure,
    isManaged: stream.isManaged,
    isOurs: record.carries(pair),
    proof,
    openSeconds: seconds(openedAt),
    resumptions,
    ...(stream.certificate && { certificate: stream.certificate }),
  };
};
