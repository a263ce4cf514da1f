import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.ts';

test('without arguments: 200 contacts on every link, 20 and 1000 on the fastest and the slowest', () => {
  const { matrix, homes, parts, proof, rate, loss } = readOptions([]);
  assert.deepEqual(matrix, [
    ...[0, 50, 300, 600].map((rttMs) => [rttMs, 200]),
    ...[
      [0, 20],
      [0, 1000],
      [600, 20],
      [600, 1000],
    ],
  ]);
  assert.deepEqual(homes, ['onesoup', 'prosody', 'ejabberd']);
  assert.deepEqual(parts, ['sign-in', 'dead', 'set-up']);
  assert.deepEqual({ proof, rate, loss }, { proof: 'certificate', rate: Number.POSITIVE_INFINITY, loss: 0 });
});

test('what is chosen is all there is', () => {
  const { matrix, homes, parts } = readOptions(['--quick', '--rtt', '0,600', '--homes', 'ejabberd']);
  assert.deepEqual(matrix, [
    [0, 200],
    [600, 200],
  ]);
  assert.deepEqual(homes, ['ejabberd']);
  assert.deepEqual(parts, ['sign-in']);
  assert.equal(readOptions(['--all']).matrix.length, 12);
});

test('nonsense is refused by name', () => {
  assert.throws(() => readOptions(['--homes', 'jabberd']), /"jabberd" is none of/);
  assert.throws(() => readOptions(['--rtt', 'fast']), /"fast" is no number/);
  assert.throws(() => readOptions(['--loss', '2']), /"2" is no number/);
  assert.throws(() => readOptions(['--proof', 'word']), /certificate or dialback/);
});
