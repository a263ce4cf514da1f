// Order, waiting and failure of an account's turns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Turns } from './turns.ts';

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a turn nobody waits for runs at once', () => {
  const turns = new Turns();
  const done: number[] = [];
  void turns.run(() => void done.push(1));
  assert.deepEqual(done, [1]);
  assert(turns.isIdle);
});

test('turns run one after the other, in the order asked for, however long each takes', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 12 }), async (lengths) => {
      const turns = new Turns();
      const events: string[] = [];
      const all = lengths.map((length, index) =>
        turns.run(
          length === 0
            ? () => void events.push(`${index} begins`, `${index} ends`)
            : async () => {
                events.push(`${index} begins`);
                for (let round = 0; round < length; round++) await Promise.resolve();
                events.push(`${index} ends`);
              },
        ),
      );
      await Promise.all(all);
      assert.deepEqual(
        events,
        lengths.flatMap((_length, index) => [`${index} begins`, `${index} ends`]),
      );
      await turns.idle();
    }),
  ));

test('what runs ahead comes before all that waits, in order, and after the turn that is taken', async () => {
  const turns = new Turns();
  const events: string[] = [];
  const say = (what: string) => (): void => void events.push(what);
  const all = [
    turns.run(async () => {
      await later();
      events.push('taken');
    }),
    turns.run(say('waits')),
    turns.runAhead(say('ahead')),
    turns.runAhead(say('ahead too')),
  ];
  await Promise.all(all);
  assert.deepEqual(events, ['taken', 'ahead', 'ahead too', 'waits']);
});

test('two accounts that wait for each other’s turns do not wait for ever', async () => {
  const [anna, mila] = [new Turns(), new Turns()];
  await Promise.all([
    anna.run(async (turn) => {
      await later();
      turn.also(mila.run(later));
    }),
    mila.run(async (turn) => {
      await later();
      turn.also(anna.run(later));
    }),
  ]);
});

test('what is asked for `also` is waited for by the asker, not by the next turn', async () => {
  const turns = new Turns();
  const events: string[] = [];
  let finish = (): void => {};
  const first = turns
    .run((turn) => turn.also(new Promise<void>((resolve) => (finish = resolve))))
    .then(() => events.push('first is done'));
  await turns.run(() => void events.push('second ran'));
  finish();
  await first;
  assert.deepEqual(events, ['second ran', 'first is done']);
});

test('a failing turn rejects its own asker and nobody else', async () => {
  const turns = new Turns();
  await assert.rejects(
    turns.run(() => {
      throw new Error('at once');
    }),
    /at once/,
  );
  const slow = turns.run(async (turn) => {
    turn.also(Promise.reject(new Error('unheard')));
    await later();
    throw new Error('later');
  });
  const next = turns.run(() => {});
  await assert.rejects(slow, /later/);
  await next;
  await assert.rejects(
    turns.run((turn) => turn.also(Promise.reject(new Error('also')))),
    /also/,
  );
  await turns.idle();
  assert(turns.isIdle);
});
