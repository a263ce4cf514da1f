// XEP-0059: whatever the page size, the pages of a list are the list, forwards and backwards.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { childText, type Element, el } from '../../xml/element.ts';
import { ns } from './names.ts';
import { type Page, page } from './paging.ts';

const ask = (wishes: Readonly<Record<string, string>>): Element =>
  el(
    'set',
    { xmlns: ns.rsm },
    Object.entries(wishes).map(([name, text]) => el(name, null, text)),
  );
const pageOf = (list: readonly string[], wishes: Readonly<Record<string, string>>): Page<string> => {
  const made = page(list, (one) => one, ask(wishes));
  assert(made.ok);
  return made.value;
};
const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 30 }).map((list) => list.sort());

test('page by page', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 10 }), (list, size) => {
      const max = String(size);
      const forwards: string[] = [];
      for (let after: string | undefined; ; ) {
        const { items, set } = pageOf(list, after === undefined ? { max } : { max, after });
        if (items.length === 0) break;
        assert.equal(set && childText(set, 'count'), String(list.length));
        forwards.push(...items);
        after = (set && childText(set, 'last')) ?? '';
      }
      assert.deepEqual(forwards, list);
      const backwards: string[] = [];
      for (let before = ''; ; ) {
        const { items, set } = pageOf(list, { max, before });
        if (items.length === 0) break;
        backwards.unshift(...items);
        before = (set && childText(set, 'first')) ?? '';
      }
      assert.deepEqual(backwards, list);
      assert.deepEqual(pageOf(list, { max, index: '3' }).items, list.slice(3, 3 + size));
      assert.deepEqual(pageOf(list, { max: '0' }).items, []);
    }),
  );
});

test('a long list comes in pages also to those who did not ask for pages; a short one as it is', () => {
  const many = Array.from({ length: 500 }, (_, n) => String(n).padStart(3, '0'));
  const first = page(many, (one) => one, undefined);
  assert(first.ok && first.value.items.length === 200 && first.value.set);
  const few = page(many.slice(0, 5), (one) => one, undefined);
  assert(few.ok && few.value.items.length === 5 && !few.value.set);
  assert(!page(many, (one) => one, ask({ max: '-1' })).ok);
  assert(!page(many, (one) => one, ask({ index: 'x' })).ok);
});
