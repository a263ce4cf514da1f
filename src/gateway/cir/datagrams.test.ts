// SUDP and WAPUDP over real sockets on loopback, whose addresses (all of 127.0.0.0/8) play phones in different places.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemRandom } from '../../base/random.ts';
import { defaultSettings } from '../settings.ts';
import { type Phone, type TestGateway, testGateway } from '../testing/test-gateway.ts';
import { aMoment, Ear } from './testing/ends.ts';
import { readWspPush } from './wsp-push.ts';

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

/** An address of this machine that no other test uses. */
const somewhere = (): string => `127.${[1, 2, 3].map(() => 1 + Math.floor(systemRandom.fraction() * 250)).join('.')}`;
const ear = async (address?: string, port?: number): Promise<Ear> => {
  const made = await Ear.open(address, port);
  cleanups.push(() => made.close());
  return made;
};
const make = async (host = '0.0.0.0'): Promise<{ world: TestGateway; port: number }> => {
  const world = await testGateway();
  cleanups.push(() => world.close());
  return { world, port: await world.gateway.listenCirUdp({ host, port: 0 }) };
};
const agree = async (phone: Phone, methods: readonly ('SUDP' | 'WAPUDP')[], UDPPort?: number) => {
  const answer = await phone.askFor(
    {
      name: 'ClientCapability-Request',
      CapabilityList: { SupportedCIRMethod: methods, UDPPort, SupportedBearer: ['HTTP'] },
    },
    'ClientCapability-Response',
  );
  return answer.AgreedCapabilityList ?? answer.CapabilityList;
};
/** The same phone, its requests coming from elsewhere. */
const moved = (world: TestGateway, phone: Phone, remoteAddress: string): Phone => {
  const same = world.phone({ ...phone.options, remoteAddress });
  same.sessionId = phone.sessionId;
  return same;
};
const sayTo = async (world: TestGateway, text: string, user = 'anna'): Promise<void> => {
  const mila = await world.server.signIn('mila');
  await mila.sends(`<message to='${user}@home.test' id='${text}' type='chat'><body>${text}</body></message>`);
};
const fetchAll = async (phone: Phone): Promise<void> => {
  for (let got = await phone.fetch(); got.length > 0; ) got = await phone.acknowledge(...got);
};

test('SUDP: one datagram to the port the phone listens on; lost, it is sent again', async () => {
  const { world } = await make();
  const phones = await ear();
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1' });
  await anna.signIn();
  assert.deepEqual((await agree(anna, ['SUDP'], phones.port))?.SupportedCIRMethod, ['SUDP']);
  await sayTo(world, 'one');
  assert.equal(await phones.text(), 'WVCI 1.2 cookie-anna');
  await sayTo(world, 'two');
  world.server.clock.advance(44_000);
  await aMoment();
  assert.equal(phones.isQuiet, true, 'once, until it is too long ago');
  world.server.clock.advance(1000);
  assert.equal(await phones.text(), 'WVCI 1.2 cookie-anna');
  await fetchAll(anna);
  world.server.clock.advance(600_000);
  await aMoment();
  assert.equal(phones.isQuiet, true, 'it has everything');
});

test('WAPUDP: a WAP push to port 2948 of the phone', async () => {
  const { world } = await make();
  const address = somewhere();
  const push = await ear(address, 2948);
  const anna = world.phone({ user: 'anna', version: '1.1', remoteAddress: address });
  await anna.signIn();
  assert.deepEqual((await agree(anna, ['WAPUDP']))?.SupportedCIRMethod, ['WAPUDP']);
  await sayTo(world, 'one');
  assert.deepEqual(readWspPush(await push.octets()), {
    ok: true,
    value: { transactionId: 1, text: 'WVCI 1.1 cookie-anna' },
  });
});

