import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interned } from './interned.ts';

test('equal values are one, up to so many kinds', () => {
  const shared = interned<readonly string[]>(2, (list) => list.join(' '));
  const first = shared(['a', 'b']);
  assert.equal(shared(['a', 'b']), first);
  assert.notEqual(shared(['a']), first);
  assert.deepEqual(shared(['c']), ['c'], 'one too many: what was known is forgotten');
  assert.notEqual(shared(['a', 'b']), first);
});

test('what is longer than anybody needs is not remembered', () => {
  const shared = interned<{ readonly text: string }>(2, ({ text }) => text);
  const long = { text: 'x'.repeat(1001) };
  assert.equal(shared(long), long);
  assert.notEqual(shared({ ...long }), long);
});
