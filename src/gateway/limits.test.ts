// What one phone may cost: each limit with what sets it and how a phone that asks for more is refused. Guesses at passwords:
// sign-in/failures.test.ts and src/base/throttle.test.ts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Throttle } from '../base/throttle.ts';
import { plain } from '../imps/client/personality.ts';
import { codeOf } from '../imps/client/strict.ts';
import type { Primitive } from '../imps/primitives.ts';
import { Jid } from '../xmpp/jid.ts';
import { createGateway } from './gateway.ts';
import { defaultSettings } from './settings.ts';
import { inProcess } from './suite/in-process.ts';
import { type Handset, World } from './suite/world.ts';
import { Phone, type TestGateway, testGateway, textsOf } from './testing/test-gateway.ts';

const many = <Value>(count: number, make: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => make(at));
const users = (count: number): { readonly UserID: string }[] =>
  many(count, (at) => ({ UserID: `wv:user${at}@home.test` }));
const names = (count: number): string[] => users(count).map(({ UserID }) => UserID);

describe('what a session may ask for', () => {
  let world: World;
  let phone: Handset;
  before(async () => {
    world = new World(await inProcess());
    await world.gateway.start();
    phone = await world.phone(await world.someone('anna'), { ...plain, version: '1.2' });
  });
  after(() => world.close());

  const me = () => `wv:${phone.user}`;
  /** One more than is allowed, in one request. */
  const rows: readonly { readonly what: string; readonly code: number; readonly request: () => Primitive }[] = [
    {
      what: '501 recipients of a message',
      code: 402,
      request: () => ({
        name: 'SendMessage-Request',
        DeliveryReport: false,
        MessageInfo: {
          ...{ ContentType: 'text/plain', ContentSize: 1 },
          ...{ Recipient: { User: users(501) }, Sender: { User: { UserID: me() } } },
        },
        ContentData: 'x',
      }),
    },
    {
      what: 'a text of more than 65,536 octets',
      code: 432,
      request: () => ({
        name: 'SendMessage-Request',
        DeliveryReport: false,
        MessageInfo: {
          ...{ ContentType: 'text/plain', ContentSize: 65_537 },
          ...{ Recipient: { User: users(1) }, Sender: { User: { UserID: me() } } },
        },
        ContentData: 'x'.repeat(65_537),
      }),
    },
    {
      what: '101 people invited at once',
      code: 402,
      request: () => ({
        ...{ name: 'Invite-Request', InviteID: 'i1', InviteType: 'IM' },
        ...{ Sender: { User: { UserID: me() } }, Recipient: { User: users(101) }, Validity: 900 },
      }),
    },
    {
      what: 'attributes of 32 kB',
      code: 751,
      request: () => ({
        name: 'UpdatePresence-Request',
        PresenceSubList: { StatusText: { Qualifier: true, PresenceValue: 'x'.repeat(33_000) } },
      }),
    },
    {
      what: '1,001 people with an attribute list of their own',
      code: 755,
      request: () => ({
        ...{ name: 'CreateAttributeList-Request', UserID: names(1_001), DefaultList: false },
        PresenceSubList: { OnlineStatus: [true] },
      }),
    },
    {
      what: '1,001 people blocked',
      code: 402,
      request: () => ({
        name: 'BlockEntity-Request',
        BlockList: { InUse: true, AddList: { UserID: names(1_001) } },
      }),
    },
    {
      what: 'a list with a name of 101 characters',
      code: 752,
      request: () => ({ name: 'CreateList-Request', ContactList: `${me().replace('@', `/${'l'.repeat(101)}@`)}` }),
    },
  ];
  for (const { what, code, request } of rows)
    test(`${what}: ${code}`, async () => {
      const content = request();
      const answer = await phone.csp.request(content);
      assert.equal(codeOf(answer), code, JSON.stringify(answer).slice(0, 300));
    });

  test('51 contact lists: 753', async () => {
    const list = (at: number): Primitive => ({
      name: 'CreateList-Request',
      ContactList: me().replace('@', `/l${at}@`),
      ContactListProperties: { Property: [{ Name: 'DisplayName', Value: `List ${at}` }] },
    });
    const codes = [];
    // The phone has one from the beginning.
    for (let at = 0; at < 50; at++) codes.push(await phone.csp.codeFor(list(at)));
    assert.deepEqual(new Set(codes.slice(0, 49)), new Set([200]));
    assert.equal(codes[49], 753);
  });

  test('21 groups at a time: 814', async () => {
    const codes: number[] = [];
    for (let at = 0; at < 21; at++) {
      const GroupID = me().replace('@', `/g${at}@`);
      codes.push(
        await phone.csp.codeFor({
          name: 'CreateGroup-Request',
          GroupID,
          GroupProperties: { Property: [{ Name: 'Name', Value: `Group ${at}` }] },
          JoinGroup: true,
          ScreenName: { SName: 'Anna', GroupID },
          SubscribeNotification: false,
        }),
      );
    }
    assert.deepEqual([new Set(codes.slice(0, 20)), codes[20]], [new Set([200]), 814]);
    assert.deepEqual(world.troubles, []);
  });
});

