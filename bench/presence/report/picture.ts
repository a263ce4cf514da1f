// Contacts shown over time, one line for each server, as SVG. Time is logarithmic, so that ten milliseconds and fifteen seconds
// both have room. Large letters and strong lines, since a README shows it small; colours for light and dark backgrounds.

import type { Results, SignInRow } from './results.ts';
import { duration } from './units.ts';

const width = 720;
const height = 440;
const plot = { left: 62, right: 700, top: 78, bottom: 376 };
const ticks = [
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '100 ms'],
  [1000, '1 s'],
  [10_000, '10 s'],
] as const;
const earliestMs = 1;
const latestMs = 30_000;

/** From the bottom up. The others are often as slow as each other: a dashed line lets the one below be seen. */
const drawn = ['prosody', 'ejabberd', 'onesoup'] as const;
const names = { onesoup: 'onesoup', prosody: 'Prosody', ejabberd: 'ejabberd' } as const;

/** The rows in the picture: a restart, at the slowest link, with 200 contacts or whatever there is. */
export const pictured = ({ signIns }: Results): readonly SignInRow[] => {
  const cold = signIns.filter((row) => row.case === 'cold' && row.allMs !== undefined);
  const rttMs = Math.max(...cold.map((row) => row.rttMs));
  const slowest = cold.filter((row) => row.rttMs === rttMs);
  const contacts = slowest.some((row) => row.contacts === 200) ? 200 : Math.max(...slowest.map((row) => row.contacts));
  return slowest.filter((row) => row.contacts === contacts);
};

/** Throws an Error where the results hold no cold start. */
export const drawPicture = (results: Results): string => {
  const rows = pictured(results);
  const [any] = rows;
  if (!any) throw new Error('there is no cold start to draw');
  const { rttMs, contacts, expected } = any;
  const title = `Contacts shown after sign-in, server just restarted`;
  const under = `${contacts} contacts on ${results.domains} servers, ${duration(rttMs)} round trip`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t d">
<title id="t">${title}</title>
<desc id="d">${under}. ${rows.map((row) => `${names[row.home]}: all after ${duration(row.allMs ?? 0)}`).join('; ')}.</desc>
<style>
text { font: 19px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #24292f; }
.title { font-size: 23px; font-weight: 600; }
.name { font-size: 20px; font-weight: 600; }
.soft { fill: #57606a; }
.grid { stroke: #d0d7de; stroke-width: 1; fill: none; }
.line { stroke-width: 4; fill: none; stroke-linejoin: round; }
.onesoup { stroke: #1a7f37; stroke-width: 6; } .prosody { stroke: #8250df; stroke-width: 6; }
.ejabberd { stroke: #bc4c00; stroke-dasharray: 12 9; }
.name.onesoup { fill: #1a7f37; } .name.prosody { fill: #8250df; } .name.ejabberd { fill: #bc4c00; }
text.name { stroke: none; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .soft { fill: #9198a1; } .grid { stroke: #3d444d; }
.onesoup { stroke: #3fb950; } .prosody { stroke: #ab7df8; } .ejabberd { stroke: #f0883e; }
.name.onesoup { fill: #3fb950; } .name.prosody { fill: #ab7df8; } .name.ejabberd { fill: #f0883e; }
}
</style>
<text class="title" x="12" y="28">${title}</text>
<text class="soft" x="12" y="55">${under}</text>
${axes(expected)}
${drawn
  .map((one) =>
    rows
      .filter(({ home }) => home === one)
      .map(lineOf)
      .join(''),
  )
  .join('\n')}
${labelsOf(rows)}
</svg>
`;
};

const x = (ms: number): number => {
  const share = Math.log(Math.min(Math.max(ms, earliestMs), latestMs) / earliestMs) / Math.log(latestMs / earliestMs);
  return round(plot.left + share * (plot.right - plot.left));
};
const y = (shown: number, expected: number): number =>
  round(plot.bottom - (shown / expected) * (plot.bottom - plot.top));
const round = (value: number): number => Math.round(value * 10) / 10;

const axes = (expected: number): string =>
  [
    ...ticks.map(
      ([ms, words]) =>
        `<path class="grid" d="M${x(ms)} ${plot.top}V${plot.bottom}"/><text class="soft" x="${x(ms)}" y="${plot.bottom + 26}" text-anchor="middle">${words}</text>`,
    ),
    ...[0, 0.5, 1].map((share) => {
      const at = y(share, 1);
      return `<path class="grid" d="M${plot.left} ${at}H${plot.right}"/><text class="soft" x="${plot.left - 8}" y="${at + 6}" text-anchor="end">${Math.round(share * expected)}</text>`;
    }),
    `<text class="soft" x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 54}" text-anchor="middle">after the client’s initial presence</text>`,
  ].join('\n');

/** Steps: what is shown stays shown. From the axis to the edge. */
const lineOf = ({ home, curve, expected }: SignInRow): string => {
  const steps = curve.map(([ms, shown]) => `H${x(ms)}V${y(shown, expected)}`).join('');
  return `<path class="line ${home}" d="M${plot.left} ${plot.bottom}${steps}H${plot.right}"/>`;
};

/** Beside its line, each on a height of its own; where a line leaves no room on its left, on its right. */
const labelsOf = (rows: readonly SignInRow[]): string => {
  const sorted = [...rows].sort((a, b) => (a.allMs ?? 0) - (b.allMs ?? 0));
  return sorted
    .map(({ home, firstMs = 0, allMs = 0 }, i) => {
      const isLeft = x(firstMs) < (plot.left + plot.right) / 2;
      const at = round(plot.top + 60 + i * 62);
      const edge = isLeft ? x(allMs) + 14 : x(firstMs) - 14;
      const anchor = isLeft ? 'start' : 'end';
      return (
        `<text class="name ${home}" x="${edge}" y="${at}" text-anchor="${anchor}">${names[home]}</text>` +
        `<text x="${edge}" y="${at + 24}" text-anchor="${anchor}">all after ${duration(allMs)}</text>`
      );
    })
    .join('\n');
};
