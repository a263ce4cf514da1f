// What a run found, for a terminal.

import type { Work } from '../load/work.ts';
import type { Results, Spread, ThroughputRow } from './results.ts';

export const workWords: Readonly<Record<Work, string>> = {
  poll: 'empty poll',
  send: 'send a message',
  presence: 'update presence',
};

export const reportOf = (results: Results): string =>
  [conditionsOf(results), ...(results.requests.length ? [requestTable(results.requests)] : [])].join('\n\n');

const conditionsOf = ({ at, machine }: Results): string =>
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

export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (/^[-\d>×]/.test(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ');
  return [head, ...rows].map((row) => line(row).trimEnd()).join('\n');
};
