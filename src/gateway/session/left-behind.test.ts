// Two phones of one account, one of which is never heard again: what waited for it reaches the user all the same, and once.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Phone, type TestGateway, testGateway, textsOf } from '../testing/test-gateway.ts';

let world: TestGateway;
beforeEach(async () => {
  world = await testGateway();
});
afterEach(async () => {
  assert.deepEqual(world.troubles, []);
  await world.close();
});

const phone = (number: number): Phone => world.phone({ user: 'anna', clientId: `http://phone.example/${number}` });
const write = async (text: string): Promise<void> => {
  const mila = await world.server.signIn('mila', 'desk');
  await mila.sends(`<message to='anna@home.test' type='chat' id='${text}'><body>${text}</body></message>`);
  await mila.link.close();
};
const poll = async (one: Phone, ms = 20_000) => {
  const polled = one.fetch();
  await world.server.settle();
  world.server.clock.advance(ms);
  return await polled;
};
/** More than an hour, in which this one phone goes on polling. */
const anHourWith = async (living: Phone): Promise<string[]> => {
  const seen: string[] = [];
  for (let minutes = 0; minutes < 130; minutes += 2) {
    const requests = await poll(living, 120_000);
    seen.push(...textsOf(requests));
    if (requests.length > 0) await living.acknowledge(...requests);
    await world.server.settle();
  }
  return seen;
};

test('what waited for a phone that is gone goes to the other phone, which need not sign in again', async () => {
  const lost = phone(1);
  await lost.signIn();
  await write('hello');
  const kept = phone(2);
  await kept.signIn();
  assert.deepEqual(await anHourWith(kept), ['hello']);
  assert.equal(world.gateway.sessions().length, 1);
});

test('what both were given, and one showed, is not shown again when the other is given up', async () => {
  const lost = phone(1);
  await lost.signIn();
  const kept = phone(2);
  await kept.signIn();
  await write('hello');
  assert.deepEqual(await anHourWith(kept), ['hello']);
  await kept.signIn();
  assert.deepEqual(textsOf(await poll(kept)), []);
});

test('what both were given and neither showed waits once', async () => {
  await phone(1).signIn();
  await phone(2).signIn();
  await write('hello');
  world.server.clock.advance(3 * 3_600_000);
  await world.server.settle();
  assert.equal(world.gateway.sessions().length, 0);
  const third = phone(3);
  await third.signIn();
  assert.deepEqual(await anHourWith(third), ['hello']);
});