test('datagrams follow the phone to where its HTTP requests come from, over a restart too', async () => {
  const { world } = await make();
  const [here, there] = [somewhere(), somewhere()];
  const first = await ear(here);
  const second = await ear(there, first.port);
  const anna = world.phone({ user: 'anna', remoteAddress: here });
  await anna.signIn();
  await agree(anna, ['SUDP'], first.port);
  const annaThere = moved(world, anna, there);
  await annaThere.ask({ name: 'KeepAlive-Request' });
  await sayTo(world, 'one');
  assert.equal(await second.text(), 'WVCI 1.2 cookie-anna');
  await fetchAll(annaThere);
  await world.restart();
  await world.gateway.listenCirUdp({ host: '0.0.0.0', port: 0 });
  await sayTo(world, 'two');
  assert.equal(await second.text(), 'WVCI 1.2 cookie-anna');
  assert.equal(first.isQuiet, true);
});

test('HELO by datagram: wake-ups go where it came from, and PING after a rebinding is of no session', async () => {
  const { world, port } = await make();
  const translated = await ear();
  const anna = world.phone({ user: 'anna', version: '1.3', remoteAddress: '127.0.0.1' });
  await anna.signIn();
  const agreed = await agree(anna, ['SUDP'], 40_000);
  assert.deepEqual(agreed && 'UDPAddress' in agreed && [agreed.UDPAddress, agreed.UDPPort], ['imps.example', port]);
  translated.say(`HELO ${anna.sessionId}`, port);
  assert.equal(await translated.text(), 'OK');
  await sayTo(world, 'one');
  assert.equal(await translated.text(), 'WVCI 1.3 cookie-anna');
  await fetchAll(anna);
  translated.say('PING', port);
  assert.equal(await translated.text(), 'OK');

  // Its address translation has a new port for it: nobody can tell who PINGs there, until it says HELO again.
  const rebound = await ear();
  rebound.say('PING', port);
  await aMoment();
  assert.equal(rebound.isQuiet, true);
  rebound.say(`helo ${anna.sessionId}\r\n`, port);
  assert.equal(await rebound.text(), 'OK');
  await sayTo(world, 'two');
  assert.equal(await rebound.text(), 'WVCI 1.3 cookie-anna');
  // A datagram of before, come late, takes them back for a while only: the next one of the phone counts.
  translated.say(`HELO ${anna.sessionId}`, port);
  assert.equal(await translated.text(), 'OK');
  rebound.say(`HELO ${anna.sessionId}`, port);
  assert.equal(await rebound.text(), 'OK');
  await fetchAll(anna);
  await sayTo(world, 'three');
  assert.equal(await rebound.text(), 'WVCI 1.3 cookie-anna');
  assert.equal(translated.isQuiet, true);
});

test('HELO says that the phone is there: what waits is told at once', async () => {
  const { world, port } = await make();
  const phones = await ear();
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1' });
  await anna.signIn();
  // Nobody listens on that port.
  await agree(anna, ['SUDP'], 40_001);
  await sayTo(world, 'one');
  world.server.clock.advance(10_000);
  phones.say(`HELO ${anna.sessionId}`, port);
  assert.equal(await phones.text(), 'OK');
  assert.equal(await phones.text(), 'WVCI 1.2 cookie-anna');
});

test('a phone whose requests come from elsewhere than at its HELO is looked for there', async () => {
  const { world, port } = await make();
  const [here, there] = [somewhere(), somewhere()];
  const old = await ear(here);
  const now = await ear(there);
  const anna = world.phone({ user: 'anna', remoteAddress: here });
  await anna.signIn();
  await agree(anna, ['SUDP'], now.port);
  old.say(`HELO ${anna.sessionId}`, port);
  assert.equal(await old.text(), 'OK');
  await moved(world, anna, there).ask({ name: 'KeepAlive-Request' });
  await sayTo(world, 'one');
  assert.equal(await now.text(), 'WVCI 1.2 cookie-anna');
  assert.equal(old.isQuiet, true);
});

