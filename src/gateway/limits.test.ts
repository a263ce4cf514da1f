// What one phone may cost: each limit with what sets it and how a phone that asks for more is refused. Guesses at passwords:
// sign-in/failures.test.ts and src/base/throttle.test.ts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { good } from '../base/outcome.ts';
import { Throttle } from '../base/throttle.ts';
import { plain } from '../imps/client/personality.ts';
import { codeOf } from '../imps/client/strict.ts';
import type { Primitive } from '../imps/primitives.ts';
import { entryOf } from '../server/features/directory/entry.ts';
import { testServer } from '../server/testing/server.ts';
import { Jid } from '../xmpp/jid.ts';
import type { LinkProvider } from '../xmpp/link.ts';
import { nobody } from '../xmpp/person/person.ts';
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
/** A request with as many people as are taken, and with one more. */
const overUsers = (count: number, make: (to: ReturnType<typeof users>) => Primitive) => ({
  taken: () => [make(users(count))],
  refused: () => make(users(count + 1)),
});

describe('what a user may ask for, as the operator says', () => {
  let world: World;
  let phone: Handset;
  before(async () => {
    const server = testServer({ limits: { directoryHitsMax: 2, blockedMax: 3, rosterItemsMax: 5 } });
    const phones = {
      contactListsMax: 3,
      contactsPerListMax: 3,
      attributeListEntriesMax: 3,
      blockedMax: 3,
      groupsMax: 4,
    };
    const more = { recipientsMax: 3, invitedMax: 3, watchedMax: 10, searchHitsMax: 2 };
    const rooms = { roomsPerCreatorMax: 2, affiliationsMax: 4, occupantsMax: 2 };
    world = new World(await inProcess(server, { rooms, phones: { ...phones, ...more } }));
    await world.gateway.start();
    phone = await world.phone(await world.someone('anna'), { ...plain, version: '1.2' });
  });
  after(async () => {
    assert.deepEqual(world.troubles, []);
    await world.close();
  });

  const me = () => `wv:${phone.user}`;
  const myList = (name: string) => me().replace('@', `/${name}@`);
  const createList = (name: string): Primitive => ({
    name: 'CreateList-Request',
    ContactList: myList(name),
    ContactListProperties: { Property: [{ Name: 'DisplayName', Value: `List ${name}` }] },
  });
  const createGroup = (name: string): Primitive => ({
    name: 'CreateGroup-Request',
    GroupID: myList(name),
    GroupProperties: { Property: [{ Name: 'Name', Value: `Group ${name}` }] },
    JoinGroup: true,
    ScreenName: { SName: 'Anna', GroupID: myList(name) },
    SubscribeNotification: false,
  });
  /** As many as there may be, and one more: the first are taken, the last is refused. Their own are counted along. */
  const rows: readonly {
    readonly key: string;
    readonly code: number;
    readonly taken: () => readonly Primitive[];
    readonly refused: () => Primitive;
  }[] = [
    {
      key: 'limits.recipients',
      code: 402,
      ...overUsers(3, (to) => ({
        name: 'SendMessage-Request',
        DeliveryReport: false,
        MessageInfo: {
          ...{ ContentType: 'text/plain', ContentSize: 1 },
          ...{ Recipient: { User: to }, Sender: { User: { UserID: me() } } },
        },
        ContentData: 'x',
      })),
    },
    {
      key: 'limits.invited',
      code: 402,
      ...overUsers(3, (to) => ({
        ...{ name: 'Invite-Request', InviteID: `i${to.length}`, InviteType: 'IM' },
        ...{ Sender: { User: { UserID: me() } }, Recipient: { User: to }, Validity: 900 },
      })),
    },
    {
      key: 'limits.attribute_list_entries',
      code: 755,
      ...overUsers(3, (to) => ({
        ...{ name: 'CreateAttributeList-Request', UserID: to.map(({ UserID }) => UserID), DefaultList: false },
        PresenceSubList: { OnlineStatus: [true] },
      })),
    },
    {
      key: 'limits.watched',
      code: 402,
      ...overUsers(10, (to) => ({
        ...{ name: 'SubscribePresence-Request', User: to.map(({ UserID }) => ({ UserID })) },
        PresenceSubList: { OnlineStatus: [true] },
      })),
    },
    {
      key: 'limits.blocked',
      code: 402,
      ...overUsers(3, (to) => ({
        name: 'BlockEntity-Request',
        BlockList: { InUse: true, AddList: { UserID: to.map(({ UserID }) => UserID) } },
      })),
    },
    {
      // The phone has one from the beginning.
      ...{ key: 'limits.contact_lists', code: 753 },
      ...{ taken: () => ['a', 'b'].map(createList), refused: () => createList('c') },
    },
    {
      // Two of them stay: they are persistent.
      ...{ key: 'rooms.rooms_per_account', code: 815 },
      ...{ taken: () => ['g1', 'g2'].map(createGroup), refused: () => createGroup('g3') },
    },
    {
      // The owner is one of the four.
      ...{ key: 'rooms.affiliations', code: 817 },
      ...overUsers(3, (to) => ({
        name: 'AddGroupMembers-Request',
        GroupID: myList('g1'),
        UserList: { User: to },
      })),
    },
  ];
  for (const { key, code, taken, refused } of rows)
    test(`${key}: ${code}`, async () => {
      for (const request of taken()) assert.ok((await phone.csp.codeFor(request)) < 300, JSON.stringify(request));
      const answer = await phone.csp.request(refused());
      assert.equal(codeOf(answer), code, JSON.stringify(answer).slice(0, 300));
    });

  test('limits.contacts_per_list: 754, for those that are too many', async () => {
    const answer = await phone.csp.request({
      ...{ name: 'ListManage-Request', ContactList: myList('a'), ReceiveList: false },
      AddNickList: { NickName: users(5).map(({ UserID }) => ({ Name: 'x', UserID })) },
    });
    assert.ok('Result' in answer && answer.Result);
    assert.deepEqual(
      [answer.Result.Code, ...(answer.Result.DetailedResult ?? []).map(({ Code, UserID }) => [Code, UserID?.length])],
      [201, [754, 2]],
    );
  });

  test('limits.roster_items: 754, in whichever list', async () => {
    const rut = await world.phone(await world.someone('rut'), { ...plain, version: '1.2' });
    const listOf = (name: string) => `wv:${rut.user}`.replace('@', `/${name}@`);
    const refused: unknown[] = [];
    for (const [name, people] of [
      ['a', users(3)],
      ['b', users(6).slice(3)],
    ] as const) {
      assert.equal(await rut.csp.codeFor({ ...createList(name), ContactList: listOf(name) } as Primitive), 200);
      const answer = await rut.csp.request({
        ...{ name: 'ListManage-Request', ContactList: listOf(name), ReceiveList: false },
        AddNickList: { NickName: people.map(({ UserID }) => ({ Name: 'x', UserID })) },
      });
      assert.ok('Result' in answer && answer.Result);
      refused.push((answer.Result.DetailedResult ?? []).map(({ Code, UserID }) => [Code, UserID]));
    }
    assert.deepEqual(refused, [[], [[754, ['wv:user5@home.test']]]]);
  });

  test('rooms.occupants: 817', async () => {
    const codes: number[] = [];
    const [owner, ...others] = await Promise.all(
      ['olga', 'orvar', 'osvald'].map(async (name) => world.phone(await world.someone(name), plain)),
    );
    assert.ok(owner);
    const GroupID = `wv:${owner.user}`.replace('@', '/full@');
    const enter = (SName: string) => ({ GroupID, ScreenName: { SName, GroupID }, SubscribeNotification: false });
    codes.push(await owner.csp.codeFor({ ...createGroup('full'), ...enter('Olga') } as Primitive));
    for (const [at, one] of others.entries())
      codes.push(
        await one.csp.codeFor({ name: 'JoinGroup-Request', JoinedRequest: false, ...enter(`O${at}`) } as Primitive),
      );
    assert.deepEqual(codes, [200, 200, 817]);
  });

  test('limits.groups_per_phone: 814', async () => {
    const owner = await world.phone(await world.someone('olle'), plain);
    const more = await world.phone(await world.someone('oskar'), plain);
    const groups: string[] = [];
    for (const one of [owner, more])
      for (const name of ['o1', 'o2']) {
        const GroupID = `wv:${one.user}`.replace('@', `/${name}@`);
        groups.push(GroupID);
        const ScreenName = { SName: 'Olle', GroupID };
        assert.equal(await one.csp.codeFor({ ...createGroup(name), GroupID, ScreenName } as Primitive), 200);
      }
    // She is in two of her own.
    const join = (GroupID: string): Promise<number> =>
      phone.csp.codeFor({
        ...{ name: 'JoinGroup-Request', GroupID, ScreenName: { SName: 'Anna', GroupID } },
        ...{ JoinedRequest: false, SubscribeNotification: false },
      });
    const codes: number[] = [];
    for (const group of groups.slice(0, 3)) codes.push(await join(group));
    assert.deepEqual(codes, [200, 200, 814]);
  });

  test('limits.search_hits: 536', async () => {
    const search: Primitive = {
      name: 'Search-Request',
      SearchPairList: [{ SearchPair: [{ SearchElement: 'USER_ALIAS', SearchString: 'sigrid' }] }],
      SearchLimit: 10,
    };
    const codes: number[] = [];
    for (let at = 0; at < 3; at++) {
      const account = (await world.someone('sigrid')).toString();
      await world.ground.store.directory.set(entryOf(account, { ...nobody, nick: 'Sigrid' }, new Map()));
      codes.push(await phone.csp.codeFor(search));
    }
    assert.deepEqual(codes, [200, 200, 536]);
  });
});

