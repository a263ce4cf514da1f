// Phones that do not keep to the book: versions mixed in a session, acknowledgements with parts missing, requests repeated
// before the first was answered.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readMessage } from '../../imps/read-message.ts';
import { result } from '../../imps/transaction.ts';
import type { CspVersion } from '../../imps/version.ts';
import { namespaces } from '../../imps/version.ts';
import type { Service } from '../service.ts';
import { services } from '../services/index.ts';
import { courier } from '../testing/courier.ts';
import { type Phone, type TestGateway, type TestOptions, testGateway, textsOf } from '../testing/test-gateway.ts';

const cleanups: TestGateway[] = [];
after(async () => {
  for (const one of cleanups) await one.close();
});
const make = async (options: TestOptions = {}): Promise<TestGateway> => {
  const made = await testGateway({ ...options, settings: { pollHoldS: 0 } });
  cleanups.push(made);
  return made;
};

let last = 0;
/** The same phone speaking another version, and what came back as it is. */
const speak = async (phone: Phone, version: CspVersion, primitive: string, mode = 'Request', id = `v${++last}`) => {
  const { csp, trc } = namespaces[version];
  const body = new TextEncoder().encode(
    `<WV-CSP-Message xmlns="${csp}"><Session><SessionDescriptor><SessionType>Inband</SessionType>` +
      `<SessionID>${phone.sessionId}</SessionID></SessionDescriptor><Transaction><TransactionDescriptor>` +
      `<TransactionMode>${mode}</TransactionMode><TransactionID>${id}</TransactionID></TransactionDescriptor>` +
      `<TransactionContent xmlns="${trc}">${primitive}</TransactionContent></Transaction></Session></WV-CSP-Message>`,
  );
  const answer = await phone.post(body);
  assert.equal(answer.status, 200);
  if (answer.body.length === 0) return undefined;
  const read = readMessage(answer.body, answer.contentType);
  assert(read.ok);
  return { message: read.value.message, text: new TextDecoder().decode(answer.body) };
};

test('a request in another version is answered in that version; requests of ours come in that of the session', async () => {
  const world = await make({ services });
  const anna = world.phone({ user: 'anna', version: '1.1' });
  await anna.signIn();
  const lists = '<ContactListIDList><ContactList>wv:anna/pals@home.test</ContactList></ContactListIDList>';
  await anna.ask({ name: 'CreateList-Request', ContactList: 'wv:anna/pals@home.test' });
  const answer = await speak(anna, '1.3', '<GetList-Request/>');
  assert.equal(answer?.message.version, '1.3');
  assert.ok(answer.text.includes(lists), answer.text);
  assert.ok(!(await speak(anna, '1.2', '<GetList-Request/>'))?.text.includes('<ContactList>wv:anna/contacts'));

  const UserAvailability = { Qualifier: true, PresenceValue: 'AVAILABLE' } as const;
  await anna.ask({ name: 'UpdatePresence-Request', PresenceSubList: { UserAvailability } });
  const mila = await world.server.signIn('mila');
  await mila.sends("<message to='anna@home.test' id='1' type='chat'><body>hello</body></message>");
  for (let n = 0; n < 10; n++) await world.server.settle();
  const mixed = await speak(anna, '1.2', '<GetList-Request/>');
  assert.equal(mixed?.message.poll, true);
  const polled = await speak(anna, '1.2', '<Polling-Request/>');
  assert.equal(polled?.message.version, '1.1', 'NewMessage in the version of the session');
  assert.ok(polled.text.includes('hello'));
});

test('an acknowledgement without what it should hold settles by its TransactionID', async () => {
  const world = await make();
  const mila = await world.server.signIn('mila');
  const anna = world.phone({ user: 'anna', version: '1.1' });
  await anna.signIn();
  for (const text of ['one', 'two'])
    await mila.sends(`<message to='anna@home.test' id='${text}' type='chat'><body>${text}</body></message>`);
  const [first] = await anna.fetch();
  assert(first);
  const next = await speak(anna, '1.1', '<MessageDelivered/>', 'Response', first.id);
  assert.ok(next?.text.includes('two'), next?.text);
  await speak(anna, '1.1', '<Status/>', 'Response', next?.message.transactions[0]?.id);
  world.server.clock.advance(120_000);
  assert.deepEqual(textsOf(await anna.fetch()), []);
  // What acknowledges nothing of ours does no harm.
  assert.equal(await speak(anna, '1.1', '<MessageDelivered/>', 'Response', 'nothing'), undefined);
});

test('a message repeated under a new id while the first is still being worked on goes once', async () => {
  let go: (() => void) | undefined;
  const slow: Service = {
    ...courier,
    primitives: {
      ...courier.primitives,
      'SendMessage-Request': async (request, session) => {
        if (!go) await new Promise<void>((resolve) => (go = resolve));
        const handler = courier.primitives['SendMessage-Request'];
        assert(handler);
        return handler(request, session);
      },
    },
  };
  const world = await make({ services: [slow] });
  const mila = await world.server.signIn('mila');
  await mila.sends('<presence/>');
  const anna = world.phone({ user: 'anna', userAgent: 'Android-Imps/0.1' });
  await anna.signIn();
  const hangUp = new AbortController();
  const body = (id: string) => anna.bytes([{ mode: 'Request', id, content: anna.message('mila', 'hello') }]);
  const first = anna.post(body('1'), hangUp.signal);
  while (!go) await new Promise((resolve) => setImmediate(resolve));
  hangUp.abort();
  const second = anna.post(body('2'));
  go();
  // As the web part does it: the first answer is known to be lost only when it was to be written.
  (await first).delivered?.(false);
  const [answer] = anna.read(await second);
  assert.equal(answer?.content.name, 'SendMessage-Response');
  await world.server.settle();
  assert.equal(mila.received.filter(({ kind }) => kind === 'message').length, 1);
});

