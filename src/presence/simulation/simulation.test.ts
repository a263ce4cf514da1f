// A few seeds each time; more with `SEEDS=1000 node --test src/presence/simulation/simulation.test.ts`, one with SEED=42.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from './chaos.ts';

const { SEED, SEEDS = '20' } = process.env;
const seeds = SEED ? [Number(SEED)] : Array.from({ length: Number(SEEDS) }, (_, i) => i + 1);

test('pictures become the truth, none is wrong for too long, nobody is told twice', () => {
  let items = 0;
  for (const seed of seeds) items += play(seed).items;
  assert.ok(items > 0, 'there was something to see in the end');
});

test('while links are good, a server that sleeps now and then takes nobody away who is there', () => {
  let sleeps = 0;
  for (const seed of seeds.slice(0, 10)) sleeps += play(seed, { troubles: 'sleep' }).shown;
  assert.ok(sleeps > 0);
});

test('the simulation can tell: a bound of two minutes does not hold', { skip: SEED !== undefined }, () => {
  assert.throws(() => {
    for (const seed of seeds) play(seed, { boundMs: 120_000 });
  }, /wrong since/);
});
