import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cspDate, readDate } from './date.ts';

test('every form of date comes out as one', () => {
  const rows: [string, string][] = [
    ['20090612T135900Z', '20090612T135900Z'],
    ['20090612T1359Z', '20090612T135900Z'],
    ['20080522T105626', '20080522T105626Z'],
    ['2009-06-12T13:59:00', '20090612T135900Z'],
    ['2009-06-12T13:59:00.123Z', '20090612T135900Z'],
    ['20090612T155900+0200', '20090612T135900Z'],
    ['20090612T155900+02:00', '20090612T135900Z'],
    ['20090612T155900+2', '20090612T135900Z'],
    ['20090612T085900-05', '20090612T135900Z'],
    ['20090612T145900A', '20090612T135900Z'],
    ['20090612T125900N', '20090612T135900Z'],
    ['20090613T015900M', '20090612T135900Z'],
  ];
  for (const [text, date] of rows) assert.equal(readDate(text), date, text);
});

test('what is no date', () => {
  for (const text of ['', 'now', '20091312T135900Z', '20090612', '20090612T135900J', '2009-06-12', '00000612T135900Z'])
    assert.equal(readDate(text), undefined, text);
});

test('a time comes back to the second', () => {
  const ms = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(9999, 0, 1) / 1000 });
  fc.assert(
    fc.property(ms, (seconds) => {
      const date = cspDate(seconds * 1000);
      assert.equal(readDate(date), date);
      assert.equal(Date.parse(date.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')), seconds * 1000);
    }),
  );
});
