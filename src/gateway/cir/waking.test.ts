// From the message that arrives to the wake-up that leaves: over the channel that works, once, and not at all for a phone that
// comes by itself. Real sockets, simulated time.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Meter } from '../../base/meter.ts';
import type { Transaction } from '../../imps/message.ts';
import { defaultSettings } from '../settings.ts';
import { type Phone, testGateway, textsOf } from '../testing/test-gateway.ts';
import type { Method } from './method.ts';
import { aMoment, Ear, TestCarrier, Wire } from './testing/ends.ts';

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

/** Counts by name and labels, as `name{channel}`. */
const counting = (): { readonly meter: Meter; readonly counts: Record<string, number> } => {
  const counts: Record<string, number> = {};
  const add = (name: string, labels: object | undefined, amount = 1): void => {
    const key = `${name.replace(/^onesoup_csp_/, '')}{${Object.values(labels ?? {}).join(',')}}`;
    counts[key] = (counts[key] ?? 0) + amount;
  };
  return {
    counts,
    meter: {
      counter: (name) => ({ add: (labels, amount) => add(name, labels, amount) }),
      gauge() {},
      histogram: (name) => ({ observe: (value, labels) => add(name, labels, value) }),
    },
  };
};

const setUp = async (methods: readonly Method[], cir: Partial<typeof defaultSettings.cir> = {}) => {
  const carrier = new TestCarrier();
  const { meter, counts } = counting();
  const world = await testGateway({
    sms: carrier,
    meter,
    settings: { cir: { ...defaultSettings.cir, http: true, ...cir } },
  });
  cleanups.push(() => world.close());
  const tcp = await world.gateway.listenCirTcp({ host: '127.0.0.1', port: 0 });
  const udp = await world.gateway.listenCirUdp({ host: '127.0.0.1', port: 0 });
  const ear = await Ear.open();
  cleanups.push(() => ear.close());
  const anna = world.phone({ user: 'anna', remoteAddress: '127.0.0.1', msisdn: '46701234567' });
  await anna.signIn();
  const { AgreedCapabilityList: agreed } = await anna.askFor(
    {
      name: 'ClientCapability-Request',
      CapabilityList: {
        SupportedCIRMethod: methods as readonly 'STCP'[],
        UDPPort: ear.port,
        SupportedBearer: ['HTTP'],
      },
    },
    'ClientCapability-Response',
  );
  assert.deepEqual(agreed?.SupportedCIRMethod, methods);
  const mila = await world.server.signIn('mila');
  let count = 0;
  const say = async (text: string): Promise<void> => {
    await mila.sends(`<message to='anna@home.test' id='m${count++}' type='chat'><body>${text}</body></message>`);
    await aMoment();
  };
  const pass = async (ms: number): Promise<void> => {
    world.server.clock.advance(ms);
    await aMoment();
  };
  const open = async (): Promise<Wire> => {
    const wire = new Wire(tcp);
    cleanups.push(() => wire.close());
    wire.say(`HELO ${anna.sessionId}\r\n`);
    assert.equal(await wire.read(), 'OK\r\n');
    await pass(1000);
    return wire;
  };
  return { world, carrier, counts, anna, ear, udp, say, pass, open };
};
const wvci = 'WVCI 1.2 cookie-anna';

const fetchAll = async (phone: Phone): Promise<readonly string[]> => {
  const all: Transaction[] = [];
  for (let got = await phone.fetch(); got.length > 0; got = await phone.acknowledge(...got)) all.push(...got);
  return textsOf(all);
};

test('a half-open connection: the next channel brings the phone, and is believed from then on', async () => {
  const { carrier, counts, anna, ear, say, pass, open } = await setUp(['STCP', 'SUDP', 'SSMS']);
  const wire = await open();
  await say('one');
  assert.equal(await wire.read(), `${wvci}\r\n`);
  await pass(19_000);
  assert.equal(ear.isQuiet, true);
  await pass(1000);
  assert.equal(await ear.text(), wvci);
  await pass(2000);
  assert.deepEqual(await fetchAll(anna), ['one']);
  await say('two');
  assert.equal(await ear.text(), wvci, 'the connection has brought nobody');
  assert.deepEqual(await fetchAll(anna), ['two']);
  assert.equal(wire.isQuiet, true);
  assert.equal(carrier.sent.length, 0);
  assert.deepEqual(Object.fromEntries(Object.entries(counts).filter(([name]) => /^(wakeups|wakeup|cir)_/.test(name))), {
    'cir_agreed_total{STCP}': 1,
    'cir_agreed_total{SUDP}': 1,
    'cir_agreed_total{SSMS}': 1,
    'wakeups_total{STCP}': 1,
    'wakeups_total{SUDP}': 2,
    'wakeups_failed_total{STCP,unanswered}': 1,
    'wakeup_fallbacks_total{STCP,SUDP}': 1,
    'wakeups_worked_total{SUDP}': 2,
    'wakeup_seconds{SUDP}': 2,
  });
});

test('a connection that the phone opens anew is believed in again', async () => {
  const { anna, ear, say, pass, open } = await setUp(['STCP', 'SUDP']);
  const wire = await open();
  await say('one');
  assert.equal(await wire.read(), `${wvci}\r\n`);
  await pass(20_000);
  assert.equal(await ear.text(), wvci);
  const newer = await open();
  assert.equal(newer.isQuiet, true, 'it was woken a second ago');
  await pass(9000);
  assert.equal(await newer.read(), `${wvci}\r\n`);
  assert.deepEqual(await fetchAll(anna), ['one']);
});