test('a request whose session ended meanwhile is told so, not that we failed', async () => {
  let go: (() => void) | undefined;
  const slow: Service = {
    ...courier,
    primitives: {
      'GetList-Request': async () => {
        await new Promise<void>((resolve) => (go = resolve));
        return { name: 'Status', Result: result(200) };
      },
    },
  };
  const world = await make({ services: [slow] });
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  const asked = anna.code({ name: 'GetList-Request' });
  while (!go) await new Promise((resolve) => setImmediate(resolve));
  const again = world.phone({ user: 'anna' });
  await again.signIn();
  go();
  assert.equal(await asked, 604);
  assert.deepEqual(world.troubles, []);
});

test('a request of ours that cannot be written does not stand in the way of the others', async () => {
  const poisoned: Service = {
    ...courier,
    onStanza: async (stanza, session) => {
      const effects = await courier.onStanza?.(stanza, session);
      // 1.3 has it, this phone does not.
      if (stanza.id === 'poison')
        return effects?.map((effect) =>
          effect.do === 'enqueue'
            ? { ...effect, request: { ...effect.request, primitive: { name: 'Notification-Request' } as never } }
            : effect,
        );
      return effects;
    },
  };
  const world = await make({ services: [poisoned] });
  const mila = await world.server.signIn('mila');
  const anna = world.phone({ user: 'anna', version: '1.1' });
  await anna.signIn();
  for (const text of ['poison', 'cure'])
    await mila.sends(`<message to='anna@home.test' id='${text}' type='chat'><body>${text}</body></message>`);
  assert.deepEqual(textsOf(await anna.fetch()), ['cure']);
  assert.match(world.troubles.join(), /cannot be written/);
});

test('a hand-out that cannot be stored holds up neither the answer nor, later, the message', async () => {
  const world = await make();
  const mila = await world.server.signIn('mila');
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  await anna.ask({ name: 'ClientCapability-Request', CapabilityList: { MultiTrans: 3, ParserSize: 65_536 } });
  await mila.sends("<message to='anna@home.test' id='1' type='chat'><body>hello</body></message>");
  const { csp } = world.server.store as { csp: { handedOut: unknown } };
  const { handedOut } = csp;
  csp.handedOut = () => Promise.reject(new Error('disk full'));
  const { together } = world.server.store;
  Object.assign(world.server.store, { together: (task: (it: unknown) => unknown) => task(world.server.store) });
  assert.equal((await anna.ask({ name: 'KeepAlive-Request' })).name, 'KeepAlive-Response');
  assert.deepEqual(await anna.fetch(), []);
  Object.assign(csp, { handedOut });
  Object.assign(world.server.store, { together });
  assert.deepEqual(textsOf(await anna.fetch()), ['hello']);
});

test('a message answered by a failed Status goes back to its sender, who gets no receipt', async () => {
  const world = await make({ services });
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  const UserAvailability = { Qualifier: true, PresenceValue: 'AVAILABLE' } as const;
  await anna.ask({ name: 'UpdatePresence-Request', PresenceSubList: { UserAvailability } });
  const mila = await world.server.signIn('mila');
  await mila.sends('<presence/>');
  await mila.sends(
    "<message to='anna@home.test' id='1' type='chat'><body>hello</body><request xmlns='urn:xmpp:receipts'/></message>",
  );
  for (let n = 0; n < 10; n++) await world.server.settle();
  const [given] = await anna.fetch();
  assert.equal(given?.content.name, 'NewMessage');
  await anna.exchange([{ mode: 'Response', id: given.id, content: { name: 'Status', Result: result(415) } }]);
  for (let n = 0; n < 10; n++) await world.server.settle();
  const back = mila.received.filter(({ kind }) => kind === 'message');
  assert.deepEqual(
    back.map(({ type, id }) => [type, id]),
    [['error', '1']],
  );
  assert.equal(back[0]?.has('received', 'urn:xmpp:receipts'), false);
  world.server.clock.advance(120_000);
  assert.deepEqual(await anna.fetch(), []);
});

test('a SessionID counts also where the descriptor says Outband', async () => {
  const world = await make();
  const anna = world.phone({ user: 'anna', version: '1.1' });
  await anna.signIn();
  const body = anna.bytes([{ mode: 'Request', id: '1', content: { name: 'KeepAlive-Request' } }]);
  const outband = new TextEncoder().encode(new TextDecoder().decode(body).replace('Inband', 'Outband'));
  assert.equal(anna.read(await anna.post(outband))[0]?.content.name, 'KeepAlive-Response');
});
