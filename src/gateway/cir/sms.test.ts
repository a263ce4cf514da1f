// WAPSMS and SSMS: what goes out, to which number, and how many.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { systemRandom } from '../../base/random.ts';
import type { ShortMessage } from '../../sms/carrier.ts';
import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from '../../sms/gsm7.ts';
import { SmppCarrier } from '../../sms/smpp/carrier.ts';
import { Smsc } from '../../sms/testing/smsc.ts';
import { defaultSettings } from '../settings.ts';
import { type Phone, type TestGateway, testGateway } from '../testing/test-gateway.ts';
import { registerNumber } from './number.ts';
import { aMoment, TestCarrier } from './testing/ends.ts';
import { readWspPush } from './wsp-push.ts';

const cleanups: (() => Promise<void>)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});
const make = async (
  cir: Partial<typeof defaultSettings.cir> = {},
): Promise<{ world: TestGateway; carrier: TestCarrier }> => {
  const carrier = new TestCarrier();
  const world = await testGateway({ sms: carrier, settings: { cir: { ...defaultSettings.cir, ...cir } } });
  cleanups.push(() => world.close());
  return { world, carrier };
};
const agree = async (phone: Phone, ...methods: readonly ('WAPSMS' | 'SSMS')[]) => {
  const answer = await phone.askFor(
    { name: 'ClientCapability-Request', CapabilityList: { SupportedCIRMethod: methods, SupportedBearer: ['HTTP'] } },
    'ClientCapability-Response',
  );
  return answer.AgreedCapabilityList ?? answer.CapabilityList;
};
const methodsOf = async (phone: Phone, ...methods: readonly ('WAPSMS' | 'SSMS')[]): Promise<readonly string[]> =>
  (await agree(phone, ...methods))?.SupportedCIRMethod ?? [];
const sayTo = async (world: TestGateway, text: string, user = 'anna'): Promise<void> => {
  const mila = await world.server.signIn('mila');
  await mila.sends(`<message to='${user}@home.test' id='${text}' type='chat'><body>${text}</body></message>`);
  await aMoment();
};
const fetchAll = async (phone: Phone): Promise<void> => {
  for (let got = await phone.fetch(); got.length > 0; ) got = await phone.acknowledge(...got);
};
const packed = (text: string): Uint8Array => packSeptets(toSeptets(text) ?? new Uint8Array());
const unpacked = (octets: Uint8Array): string =>
  fromSeptets(unpackSeptets(octets, Math.floor((octets.length * 8) / 7))).replace(/@$/, '');
const octetsOf = ({ content }: Omit<ShortMessage, 'from'> | ShortMessage): Uint8Array =>
  content.coding === 'octets' ? content.octets : new Uint8Array();
const fromPhone = (from: string, text: string, form: 'packed' | 'plain' | 'text' = 'packed'): ShortMessage => ({
  from,
  to: '46700000000',
  ...(form !== 'text' && { ports: { destination: 3716, source: 3716 } }),
  content:
    form === 'text'
      ? { coding: 'text', text }
      : { coding: 'octets', octets: form === 'packed' ? packed(text) : Uint8Array.from(Buffer.from(text)) },
});

test('WAPSMS: a WAP push to port 2948 of the number that our WAP gateway names', async () => {
  const { world, carrier } = await make();
  const anna = world.phone({ user: 'anna', version: '1.1', msisdn: '46701234567' });
  await anna.signIn();
  assert.deepEqual(await methodsOf(anna, 'WAPSMS'), ['WAPSMS']);
  await sayTo(world, 'one');
  const [message, ...rest] = carrier.sent;
  assert(message && rest.length === 0);
  assert.deepEqual([message.to, message.ports], ['46701234567', { destination: 2948, source: 9200 }]);
  assert.deepEqual(readWspPush(octetsOf(message)), {
    ok: true,
    value: { transactionId: 2, text: 'WVCI 1.1 cookie-anna' },
  });
});

test('SSMS: three words packed as GSM 7-bit in a data message to port 3716', async () => {
  const { world, carrier } = await make();
  const anna = world.phone({ user: 'anna', msisdn: '46701234567' });
  await anna.signIn();
  assert.deepEqual(await methodsOf(anna, 'SSMS'), ['SSMS']);
  await sayTo(world, 'one');
  const [message] = carrier.sent;
  assert(message);
  assert.deepEqual([message.to, message.ports], ['46701234567', { destination: 3716, source: 3716 }]);
  assert.equal(unpacked(octetsOf(message)), 'WVCI 1.2 cookie-anna');
});

