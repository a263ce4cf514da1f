import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from './clock.ts';
import { networkOf } from './network.ts';
import { Throttle } from './throttle.ts';

/** How long an attempt waits, ms; undefined when it is turned away. */
const waits = async (clock: SimulatedClock, throttle: Throttle, account: string, from: string, client?: string) => {
  const start = clock.mono();
  let admitted: boolean | undefined;
  void throttle.admit(account, from, client).then((is) => (admitted = is));
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

test('an owner is known at several places, and by several phones wherever they are', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  for (let place = 1; place <= 6; place++) throttle.succeeded('anna@home.test', `192.0.2.${place}`, `phone ${place}`);
  for (let i = 0; i < 10; i++) throttle.failed('anna@home.test', '198.51.100.7', 'phone of a guesser');
  for (let place = 2; place <= 6; place++) {
    assert.equal(await waits(clock, throttle, 'anna@home.test', `192.0.2.${place}`), 0);
    assert.equal(await waits(clock, throttle, 'anna@home.test', `203.0.113.${place}`, `phone ${place}`), 0);
  }
  // Of the first one too much has happened since.
  assert(((await waits(clock, throttle, 'anna@home.test', '192.0.2.1', 'phone 1')) ?? 0) > 0);
  assert(((await waits(clock, throttle, 'anna@home.test', '203.0.113.9', 'a new phone')) ?? 0) > 0);
  assert.equal(await waits(clock, throttle, 'anna@home.test', '203.0.113.9', 'phone 6'), 0, 'who waited is not known');
});

test('guesses from everywhere stay slow, whatever they say to be, and do not go faster when the owner signs in', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  throttle.succeeded('anna@home.test', '192.0.2.1', 'nokia');
  for (const client of ['', 'nokia', 'other']) {
    const waited: (number | undefined)[] = [];
    for (let i = 0; i < 40; i++) {
      // Each from somewhere else.
      const from = `198.51.${client.length}.${i}`;
      waited.push(await waits(clock, throttle, 'anna@home.test', from, client));
      throttle.failed('anna@home.test', from, client);
      throttle.succeeded('anna@home.test', '192.0.2.1', 'nokia');
    }
    assert(
      waited.slice(10).every((ms) => ms !== undefined && ms >= 4000),
      `${client}: ${waited}`,
    );
  }
  // She is at home: what others do under her phone's name elsewhere does not slow it down here.
  for (const client of ['', 'nokia'])
    assert.equal(await waits(clock, throttle, 'anna@home.test', '192.0.2.1', client), 0);
});

test('where phones share an address, a guesser at other accounts does not slow down the phones that are known there', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  throttle.succeeded('anna@home.test', '192.0.2.1', 'nokia');
  for (let i = 0; i < 10; i++) throttle.failed(`user-${i}@home.test`, '192.0.2.1');
  assert.equal(await waits(clock, throttle, 'anna@home.test', '192.0.2.1', 'nokia'), 0);
  assert(((await waits(clock, throttle, 'anna@home.test', '192.0.2.1')) ?? 0) > 0);
  for (let i = 0; i < 10; i++) throttle.failed('anna@home.test', '192.0.2.1', 'nokia');
  assert(((await waits(clock, throttle, 'anna@home.test', '192.0.2.1', 'nokia')) ?? 0) > 0, 'nor is that a way round');
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

test('who crowds an account from a place that it knows is turned away as well; others who are known there are heard', async () => {
  const clock = new SimulatedClock();
  const throttle = new Throttle(clock);
  for (const account of ['anna@home.test', 'mila@home.test']) throttle.succeeded(account, '192.0.2.1');
  for (let i = 0; i < 10; i++) throttle.failed('anna@home.test', '192.0.2.1');
  let turnedAway = 0;
  for (let i = 0; i < 500; i++)
    void throttle.admit('anna@home.test', '192.0.2.1', `phone ${i}`).then((is) => {
      if (!is) turnedAway++;
    });
  await Promise.resolve();
  assert.equal(turnedAway, 484);
  assert.equal(await waits(clock, throttle, 'mila@home.test', '192.0.2.1'), 8000);
  assert.equal(await waits(clock, throttle, 'anna@home.test', '192.0.2.1'), 8000, 'again when they have waited');
});
