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

const phone = (number: number, user = 'anna'): Phone =>
  world.phone({ user, clientId: `http://phone.example/${number}` });
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

test('what one of two phones has not got rid of is sent once after a restart, by its own session', async () => {
  const first = phone(1, 'otto@away.test');
  await first.signIn();
  const second = phone(2, 'otto@away.test');
  await second.signIn();
  const mila = await world.server.signIn('mila', 'desk');
  await mila.sends('<presence/>');
  mila.received.length = 0;
  const { csp } = world.server.store;
  const write = (id: string) => `<message to='mila@home.test' type='chat' id='${id}'><body>hello</body></message>`;
  for (const [at, { key, account }] of (await csp.sessions()).entries())
    await csp.addOutgoing({ session: key, account, stanza: write(`m${at}`), createdAt: world.server.clock.wall() });
  // Whoever was heard last is restored first.
  await poll(second);
  await world.server.settle();
  await world.restart();
  // A backend's user gets the Link when the phone is heard.
  await poll(second);
  await poll(first);
  // The password is hashed by another thread.
  while (world.gateway.sessions().some(({ hasLink }) => !hasLink))
    await new Promise((resolve) => setTimeout(resolve, 1));
  await world.server.settle();
  const sent = mila.received.filter(({ kind }) => kind === 'message');
  assert.deepEqual(sent.map(({ id }) => id).sort(), ['m0', 'm1']);
  assert.equal(new Set(sent.map(({ from }) => from?.resource)).size, 2, 'each by its own');
  await mila.link.close();
});
