import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { defaultSettings } from '../settings.ts';
import { type Phone, type TestGateway, testGateway, textsOf } from '../testing/test-gateway.ts';
import { Connection } from './connection.ts';
import { LineReader, understand } from './lines.ts';
import { Wire } from './testing/ends.ts';

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

const wireTo = (port: number): Wire => {
  const wire = new Wire(port);
  cleanups.push(() => wire.close());
  return wire;
};
const make = async (cir: Partial<typeof defaultSettings.cir> = {}): Promise<{ world: TestGateway; port: number }> => {
  const world = await testGateway({ settings: { cir: { ...defaultSettings.cir, ...cir } } });
  cleanups.push(() => world.close());
  return { world, port: await world.gateway.listenCirTcp({ host: '127.0.0.1', port: 0 }) };
};
const agree = async (phone: Phone, methods: readonly ('STCP' | 'SUDP')[], UDPPort = 3717) =>
  phone.askFor(
    {
      name: 'ClientCapability-Request',
      CapabilityList: { SupportedCIRMethod: methods, UDPPort, SupportedBearer: ['HTTP'], ParserSize: 65_536 },
    },
    'ClientCapability-Response',
  );
/** A signed-in phone with its CIR connection up, and Mila to write to it. */
const woken = async () => {
  const { world, port } = await make();
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  const { AgreedCapabilityList: agreed } = await agree(anna, ['STCP', 'SUDP']);
  assert.deepEqual([agreed?.SupportedCIRMethod, agreed?.TCPPort, agreed?.TCPAddress], [['STCP'], port, 'imps.example']);
  const wire = wireTo(port);
  wire.say(`HELO ${anna.sessionId}\r\n`);
  assert.equal(await wire.read(), 'OK\r\n');
  const mila = await world.server.signIn('mila');
  let count = 0;
  const say = (text: string) =>
    mila.sends(`<message to='anna@home.test' id='m${count++}' type='chat'><body>${text}</body></message>`);
  return { world, port, anna, wire, say, clock: world.server.clock };
};
const wvci = 'WVCI 1.2 cookie-anna\r\n';

test('a message wakes the phone, once until it polls; a second apart from OK', async () => {
  const { anna, wire, say, clock } = await woken();
  await say('one');
  assert.equal(wire.isQuiet, true, 'S60 would lose it behind OK');
  clock.advance(1000);
  assert.equal(await wire.read(), wvci);
  await say('two');
  wire.say('PING \r\n');
  assert.equal(await wire.read(), 'OK\r\n');
  const [one] = await anna.fetch();
  assert.equal(anna.poll, true);
  const [two] = await anna.acknowledge(...(one ? [one] : []));
  assert.deepEqual(textsOf([one, two].flatMap((each) => each ?? [])), ['one', 'two']);
  await anna.acknowledge(...(two ? [two] : []));
  assert.deepEqual(await anna.fetch(), [], 'no poll is held with a CIR channel up');
  clock.advance(120_000);
  await say('three');
  assert.equal(await wire.read(), wvci);
});

test('a phone that does not come is woken again, at a distance', async () => {
  const { wire, say, clock } = await woken();
  clock.advance(2000);
  await say('one');
  assert.equal(await wire.read(), wvci);
  clock.advance(44_000);
  await say('two');
  clock.advance(500);
  wire.say('PING\n');
  assert.equal(await wire.read(), 'OK\r\n', 'nothing was said meanwhile');
  clock.advance(1500);
  assert.equal(await wire.read(), wvci);
});

test('what waits when the phone says HELO is told right after OK', async () => {
  const { world, port } = await make();
  const anna = world.phone({ user: 'anna' });
  await anna.signIn();
  await agree(anna, ['STCP']);
  const mila = await world.server.signIn('mila');
  await mila.sends(`<message to='anna@home.test' id='a' type='chat'><body>hi</body></message>`);
  const wire = wireTo(port);
  wire.say(`helo ${anna.sessionId}\n`);
  assert.equal(await wire.read(), 'OK\r\n');
  world.server.clock.advance(1000);
  assert.equal(await wire.read(), wvci);
});

