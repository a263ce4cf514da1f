// Shares of the turns, with a clock that is moved by hand: who waits for whom, and for how long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../../base/clock.ts';
import { type Claim, turns } from './turns.ts';

const silentMs = 20_000;
const soon = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await Promise.resolve();
};
const stage = (count: number) => {
  const clock = new SimulatedClock();
  const all = turns(count);
  const going: Claim[] = [];
  let most = 0;
  /** Takes a turn for so long; when it ended, monotonic ms. */
  const fetch = async (claim: Claim, ms: number): Promise<number> => {
    await all.take(claim, async () => {
      going.push(claim);
      most = Math.max(most, going.length);
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      going.splice(going.indexOf(claim), 1);
    });
    return clock.mono();
  };
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 100) {
      await soon();
      clock.advance(100);
    }
    await soon();
  };
  return { clock, all, going, fetch, pass, most: () => most };
};
const of = (name: string, host: string): Claim => {
  const [, server = ''] = name.split('@');
  return { recipient: 'mila@home.test', sender: name, server, host };
};

test('a stranger with a hundred silent links to as many phones does not delay a picture of somebody else', async () => {
  const { fetch, pass, going } = stage(9);
  const ends: number[] = [];
  for (let n = 0; n < 100; n++)
    void fetch({ ...of('stranger@evil.test', `silent${n}.test`), recipient: `user${n}@home.test` }, silentMs);
  await pass(1000);
  assert.equal(going.length, 3, 'a third of the turns');
  for (let n = 0; n < 4; n++) void fetch(of('tomas@away.test', 'files.test'), 1000).then((at) => ends.push(at));
  await pass(3000);
  assert.deepEqual(ends, [2000, 2000, 2000, 3000]);
});

test('nor does a host that a hundred people have pictures at', async () => {
  const { fetch, pass, going } = stage(9);
  const ends: number[] = [];
  for (let n = 0; n < 100; n++) void fetch(of(`user${n}@server${n}.test`, 'silent.test'), silentMs);
  void fetch({ ...of('tomas@away.test', 'files.test'), recipient: 'anna@home.test' }, 1000).then((at) => ends.push(at));
  await pass(1100);
  assert.equal(going.length, 3);
  assert.deepEqual(ends, [1000]);
});

test('nor a server with a hundred accounts and as many hosts', async () => {
  const { fetch, pass, going } = stage(9);
  const ends: number[] = [];
  for (let n = 0; n < 100; n++)
    void fetch({ ...of(`user${n}@evil.test`, `silent${n}.test`), recipient: `user${n}@home.test` }, silentMs);
  void fetch(of('tomas@away.test', 'files.test'), 1000).then((at) => ends.push(at));
  await pass(1100);
  assert.equal(going.length, 6);
  assert.deepEqual(ends, [1000]);
});

test('what becomes free goes to those who hold least, and not to whoever asked most often', async () => {
  const { fetch, pass } = stage(3);
  const ends: number[] = [];
  // Three servers hold all turns, and one of them waits with many more.
  for (const server of ['a', 'b', 'c'])
    for (let n = 0; n < (server === 'a' ? 50 : 1); n++)
      void fetch({ ...of(`${server}${n}@${server}.test`, `${server}${n}.test`), recipient: `${server}${n}` }, silentMs);
  await pass(100);
  void fetch({ ...of('tomas@away.test', 'files.test'), recipient: 'tomas' }, 1000).then((at) => ends.push(at));
  await pass(silentMs + 1100);
  assert.deepEqual(ends, [silentMs + 1000]);
});

test('a host that has given its file is free while the picture is made smaller', async () => {
  const { all } = stage(3);
  const first = Promise.withResolvers<void>();
  const fetched = Promise.withResolvers<void>();
  const one = all.take(of('anna@a.test', 'files.test'), async (turn) => {
    await fetched.promise;
    turn.leaveHost();
    await first.promise;
    return 1;
  });
  let isSecond = false;
  const two = all.take({ ...of('tomas@b.test', 'files.test'), recipient: 'otto@home.test' }, async () => {
    isSecond = true;
  });
  await soon();
  assert.equal(isSecond, false);
  fetched.resolve();
  await soon();
  assert.equal(isSecond, true);
  first.resolve();
  assert.equal(await one, 1);
  await two;
});

test('whatever is asked for: never more than there are, and in the end everybody had a turn, failing ones too', async () => {
  const who = fc.record({
    recipient: fc.constantFrom('r1', 'r2', 'r3'),
    sender: fc.constantFrom('s1@a', 's2@a', 's3@b', undefined),
    server: fc.constantFrom('a', 'b', undefined),
    host: fc.constantFrom('h1', 'h2', undefined),
  });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.record({ who, ms: fc.integer({ min: 0, max: 500 }), fails: fc.boolean() }), { maxLength: 30 }),
    async (count, asked) => {
      const { all, fetch, pass, most } = stage(count);
      let over = 0;
      for (const { who, ms, fails } of asked) {
        const work = fails ? all.take(who, () => Promise.reject(new Error('no'))) : fetch(who, ms);
        work.then(
          () => over++,
          () => over++,
        );
      }
      await pass(600 * asked.length);
      assert.equal(over, asked.length);
      assert.ok(most() <= count);
    },
  );
  await fc.assert(property, { numRuns: 30 });
});
