// CSP 1.2, 1.3 "Verify ID".

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { phones } from '../../suite/personalities.ts';
import { ScriptedServer } from '../../suite/scripted.ts';
import { type Handset, World } from '../../suite/world.ts';

const server = new ScriptedServer();
let world: World;
let phone: Handset;
const kind = phones.find(({ version }) => version === '1.3');
assert(kind);
before(async () => {
  world = new World(await server.open());
  phone = await world.phone(await world.someone('mila'), kind);
  // There is home.test, and a room; nowhere.test is not there, and slow.test does not answer.
  server.answer = (request) => {
    const to = request.to?.toString();
    if (to === 'nowhere.test') return request.error('remote-server-not-found');
    if (to === 'slow.test') return request.error('remote-server-timeout');
    if (to === 'boats@rooms.home.test') return request.result();
    if (to === 'secret@rooms.home.test') return request.error('forbidden');
    if (to?.includes('@rooms.home.test')) return request.error('item-not-found');
    return undefined;
  };
});
after(() => world.close());

const verify = async (IDList: object) =>
  (await phone.csp.request({ name: 'VerifyID-Request', IDList }, 'Status')).Result;

test('good addresses of every kind', async () => {
  const [list = ''] = await phone.csp.contactLists();
  assert.deepEqual(
    await verify({
      UserID: ['wv:tomas', 'wv:tomas@home.test'],
      ContactList: [list],
      GroupID: ['wv:/boats@rooms.home.test', 'wv:/secret@rooms.home.test'],
      ScreenName: [{ SName: 'Tom', GroupID: 'wv:/boats@rooms.home.test' }],
      Domain: ['home.test'],
    }),
    { Code: 200 },
  );
});

test('bad ones, each under its code', async () => {
  const result = await verify({
    UserID: ['wv:tomas@nowhere.test', 'wv:/@@', 'wv:tomas@home.test'],
    ContactList: ['wv:mila/nolist@home.test'],
    GroupID: ['wv:/nothing@rooms.home.test', 'wv:mila/own@home.test'],
    ScreenName: [{ SName: 'Tom', GroupID: 'wv:/nothing@rooms.home.test' }],
    Domain: ['nowhere.test', 'slow.test', 'a@b'],
  });
  assert.equal(result.Code, 201);
  assert.deepEqual(
    result.DetailedResult?.map(({ Code, UserID, ContactList, GroupID, ScreenName, Domain }) => [
      Code,
      UserID ?? ContactList ?? GroupID ?? ScreenName?.map(({ SName }) => SName) ?? Domain,
    ]),
    [
      [531, ['wv:tomas@nowhere.test', 'wv:/@@']],
      [700, ['wv:mila/nolist@home.test']],
      [800, ['wv:/nothing@rooms.home.test', 'wv:mila/own@home.test']],
      [901, ['Tom']],
      [404, ['nowhere.test', 'slow.test', 'a@b']],
    ],
  );
});

test('a server is asked once for all its addresses; nothing to verify is refused', async () => {
  server.take(() => true);
  await verify({ UserID: Array.from({ length: 40 }, (_, n) => `wv:user${n}@far.test`) });
  assert.equal(server.take((one) => one.kind === 'iq' && one.to?.toString() === 'far.test').length, 1);
  assert.equal((await verify({})).Code, 402);
});
