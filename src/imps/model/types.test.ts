import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { primitiveTypes } from './types.ts';

test('primitives.ts is what the model gives: else run node scripts/generate-imps-types.ts', () => {
  const checkedIn = readFileSync(new URL('../primitives.ts', import.meta.url), 'utf8');
  assert.equal(checkedIn, primitiveTypes());
});