test('no carrier, no number, a number that is only claimed: nothing by short message', async () => {
  const { world } = await make();
  const claiming = { Password: 'secret', ClientID: { URL: 'http://phone.example/1', MSISDN: '+46709999999' } };
  const anna = world.phone({ user: 'anna' });
  await anna.signIn(claiming);
  assert.deepEqual(await methodsOf(anna, 'WAPSMS', 'SSMS'), []);
  const without = await testGateway();
  cleanups.push(() => without.close());
  const mila = without.phone({ user: 'mila', msisdn: '46701234567' });
  await mila.signIn();
  assert.deepEqual(await methodsOf(mila, 'WAPSMS', 'SSMS'), []);
});

test('where the operator lets claims do, they are bounded per number and per account', async () => {
  const { world, carrier } = await make({ claimedNumbers: true });
  const numbers = ['+46709999999', '0046709999998', 'tel:+46 70-999 99 97'];
  for (const [index, MSISDN] of numbers.entries()) {
    const anna = world.phone({ user: 'anna', clientId: `http://phone.example/${index}` });
    await anna.signIn({ Password: 'secret', ClientID: { URL: `http://phone.example/${index}`, MSISDN } });
    assert.deepEqual(await methodsOf(anna, 'WAPSMS'), ['WAPSMS']);
    for (let n = 0; n < 4; n++) {
      await sayTo(world, `${index}-${n}`);
      await fetchAll(anna);
    }
    await anna.ask({ name: 'Logout-Request' });
  }
  assert.equal(carrier.sent.length, 5, 'as much as one account may claim in a day');
  assert.deepEqual(new Set(carrier.sent.map(({ to }) => to)), new Set(['46709999999', '46709999998']));
  world.server.clock.advance(24 * 60 * 60_000);
  const anna = world.phone({ user: 'anna' });
  await anna.signIn({ Password: 'secret', ClientID: { MSISDN: '46709999999' } });
  await methodsOf(anna, 'WAPSMS');
  await sayTo(world, 'next day');
  assert.equal(carrier.sent.length, 6);
  const mute = world.phone({ user: 'mila' });
  for (const MSISDN of ['112', 'anna', '+0701234567', '1234567890123456']) {
    await mute.signIn({ Password: 'secret', ClientID: { MSISDN } });
    assert.deepEqual(await methodsOf(mute, 'WAPSMS'), [], MSISDN);
  }
});

test('HELO by short message tells the number, in every form, and what waits is told at once', async () => {
  const { world, carrier } = await make();
  const anna = world.phone({ user: 'anna', version: '1.3' });
  await anna.signIn();
  const agreed = await agree(anna, 'SSMS');
  assert.deepEqual(agreed?.SupportedCIRMethod, ['SSMS']);
  assert.equal(agreed && 'CIRSMSAddress' in agreed && agreed.CIRSMSAddress, '46700000000');
  await sayTo(world, 'one');
  assert.equal(carrier.sent.length, 0, 'nobody knows where to');
  for (const [index, form] of (['packed', 'plain', 'text'] as const).entries()) {
    await carrier.arrive(fromPhone(`+4670123456${index}`, `HELO ${anna.sessionId}`, form));
    // It was woken at its old number just now.
    world.server.clock.advance(10_000);
    await aMoment();
    assert.deepEqual(carrier.sent.map(({ to }) => to).at(-1), `4670123456${index}`, form);
    await fetchAll(anna);
    world.server.clock.advance(60_000);
    await sayTo(world, `news-${index}`);
  }
});

test('the number is remembered for the phone’s next session, and for no other phone', async () => {
  const { world, carrier } = await make();
  const anna = world.phone({ user: 'anna', version: '1.3' });
  await anna.signIn();
  await agree(anna, 'SSMS');
  await carrier.arrive(fromPhone('46701234567', `HELO ${anna.sessionId}`));
  await world.crash();
  const again = world.phone({ user: 'anna' });
  await again.signIn();
  assert.deepEqual(await methodsOf(again, 'SSMS', 'WAPSMS'), ['SSMS', 'WAPSMS']);
  await sayTo(world, 'one');
  assert.equal(carrier.sent.at(-1)?.to, '46701234567');
  const other = world.phone({ user: 'anna', clientId: 'http://phone.example/other' });
  await other.signIn();
  assert.deepEqual(await methodsOf(other, 'SSMS', 'WAPSMS'), []);
});

test('the number that the operator has written down for the account', async () => {
  const { world, carrier } = await make();
  const anna = world.phone({ user: 'anna', version: '1.1' });
  await registerNumber(world.server.store, 'anna@home.test', '46701112233');
  await anna.signIn();
  assert.deepEqual(await methodsOf(anna, 'WAPSMS'), ['WAPSMS']);
  await sayTo(world, 'one');
  assert.equal(carrier.sent.at(-1)?.to, '46701112233');
  await fetchAll(anna);
  await registerNumber(world.server.store, 'anna@home.test', undefined);
  await anna.signIn();
  assert.deepEqual(await methodsOf(anna, 'WAPSMS'), []);
});

