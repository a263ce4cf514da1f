// What a run found, for a terminal.

import { duration, size } from '../../presence/report/units.ts';
import type { Work } from '../load/work.ts';
import type { MemoryRow, Percentiles, Results, Spread, ThroughputRow, WakeRow } from './results.ts';

export const workWords: Readonly<Record<Work, string>> = {
  poll: 'empty poll',
  send: 'send a message',
  presence: 'update presence',
};

export const reportOf = ({ requests, memory, wakeUp, ...results }: Results): string =>
  [
    conditionsOf(results),
    ...(requests.length ? [requestTable(requests)] : []),
    ...(memory.length ? [memoryTable(memory)] : []),
    ...(wakeUp ? [wakeTable(wakeUp)] : []),
  ].join('\n\n');

const conditionsOf = ({ at, machine }: Pick<Results, 'at' | 'machine'>): string =>
  `${at}, ${machine.cpus} processors, load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after.`;

/** median (least to most) */
export const spread = ({ min, median, max }: Spread, digits = 0): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;

const requestTable = (rows: readonly ThroughputRow[]): string =>
  `Requests beside a bare node:http echo of the same octets, median (least-most) of the rounds:\n${tableOf(
    ['request', 'CSP', 'octets', 'per second', 'echo', 'of echo', 'CPU µs', "echo's", 'times', "load's own"],
    rows.map((row) => [
      workWords[row.work],
      `${row.version} ${row.encoding}`,
      `${row.requestOctets}+${row.answerOctets}`,
      spread(row.perSecond),
      spread(row.echoPerSecond),
      spread(row.ofEcho, 2),
      spread(row.cpu),
      spread(row.echoCpu),
      spread(row.cpuOfEcho, 1),
      spread(row.loadCpu),
    ]),
  )}`;

const memoryTable = (rows: readonly MemoryRow[]): string => {
  const words: Readonly<Record<MemoryRow['what'], (row: MemoryRow) => string>> = {
    links: ({ contacts }) => `XMPP session, ${contacts} contacts`,
    phones: () => `the same and a phone signed in to it`,
    cir: () => 'CIR connection over TCP',
  };
  const beyond = beyondLinks(rows);
  return `Memory of each when idle:\n${tableOf(
    ['what', 'number', 'heap', 'resident'],
    [
      ...rows.map((row) => [words[row.what](row), `${row.count}`, size(row.heapEach), size(row.residentEach)]),
      ...(beyond ? [['a phone beyond its XMPP session', '', size(beyond.heap), size(beyond.resident)]] : []),
    ],
  )}`;
};

/** Octets of a phone beyond what its XMPP session takes. */
export const beyondLinks = (
  rows: readonly MemoryRow[],
): { readonly heap: number; readonly resident: number } | undefined => {
  const [links, phones] = (['links', 'phones'] as const).map((kind) => rows.find(({ what }) => what === kind));
  return links && phones
    ? { heap: phones.heapEach - links.heapEach, resident: phones.residentEach - links.residentEach }
    : undefined;
};

const wakeTable = (row: WakeRow): string => {
  const line = (what: string, { p50, p99, max }: Percentiles) => [what, duration(p50), duration(p99), duration(max)];
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  return (
    `${row.phones} phones with CIR over TCP, ${row.messages} messages at ${row.perSecond} and polls in vain at ${row.pollsPerSecond} per second. ` +
    `The server took ${percent(row.serverCpuShare)} of a processor and ${size(row.resident)}, the load ${percent(row.loadCpuShare)}.\n` +
    tableOf(
      ['from SendMessage-Request', 'p50', 'p99', 'longest'],
      [
        line('to its answer', row.answered),
        line('to WVCI at the other phone', row.woken),
        line('to NewMessage after its poll', row.shown),
      ],
    )
  );
};

export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (/^[-\d>×]/.test(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ');
  return [head, ...rows].map((row) => line(row).trimEnd()).join('\n');
};
