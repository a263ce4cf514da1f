import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseElement } from '../../../src/xml/reader.ts';
import { drawPicture, pictured } from './picture.ts';
import type { Results, SignInRow } from './results.ts';
import { ratio, reportOf } from './tables.ts';
import { duration, size } from './units.ts';

const row = (home: SignInRow['home'], ms: number, more: Partial<SignInRow> = {}): SignInRow => ({
  ...{ home, case: 'cold', rttMs: 600, contacts: 200, firstMs: ms / 2, halfMs: ms, mostMs: ms, allMs: ms },
  ...{ shown: 200, expected: 200, stanzas: 200, octets: 57_000, reads: 3, roundTrips: ms / 600 },
  curve: [
    [ms / 2, 100],
    [ms, 200],
  ],
  links: { outOctets: 40_000, backOctets: 60_000, connections: 40, flights: 480 },
  ...more,
});

const results: Results = {
  ...{ at: '2026-01-01T00:00:00.000Z', machine: { cpus: 2, loadBefore: 0.1, loadAfter: 0.2 }, domains: 20 },
  ...{ rate: null, loss: 0, proof: 'certificate', isBidi: false },
  signIns: [
    row('onesoup', 8, { links: { outOctets: 13_000, backOctets: 1_000, connections: 0, flights: 40 } }),
    row('prosody', 12_000),
    row('ejabberd', 16_000),
    row('prosody', 1_000, { rttMs: 50 }),
  ],
  dead: [
    {
      home: 'prosody',
      how: 'lost',
      rttMs: 600,
      contacts: 200,
      firstGoneMs: undefined,
      allGoneMs: undefined,
      stillOnline: 200,
      waitedMs: 400_000,
    },
  ],
  setUp: [
    {
      from: 'onesoup',
      to: 'prosody',
      reach: 'direct',
      proof: 'certificate',
      isBidi: true,
      first: 3.64,
      again: undefined,
    },
  ],
};

test('figures as people read them', () => {
  assert.deepEqual([8.04, 42.4, 740, 999.6, 11_740, 400_000].map(duration), [
    '8.0 ms',
    '42 ms',
    '740 ms',
    '1.00 s',
    '11.7 s',
    '400 s',
  ]);
  assert.deepEqual([900, 1_140, 49_000, 1_200_000].map(size), ['900 B', '1.1 kB', '49 kB', '1.2 MB']);
});

test('a ratio is taken to the best peer that has a figure', () => {
  assert.equal(ratio(8, [12_000, undefined, 16_000]), '×0.00067');
  assert.equal(ratio(60, [12, 20]), '×5.0');
  assert.equal(ratio(undefined, [12]), '');
  assert.equal(ratio(8, [undefined]), '');
});

test('the tables hold times, ratios in time and octets, and what did not happen', () => {
  const lines = reportOf(results).split('\n');
  const ours = lines.find((line) => line.includes('onesoup') && line.includes('just restarted')) ?? '';
  assert.match(ours, /600 ms +200 +onesoup +4\.0 ms +8\.0 ms +8\.0 ms +8\.0 ms +×0\.00067/);
  assert.match(ours, /13 kB +1\.0 kB +×0\.14 +40/);
  assert.ok(lines.some((line) => /fell silent .* > 400 s \(200 still online\)/.test(line)));
  assert.ok(lines.some((line) => /onesoup +prosody +direct +certificate +both +3\.6 +no answer/.test(line)));
});

test('the picture shows the cold starts of the slowest link, and is well-formed', () => {
  assert.deepEqual(
    pictured(results).map(({ home }) => home),
    ['onesoup', 'prosody', 'ejabberd'],
  );
  const svg = drawPicture(results);
  const read = parseElement(svg);
  assert.ok(read.ok, JSON.stringify(read));
  assert.match(svg, /onesoup: all after 8\.0 ms; Prosody: all after 12\.0 s; ejabberd: all after 16\.0 s/);
  assert.throws(() => drawPicture({ ...results, signIns: [] }), /no cold start/);
});