test('HELO of no session changes nothing, and other messages are none of ours', async () => {
  const { world, carrier } = await make();
  const anna = world.phone({ user: 'anna', msisdn: '46701234567' });
  await anna.signIn();
  await methodsOf(anna, 'SSMS');
  assert.equal(await world.gateway.cirMessage(fromPhone('46709999999', 'HELO NoSuchSession1234567890ABC')), true);
  assert.equal(await world.gateway.cirMessage(fromPhone('46709999999', 'HELO')), true);
  assert.equal(await world.gateway.cirMessage(fromPhone('46709999999', 'hello there', 'text')), false);
  assert.equal(await world.gateway.cirMessage(fromPhone('46709999999', '', 'plain')), false);
  await sayTo(world, 'one');
  assert.deepEqual(
    carrier.sent.map(({ to }) => to),
    ['46701234567'],
  );
});

test('a wake-up that would not fit into one message, or not into the alphabet, is not offered', async () => {
  const { world } = await make();
  const anna = world.phone({ user: 'anna', msisdn: '46701234567' });
  await anna.signIn({ Password: 'secret', SessionCookie: 'c'.repeat(120) });
  // Seven bits to a character: 129 take 113 octets; eight take 135 with the push around them.
  assert.deepEqual(await methodsOf(anna, 'WAPSMS', 'SSMS'), ['SSMS']);
  await anna.signIn({ Password: 'secret', SessionCookie: 'кука' });
  assert.deepEqual(await methodsOf(anna, 'WAPSMS', 'SSMS'), ['WAPSMS']);
});

test('what the carrier does not take is tried over the other channel; a number has its bounds', async () => {
  const { world, carrier } = await make({ smsPerNumberPerHour: 3, smsRepeatS: 60, smsFallbackS: 30 });
  const { clock } = world.server;
  const anna = world.phone({ user: 'anna', msisdn: '46701234567' });
  await anna.signIn();
  assert.deepEqual(await methodsOf(anna, 'WAPSMS', 'SSMS'), ['WAPSMS', 'SSMS']);
  carrier.fault = { reason: 'refused', text: 'no route' };
  await sayTo(world, 'one');
  assert.equal(carrier.sent.length, 0);
  assert.deepEqual(world.troubles, Array(2).fill('a wake-up by short message was not sent'));
  carrier.fault = undefined;
  for (let minute = 0; minute < 50; minute++) {
    clock.advance(60_000);
    await aMoment();
    carrier.isUp = minute !== 5;
  }
  // Both attempts that failed were counted: nobody knows what a carrier makes of what it refuses.
  assert.equal(carrier.sent.length, 1);
  clock.advance(60 * 60_000);
  await aMoment();
  assert(carrier.sent.length > 1, 'another hour');
});

test('over SMPP, from and to a phone at a simulated message centre', async () => {
  const smsc = new Smsc();
  await smsc.listen();
  cleanups.push(() => smsc.close());
  const carrier = new SmppCarrier(
    {
      kind: 'smpp',
      number: '46700000000',
      host: '127.0.0.1',
      port: smsc.port,
      tls: false,
      systemId: 'onesoup',
      password: smsc.password,
      systemType: '',
      window: 10,
      enquireLinkS: 30,
      messagesPerSecond: 100,
    },
    { clock: systemClock, random: systemRandom, log: silentLog, meter: silentMeter },
  );
  const world = await testGateway({ sms: carrier });
  cleanups.push(() => world.close());
  cleanups.push(() => carrier.close());
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const end = performance.now() + 10_000;
    while (!isSo()) {
      assert(performance.now() < end, `never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await until('connected', () => carrier.isUp);
  const handset = smsc.network.phone('46701234567');
  const anna = world.phone({ user: 'anna', version: '1.3' });
  await anna.signIn();
  assert.deepEqual(await methodsOf(anna, 'SSMS'), ['SSMS']);
  await handset.send({ ...fromPhone('', `HELO ${anna.sessionId}`), to: '46700000000' });
  await sayTo(world, 'one');
  await until('SSMS', () => handset.inbox.length === 1);
  const [ssms] = handset.inbox;
  assert.deepEqual([ssms?.from, ssms?.ports?.destination], ['46700000000', 3716]);
  assert.equal(ssms && unpacked(octetsOf(ssms)), 'WVCI 1.3 cookie-anna');
  await fetchAll(anna);
  // Its number is known now, for WAP push too.
  assert.deepEqual(await methodsOf(anna, 'WAPSMS'), ['WAPSMS']);
  await sayTo(world, 'two');
  await until('WAPSMS', () => handset.inbox.length === 2);
  const [, push] = handset.inbox;
  assert.deepEqual(push?.ports, { destination: 2948, source: 9200 });
  const read = push && readWspPush(octetsOf(push));
  assert.equal(read?.ok && read.value.text, 'WVCI 1.3 cookie-anna');
  assert.equal(handset.parts, 2, 'one part each');
});
