// /settings over real HTTP: the page, the files, the message; and what keeps strangers from sending messages at our expense.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { SimulatedClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { bad, good } from '../base/outcome.ts';
import { macOf } from '../provisioning/push.ts';
import { decode } from '../provisioning/wbxml.ts';
import type { ShortMessage, SmsCarrier, SmsFault } from '../sms/carrier.ts';
import { parseElement } from '../xml/reader.ts';
import { createWeb } from './app.ts';
import { createMetrics } from './metrics.ts';
import { families, familyOf } from './phones/families.ts';
import { settingsDesk } from './settings-desk.ts';
import type { SignUp } from './sign-up.ts';

const sent: Omit<ShortMessage, 'from'>[] = [];
let fault: SmsFault | undefined;
const carrier: SmsCarrier = {
  name: 'test',
  isUp: true,
  number: '4670',
  send: async (message) => {
    sent.push(message);
    return fault ? bad(fault) : good(undefined);
  },
  onMessage() {},
  async close() {},
};
const clock = new SimulatedClock();
const never = async () => assert.fail('a settings page does not sign anybody up');
const signUp: SignUp = {
  domain: 'home.test',
  isOpen: true,
  backends: [],
  phoneUrl: 'http://chat.test:5280',
  passwordCharactersMin: 4,
  cirTcp: { host: undefined, port: 3717 },
  register: async ({ name }) => good({ address: `${name}@home.test` }),
  link: async ({ address }) => good({ address }),
  unlink: never,
  prove: async ({ address, password }) =>
    password === 'soup2005'
      ? good({ address })
      : bad({ field: 'password', text: 'The address or the password is wrong.', status: 401 }),
};
const logged: unknown[] = [];
const log = {
  ...silentLog,
  info: (...said: unknown[]) => void logged.push(said),
  warn: (...said: unknown[]) => void logged.push(said),
};
const desk = settingsDesk({ carrier, prove: signUp.prove, messagesPerDay: 8, clock, log });
const withoutCarrier: FastifyInstance[] = [];
let web: FastifyInstance;
before(async () => {
  const parts = {
    dataChannel: never,
    signUp,
    metrics: createMetrics(false),
    health: async () => undefined,
    bodyBytesMax: 10_000,
    trustedProxies: ['127.0.0.1'],
    log: silentLog,
  };
  web = await createWeb({ ...parts, settingsDesk: desk });
  withoutCarrier.push(await createWeb(parts));
  const { phoneUrl: _, ...anywhere } = signUp;
  withoutCarrier.push(await createWeb({ ...parts, signUp: anywhere, settingsDesk: desk }));
});
after(async () => {
  for (const one of [web, ...withoutCarrier]) await one.close();
});

const headers = { host: 'chat.test:5280' };
const get = (url: string) => web.inject({ url, headers });
const post = (url: string, fields: Record<string, string>, from = '192.0.2.1') =>
  web.inject({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': from },
    payload: new URLSearchParams(fields).toString(),
  });
const parmsOf = (octets: Uint8Array): string => {
  const read = decode(octets);
  assert.ok(read.ok, JSON.stringify(read));
  return JSON.stringify(read.value);
};

