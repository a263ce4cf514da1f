import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pairs } from './pairs.ts';
import { Links, makeList, none, Rows } from './rows.ts';
import { Texts } from './texts.ts';

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'ä',
    '🜁',
    'x'.repeat(511),
    'x'.repeat(512),
    'x'.repeat(513),
    'ü'.repeat(256),
    'ü'.repeat(257),
  ),
  fc.nat(300).map((n) => `t${n}`),
  fc.nat(700).map((n) => 'y'.repeat(n)),
);

test('texts: each once, as long as it is in use, and read back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), text), { maxLength: 600, size: 'max' }),
      fc.integer(),
      (steps, seed) => {
        const texts = new Texts(seed);
        const model = new Map<string, { id: number; uses: number }>();
        for (const [isUse, one] of steps) {
          const known = model.get(one);
          assert.equal(texts.find(one), known?.id ?? none);
          if (isUse) {
            const id = texts.use(one);
            assert.equal(id, known?.id ?? id);
            model.set(one, { id, uses: (known?.uses ?? 0) + 1 });
          } else if (known) {
            texts.release(known.id);
            if (--known.uses === 0) model.delete(one);
          }
        }
        assert.equal(texts.count, model.size);
        for (const [one, { id, uses }] of model) {
          assert.equal(texts.textOf(id), one);
          assert.equal(texts.usesOf(id), uses);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('texts: some hundreds who keep changing what they say take no more room for it', () => {
  const texts = new Texts(1);
  const ids = Array.from({ length: 300 }, (_, i) => texts.use(`${i}`));
  let bytesBefore = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < ids.length; i++) {
      texts.release(ids[i] as number);
      ids[i] = texts.use(`${i} ${'z'.repeat((round * 37) % 600)}`);
    }
    if (round === 99) bytesBefore = texts.bytes;
  }
  assert.equal(texts.bytes, bytesBefore);
  // Of every one of the sizes a place for each, at worst.
  assert.ok(texts.bytes < 3_000_000, `${texts.bytes}`);
});

test('pairs: found by user, domain and local part, whoever comes and goes', () => {
  const key = fc.record({ user: fc.nat(12), domain: fc.nat(3), local: fc.integer({ min: none, max: 12 }) });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), key), { maxLength: 800, size: 'max' }), (steps) => {
      const pairs = new Pairs();
      const model = new Map<string, number>();
      for (const [isAdd, { user, domain, local }] of steps) {
        const name = `${user} ${domain} ${local}`;
        const known = model.get(name);
        assert.equal(pairs.find(user, domain, local), known ?? none);
        if (isAdd && known === undefined) model.set(name, pairs.add(user, domain, local));
        if (!isAdd && known !== undefined) {
          pairs.remove(known);
          model.delete(name);
        }
      }
      assert.equal(pairs.count, model.size);
      assert.equal(new Set(model.values()).size, model.size);
      for (const [name, pair] of model) {
        const [user = 0, domain = 0, local = 0] = name.split(' ').map(Number);
        assert.equal(pairs.find(user, domain, local), pair);
      }
    }),
    { numRuns: 60 },
  );
});

test('lists: in order of appending, wherever rows are taken out', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 200, size: 'max' }), (toggles) => {
      const rows = new Rows();
      const links = new Links(rows.column(), rows.column());
      const all = Array.from({ length: 31 }, () => rows.take());
      const list = makeList();
      let model: number[] = [];
      for (const n of toggles) {
        const row = all[n] as number;
        if (model.includes(row)) {
          links.remove(list, row);
          model = model.filter((one) => one !== row);
        } else {
          links.append(list, row);
          model.push(row);
        }
        const found = [];
        for (let one = list.first; one !== none; one = links.next.get(one)) found.push(one);
        assert.deepEqual(found, model);
        assert.deepEqual([list.last, list.count], [model.at(-1) ?? none, model.length]);
      }
    }),
    { numRuns: 60 },
  );
});
