// Sessions that the server ends, as the phone hears of it, in every version and encoding: for every reason there is.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import type { Encoding } from '../../imps/message.ts';
import type { CspVersion } from '../../imps/version.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { LinkEnd, LinkProvider } from '../../xmpp/link.ts';
import { type Phone, type TestGateway, testGateway } from '../testing/test-gateway.ts';

const worlds: TestGateway[] = [];
after(async () => {
  for (const one of worlds) await one.close();
});
const make = async (options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> => {
  const made = await testGateway(options);
  worlds.push(made);
  return made;
};
const kinds = (['1.1', '1.2', '1.3'] as const).flatMap((version) =>
  (['xml', 'wbxml'] as const).map((encoding): { version: CspVersion; encoding: Encoding } => ({ version, encoding })),
);

/** A poll that stays open; `brings` resolves with what its answer has. */
const hold = async (world: TestGateway, phone: Phone) => {
  const answer = phone.fetch();
  await world.server.settle();
  return { brings: () => answer.then((all) => all.map(({ mode, content }) => ({ mode, content }))) };
};
const disconnect = (Description: string) => [
  { mode: 'Request', content: { name: 'Disconnect', Result: { Code: 601, Description } } },
];

for (const { version, encoding } of kinds)
  test(`a poll that is held open brings the Disconnect, and nothing is answered to its acknowledgement: ${version} ${encoding}`, async () => {
    const world = await make();
    const phone = world.phone({ user: 'anna', version, encoding });
    await phone.signIn();
    const poll = await hold(world, phone);
    assert.equal(world.gateway.signOut({ user: 'anna@home.test' }, 'Bye.'), 1);
    assert.deepEqual(await poll.brings(), disconnect('Bye.'));
    assert.deepEqual(
      await phone.exchange([{ mode: 'Response', id: 'sd', content: { name: 'Status', Result: { Code: 200 } } }]),
      [],
    );
    assert.deepEqual(await phone.ask({ name: 'GetList-Request' }), {
      name: 'Status',
      Result: { Code: 601, Description: 'Bye.' },
    });
    // The SessionID is forgotten in the end.
    world.server.clock.advance(2 * 3_600_000);
    assert.equal(await phone.code({ name: 'GetList-Request' }), 604);
  });

test('an account that is disabled or removed takes its phones with it, and they are told', async () => {
  const world = await make();
  const accounts = world.server.accounts('home.test');
  for (const deed of ['disabled', 'removed'] as const) {
    const phone = world.phone({ user: 'anna' });
    await phone.signIn();
    const poll = await hold(world, phone);
    const anna = Jid.from('anna@home.test');
    await (deed === 'disabled' ? accounts.setDisabled(anna, true) : accounts.remove(anna));
    await world.server.settle();
    assert.deepEqual(await poll.brings(), disconnect('the account was removed or disabled'));
    await accounts.setDisabled(anna, false);
  }
});

test('what a backend says at the end is told in words a user understands', async () => {
  const receivers: { closed(end: LinkEnd): void }[] = [];
  const backend: LinkProvider = {
    domain: 'away.test',
    open: async ({ account, resource }, receiver) => {
      receivers.push(receiver);
      return {
        ok: true,
        value: {
          jid: account.withResource(resource),
          features: new Set(),
          send: async () => {},
          close: async () => {},
          resumption: () => undefined,
        },
      };
    },
  };
  const world = await make({ providers: () => [backend] });
  for (const [reason, said, text] of [
    ['replaced', 'conflict', 'Another program took the place of this phone.'],
    ['signed-out', 'not-authorized', 'Your server ended the session. Please sign in again.'],
    ['signed-out', 'policy-violation: Too many messages.', 'Too many messages.'],
    ['signed-out', undefined, 'Your server ended the session. Please sign in again.'],
  ] as const) {
    const phone = world.phone({ user: 'otto@away.test' });
    await phone.signIn();
    const poll = await hold(world, phone);
    receivers.at(-1)?.closed({ reason, ...(said !== undefined && { text: said }) });
    assert.deepEqual(await poll.brings(), disconnect(text));
  }
});

test('a poll that another sign-in of the phone, or a shutdown, lets go of says nothing', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  const first = await hold(world, phone);
  const again = world.phone({ user: 'anna' });
  await again.signIn();
  assert.deepEqual(await first.brings(), []);
  const second = await hold(world, again);
  await world.restart();
  assert.deepEqual(await second.brings(), []);
  assert.equal(await again.code({ name: 'GetList-Request' }), 200, 'stopping the server signs nobody out');
});

test('whoever hangs up before the Disconnect hears it when they ask again', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  const gone = new AbortController();
  const answer = phone.exchange([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }], gone.signal);
  await world.server.settle();
  gone.abort();
  world.gateway.signOut({ user: 'anna@home.test' }, 'Bye.');
  await answer;
  assert.equal((await phone.fetch())[0]?.content.name, 'Disconnect');
});

test('of an account with too many phones the one heard longest ago goes; its limit is told in 1.3', async () => {
  const { sessionsPerAccountMax: _, ...limits } = (await import('../settings.ts')).defaultSettings.limits;
  const world = await make({ settings: { limits: { ...limits, sessionsPerAccountMax: 2 } } });
  const random = seededRandom(5);
  const phones = ['a', 'b', 'c'].map((name) =>
    world.phone({ user: 'anna', version: '1.3', clientId: `http://${name}.example/${random.id(4)}` }),
  );
  for (const phone of phones) {
    world.server.clock.advance(1000);
    await phone.signIn();
  }
  const [a, b, c] = phones as [Phone, Phone, Phone];
  assert.deepEqual(
    (await a.fetch()).map(({ content }) => content),
    disconnect('You signed in on too many phones.').map(({ content }) => content),
  );
  for (const phone of [b, c]) assert.equal(await phone.code({ name: 'GetList-Request' }), 200);
  const agreed = await c.askFor({ name: 'ClientCapability-Request', CapabilityList: {} }, 'ClientCapability-Response');
  assert.equal(agreed.AgreedCapabilityList?.UserSessionLimit, 2);
});