test('unknown sessions, long lines and silence close the connection', async () => {
  const { world, port } = await make();
  for (const text of [
    'HELO NoSuchSession1234567890ABC\r\n',
    'HELO \r\n',
    'PING\r\n',
    'x'.repeat(300),
    'GET / HTTP/1.1\r\n',
  ]) {
    const wire = wireTo(port);
    wire.say(text);
    assert.equal(await wire.read(), '', text.slice(0, 20));
  }
  const silent = wireTo(port);
  silent.say('HE');
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  // It was accepted before its time can run out.
  while (world.server.clock.armed === 0) await new Promise((resolve) => setImmediate(resolve));
  const closed = silent.read();
  for (let tries = 0; tries < 50 && !silent.isClosed; tries++) {
    world.server.clock.advance(30_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await closed, '');
});

test('the newer connection of a session wins, and the end of the session closes it', async () => {
  const { anna, port, wire, clock } = await woken();
  const newer = wireTo(port);
  newer.say(`HELO ${anna.sessionId}\r\n`);
  assert.equal(await newer.read(), 'OK\r\n');
  assert.equal(await wire.read(), '', 'the older one is closed');
  await anna.ask({ name: 'Logout-Request' });
  clock.advance(2000);
  assert.equal(await newer.read(), '');
});

test('strangers from one address cannot take all connections', async () => {
  const { port } = await make({ strangersPerAddressMax: 16 });
  const wires = Array.from({ length: 20 }, () => wireTo(port));
  const ends = await Promise.all(wires.slice(16).map((wire) => wire.read()));
  assert.deepEqual(ends, ['', '', '', '']);
  assert.equal(wires.filter(({ isClosed }) => isClosed).length, 4);
});

test('CIR brings a backend user back after a restart, before any request', async () => {
  const { world } = await make();
  const otto = world.phone({ user: 'otto@away.test' });
  await otto.signIn();
  await agree(otto, ['STCP']);
  await world.restart();
  const port = await world.gateway.listenCirTcp({ host: '127.0.0.1', port: 0 });
  const wire = wireTo(port);
  wire.say(`HELO ${otto.sessionId}\r\n`);
  assert.equal(await wire.read(), 'OK\r\n');
  await world.server.settle();
  const mila = await world.server.signIn('mila');
  await mila.sends(`<message to='otto@away.test' id='a' type='chat'><body>hi</body></message>`);
  world.server.clock.advance(1000);
  assert.equal(await wire.read(), 'WVCI 1.2 cookie-otto@away.test\r\n');
});

test('SUDP: a datagram to the port the phone listens on', async () => {
  const world = await testGateway();
  cleanups.push(() => world.close());
  await world.gateway.listenCirUdp({ host: '127.0.0.1', port: 0 });
  const socket = createSocket('udp4');
  cleanups.push(() => void socket.close());
  const port = await new Promise<number>((resolve) =>
    socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)),
  );
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1' });
  await anna.signIn();
  const { AgreedCapabilityList: agreed } = await agree(anna, ['SUDP', 'STCP'], port);
  assert.deepEqual([agreed?.SupportedCIRMethod, agreed?.TCPPort], [['SUDP'], undefined]);
  const datagram = new Promise<string>((resolve) => socket.once('message', (octets) => resolve(octets.toString())));
  const mila = await world.server.signIn('mila');
  await mila.sends(`<message to='anna@home.test' id='a' type='chat'><body>hi</body></message>`);
  assert.equal(await datagram, 'WVCI 1.2 cookie-anna');
});

test('lines: cut anywhere, LF or CR LF, at most 256 octets', () => {
  const text = 'HELO abc\r\nPING\nping \r\n';
  for (let cut = 0; cut <= text.length; cut++) {
    const reader = new LineReader();
    const events = [...reader.read(Buffer.from(text.slice(0, cut))), ...reader.read(Buffer.from(text.slice(cut)))];
    assert.deepEqual(
      events.map((event) => (event.kind === 'line' ? understand(event.text) : event)),
      [{ kind: 'helo', sessionId: 'abc' }, { kind: 'ping' }, { kind: 'ping' }],
    );
  }
  assert.deepEqual(new LineReader().read(Buffer.from('x'.repeat(257))), [{ kind: 'too-long' }]);
  assert.deepEqual(new LineReader().read(Buffer.from(`${'x'.repeat(257)}\n`)), [{ kind: 'too-long' }]);
});

test('a connection that says PING and never reads is closed', () => {
  // A socket whose peer reads nothing: what is written stays with us.
  const stuck = new Duplex({ read() {}, write() {} });
  const socket = Object.assign(stuck, { setNoDelay() {}, setKeepAlive() {} }) as unknown as Socket;
  const host = { clock: new SimulatedClock(), log: silentLog, settings: { ...defaultSettings, domain: 'home.test' } };
  let isClosed = false;
  const connection = new Connection(socket, {
    host: host as unknown as Host,
    recognise: () => ({}) as Session,
    attached: () => {},
    closed: () => {
      isClosed = true;
    },
  });
  socket.emit('data', Buffer.from('HELO x\n'));
  const ping = (count: number): void => {
    for (let n = 0; n < count; n++) socket.emit('data', Buffer.from('PING\n'));
    connection.swept();
  };
  for (let n = 0; n < 20; n++) ping(50);
  assert.equal(isClosed, false);
  for (let n = 0; n < 2; n++) ping(50);
  assert.equal(isClosed, true);
});
