// The promise: a message is handled once it is stored or acknowledged, it leaves the Store only when it was acknowledged, and
// nothing is delivered twice to a session that had it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { type Client, xml } from '../testing/client.ts';
import { failingStore } from '../testing/failing-store.ts';
import { testServer } from '../testing/server.ts';

const parse = (text: string): Stanza => stanzaFromElement(xml(text)[0] ?? assert.fail());
const chat = (to: string, id: string): Stanza =>
  parse(`<message to='${to}' type='chat' id='${id}'><body>${id}</body></message>`);
const bodies = (client: Client): string[] =>
  client.received.filter(({ kind }) => kind === 'message').map(({ id }) => id ?? '');
const deferred = () => Promise.withResolvers<void>();
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
};

test('send resolves only after an offline message is committed', async () => {
  const { store, faults } = failingStore(openSqliteStore({ file: ':memory:' }));
  const server = testServer({ store });
  await server.addAccount('mila');
  const anna = await server.signIn('anna');
  const gate = deferred();
  faults.gate = gate.promise;
  const sending = anna.link.send(chat('mila@home.test', '1'));
  assert.equal(await isSettled(sending), false);
  gate.resolve();
  await sending;
  assert.equal(await store.messages.count('mila@home.test'), 1);
  await server.close();
});

test('send resolves only after a durable receiver has taken the message; nothing is stored meanwhile', async () => {
  const server = testServer();
  const mila = await server.signIn('mila');
  await mila.sends('<presence/>');
  const anna = await server.signIn('anna');
  const taking = deferred();
  mila.hold = () => taking.promise;
  const sending = anna.link.send(chat('mila@home.test', '1'));
  assert.equal(await isSettled(sending), false);
  assert.equal(await server.store.messages.count('mila@home.test'), 0);
  taking.resolve();
  await sending;
  assert.equal(await server.store.messages.count('mila@home.test'), 0);
  await server.close();
});

test('a receiver that takes too long: the message is stored, its sender answered, and dropped when it is taken', async () => {
  const server = testServer();
  const mila = await server.signIn('mila');
  await mila.sends('<presence/>');
  const anna = await server.signIn('anna');
  const taking = deferred();
  mila.hold = () => taking.promise;
  const sending = anna.link.send(chat('mila@home.test', '1'));
  server.clock.advance(1_001);
  await sending;
  assert.equal(await server.store.messages.count('mila@home.test'), 1);
  taking.resolve();
  await server.settle();
  assert.equal(await server.store.messages.count('mila@home.test'), 0);
  await server.close();
});

test('two people who answer from within their receivers do not wait for each other for ever', async () => {
  const server = testServer();
  const [anna, mila] = [await server.signIn('anna'), await server.signIn('mila')];
  for (const one of [anna, mila]) await one.sends('<presence/>');
  anna.hold = async ({ id }) => {
    if (id === '1') await anna.link.send(chat('mila@home.test', '2'));
  };
  mila.hold = async ({ id }) => {
    if (id === '0') await mila.link.send(chat('anna@home.test', '3'));
  };
  const both = Promise.all([mila.link.send(chat('anna@home.test', '1')), anna.link.send(chat('mila@home.test', '0'))]);
  await isSettled(both);
  server.clock.advance(1_001);
  await both;
  await server.settle();
  assert.deepEqual(bodies(anna), ['1', '3']);
  assert.deepEqual(bodies(mila), ['0', '2']);
  await server.close();
});

test('a message that its receiver failed to take goes to another resource, or waits', async () => {
  const server = testServer();
  const phone = await server.signIn('mila', 'phone');
  await phone.sends('<presence/>');
  phone.hold = ({ kind }) => (kind === 'message' ? Promise.reject(new Error('no room')) : Promise.resolve());
  const anna = await server.signIn('anna');
  await anna.link.send(chat('mila@home.test', '1'));
  assert.equal(await server.store.messages.count('mila@home.test'), 1);
  const desk = await server.signIn('mila', 'desk');
  await desk.sends('<presence/>');
  assert.deepEqual(bodies(desk), ['1']);
  await anna.link.send(chat('mila@home.test/phone', '2'));
  await server.settle();
  assert.deepEqual(bodies(desk), ['1', '2']);
  assert.equal(await server.store.messages.count('mila@home.test'), 0);
  await server.close();
});

test('messages in the hands of a session that ends come to the next one, in order', async () => {
  const server = testServer();
  const phone = await server.signIn('mila', 'phone');
  await phone.sends('<presence/>');
  phone.hold = ({ kind }) => (kind === 'message' ? new Promise(() => {}) : Promise.resolve());
  const anna = await server.signIn('anna');
  const sending = ['1', '2', '3'].map((id) => anna.link.send(chat('mila@home.test', id)));
  server.clock.advance(1_001);
  await Promise.all(sending);
  await phone.link.close();
  await server.settle();
  const desk = await server.signIn('mila', 'desk');
  await desk.sends('<presence/>');
  // The first was being taken when the session ended: whether it was received is the receiver's to say, and it has not.
  assert.deepEqual(bodies(desk), ['2', '3']);
  assert.equal(await server.store.messages.count('mila@home.test'), 1);
  await server.close();
});

