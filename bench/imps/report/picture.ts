// What a run found, as SVG: a bar for every kind of request beside the echo, one for what an idle phone holds, and the
// wake-up on a line of time. Large letters, since a README shows it small; colours for light and dark backgrounds.

import { duration, size } from '../../presence/report/units.ts';
import type { MemoryRow, Percentiles, Results, ThroughputRow, WakeRow } from './results.ts';
import { beyondLinks, workWords } from './tables.ts';

const width = 820;
const left = 262;
const right = 800;
const rowHeight = 34;

/** One panel: its drawing, below whatever stands above it, and how high it is. */
interface Panel {
  readonly height: number;
  readonly draw: (top: number) => string;
}

export const drawPicture = ({ requests, memory, wakeUp }: Results): string => {
  const panels = [
    ...(requests.length ? [requestPanel(requests)] : []),
    ...(memory.length ? [memoryPanel(memory)] : []),
    ...(wakeUp ? [wakePanel(wakeUp)] : []),
  ];
  if (panels.length === 0) throw new Error('there is nothing to draw');
  let top = 0;
  const drawn = panels.map(({ height, draw }) => {
    const text = draw(top);
    top += height;
    return text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-labelledby="t d">
<title id="t">Phones at one onesoup</title>
<desc id="d">${describe({ requests, memory, wakeUp })}</desc>
<style>
text { font: 17px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #24292f; }
.title { font-size: 20px; font-weight: 600; }
.soft { fill: #57606a; }
.grid { stroke: #d0d7de; stroke-width: 1; fill: none; }
.bar { fill: #1a7f37; } .echo { fill: #d0d7de; } .tail { fill: #9bd2ab; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .soft { fill: #9198a1; } .grid { stroke: #3d444d; }
.bar { fill: #3fb950; } .echo { fill: #3d444d; } .tail { fill: #23592f; }
}
</style>
${drawn.join('\n')}
</svg>
`;
};

const describe = ({ requests, memory, wakeUp }: Pick<Results, 'requests' | 'memory' | 'wakeUp'>): string => {
  const beyond = beyondLinks(memory);
  return [
    ...requests.map((row) => `${nameOf(row)}: ${percent(row.ofEcho.median)} of the echo's requests per second`),
    ...(beyond ? [`an idle phone: ${size(beyond.heap)} beyond its XMPP session`] : []),
    ...(wakeUp ? [`a wake-up: ${duration(wakeUp.woken.p50)}, 99 of 100 within ${duration(wakeUp.woken.p99)}`] : []),
  ].join('; ');
};

const requestPanel = (rows: readonly ThroughputRow[]): Panel => ({
  height: 74 + rows.length * rowHeight,
  draw: (top) =>
    [
      title(top, 'Requests per second', 'of a bare node:http server that takes and gives as many octets'),
      ...rows.map((row, at) => {
        const y = top + 66 + at * rowHeight;
        const whole = right - left;
        const label = `${Math.round(row.perSecond.median).toLocaleString('en-US')}/s, ${percent(row.ofEcho.median)}, ${row.cpu.median.toFixed(0)} µs CPU`;
        return `${name(y, nameOf(row))}${bar('echo', left, y, whole)}${bar('bar', left, y, whole * row.ofEcho.median)}${words(left + whole * row.ofEcho.median + 10, y, label)}`;
      }),
    ].join('\n'),
});

const memoryPanel = (rows: readonly MemoryRow[]): Panel => {
  const links = rows.find(({ what }) => what === 'links');
  const beyond = beyondLinks(rows);
  const cirs = rows.filter(({ what }) => what === 'cir');
  const bars = [
    ...(links ? [['XMPP session', links.heapEach, `${links.contacts} contacts`] as const] : []),
    ...(beyond ? [['phone, beyond that', beyond.heap, ''] as const] : []),
    ...cirs.map((row) => ['CIR connection', row.heapEach, `of ${row.count.toLocaleString('en-US')}`] as const),
  ];
  const most = Math.max(...bars.map(([, octets]) => octets));
  return {
    height: 74 + bars.length * rowHeight,
    draw: (top) =>
      [
        title(top, 'Memory when idle', 'heap of each, after garbage collection'),
        ...bars.map(([what, octets, more], at) => {
          const y = top + 66 + at * rowHeight;
          const long = Math.max(2, ((right - left) * 0.7 * octets) / most);
          const label = [size(Math.max(0, octets)), more].filter(Boolean).join(', ');
          return `${name(y, what)}${bar('bar', left, y, long)}${words(left + long + 10, y, label)}`;
        }),
      ].join('\n'),
  };
};

const wakePanel = (row: WakeRow): Panel => {
  const bars = [
    ['answer to the sender', row.answered],
    ['WVCI at the phone', row.woken],
    ['message on the phone', row.shown],
  ] as const;
  const most = Math.max(...bars.map(([, { p99 }]) => p99));
  const phones = row.phones.toLocaleString('en-US');
  return {
    height: 84 + bars.length * rowHeight,
    draw: (top) =>
      [
        title(top, 'Time to wake', `${phones} phones asleep on TCP; half, and 99 of 100 messages`),
        ...bars.map(([what, times], at) => {
          const y = top + 66 + at * rowHeight;
          const long = (ms: number): number => ((right - left) * 0.7 * ms) / most;
          return `${name(y, what)}${bar('tail', left, y, long(times.p99))}${bar('bar', left, y, long(times.p50))}${words(left + long(times.p99) + 10, y, middleAndTail(times))}`;
        }),
      ].join('\n'),
  };
};

const middleAndTail = ({ p50, p99 }: Percentiles): string => `${duration(p50)}, ${duration(p99)}`;
const nameOf = ({ work, version, encoding }: ThroughputRow): string => `${workWords[work]}, ${version} ${encoding}`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const round = (value: number): number => Math.round(value * 10) / 10;

const title = (top: number, text: string, under: string): string =>
  `<text class="title" x="12" y="${top + 30}">${text}</text><text class="soft" x="${left}" y="${top + 30}">${under}</text>` +
  `<path class="grid" d="M12 ${top + 42}H${right}"/>`;
const name = (y: number, text: string): string =>
  `<text x="${left - 12}" y="${y + 6}" text-anchor="end">${text}</text>`;
const bar = (kind: string, x: number, y: number, long: number): string =>
  `<rect class="${kind}" x="${x}" y="${y - 10}" width="${round(long)}" height="20"/>`;
const words = (x: number, y: number, text: string): string => `<text x="${round(x)}" y="${y + 6}">${text}</text>`;
