import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './random.ts';

test('octets drawn ahead are given out once, in every number asked for', () => {
  const seen = new Set<string>();
  let drawn = 0;
  for (let count = 8; count < 600; count++) {
    const octets = systemRandom.bytes(count);
    assert.equal(octets.length, count);
    drawn++;
    seen.add(Buffer.from(octets.subarray(0, 8)).toString('hex'));
  }
  assert.equal(seen.size, drawn);
});

test('ids are of their length, in letters and digits, and differ', () => {
  const ids = Array.from({ length: 5000 }, () => systemRandom.id(12));
  assert(ids.every((id) => /^[A-Za-z0-9]{12}$/.test(id)));
  assert.equal(new Set(ids).size, ids.length);
});
