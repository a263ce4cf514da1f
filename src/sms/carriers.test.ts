// Both carriers, over real sockets, against a simulated SMSC and a simulated Kannel.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { SimulatedClock, systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { silentMeter } from '../base/meter.ts';
import { seededRandom, systemRandom } from '../base/random.ts';
import type { ShortMessage, SmsCarrier } from './carrier.ts';
import { createCarrier } from './create.ts';
import { errors } from './smpp/library.ts';
import { KannelBox } from './testing/kannel-box.ts';
import type { PhoneNetwork } from './testing/phones.ts';
import { Smsc } from './testing/smsc.ts';

const ours = '46700000000';
const around = { clock: systemClock, random: systemRandom, log: silentLog, meter: silentMeter };
const until = async (holds: () => boolean, what: string): Promise<void> => {
  for (let n = 0; !holds(); n++) {
    if (n > 1000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const smppCarrier = async (more: { password?: string; clock?: SimulatedClock } = {}) => {
  const smsc = new Smsc();
  await smsc.listen();
  const { carrier } = createCarrier(
    {
      kind: 'smpp',
      number: ours,
      host: '127.0.0.1',
      port: smsc.port,
      tls: false,
      systemId: 'onesoup',
      password: more.password ?? smsc.password,
      systemType: '',
      window: 4,
      enquireLinkS: 3600,
      messagesPerSecond: 1000,
    },
    { ...around, ...(more.clock && { clock: more.clock }) },
  );
  closing.push(
    () => smsc.close(),
    () => carrier.close(),
  );
  if (!more.password) await until(() => carrier.isUp, 'bound');
  return { smsc, carrier, network: smsc.network };
};

const kannelCarrier = async (method: 'get' | 'post' = 'get') => {
  const box = new KannelBox();
  await box.listen();
  const { carrier, incoming } = createCarrier(
    {
      kind: 'kannel',
      number: ours,
      url: box.url,
      method,
      username: box.username,
      password: box.password,
      incomingSecret: box.secret,
      incomingFrom: ['127.0.0.0/8'],
      window: 4,
      messagesPerSecond: 1000,
    },
    around,
  );
  assert.ok(incoming);
  box.server = incoming;
  closing.push(
    () => box.close(),
    () => carrier.close(),
  );
  return { box, carrier, incoming, network: box.network };
};

const contents: readonly ShortMessage['content'][] = [
  { coding: 'text', text: 'hello {you} @ home, £5 & 20 % = ok?' },
  { coding: 'text', text: 'ł 😀 '.repeat(60) },
  { coding: 'text', text: 'abc€'.repeat(100) },
  { coding: 'octets', octets: Uint8Array.from({ length: 500 }, (_, n) => n & 0xff) },
];
const ports = { destination: 3590, source: 3591 };

/** Every content goes out to a phone and comes in from it, with ports and without. */
const carriesAll = async (carrier: SmsCarrier, network: PhoneNetwork): Promise<void> => {
  const came: ShortMessage[] = [];
  carrier.onMessage(async (message) => void came.push(message));
  const phone = network.phone('46701234567');
  for (const content of contents) {
    for (const through of [{}, { ports }]) {
      assert.deepEqual(await carrier.send({ to: phone.number, content, ...through }), { ok: true, value: undefined });
      await until(() => phone.inbox.length > 0, 'a message out');
      assert.deepEqual(phone.inbox.shift(), { from: ours, to: phone.number, content, ...through });
      await phone.send({ to: ours, content, ...through });
      assert.deepEqual(came.shift(), { from: phone.number, to: ours, content, ...through });
    }
  }
};

test('SMPP carries texts of every alphabet and octets, both ways, whatever their length', async () => {
  const { carrier, network, smsc } = await smppCarrier();
  await carriesAll(carrier, network);
  await smsc.receipt('46701234567', ours);
});

test('SMPP: a message in message_payload, or in parts told by sar TLVs', async () => {
  const { carrier, network, smsc } = await smppCarrier();
  const came: ShortMessage[] = [];
  carrier.onMessage(async (message) => void came.push(message));
  const phone = network.phone('46701234567');
  for (const form of ['payload', 'sar'] as const)
    for (const content of contents) {
      smsc.form = form;
      await phone.send({ to: ours, content, ports });
      assert.deepEqual(came.shift(), { from: phone.number, to: ours, content, ports });
    }
});

for (const method of ['get', 'post'] as const)
  test(`Kannel by ${method} carries texts of every alphabet and octets, both ways`, async () => {
    const { carrier, network, box } = await kannelCarrier(method);
    box.method = method === 'post' ? 'POST' : 'GET';
    await carriesAll(carrier, network);
  });

test('SMPP: a deliver_sm is acknowledged only when the message was taken, and comes again until then', async () => {
  const { carrier, network, smsc } = await smppCarrier();
  let failures = 2;
  const came: string[] = [];
  carrier.onMessage(async ({ content }) => {
    if (failures-- > 0) throw new Error('the store is away');
    came.push(content.coding === 'text' ? content.text : '');
  });
  const text = 'a'.repeat(300);
  await network.phone('1234567').send({ to: ours, content: { coding: 'text', text } });
  assert.deepEqual([came, smsc.putOff], [[text], 2]);
});

test('SMPP: parts repeated and out of order make one message; one that lost a part makes none', async () => {
  const { carrier, network, smsc } = await smppCarrier();
  const came: ShortMessage[] = [];
  carrier.onMessage(async (message) => void came.push(message));
  const content = { coding: 'text', text: 'b'.repeat(400) } as const;
  smsc.deliveries = 3;
  network.up = (parts) => [...parts].reverse();
  await network.phone('1234567').send({ to: ours, content });
  assert.deepEqual(came.length, 1);
  assert.deepEqual(came[0]?.content, content);
  network.up = (parts) => parts.slice(1);
  await network.phone('1234567').send({ to: ours, content });
  assert.equal(came.length, 1);
});

test('SMPP: throttling is waited out, a refusal is told with its code', async () => {
  const { carrier, network, smsc } = await smppCarrier();
  const phone = network.phone('1234567');
  smsc.statuses.push(errors.ESME_RTHROTTLED as number);
  assert.ok((await carrier.send({ to: phone.number, content: { coding: 'text', text: 'a' } })).ok);
  await until(() => phone.inbox.length === 1, 'what was throttled');
  smsc.statuses.push(errors.ESME_RINVDSTADR as number);
  assert.deepEqual(await carrier.send({ to: phone.number, content: { coding: 'text', text: 'b' } }), {
    ok: false,
    fault: { reason: 'refused', text: 'ESME_RINVDSTADR' },
  });
});

test('SMPP: a lost connection is told at once, and made again', async () => {
  const { carrier, network, smsc } = await smppCarrier();
  smsc.isSilent = true;
  const unanswered = carrier.send({ to: '1234567', content: { coding: 'text', text: 'a' } });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await smsc.close();
  const outcome = await unanswered;
  assert.equal(outcome.ok ? '' : outcome.fault.reason, 'down');
  assert.equal(carrier.isUp, false);
  const refused = await carrier.send({ to: '1234567', content: { coding: 'text', text: 'a' } });
  assert.equal(refused.ok ? '' : refused.fault.reason, 'down');
  smsc.isSilent = false;
  await smsc.listen();
  await until(() => carrier.isUp, 'bound again');
  assert.ok((await carrier.send({ to: network.phone('1234567').number, content: { coding: 'text', text: 'c' } })).ok);
});

test('SMPP: an SMSC that says nothing any more is given up, and tried again', async () => {
  const clock = new SimulatedClock();
  const { carrier, smsc } = await smppCarrier({ clock });
  smsc.isSilent = true;
  clock.advance(3_600_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(carrier.isUp, true);
  clock.advance(10_000);
  await until(() => !carrier.isUp, 'given up');
  smsc.isSilent = false;
  clock.advance(1000);
  await until(() => carrier.isUp, 'bound again');
  assert.equal(smsc.binds, 2);
});

test('SMPP: whatever comes from where the SMSC should be, it is given up and tried again', async () => {
  const clock = new SimulatedClock();
  const random = seededRandom(7);
  const pdu = (id: number, status: number, sequence: number, body: Uint8Array, length = 16 + body.length): Buffer => {
    const head = Buffer.alloc(16);
    for (const [at, value] of [length, id, status, sequence].entries()) head.writeUInt32BE(value, 4 * at);
    return Buffer.concat([head, body]);
  };
  const bound = pdu(0x80000009, 0, 1, Buffer.from('smsc\0'));
  const nonsense = [
    random.bytes(200),
    pdu(0x80000009, 0, 1, new Uint8Array(), 0),
    pdu(0x80000009, 0, 1, new Uint8Array(), 7),
    pdu(0x80000009, 0, 1, new Uint8Array(), 0x7fffffff),
    // Bound, and then: a deliver_sm that ends too soon, one whose header is longer than itself, commands nobody knows.
    Buffer.concat([bound, pdu(5, 0, 9, random.bytes(3))]),
    Buffer.concat([
      bound,
      pdu(5, 0, 9, Buffer.from('\0\x01\x011\0\x01\x012\0\x40\0\0\0\0\0\0\0\0\x02\xff\0', 'latin1')),
    ]),
    Buffer.concat([bound, pdu(0x77, 0, 9, random.bytes(30)), pdu(0x0b, 0, 9, random.bytes(30))]),
    Buffer.concat([bound, pdu(6, 0, 9, new Uint8Array())]),
    ...Array.from({ length: 20 }, () => Buffer.concat([bound, pdu(5, 0, 9, random.bytes(40)), random.bytes(60)])),
  ];
  let visits = 0;
  const server = createServer((socket) => {
    const answer = nonsense[visits++];
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { carrier } = createCarrier(
    {
      kind: 'smpp',
      number: ours,
      host: '127.0.0.1',
      port,
      tls: false,
      systemId: 'x',
      password: 'x',
      systemType: '',
      window: 1,
      enquireLinkS: 30,
      messagesPerSecond: 10,
    },
    { ...around, clock },
  );
  const came: ShortMessage[] = [];
  carrier.onMessage(async (message) => void came.push(message));
  for (let n = 1; n <= nonsense.length; n++) {
    await until(() => {
      clock.advance(500);
      return visits >= n;
    }, `visit ${n}`);
  }
  closing.push(async () => void server.close());
  closing.push(() => carrier.close());
  assert.ok(came.length <= nonsense.length);
});

test('SMPP: a wrong password is not up', async () => {
  const { carrier, smsc } = await smppCarrier({ password: 'wrong' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([carrier.isUp, smsc.binds], [false, 0]);
});

test('Kannel: who does not know the secret, or comes from elsewhere, brings nothing', async () => {
  const { carrier, incoming, box } = await kannelCarrier();
  const came: ShortMessage[] = [];
  carrier.onMessage(async (message) => void came.push(message));
  const request = (query: string, remoteAddress = '::ffff:127.0.0.1') =>
    incoming({ method: 'GET', query, headers: {}, body: new Uint8Array(), remoteAddress });
  assert.equal((await request(`secret=x&from=1&to=2&text=a`)).status, 403);
  assert.equal((await request(`from=1&to=2&text=a`)).status, 403);
  assert.equal((await request(`secret=${box.secret}&from=1&to=2&text=a`, '192.0.2.1')).status, 403);
  assert.equal((await request(`secret=${box.secret}&from=1&to=2&text=a&coding=9`)).status, 400);
  assert.equal((await request(`secret=${box.secret}&to=2&text=a`)).status, 400);
  assert.equal((await request(`secret=${box.secret}&from=1&to=2&text=%ff&charset=utf-8`)).status, 400);
  assert.equal((await request(`secret=${box.secret}&from=1&to=2&text=a&udh=%30`)).status, 400);
  assert.equal(came.length, 0);
  assert.deepEqual(await request(`secret=${box.secret}&from=%2B46701&to=2&text=a+b%20c`), { status: 200, text: '' });
  assert.deepEqual(came, [{ from: '46701', to: '2', content: { coding: 'text', text: 'a b c' } }]);
});

test('Kannel: what it cannot take now is asked again, what was not taken it brings again', async () => {
  const { carrier, network, box } = await kannelCarrier();
  box.statuses.push(503);
  assert.ok((await carrier.send({ to: '1234567', content: { coding: 'text', text: 'a' } })).ok);
  box.statuses.push(400);
  const refused = await carrier.send({ to: '1234567', content: { coding: 'text', text: 'a' } });
  assert.equal(refused.ok ? '' : refused.fault.reason, 'refused');
  let failures = 1;
  const came: ShortMessage[] = [];
  carrier.onMessage(async (message) => {
    if (failures-- > 0) throw new Error('the store is away');
    came.push(message);
  });
  await network.phone('1234567').send({ to: ours, content: { coding: 'text', text: 'b' } });
  assert.deepEqual([came.length, box.putOff], [1, 1]);
  await box.close();
  const down = await carrier.send({ to: '1234567', content: { coding: 'text', text: 'a' } });
  assert.deepEqual([down.ok ? '' : down.fault.reason, carrier.isUp], ['down', false]);
});
