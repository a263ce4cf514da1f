// The process dies in memory, which costs little: at the first moment of everything, at every fifth, and at the last.
// `EVERY=1 node --test src/gateway/killing/in-memory.test.ts`: at every one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killInEverything } from './everything.ts';
import { InMemory } from './in-memory.ts';

const { mortal } = killInEverything(InMemory.open, { ends: 'both', every: 5 });

test('there was nothing for the operator to look at', () => {
  assert.deepEqual(mortal().troubles, []);
});
