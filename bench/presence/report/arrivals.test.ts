import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Presence } from '../clients/presences.ts';
import { arrivalsOf, onlineAfter } from './arrivals.ts';

const seen = (atMs: number, from: string, type = ''): Presence => ({ atMs, from, type });

test('a contact counts once, from the first of its resources that is shown', () => {
  const presences = [
    seen(2, 'a@x.test/desk'),
    seen(2, 'b@x.test/desk'),
    seen(5, 'a@x.test/phone'),
    seen(700, 'c@x.test', 'unavailable'),
    seen(900, 'c@x.test/desk'),
    seen(950, 'stranger@x.test/desk'),
  ];
  const { curve, ...figures } = arrivalsOf(presences, new Set(['a@x.test', 'b@x.test', 'c@x.test']));
  assert.deepEqual(figures, {
    firstMs: 2,
    halfMs: 2,
    mostMs: 900,
    allMs: 900,
    shown: 3,
    expected: 3,
    stanzas: 6,
  });
  assert.deepEqual(curve, [
    [2, 2],
    [900, 3],
  ]);
});

test('of twenty contacts, ten are half, nineteen are 95 % and eighteen are not', () => {
  const contacts = Array.from({ length: 20 }, (_, i) => `c${i}@x.test`);
  const some = (count: number) =>
    arrivalsOf(
      contacts.slice(0, count).map((contact, i) => seen(i + 1, `${contact}/desk`)),
      new Set(contacts),
    );
  assert.equal(some(20).halfMs, 10);
  assert.equal(some(20).mostMs, 19);
  assert.equal(some(18).mostMs, undefined);
  assert.equal(some(19).allMs, undefined);
  assert.equal(some(0).firstMs, undefined);
});

test('who is online after all: each resource for itself, the bare address for all', () => {
  const presences = [
    seen(1, 'a@x.test/desk'),
    seen(1, 'a@x.test/phone'),
    seen(1, 'b@x.test/desk'),
    seen(1, 'c@x.test/desk'),
    seen(2, 'a@x.test/desk', 'unavailable'),
    seen(2, 'b@x.test', 'unavailable'),
    seen(2, 'c@x.test', 'error'),
  ];
  assert.deepEqual([...onlineAfter(presences)], ['a@x.test', 'c@x.test']);
});
