// XEP-0198 as machines: counts, the queue of what is unacknowledged, and when to ask.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AckRequests } from './ack-requests.ts';
import { HandledCount } from './handled-count.ts';
import { SentQueue } from './sent-queue.ts';

const item = (name: string) => ({ name, chars: name.length });
const names = (items: Iterable<{ name: string }>): string[] => [...items].map(({ name }) => name);

test('an acknowledgement takes what it covers, once, and never more than was sent', () => {
  const queue = new SentQueue<{ name: string; chars: number }>();
  queue.manage();
  for (const name of ['a', 'b', 'c']) queue.push(item(name));
  const first = queue.acknowledged(2);
  assert.deepEqual(first.ok && names(first.value), ['a', 'b']);
  const again = queue.acknowledged(2);
  assert.deepEqual(again.ok && names(again.value), []);
  assert.deepEqual(queue.acknowledged(4), { ok: false, fault: 'handled-count-too-high' });
  assert.deepEqual(queue.acknowledged(1), { ok: false, fault: 'handled-count-too-high' });
  assert.deepEqual(names(queue), ['c']);
  assert.equal(queue.chars, 1);
});

test('counts wrap at 2^32', () => {
  const queue = new SentQueue<{ name: string; chars: number }>();
  queue.manage(2 ** 32 - 1);
  assert.equal(queue.sentCount, 2 ** 32 - 1);
  queue.push(item('a'));
  assert.equal(queue.sentCount, 0);
  queue.push(item('b'));
  queue.push(item('c'));
  const taken = queue.acknowledged(1);
  assert.deepEqual(taken.ok && names(taken.value), ['a', 'b']);
  assert.equal(queue.length, 1);
  const count = new HandledCount(2 ** 32 - 1);
  count.finish(count.begin());
  assert.equal(count.h, 0);
});

test('stanzas from before management wait for the socket and are not counted', () => {
  const queue = new SentQueue<{ name: string; chars: number }>();
  queue.push(item('before'));
  queue.manage();
  queue.push(item('a'));
  assert.deepEqual(names(queue.flushed(queue.next)), ['before']);
  const taken = queue.acknowledged(1);
  assert.deepEqual(taken.ok && names(taken.value), ['a']);
});

test('property: the queue gives back everything in order, whatever is acknowledged when', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant('send' as const), fc.nat(5)), { maxLength: 3000, size: 'max' }),
      (steps) => {
        const queue = new SentQueue<{ name: string; chars: number }>();
        const start = 2 ** 32 - 20;
        queue.manage(start);
        const taken: string[] = [];
        let sent = 0;
        for (const step of steps) {
          if (step === 'send') queue.push(item(`${sent++}`));
          else {
            const h = (start + Math.min(sent, taken.length + step)) % 2 ** 32;
            const got = queue.acknowledged(h);
            assert.ok(got.ok);
            taken.push(...names(got.value));
          }
        }
        assert.deepEqual(
          [...taken, ...names(queue)],
          Array.from({ length: sent }, (_, i) => `${i}`),
        );
        assert.equal(
          queue.chars,
          names(queue).reduce((sum, name) => sum + name.length, 0),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('property: h is the length of the gapless run of handled stanzas', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }).chain((n) =>
        fc.shuffledSubarray(
          Array.from({ length: n }, (_, i) => i),
          { minLength: n },
        ),
      ),
      (order) => {
        const count = new HandledCount();
        for (const _ of order) count.begin();
        let isSettled = false;
        count.whenSettled(() => {
          isSettled = true;
        });
        const done = new Set<number>();
        for (const ticket of order) {
          assert.equal(isSettled, false);
          done.add(ticket);
          count.finish(ticket);
          let run = 0;
          while (done.has(run)) run++;
          assert.equal(count.h, run);
          assert.equal(count.pending, order.length - done.size);
        }
        assert.equal(isSettled, true);
      },
    ),
  );
});

test('one question at a time: after a number of stanzas, or after quiet', () => {
  const requests = new AckRequests({ stanzas: 3, quietMs: 100 });
  assert.equal(requests.dueInMs(0), undefined);
  requests.sent(0);
  assert.equal(requests.dueInMs(0), 100);
  requests.sent(60);
  assert.equal(requests.dueInMs(100), 60);
  assert.equal(requests.dueInMs(160), 0);
  requests.asked();
  for (let i = 0; i < 5; i++) requests.sent(170);
  assert.equal(requests.dueInMs(1000), undefined);
  requests.answered(5);
  assert.equal(requests.dueInMs(1000), 0);
  requests.asked();
  requests.answered(0);
  assert.equal(requests.dueInMs(2000), undefined);
  requests.restart(2, 2000);
  assert.equal(requests.dueInMs(2000), 100);
});