test('messages that an ending session had not taken stay before those that arrive while it ends', async () => {
  const server = testServer();
  const phone = await server.signIn('mila', 'phone');
  await phone.sends('<presence/>');
  const taking = deferred();
  phone.hold = ({ kind }) => (kind === 'message' ? taking.promise : Promise.resolve());
  const anna = await server.signIn('anna');
  const sending = ['1', '2', '3'].map((id) => anna.link.send(chat('mila@home.test', id)));
  const closing = phone.link.close();
  sending.push(anna.link.send(chat('mila@home.test', '4')));
  await closing;
  taking.resolve();
  await Promise.all(sending);
  const desk = await server.signIn('mila', 'desk');
  await desk.sends('<presence/>');
  assert.deepEqual([...bodies(phone), ...bodies(desk)], ['1', '2', '3', '4']);
  await server.close();
});

test('a full store refuses to the sender; a broken one says so and keeps the connection', async () => {
  const { store, faults } = failingStore(openSqliteStore({ file: ':memory:' }));
  const server = testServer({ store, limits: { keptMessagesMax: 1 } });
  await server.addAccount('mila');
  const anna = await server.signIn('anna');
  await anna.link.send(chat('mila@home.test', '1'));
  await anna.link.send(chat('mila@home.test', '2'));
  await anna.receives(
    "<message type='error' id='2' from='mila@home.test' to='anna@home.test/phone'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
  );
  faults.isBroken = true;
  await anna.link.send(chat('mila@home.test', '3'));
  await anna.receives(
    "<message type='error' id='3' from='mila@home.test' to='anna@home.test/phone'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
  );
  faults.isBroken = false;
  await anna.sends("<iq type='get' id='4'><ping xmlns='urn:xmpp:ping'/></iq>");
  await anna.receives("<iq type='result' id='4' to='anna@home.test/phone'/>");
  await server.close();
});

test('a store that fails to drop delivers once more after a restart, never less', async () => {
  const { store, faults } = failingStore(openSqliteStore({ file: ':memory:' }));
  const clock = new SimulatedClock();
  const server = testServer({ store, clock });
  await server.addAccount('mila');
  const anna = await server.signIn('anna');
  await anna.link.send(chat('mila@home.test', '1'));
  const phone = await server.signIn('mila');
  faults.isBroken = true;
  await phone.sends('<presence/>');
  assert.deepEqual(bodies(phone), ['1']);
  faults.isBroken = false;
  const restarted = testServer({ store, clock });
  const again = await restarted.signIn('mila');
  await again.sends('<presence/>');
  assert.deepEqual(bodies(again), ['1']);
  await restarted.settle();
  assert.equal(await store.messages.count('mila@home.test'), 0);
  await restarted.close();
});

test('offline messages come before those that arrive while they are handed over', async () => {
  const server = testServer();
  await server.addAccount('mila');
  const anna = await server.signIn('anna');
  for (let id = 0; id < 250; id++) await anna.link.send(chat('mila@home.test', String(id)));
  const phone = await server.signIn('mila');
  const arriving = phone.link.send(parse('<presence/>'));
  const last = anna.link.send(chat('mila@home.test', 'last'));
  await Promise.all([arriving, last]);
  await server.settle();
  assert.deepEqual(bodies(phone), [...Array.from({ length: 250 }, (_, id) => String(id)), 'last']);
  await server.close();
});

// Whatever happens, in whatever order, and wherever the process dies: a message whose send was resolved has been taken by a
// receiver, or waits in the Store, or was refused in so many words.
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), full: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('come' as const, 'go' as const), who: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'fail' as const, 'hang' as const), who: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'wait' as const }) },
);

test('a crash at any moment loses nothing that was acknowledged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 30 }), fc.boolean(), async (actions, settles) => {
      const store = openSqliteStore({ file: ':memory:' });
      const server = testServer({ store });
      await server.addAccount('mila');
      const anna = await server.signIn('anna');
      const sessions: (Client | undefined)[] = [undefined, undefined];
      const modes = ['take', 'take'];
      const taken = new Set<string>();
      const acknowledged = new Set<string>();
      let count = 0;
      for (const one of actions) {
        if (one.do === 'send') {
          const id = String(count++);
          const to = one.full ? 'mila@home.test/r0' : 'mila@home.test';
          anna.link.send(chat(to, id)).then(() => acknowledged.add(id), assert.fail);
          if (settles) await server.settle();
        } else if (one.do === 'wait') {
          server.clock.advance(1_001);
          await server.settle();
        } else if (one.do === 'come') {
          if (sessions[one.who]) continue;
          const session = await server.signIn('mila', `r${one.who}`);
          sessions[one.who] = session;
          session.hold = (stanza) => {
            const mode = stanza.kind === 'message' ? modes[one.who] : 'take';
            if (mode === 'fail') return Promise.reject(new Error('no room'));
            if (mode === 'hang') return new Promise(() => {});
            if (stanza.kind === 'message' && stanza.type !== 'error') taken.add(stanza.id ?? '');
            return Promise.resolve();
          };
          session.link.send(parse('<presence/>')).catch(assert.fail);
        } else if (one.do === 'go') {
          await sessions[one.who]?.link.close();
          sessions[one.who] = undefined;
        } else modes[one.who] = one.do;
      }
      // Here it dies: what is in memory is gone, the Store is what a restarted server finds.
      const safe = new Set(acknowledged);
      const kept = await store.messages.list('mila@home.test', 0, 1_000);
      const waiting = new Set(kept.map(({ stanza }) => stanza.match(/ id='(\d+)'/)?.[1] ?? ''));
      for (const id of safe) assert(taken.has(id) || waiting.has(id), `message ${id} was acknowledged and is lost`);
      server.clock.advance(5_000);
      await server.close();
    }),
    { numRuns: 60 },
  ));
