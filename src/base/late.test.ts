import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LateMap, LateSet } from './late.ts';

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('put' as const), key: fc.nat(4), value: fc.nat() }),
    fc.record({ do: fc.constant('delete' as const), key: fc.nat(4) }),
    fc.record({ do: fc.constant('clear' as const) }),
  ),
);

test('a LateMap is as a Map, whatever is done to it', () =>
  fc.assert(
    fc.property(steps, (all) => {
      const map = new Map<number, number>();
      const late = new LateMap<number, number>();
      for (const one of all) {
        if (one.do === 'put') {
          late.set(one.key, one.value);
          map.set(one.key, one.value);
        } else if (one.do === 'delete') assert.equal(late.delete(one.key), map.delete(one.key));
        else assert.equal(late.clear(), map.clear());
        assert.deepEqual([...late], [...map]);
        assert.deepEqual([[...late.keys()], [...late.values()]], [[...map.keys()], [...map.values()]]);
        for (let key = 0; key < 5; key++)
          assert.deepEqual([late.get(key), late.has(key), late.size], [map.get(key), map.has(key), map.size]);
      }
    }),
  ));

test('a LateSet is as a Set, whatever is done to it', () =>
  fc.assert(
    fc.property(steps, (all) => {
      const set = new Set<number>();
      const late = new LateSet<number>();
      for (const one of all) {
        if (one.do === 'put') {
          late.add(one.key);
          set.add(one.key);
        } else if (one.do === 'delete') assert.equal(late.delete(one.key), set.delete(one.key));
        else assert.equal(late.clear(), set.clear());
        assert.deepEqual([...late], [...set]);
        for (let key = 0; key < 5; key++) assert.deepEqual([late.has(key), late.size], [set.has(key), set.size]);
      }
    }),
  ));

test('going through one that entries are taken out of meanwhile', () => {
  const map = new LateMap<number, number>();
  for (const key of [1, 2, 3]) map.set(key, key);
  const seen: number[] = [];
  for (const [key] of map) {
    seen.push(key);
    map.delete(key);
  }
  assert.deepEqual(seen, [1, 2, 3]);
  assert.equal(map.size, 0);
});