describe('what a request may have in it', () => {
  let world: World;
  let phone: Handset;
  before(async () => {
    world = new World(await inProcess());
    await world.gateway.start();
    phone = await world.phone(await world.someone('anna'), { ...plain, version: '1.2' });
  });
  after(() => world.close());

  const me = () => `wv:${phone.user}`;
  const rows: readonly { readonly what: string; readonly code: number; readonly request: () => Primitive }[] = [
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
      what: 'attributes of 32 kB',
      code: 751,
      request: () => ({
        name: 'UpdatePresence-Request',
        PresenceSubList: { StatusText: { Qualifier: true, PresenceValue: 'x'.repeat(33_000) } },
      }),
    },
    {
      what: 'a list with a name of 101 characters',
      code: 752,
      request: () => ({ name: 'CreateList-Request', ContactList: `${me().replace('@', `/${'l'.repeat(101)}@`)}` }),
    },
    {
      what: '51 addresses to be verified',
      code: 402,
      request: () => ({ name: 'VerifyID-Request', IDList: { UserID: names(51) } }),
    },
    {
      what: '201 members at once',
      code: 402,
      request: () => ({
        name: 'AddGroupMembers-Request',
        GroupID: me().replace('@', '/g@'),
        UserList: { User: users(201) },
      }),
    },
  ];
  for (const { what, code, request } of rows)
    test(`${what}: ${code}`, async () => {
      const answer = await phone.csp.request(request());
      assert.equal(codeOf(answer), code, JSON.stringify(answer).slice(0, 300));
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

  test('limits.waiting_for_phone: further messages come back to who wrote them', async () => {
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

  test('… and of those it sends itself, further ones than can be got rid of: 507', async () => {
    const sent: string[] = [];
    // A server that takes stanzas and never says that it has them.
    const away: LinkProvider = {
      domain: 'away.test',
      open: async ({ resource }) =>
        good({
          ...{ jid: Jid.from(`otto@away.test/${resource}`), features: new Set<string>() },
          send: (stanza) => {
            if (stanza.kind === 'message') sent.push(stanza.child('body')?.children.join() ?? '');
            return new Promise(() => {});
          },
          close: async () => {},
          resumption: () => undefined,
        }),
    };
    const world = await testGateway({
      providers: () => [away],
      settings: { limits: { ...defaultSettings.limits, waitingMax: 3 } },
    });
    worlds.push(world);
    const phone = world.phone({ user: 'otto@away.test' });
    await phone.signIn();
    const codes: number[] = [];
    for (const text of ['1', '2', '3', '4']) codes.push(await phone.code(phone.message('mila@x.test', text)));
    assert.deepEqual(codes, [200, 200, 200, 507]);
    assert.deepEqual(sent, ['1', '2', '3'], 'what was refused was not sent');
    assert.equal(await phone.code(keepAlive), 200, 'other requests are served');
  });

  test('limits.phone_sessions: 503', async () => {
    const world = await make({ sessionsMax: 1 });
    const [anna, mila] = [world.phone({ user: 'anna' }), world.phone({ user: 'mila' })];
    assert.equal((await anna.signIn()).Result.Code, 200);
    assert.equal((await mila.signIn()).Result.Code, 503);
    assert.equal((await anna.signIn()).Result.Code, 200, 'she has a session already');
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