test('a connection that is lost with a wake-up on it: the next channel, as soon as ServerPollMin allows', async () => {
  const { ear, say, pass, open } = await setUp(['STCP', 'SUDP']);
  const wire = await open();
  await say('one');
  assert.equal(await wire.read(), `${wvci}\r\n`);
  wire.close();
  await pass(9000);
  assert.equal(ear.isQuiet, true);
  await pass(1000);
  assert.equal(await ear.text(), wvci);
});

test('short messages are the last resort, once where a datagram was in vain', async () => {
  const { carrier, anna, ear, say, pass } = await setUp(['WAPSMS', 'SUDP']);
  await say('one');
  assert.equal(await ear.text(), wvci);
  assert.equal(carrier.sent.length, 0, 'the phone likes WAPSMS better, and we what is free');
  await pass(20_000);
  assert.equal(carrier.sent.length, 1);
  await pass(60_000);
  assert.equal(carrier.sent.length, 1);
  assert.deepEqual(await fetchAll(anna), ['one']);
  await say('two');
  assert.equal(carrier.sent.length, 2, 'the datagram has never brought it');
  assert.equal(ear.isQuiet, true);
});

test('a phone that polls before its wake-up has left gets none', async () => {
  const { counts, anna, say, pass, open } = await setUp(['STCP']);
  const wire = await open();
  wire.say('PING\r\n');
  assert.equal(await wire.read(), 'OK\r\n');
  // It has to keep its distance from OK, and the phone is quicker.
  await say('one');
  assert.deepEqual(await fetchAll(anna), ['one']);
  await pass(60_000);
  assert.equal(wire.isQuiet, true);
  assert.equal(counts['wakeups_total{STCP}'], undefined);
});

test('a phone whose request is being answered is not woken for what the answer brings', async () => {
  const { world, counts, anna, say, pass, open } = await setUp(['STCP']);
  const wire = await open();
  await say('one');
  assert.equal(await wire.read(), `${wvci}\r\n`);
  // The second arrives while the poll is under way, and is told of by its answer, or comes along.
  const polling = anna.fetch();
  const saying = say('two');
  const got = await polling;
  await saying;
  assert.equal(got.length, 1);
  await world.server.settle();
  assert.deepEqual([...textsOf(got), ...textsOf(await anna.acknowledge(...got))], ['one', 'two']);
  await pass(1000);
  assert.equal(wire.isQuiet, true);
  assert.equal(counts['wakeups_total{STCP}'], 1);
});

test('a poll that is held when the phone hangs up in the same moment leaves nothing behind', async () => {
  // It agreed to a channel that it has not opened: its poll is held.
  const { anna, say, pass, open } = await setUp(['STCP']);
  const gone = new AbortController();
  const held = anna.exchange([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }], gone.signal);
  await aMoment();
  await say('one');
  gone.abort();
  await held;
  await pass(0);
  // Either the poll took it, and it lapses, or it still waits: one way or another, the phone is woken for it.
  await pass(65_000);
  const wire = await open();
  assert.equal(await wire.read(), `${wvci}\r\n`);
});

test('what waits when the process dies wakes the phone after it has come back', async () => {
  const { world, ear, say, pass } = await setUp(['SUDP']);
  await say('one');
  assert.equal(await ear.text(), wvci);
  const dead = world.gateway;
  await world.crash();
  // Its sockets would have gone with the process.
  cleanups.push(() => dead.shutdown());
  await world.gateway.listenCirUdp({ host: '127.0.0.1', port: 0 });
  await pass(9000);
  assert.equal(ear.isQuiet, true, 'it was woken a moment before');
  await pass(11_000);
  assert.equal(await ear.text(), wvci);
});

test('what has worked is known after a restart', async () => {
  const { world, anna, ear, say, pass } = await setUp(['WAPUDP', 'SUDP']);
  // Nobody listens to WAP pushes there.
  await say('one');
  await pass(20_000);
  assert.equal(await ear.text(), wvci);
  assert.deepEqual(await fetchAll(anna), ['one']);
  await world.restart();
  await world.gateway.listenCirUdp({ host: '127.0.0.1', port: 0 });
  assert.deepEqual(world.gateway.sessions()[0]?.channels, [
    { method: 'WAPUDP', isUp: true, hasWorked: false },
    { method: 'SUDP', isUp: true, hasWorked: true },
  ]);
  await say('two');
  assert.equal(await ear.text(), wvci);
});

test('an answer that was lost does not wake twice within ServerPollMin', async () => {
  const { anna, say, pass, open } = await setUp(['STCP']);
  const wire = await open();
  await say('one');
  assert.equal(await wire.read(), `${wvci}\r\n`);
  await pass(1000);
  const poll = anna.bytes([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }]);
  const answer = await anna.post(poll);
  assert(answer.body.length > 0);
  answer.delivered?.(false);
  await pass(8000);
  assert.equal(wire.isQuiet, true);
  await pass(1000);
  assert.equal(await wire.read(), `${wvci}\r\n`);
  assert.deepEqual(await fetchAll(anna), ['one']);
});

test('a session that was ended wakes its phone once more, over whatever there is', async () => {
  const { world, anna, ear } = await setUp(['SUDP']);
  world.gateway.signOut({ user: 'anna@home.test' }, 'bye');
  assert.equal(await ear.text(), wvci);
  assert.equal((await anna.fetch())[0]?.content.name, 'Disconnect');
  assert.equal(world.server.clock.armed > 0, true);
});

test('a phone that agrees anew to nothing is left alone', async () => {
  const { anna, ear, say, pass } = await setUp(['SUDP']);
  await anna.ask({ name: 'ClientCapability-Request', CapabilityList: { SupportedBearer: ['HTTP'] } });
  await say('one');
  await pass(120_000);
  assert.equal(ear.isQuiet, true);
});
