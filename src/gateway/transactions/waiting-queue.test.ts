import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, WaitingQueue } from './waiting-queue.ts';

const redeliverMs = 60_000;
const entry = (seq: number, kind = 'message', more: Partial<Entry> = {}): Entry => ({
  seq,
  kind,
  primitive: { name: 'Polling-Request' },
  messageId: `m${seq}`,
  held: false,
  urgent: true,
  durable: true,
  key: undefined,
  createdAt: 0,
  expiresAt: undefined,
  ...more,
});
const seqs = (entries: readonly Entry[]): readonly number[] => entries.map(({ seq }) => seq);

test('one of a kind at a time; another kind goes beside it', () => {
  const queue = new WaitingQueue(redeliverMs);
  for (const one of [entry(1), entry(2), entry(3, 'presence'), entry(4)]) queue.add(one);
  assert.deepEqual(seqs(queue.ready(0)), [1, 2], 'the run of the first kind');
  queue.handOut(queue.ready(0).slice(0, 1), 's1', 0);
  assert.deepEqual(seqs(queue.ready(0)), [3]);
  assert.equal(queue.hasWaiting(0), true);
  queue.remove(queue.under('s1') ?? []);
  assert.deepEqual(seqs(queue.ready(0)), [2]);
});

test('one answer may hold several of a kind; the next answer waits for all of them', () => {
  const queue = new WaitingQueue(redeliverMs);
  for (const one of [entry(1), entry(2), entry(3)]) queue.add(one);
  queue.handOut(queue.ready(0).slice(0, 1), 's1', 0);
  queue.handOut(queue.ready(0, new Set(['s1'])).slice(0, 1), 's2', 0);
  assert.deepEqual(queue.ready(0), [], 'the answer may have been lost: nothing overtakes it');
  assert.equal(queue.hasUrgent(0), false);
  queue.remove(queue.under('s2') ?? []);
  assert.deepEqual(queue.ready(0), []);
  queue.remove(queue.under('s1') ?? []);
  assert.deepEqual(seqs(queue.ready(0)), [3]);
});

test('a hand-out lapses: the entry goes again, and both ids settle it', () => {
  const queue = new WaitingQueue(redeliverMs);
  queue.add(entry(1));
  assert.equal(queue.handOut(queue.ready(0), 's1', 0), false);
  assert.equal(queue.nextLapse(0), redeliverMs);
  assert.deepEqual(queue.ready(redeliverMs - 1), []);
  assert.equal(queue.handOut(queue.ready(redeliverMs), 's2', redeliverMs), true);
  assert.deepEqual(seqs(queue.under('s1') ?? []), [1]);
  queue.remove(queue.under('s1') ?? []);
  assert.equal(queue.under('s2'), undefined);
  assert.equal(queue.size, 0);
});

test('the newest of a key takes the place of one that has not been handed out, and only of such a one', () => {
  const queue = new WaitingQueue(redeliverMs);
  queue.add(entry(1, 'presence', { key: 'mila' }));
  queue.add(entry(2, 'presence'));
  assert.equal(queue.add(entry(3, 'presence', { key: 'mila' }))?.seq, 1);
  assert.deepEqual(seqs(queue.entries), [3, 2]);
  queue.handOut(queue.entries.slice(0, 1), 's1', 0);
  assert.equal(queue.add(entry(4, 'presence', { key: 'mila' })), undefined);
  assert.deepEqual(seqs(queue.entries), [3, 2, 4]);
});

test('held entries are never handed out and are found by their MessageID', () => {
  const queue = new WaitingQueue(redeliverMs);
  queue.add(entry(1, 'message', { held: true }));
  assert.deepEqual(queue.ready(0), []);
  assert.equal(queue.hasWaiting(0), false);
  assert.equal(queue.byMessageId('m1')?.seq, 1);
});

test('property: whatever gets lost, every entry is shown in order and settled once', () => {
  const step = fc.oneof(
    fc.constant({ do: 'add' } as const),
    fc.record({ do: fc.constant('fetch' as const), isLost: fc.boolean() }),
    fc.record({ do: fc.constant('acknowledge' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, takes) => {
      const queue = new WaitingQueue(redeliverMs);
      let now = 0;
      let added = 0;
      let id = 0;
      const seen: string[] = [];
      const settled: number[] = [];
      const settle = (transaction: string): void => {
        const entries = queue.under(transaction) ?? [];
        settled.push(...seqs(entries));
        queue.remove(entries);
      };
      /** One answer, with as many as the phone takes; it reaches the phone whole or not at all. */
      const fetch = (isLost: boolean): readonly string[] => {
        const inAnswer = new Set<string>();
        for (let room = takes; room > 0; room--) {
          const [first] = queue.ready(now, inAnswer);
          if (!first) break;
          const before = queue.entries.slice(0, queue.entries.indexOf(first));
          assert.ok(
            before.length <= inAnswer.size,
            'nothing before it is left behind but what goes in the same answer',
          );
          queue.handOut([first], `s${++id}`, now);
          inAnswer.add(`s${id}`);
        }
        if (!isLost) seen.push(...inAnswer);
        return [...inAnswer];
      };
      for (const one of steps) {
        if (one.do === 'add') queue.add(entry(++added));
        else if (one.do === 'fetch') fetch(one.isLost);
        else if (one.do === 'wait') now += one.ms;
        else settle(seen[one.which] ?? '');
      }
      while (queue.size) {
        now += redeliverMs;
        for (const transaction of fetch(false)) settle(transaction);
      }
      assert.deepEqual(
        settled.toSorted((a, b) => a - b),
        Array.from({ length: added }, (_, at) => at + 1),
      );
    }),
  );
});
