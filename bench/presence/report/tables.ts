// What a run found, for a terminal: one table for each number of contacts and round trip, best figures of the peers beside ours.

import type { CaseName } from '../options.ts';
import type { DeadRow, Results, SetUpRow, SignInRow } from './results.ts';
import { duration, size } from './units.ts';

const caseWords: Readonly<Record<CaseName, string>> = {
  first: 'first ever sign-in',
  cold: 'just restarted',
  're-login': 'streams up',
  idle: 'streams closed',
  cut: 'every link cut',
};

export const reportOf = (results: Results): string =>
  [
    conditionsOf(results),
    ...(results.signIns.length ? [signInTable(results.signIns)] : []),
    ...(results.dead.length ? [deadTable(results.dead)] : []),
    ...(results.setUp.length ? [setUpTable(results.setUp)] : []),
  ].join('\n\n');

const conditionsOf = ({ at, machine, domains, rate, loss, proof, isBidi }: Results): string =>
  `${at}, ${machine.cpus} processors, load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after. ` +
  `${domains} domains, ${rate === null ? 'no rate limit' : `${size(rate)}/s`}, ${loss * 100} % loss, ` +
  `${proof}${isBidi ? ', bidirectional streams' : ''}.`;

const ms = (value: number | undefined): string => (value === undefined ? '-' : duration(value));

/** `value` against the best of the peers in the same row of the matrix; '' where there is nothing to compare. */
export const ratio = (value: number | undefined, peers: readonly (number | undefined)[]): string => {
  const known = peers.filter((one) => one !== undefined);
  if (value === undefined || known.length === 0) return '';
  const best = Math.min(...known);
  if (best === 0) return '';
  const times = value / best;
  return `×${times.toPrecision(times < 10 ? 2 : 3)}`;
};

const signInTable = (rows: readonly SignInRow[]): string => {
  const head = ['case', 'RTT', 'contacts', 'home', 'first', '50 %', '95 %', '100 %', 'of best peer', 'trips'];
  const more = ['stanzas', 'to client', 'reads', 'links out', 'back', 'of best peer', 'flights', 'connections'];
  return tableOf(
    [...head, ...more],
    rows.map((row) => {
      const { home, rttMs, contacts, shown, expected, links } = row;
      // A first sign-in of ours is a cold start of theirs: they remember nothing.
      const like = row.case === 'first' ? 'cold' : row.case;
      const peers = rows.filter(
        (one) => one.case === like && one.rttMs === rttMs && one.contacts === contacts && one.home !== 'onesoup',
      );
      const isOurs = home === 'onesoup';
      const octetsOf = (one: SignInRow): number => one.links.outOctets + one.links.backOctets;
      return [
        caseWords[row.case],
        `${rttMs} ms`,
        `${contacts}`,
        home,
        ms(row.firstMs),
        ms(row.halfMs),
        ms(row.mostMs),
        row.allMs === undefined ? `${shown} of ${expected}` : ms(row.allMs),
        isOurs
          ? ratio(
              row.allMs,
              peers.map(({ allMs }) => allMs),
            )
          : '',
        row.roundTrips?.toFixed(1) ?? '',
        `${row.stanzas}`,
        size(row.octets),
        `${row.reads}`,
        size(links.outOctets),
        size(links.backOctets),
        isOurs && row.case !== 'cut' ? ratio(octetsOf(row), peers.map(octetsOf)) : '',
        `${links.flights}`,
        `${links.connections}`,
      ];
    }),
  );
};

const deadTable = (rows: readonly DeadRow[]): string =>
  `Contacts of servers that died, until they are shown offline (onesoup set to the shortest times it allows):\n` +
  tableOf(
    ['home', 'server', 'RTT', 'contacts', 'first gone', 'all gone'],
    rows.map(({ home, how, rttMs, contacts, firstGoneMs, allGoneMs, waitedMs, stillOnline }) => [
      home,
      how === 'killed' ? 'killed' : 'fell silent',
      `${rttMs} ms`,
      `${contacts}`,
      ms(firstGoneMs),
      allGoneMs === undefined ? `> ${duration(waitedMs)} (${stillOnline} still online)` : duration(allGoneMs),
    ]),
  );

const setUpTable = (rows: readonly SetUpRow[]): string =>
  `Round trips until a first stanza through a new link is answered:\n${tableOf(
    ['from', 'to', 'TLS', 'proof', 'XEP-0288', 'first time', 'again'],
    rows.map(({ from, to, reach, proof, isBidi, first, again }) => [
      from,
      to,
      reach === 'direct' ? 'direct' : 'STARTTLS',
      proof,
      isBidi ? 'both' : '',
      first?.toFixed(1) ?? 'no answer',
      again?.toFixed(1) ?? 'no answer',
    ]),
  )}`;

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (/^[-\d>×]/.test(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ');
  return [head, ...rows].map((row) => line(row).trimEnd()).join('\n');
};
