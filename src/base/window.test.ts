import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from './clock.ts';
import { Window } from './window.ts';

test('so many in so long, per key, and again when time has passed', () => {
  const clock = new SimulatedClock();
  const window = new Window(clock, 2, 1000);
  assert.deepEqual([window.admits('a'), window.admits('a'), window.admits('a')], [true, true, false]);
  assert.deepEqual([window.isFull('a'), window.isFull('b')], [true, false]);
  assert.equal(window.admits('b'), true);
  clock.advance(1001);
  assert.equal(window.admits('a'), true);
});

test('ten thousand others do not make it forget', () => {
  const window = new Window(new SimulatedClock(), 1, 1000);
  assert.equal(window.admits('guesser'), true);
  for (let n = 0; n < 9_999; n++) window.admits(`other ${n}`);
  assert.equal(window.admits('guesser'), false);
});