describe('what a phone may do to the gateway', () => {
  const worlds: TestGateway[] = [];
  after(async () => {
    for (const world of worlds) await world.close();
  });
  const make = async (limits: Partial<typeof defaultSettings.limits>): Promise<TestGateway> => {
    const world = await testGateway({ settings: { limits: { ...defaultSettings.limits, ...limits } } });
    worlds.push(world);
    return world;
  };
  const keepAlive: Primitive = { name: 'KeepAlive-Request' };

  test('limits.requests_per_second: 503, until it has slowed down; what it owes us is taken all the same', async () => {
    const world = await make({ requestsPerSecondMax: 2 });
    const phone = world.phone({ user: 'anna' });
    await phone.signIn();
    const mila = await world.server.signIn('mila', 'desk');
    await mila.sends("<message to='anna@home.test' type='chat' id='m1'><body>hello</body></message>");
    const given = await phone.fetch();
    assert.deepEqual(textsOf(given), ['hello']);
    const codes: number[] = [];
    for (let at = 0; at < 30; at++) codes.push(await phone.code(keepAlive));
    assert.equal(codes[0], 200);
    assert.equal(codes.at(-1), 503);
    await phone.acknowledge(...given);
    world.server.clock.advance(90_000);
    assert.equal(await phone.code(keepAlive), 200);
    const polled = phone.fetch();
    await world.server.settle();
    world.server.clock.advance(10_000);
    assert.deepEqual(textsOf(await polled), [], 'the acknowledgement counted');
  });

  test('limits.request_bytes: HTTP 400', async () => {
    const world = await make({ requestBytesMax: 2_000 });
    const phone = world.phone({ user: 'anna' });
    await phone.signIn();
    const answer = await phone.post(
      phone.bytes([{ mode: 'Request', id: '1', content: phone.message('mila', 'x'.repeat(3_000)) }]),
    );
    assert.equal(answer.status, 400);
  });

  test('17 transactions in a message: HTTP 400', async () => {
    const world = await make({});
    const phone = world.phone({ user: 'anna' });
    await phone.signIn();
    const content = keepAlive;
    const answer = await phone.post(phone.bytes(many(17, (at) => ({ mode: 'Request', id: `k${at}`, content }))));
    assert.equal(answer.status, 400);
  });

  test('more requests at a time than can be worked on: HTTP 503', async () => {
    const world = await make({ concurrentRequestsMax: 2 });
    const answers = await Promise.all(
      many(3, () => world.phone({ user: 'anna' })).map((one) =>
        one.post(one.bytes([{ mode: 'Request', id: '1', content: one.login() }])),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 503]);
  });

  test('limits.phone_sessions_per_account: the one heard longest ago is told 601', async () => {
    const world = await make({ sessionsPerAccountMax: 2 });
    const phones = many(3, (at) => world.phone({ user: 'anna', clientId: `http://phone.example/${at}` }));
    for (const one of phones) {
      await one.signIn();
      world.server.clock.advance(1_000);
    }
    assert.deepEqual(await Promise.all(phones.map((one) => one.code(keepAlive))), [601, 200, 200]);
  });

  test('messages that pile up for a phone come back to who wrote them; those it sends and cannot get rid of: 507', async () => {
    const world = await make({ waitingMax: 3 });
    const phone = world.phone({ user: 'anna' });
    await phone.signIn();
    const mila = await world.server.signIn('mila', 'desk');
    for (let at = 0; at < 5; at++)
      await mila.sends(`<message to='anna@home.test' type='chat' id='m${at}'><body>${at}</body></message>`);
    const back = mila.received.filter(({ kind, type }) => kind === 'message' && type === 'error');
    assert.deepEqual(
      back.map(({ id }) => id),
      ['m3', 'm4'],
    );
  });

  test('guesses of XMPP clients count for phones as well', async () => {
    const world = await testGateway();
    worlds.push(world);
    const throttle = new Throttle(world.server.clock);
    const gateway = createGateway({
      ...{ settings: { domain: 'home.test' }, providers: world.server.links, services: [], throttle },
      ...{ store: world.server.store, vault: world.vault, clock: world.server.clock },
      ...{ random: { bytes: (n) => new Uint8Array(n), id: (n) => 'x'.repeat(n), fraction: () => 0.5 }, log: quiet },
    });
    for (let at = 0; at < 6; at++) throttle.failed(Jid.from('anna@home.test').toString(), '198.51.100.7');
    const phone = new Phone(() => gateway, { user: 'anna' });
    const signedIn = phone.signIn().then(({ Result }) => Result.Code);
    await world.server.settle();
    assert.equal(gateway.sessions().length, 0, 'it waits');
    world.server.clock.advance(10_000);
    assert.equal(await signedIn, 200);
    await gateway.shutdown();
  });
});

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
