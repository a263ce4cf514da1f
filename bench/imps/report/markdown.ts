// What a run found, as the tables between two marks in bench/README.md.

import { duration, size } from '../../presence/report/units.ts';
import type { MemoryRow, Results } from './results.ts';
import { beyondLinks, spread, workWords } from './tables.ts';

const marks = ['<!-- figures of bench/imps -->', '<!-- end of figures -->'] as const;

/** The page with the new figures. Throws an Error where it has no place for them. */
export const withFigures = (page: string, results: Results): string => {
  const [start, end] = marks.map((mark) => page.indexOf(mark)) as [number, number];
  if (start < 0 || end < start) throw new Error(`the page has no place for figures: ${marks.join(' … ')}`);
  return `${page.slice(0, start + marks[0].length)}\n\n${figuresOf(results)}\n\n${page.slice(end)}`;
};

const figuresOf = ({ at, machine, requests, memory, wakeUp }: Results): string =>
  [
    `${at.slice(0, 10)}, ${machine.cpus} processors, load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after; median (least-most) of the rounds.`,
    ...(requests.length
      ? [
          table(
            ['request', 'CSP', 'per second', 'of echo', 'CPU, µs', "times the echo's"],
            requests.map((row) => [
              workWords[row.work],
              `${row.version} ${row.encoding}`,
              spread(row.perSecond),
              spread(row.ofEcho, 2),
              spread(row.cpu),
              spread(row.cpuOfEcho, 1),
            ]),
          ),
        ]
      : []),
    ...(memory.length ? [memoryTable(memory)] : []),
    ...(wakeUp
      ? [
          table(
            [`${wakeUp.phones} phones asleep, ${wakeUp.perSecond} messages per second`, 'p50', 'p99'],
            (
              [
                ['to the answer', wakeUp.answered],
                ['to WVCI at the phone', wakeUp.woken],
                ['to NewMessage after its poll', wakeUp.shown],
              ] as const
            ).map(([what, { p50, p99 }]) => [what, duration(p50), duration(p99)]),
          ),
        ]
      : []),
  ].join('\n\n');

const memoryTable = (rows: readonly MemoryRow[]): string => {
  const beyond = beyondLinks(rows);
  const words = { links: 'XMPP session', phones: 'phone with its XMPP session', cir: 'CIR connection' } as const;
  return table(
    ['idle', 'number', 'heap of each', 'resident of each'],
    [
      ...rows.map((row) => [words[row.what], `${row.count}`, size(row.heapEach), size(row.residentEach)]),
      ...(beyond ? [['phone beyond its XMPP session', '', size(beyond.heap), size(beyond.resident)]] : []),
    ],
  );
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
