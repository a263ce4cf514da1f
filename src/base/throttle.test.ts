import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from './clock.ts';
import { networkOf } from './network.ts';
import { Throttle } from './throttle.ts';

/** How long an attempt waits, ms; undefined when it is turned away. */
const waits = async (clock: SimulatedClock, throttle: Throttle, account: string, from: string) => {
  const start = clock.mono();
  let admitted: boolean | undefined;
  void throttle.admit(account, from).then((is) => (admitted = is));
  for (let i = 0; i < 100; i++) {
    await Promise.resolve();
    await Promise.resolve();
    if (admitted !== undefined) return admitted ? clock.mono() - start : undefined;
    clock.advance(100);
  }
  throw new Error('it waits for more than ten seconds');
};

test('after three failures every further attempt waits twice as long, up to eight seconds', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  const waited: (number | undefined)[] = [];
  for (let i = 0; i < 9; i++) {
    waited.push(await waits(clock, throttle, 'anna@home.test', `192.0.2.${i}`));
    throttle.failed('anna@home.test', `192.0.2.${i}`);
  }
  assert.deepEqual(waited.slice(0, 3), [0, 0, 0]);
  // A little less than doubled: failures fade with time.
  assert(waited.slice(3).every((ms, i) => ms !== undefined && ms <= Math.min(8000, 500 * 2 ** i) && ms > 0));
  assert((waited[8] ?? 0) > 5_000);
});

test('many accounts tried from one address are slow too', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  for (let i = 0; i < 5; i++) throttle.failed(`user-${i}@home.test`, '2001:db8::1');
  assert(((await waits(clock, throttle, 'other@home.test', '2001:db8::2')) ?? 0) > 0, 'the same /64');
  assert.equal(await waits(clock, throttle, 'other@home.test', '2001:db8:0:1::2'), 0);
});

test('the owner does not wait for a guesser elsewhere', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  throttle.succeeded('anna@home.test', '192.0.2.1');
  for (let i = 0; i < 10; i++) throttle.failed('anna@home.test', '198.51.100.7');
  assert.equal(await waits(clock, throttle, 'anna@home.test', '192.0.2.1'), 0);
});

test('so many wait at once from an address, no more', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  for (let i = 0; i < 10; i++) throttle.failed('anna@home.test', '192.0.2.1');
  for (let i = 0; i < 16; i++) void throttle.admit('anna@home.test', '192.0.2.1');
  assert.equal(await throttle.admit('anna@home.test', '192.0.2.1'), false);
});

test('the network of an address', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:db8:0:0:ffff::9'));
  assert.notEqual(networkOf('2001:db8::1'), networkOf('2001:db8:0:1::1'));
});

test('however many guess at an account from elsewhere, its owner is heard', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  for (let i = 0; i < 20; i++) throttle.failed('anna@home.test', `198.51.100.${i}`);
  for (let i = 0; i < 200; i++) void throttle.admit('anna@home.test', `198.51.100.${i % 100}`);
  assert.equal(await throttle.admit('anna@home.test', '198.51.100.7'), false, 'one of the crowd is not');
  assert((await waits(clock, throttle, 'anna@home.test', '192.0.2.1')) !== undefined);
});

test('where phones share an address, a guesser among them keeps nobody out who was there before', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  throttle.succeeded('anna@home.test', '192.0.2.1');
  for (let i = 0; i < 10; i++) throttle.failed('mila@home.test', '192.0.2.1');
  for (let i = 0; i < 16; i++) void throttle.admit('mila@home.test', '192.0.2.1');
  assert.equal(await throttle.admit('mila@home.test', '192.0.2.1'), false);
  assert((await waits(clock, throttle, 'anna@home.test', '192.0.2.1')) !== undefined);
});