test('a page for every family, small enough for a phone, and XML that its browser can read', async () => {
  const urls = ['/', '/register', '/link', '/settings', ...families.map(({ id }) => `/settings/${id}?user=ann`)];
  for (const url of urls) {
    const { statusCode, body } = await get(url);
    assert.equal(statusCode, 200, url);
    assert.ok(Buffer.byteLength(body) < 12_000, `${url}: ${Buffer.byteLength(body)} octets`);
    const read = parseElement(body.replace('<!DOCTYPE html>', ''));
    assert.ok(read.ok, `${url}: ${JSON.stringify(read)}`);
    assert.doesNotMatch(body, /<script|undefined|\[object/);
  }
  const chosen = await get('/settings?family=motorola&user=mila%40other.test');
  assert.match(chosen.body, /Settings for Motorola/);
  assert.match(chosen.body, /<dt>URI<\/dt><dd>http:\/\/chat\.test:5280\/csp<\/dd>/);
  assert.match(chosen.body, /<dd>mila@other\.test<\/dd>/);
  assert.equal((await get('/settings/nobody')).statusCode, 404);
});

test('what a stranger put into the address is shown as text, or not at all', async () => {
  const { body } = await get(`/settings/other?user=${encodeURIComponent('"><script>x@y')}`);
  assert.doesNotMatch(body, /<script/);
  for (const user of ['a b', 'x'.repeat(201), 'a\nb'])
    assert.match((await get(`/settings/other?user=${encodeURIComponent(user)}`)).body, /<dd>your name<\/dd>/);
});

test('files: of the type phones know, without a password unless it was typed and ticked', async () => {
  const wbxml = await get('/settings/nokia-s60/onesoup.prov?user=ann');
  assert.equal(wbxml.headers['content-type'], 'application/vnd.wap.connectivity-wbxml');
  assert.equal(wbxml.headers['content-length'], String(wbxml.rawPayload.length));
  const parms = parmsOf(wbxml.rawPayload);
  assert.match(parms, /"wA"/);
  assert.match(parms, /http:\/\/chat\.test:5280\/csp/);
  assert.match(parms, /"AAUTHNAME","value":"ann"/);
  assert.doesNotMatch(parms, /AAUTHSECRET|NAPDEF/);
  const xml = await get('/settings/nokia-s60/onesoup.xml');
  assert.match(String(xml.headers['content-type']), /^text\/vnd\.wap\.connectivity-xml/);
  assert.match(xml.body, /<parm name='APPID' value='wA'\/>/);
  assert.doesNotMatch(xml.body, /APPAUTH/);

  const filled = { user: 'ann@home.test', password: 'soup2005', apn: 'internet', as: 'prov' };
  const saved = await post('/settings/sony-ericsson', filled);
  assert.equal(saved.headers['content-disposition'], 'attachment; filename="onesoup.prov"');
  assert.doesNotMatch(parmsOf(saved.rawPayload), /soup2005/);
  assert.match(parmsOf(saved.rawPayload), /"NAP-ADDRESS","value":"internet"/);
  const ticked = await post('/settings/sony-ericsson', { ...filled, include: 'yes', as: 'xml' });
  assert.match(ticked.body, /AAUTHSECRET' value='soup2005'/);
  const wrong = await post('/settings/sony-ericsson', { ...filled, apn: 'not one' });
  assert.deepEqual([wrong.statusCode, /role="alert">An access point/.test(wrong.body)], [400, true]);
});

test('a message: to whoever proved the account, with a PIN that the page shows', async () => {
  const filled = { user: 'ann', password: 'soup2005', number: '+46 (700) 00-00 01', as: 'sms' };
  const { statusCode, body } = await post('/settings/nokia-s60', filled);
  assert.equal(statusCode, 200, body);
  const [, pin = ''] = /will ask for a PIN: <b>(\d{4})<\/b>/.exec(body) ?? [];
  const [message] = sent.splice(0);
  assert.ok(message?.content.coding === 'octets');
  assert.deepEqual([message.to, message.ports], ['46700000001', { destination: 2948, source: 9200 }]);
  const { octets } = message.content;
  const document = octets.subarray(3 + (octets[2] ?? 0));
  assert.equal(Buffer.from(octets.subarray(9, 49)).toString(), macOf(document, { method: 'userpin', pin }));
  assert.doesNotMatch(parmsOf(document), /soup2005/);
  assert.doesNotMatch(JSON.stringify(logged), /soup2005/);
});

test('no message without the password, to no number, or where there is no carrier; and what the carrier says is told', async () => {
  const filled = { user: 'bea', password: 'soup2005', number: '+46700000002', as: 'sms' };
  for (const [more, status, words] of [
    [{ password: 'guess' }, 401, /password is wrong/],
    [{ number: '0700 123456' }, 400, /with its country/],
    [{ number: '' }, 400, /with its country/],
  ] as const) {
    const answer = await post('/settings/nokia-s60', { ...filled, ...more });
    assert.deepEqual([answer.statusCode, words.test(answer.body)], [status, true]);
  }
  assert.equal(sent.length, 0);
  fault = { reason: 'down', text: 'connection refused at 10.0.0.1' };
  const down = await post('/settings/nokia-s60', filled);
  fault = undefined;
  assert.equal(down.statusCode, 503);
  assert.match(down.body, /cannot be reached now/);
  assert.doesNotMatch(down.body, /10\.0\.0\.1/);
  assert.equal(sent.splice(0).length, 1);
  // Without an address of the operator's, a message would lead wherever the request's Host says.
  for (const one of withoutCarrier) {
    const file = await one.inject({
      method: 'POST',
      url: '/settings/nokia-s60',
      headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'elsewhere.test' },
      payload: 'as=sms&user=ann&password=soup2005&number=%2B46700000003',
    });
    assert.equal(file.headers['content-type'], 'application/vnd.wap.connectivity-wbxml', 'a file instead');
  }
  assert.equal(sent.length, 0);
});

test('so many a day for an account, to a number, from an address, and in all', async () => {
  clock.advance(25 * 3_600_000);
  const ask = async (user: string, number: string, from: string): Promise<number> =>
    (await post('/settings/other', { user, password: 'soup2005', number, as: 'sms' }, from)).statusCode;
  const statuses: number[] = [];
  for (const n of [1, 2, 3, 4]) statuses.push(await ask('carl', `+4670000001${n}`, `192.0.2.${n}`));
  assert.deepEqual(statuses, [200, 200, 200, 429], 'an account');
  for (const n of [1, 2, 3, 4]) statuses.push(await ask(`dora${n}`, '+46700000020', `192.0.2.${10 + n}`));
  assert.deepEqual(statuses.slice(4), [200, 200, 200, 429], 'a number');
  for (const n of [1, 2, 3]) statuses.push(await ask(`emil${n}`, `+4670000003${n}`, `192.0.2.${20 + n}`));
  assert.deepEqual(statuses.slice(8), [200, 200, 429], 'all together: eight');
  assert.equal(sent.splice(0).length, 8);
  clock.advance(25 * 3_600_000);
  for (let n = 0; n < 11; n++) statuses.push(await ask(`fred${n}`, `+467000001${10 + n}`, '192.0.2.99'));
  assert.equal(statuses.slice(11).filter((status) => status === 200).length, 8);
  sent.length = 0;
});

test('after signing up, the page is that of the phone that was chosen', async () => {
  const made = await post('/register', {
    name: 'gus',
    password: 'soup2005',
    again: 'soup2005',
    phone: 'yes',
    family: 'nokia-s60',
  });
  assert.equal(made.statusCode, 201);
  assert.match(made.body, /<dt>Web address<\/dt>/);
  assert.match(made.body, /About Nokia S60/);
  assert.ok(made.body.includes(familyOf('nokia-s60').notes[1]?.slice(0, 40) ?? '?'));
  assert.match(
    (await post('/register', { name: 'gus', password: 'a', again: 'b', family: 'siemens' })).body,
    /value="siemens" selected/,
  );
  const linked = await post('/link', { address: 'gus@home.test', password: 'x', do: 'link', family: 'motorola' });
  assert.match(linked.body, /<dt>URI<\/dt>/);
});
