// SHTTP: the phone asks a URL of its own.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { defaultSettings } from '../settings.ts';
import { type Phone, type TestGateway, testGateway, textsOf } from '../testing/test-gateway.ts';

const cleanups: (() => Promise<void>)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});
const make = async (cir: Partial<typeof defaultSettings.cir> = {}): Promise<TestGateway> => {
  const world = await testGateway({ settings: { cir: { ...defaultSettings.cir, http: true, ...cir } } });
  cleanups.push(() => world.close());
  return world;
};
const agree = async (phone: Phone, methods: readonly ('SHTTP' | 'STCP')[] = ['SHTTP']) => {
  const answer = await phone.askFor(
    { name: 'ClientCapability-Request', CapabilityList: { SupportedCIRMethod: methods, SupportedBearer: ['HTTP'] } },
    'ClientCapability-Response',
  );
  return answer.AgreedCapabilityList ?? answer.CapabilityList;
};
const urlOf = (agreed: object | undefined): string => {
  const { CIRURL, CIRHTTPAddress } = (agreed ?? {}) as Record<string, { readonly URL: string } | undefined>;
  return (CIRURL ?? CIRHTTPAddress)?.URL ?? '';
};
const tokenOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
const signedIn = async (
  world: TestGateway,
  version: '1.2' | '1.3' = '1.2',
): Promise<{ anna: Phone; token: string }> => {
  const anna = world.phone({ user: 'anna', version });
  await anna.signIn();
  return { anna, token: tokenOf(urlOf(await agree(anna))) };
};
const sayTo = async (world: TestGateway, text: string): Promise<void> => {
  const mila = await world.server.signIn('mila');
  await mila.sends(`<message to='anna@home.test' id='${text}' type='chat'><body>${text}</body></message>`);
};

test('the URL: where the phone reached us, in the element of its version, the same at a second negotiation', async () => {
  const world = await make();
  for (const [version, element] of [
    ['1.2', 'CIRURL'],
    ['1.3', 'CIRHTTPAddress'],
  ] as const) {
    const anna = world.phone({ user: 'anna', version, clientId: version });
    await anna.signIn();
    const agreed = await agree(anna);
    assert.deepEqual(agreed?.SupportedCIRMethod, ['SHTTP']);
    assert(agreed && element in agreed);
    assert.match(urlOf(agreed), /^http:\/\/imps\.example:5280\/cir\/[A-Za-z0-9]{26}$/);
    assert.equal(urlOf(await agree(anna)), urlOf(agreed));
  }
  const old = world.phone({ user: 'anna', version: '1.1', clientId: '1.1' });
  await old.signIn();
  assert.equal((await agree(old))?.SupportedCIRMethod, undefined, 'there is no SHTTP in 1.1');
});

test('a base of our own; no URL where none is answered', async () => {
  const world = await make({ publicUrl: 'https://chat.test/imps' });
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  assert.match(urlOf(await agree(anna)), /^https:\/\/chat\.test\/imps\/cir\/[A-Za-z0-9]{26}$/);
  const without = await make({ http: false });
  const mila = without.phone({ user: 'mila' });
  await mila.signIn();
  assert.deepEqual(Object.keys((await agree(mila)) ?? {}).sort(), ['ServerPollMin', 'SupportedBearer']);
});

test('204 while nothing waits, 200 once when something does, and again when the phone does not poll', async () => {
  const world = await make();
  const { clock } = world.server;
  const { anna, token } = await signedIn(world);
  const ask = () => world.gateway.cirAsked(token);
  assert.equal(ask(), 'nothing');
  await sayTo(world, 'one');
  assert.equal(ask(), 'poll');
  await sayTo(world, 'two');
  clock.advance(3000);
  assert.equal(ask(), 'nothing', 'told a moment ago');
  clock.advance(7000);
  assert.equal(ask(), 'poll', 'the answer was lost, it seems');
  const [one] = await anna.fetch();
  assert.deepEqual(textsOf(one ? [one] : []), ['one']);
  const [two] = await anna.acknowledge(...(one ? [one] : []));
  await anna.acknowledge(...(two ? [two] : []));
  clock.advance(60_000);
  assert.equal(ask(), 'nothing');
});

test('a phone that asks for the first time when something has long been waiting is told at once', async () => {
  const world = await make();
  const { token } = await signedIn(world, '1.3');
  await sayTo(world, 'one');
  world.server.clock.advance(300_000);
  assert.equal(world.gateway.cirAsked(token), 'poll');
});

test('a phone that polled before it asked is told nothing', async () => {
  const world = await make();
  const { anna, token } = await signedIn(world);
  assert.equal(world.gateway.cirAsked(token), 'nothing');
  await sayTo(world, 'one');
  const got = await anna.fetch();
  await anna.acknowledge(...got);
  assert.equal(world.gateway.cirAsked(token), 'nothing');
});

test('nobody else’s URL; a session that is over sends its phone to poll, to hear it', async () => {
  const world = await make();
  const { anna, token } = await signedIn(world);
  for (const guess of ['', 'x', token.slice(1), `${token}x`, token.toLowerCase()])
    assert.equal(world.gateway.cirAsked(guess), 'unknown', guess);
  world.gateway.signOut({ user: 'anna@home.test' }, 'bye');
  assert.equal(world.gateway.cirAsked(token), 'poll');
  assert.equal((await anna.fetch())[0]?.content.name, 'Disconnect');
});

test('the URL survives a restart, and what waited since before it', async () => {
  const world = await make();
  const { token } = await signedIn(world);
  assert.equal(world.gateway.cirAsked(token), 'nothing');
  await sayTo(world, 'one');
  await world.crash();
  assert.equal(world.gateway.cirAsked(token), 'nothing', 'it may have been told a moment before');
  world.server.clock.advance(10_000);
  assert.equal(world.gateway.cirAsked(token), 'poll');
});

test('both agreed: STCP stands first, and carries the wake-up while it is up', async () => {
  const world = await make();
  await world.gateway.listenCirTcp({ host: '127.0.0.1', port: 0 });
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  const agreed = await agree(anna, ['SHTTP', 'STCP']);
  assert.deepEqual(agreed?.SupportedCIRMethod, ['STCP', 'SHTTP']);
  // Its connection cannot be opened from where it is: it asks.
  const token = tokenOf(urlOf(agreed));
  assert.equal(world.gateway.cirAsked(token), 'nothing');
  await sayTo(world, 'one');
  assert.equal(world.gateway.cirAsked(token), 'poll');
});
