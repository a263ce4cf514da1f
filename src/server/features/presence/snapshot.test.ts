// The snapshot's way to the Store: one transaction for what a second brings, the last change of each entry only, and a Store
// that fails gets it again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../../base/clock.ts';
import type { PresenceChange, PresenceStore } from '../../../store/store.ts';
import { Snapshot } from './snapshot.ts';

const setUp = () => {
  const clock = new SimulatedClock(5_000);
  const written: (readonly PresenceChange[])[] = [];
  const failures: unknown[] = [];
  const disk = { isFull: false };
  const store: PresenceStore = {
    async write(changes) {
      if (disk.isFull) throw new Error('the disk is full');
      written.push(changes);
    },
    async read() {},
    tidy: async () => undefined,
  };
  const snapshot = new Snapshot(store, clock, (cause) => failures.push(cause));
  const changes = (contact: string, payload: string | undefined, resource = 'r'): void =>
    snapshot.take({ type: 'snapshot', changes: [{ user: 'mila', contact, resource, payload }] });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, written, failures, disk, snapshot, changes, settle };
};
const keep = (contact: string, payload: string, confirmedAt: number, resource = 'r'): PresenceChange => ({
  do: 'keep',
  account: 'mila',
  contact,
  resource,
  payload,
  confirmedAt,
});

test('what a second brings is one transaction, the last of each entry', async () => {
  const { clock, written, snapshot, changes, settle } = setUp();
  changes('tom', 'a');
  clock.advance(600);
  changes('eva', 'x');
  changes('tom', 'b');
  changes('tom', 'c', 's');
  changes('eva', undefined);
  assert.equal(snapshot.waiting, 3);
  clock.advance(399);
  await settle();
  assert.deepEqual(written, []);
  clock.advance(1);
  await settle();
  assert.deepEqual(written, [
    [
      keep('tom', 'b', 5_600),
      keep('tom', 'c', 5_600, 's'),
      { do: 'drop', account: 'mila', contact: 'eva', resource: 'r' },
    ],
  ]);
  assert.equal(snapshot.waiting, 0);
  assert.equal(clock.armed, 0);
});

test('a pair that is forgotten takes what waits with it, and may begin anew', async () => {
  const { written, snapshot, changes } = setUp();
  changes('tom', 'a');
  snapshot.take({ type: 'forget', user: 'mila', contact: 'tom' });
  changes('tom', 'b', 's');
  await snapshot.flush();
  assert.deepEqual(written, [[{ do: 'forget', account: 'mila', contact: 'tom' }, keep('tom', 'b', 5_000, 's')]]);
});

test('many changes do not wait for the second to be over, and are no more than 500 in one transaction', async () => {
  const { clock, written, changes, settle } = setUp();
  for (let n = 0; n < 1_200; n++) changes(`c${n}`, 'a');
  clock.advance(0);
  await settle();
  assert.deepEqual(
    written.map(({ length }) => length),
    [500, 500, 200],
  );
});

test('what the Store did not take is written later, unless it has changed since', async () => {
  const { clock, written, failures, disk, snapshot, changes, settle } = setUp();
  changes('tom', 'a');
  changes('eva', 'x');
  snapshot.take({ type: 'forget', user: 'mila', contact: 'old' });
  disk.isFull = true;
  clock.advance(1_000);
  await settle();
  assert.equal(failures.length, 1);
  assert.equal(snapshot.waiting, 3);
  disk.isFull = false;
  changes('tom', 'b');
  clock.advance(10_000);
  await settle();
  assert.deepEqual(written, [
    [keep('tom', 'b', 6_000), keep('eva', 'x', 5_000), { do: 'forget', account: 'mila', contact: 'old' }],
  ]);
  assert.equal(snapshot.waiting, 0);
});

test('at the end everything is written at once', async () => {
  const { clock, written, snapshot, changes } = setUp();
  snapshot.tidy();
  changes('tom', 'a');
  await snapshot.flush();
  snapshot[Symbol.dispose]();
  assert.deepEqual(written, [[keep('tom', 'a', 5_000)]]);
  assert.equal(clock.armed, 0);
});