test('strangers are not answered, and move nobody’s wake-ups', async () => {
  const { world, port } = await make();
  const phones = await ear();
  const stranger = await ear();
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1' });
  await anna.signIn();
  await agree(anna, ['SUDP'], phones.port);
  const otto = world.phone({ user: 'otto@away.test', remoteAddress: '127.0.0.1' });
  await otto.signIn();
  for (const text of [
    'PING',
    'HELO',
    'HELO NoSuchSession1234567890ABC',
    // A session that did not agree to datagrams.
    `HELO ${otto.sessionId}`,
    'WVCI 1.2 cookie-anna',
    '',
    'x'.repeat(2000),
    '\u0000\u0001\u0002',
  ])
    stranger.say(text, port);
  await aMoment();
  assert.equal(stranger.isQuiet, true);
  await sayTo(world, 'one');
  assert.equal(await phones.text(), 'WVCI 1.2 cookie-anna');
  assert.equal(stranger.isQuiet, true);
});

test('who says HELO from an endpoint has it: it is nobody else’s any more', async () => {
  const { world, port } = await make();
  const phones = await ear();
  const shared = await ear();
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1' });
  const mila = world.phone({ user: 'mila', remoteAddress: '127.0.0.1', clientId: 'http://phone.example/2' });
  for (const phone of [anna, mila]) {
    await phone.signIn();
    await agree(phone, ['SUDP'], phones.port);
    shared.say(`HELO ${phone.sessionId}`, port);
    assert.equal(await shared.text(), 'OK');
  }
  await sayTo(world, 'one');
  assert.equal(await phones.text(), 'WVCI 1.2 cookie-anna');
  await sayTo(world, 'two', 'mila');
  assert.equal(await shared.text(), 'WVCI 1.2 cookie-mila');
});

test('IPv6, and both over one socket; what cannot be reached is not agreed to', async () => {
  const { world } = await make('::');
  const [four, six] = [await ear(), await ear('::1')];
  for (const [index, [remoteAddress, phones]] of (
    [
      ['127.0.0.1', four],
      ['::1', six],
      ['::ffff:127.0.0.1', four],
    ] as const
  ).entries()) {
    const anna = world.phone({ user: 'anna', remoteAddress, clientId: `http://phone.example/${index}` });
    await anna.signIn();
    await agree(anna, ['SUDP'], phones.port);
    await sayTo(world, `to-${index}`);
    assert.equal(await phones.text(), 'WVCI 1.2 cookie-anna', remoteAddress);
    await fetchAll(anna);
    await anna.ask({ name: 'Logout-Request' });
  }
  const only4 = await make('127.0.0.1');
  const anna = only4.world.phone({ user: 'anna', remoteAddress: '::1' });
  await anna.signIn();
  assert.equal((await agree(anna, ['SUDP', 'WAPUDP'], six.port))?.SupportedCIRMethod, undefined);
});

test('where datagrams do not get through they are not agreed to', async () => {
  const cir = { ...defaultSettings.cir, datagramsReach: (address: string) => address.startsWith('127.') };
  const world = await testGateway({ settings: { cir } });
  cleanups.push(() => world.close());
  await world.gateway.listenCirUdp({ host: '0.0.0.0', port: 0 });
  for (const [remoteAddress, agreed] of [
    ['127.0.0.1', ['SUDP', 'WAPUDP']],
    ['192.0.2.7', undefined],
  ] as const) {
    const anna = world.phone({ user: 'anna', remoteAddress });
    await anna.signIn();
    assert.deepEqual((await agree(anna, ['SUDP', 'WAPUDP'], 3717))?.SupportedCIRMethod, agreed);
  }
});

test('nothing is aimed at ports of services', async () => {
  const { world } = await make();
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1' });
  await anna.signIn();
  for (const port of [1, 53, 1023, 65_536, 70_000])
    assert.equal((await agree(anna, ['SUDP'], port))?.SupportedCIRMethod, undefined, String(port));
  for (const port of [undefined, 1024, 3717, 65_535])
    assert.deepEqual((await agree(anna, ['SUDP'], port))?.SupportedCIRMethod, ['SUDP'], String(port));
});
