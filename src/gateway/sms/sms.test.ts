// Phones on short messages, over a real socket to a simulated SMSC, with a whole server behind the gateway: sign-in, negotiation,
// lists, presence, messages both ways; segments lost and repeated; an SMSC that goes away. Simulated time in the gateway.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom, systemRandom } from '../../base/random.ts';
import { digestBytes } from '../../imps/digest.ts';
import type { CspVersion } from '../../imps/version.ts';
import type { Client } from '../../server/testing/client.ts';
import { createCarrier } from '../../sms/create.ts';
import type { Air } from '../../sms/testing/phones.ts';
import { Smsc } from '../../sms/testing/smsc.ts';
import { textOf } from '../../xml/element.ts';
import { services } from '../services/index.ts';
import { defaultSmsSettings, type SmsSettings } from '../settings.ts';
import { type TestGateway, testGateway } from '../testing/test-gateway.ts';
import { complaintsOfAndroid } from './testing/android-plain-text.ts';
import { SmsPhone } from './testing/sms-phone.ts';

const ours = '46700000000';
const annas = '46701234567';

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const around = { clock: systemClock, random: systemRandom, log: silentLog, meter: silentMeter };

interface Place {
  readonly world: TestGateway;
  readonly smsc: Smsc;
  /** Real sockets have a moment, the gateway's time some milliseconds. */
  readonly settle: () => Promise<void>;
  readonly phone: (more?: { number?: string; port?: number | undefined; version?: CspVersion }) => SmsPhone;
}

const place = async (settings: Partial<SmsSettings> = {}): Promise<Place> => {
  const smsc = new Smsc();
  await smsc.listen();
  const common = { number: ours, window: 10, messagesPerSecond: 1000 };
  const { carrier } = createCarrier(
    {
      kind: 'smpp',
      ...common,
      host: '127.0.0.1',
      port: smsc.port,
      tls: false,
      systemId: 'onesoup',
      password: smsc.password,
      systemType: '',
      enquireLinkS: 3600,
    },
    around,
  );
  const world = await testGateway({
    sms: carrier,
    services,
    settings: { sms: { ...defaultSmsSettings, presenceS: 5, ...settings } },
  });
  closing.push(
    () => smsc.close(),
    () => carrier.close(),
    () => world.close(),
  );
  for (let n = 0; !carrier.isUp && n < 1000; n++) await new Promise((resolve) => setTimeout(resolve, 2));
  const settle = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 3));
    world.server.clock.advance(50);
    await world.server.settle();
  };
  const phone: Place['phone'] = ({ number = annas, port = 3590, ...more } = {}) =>
    new SmsPhone({ phone: smsc.network.phone(number), server: ours, port: port || undefined, settle, ...more });
  return { world, smsc, settle, phone };
};

const milaIn = async (world: TestGateway): Promise<Client> => {
  const mila = await world.server.signIn('mila');
  await mila.sends('<presence/>');
  return mila;
};

/** Waits until somebody on an XMPP client has that text, and counts how often it came. */
const hears = async (client: Client, text: string, settle: () => Promise<void>): Promise<void> => {
  const found = (): boolean =>
    client.received.some((one) => {
      const body = one.kind === 'message' ? one.child('body') : undefined;
      return body !== undefined && textOf(body) === text;
    });
  for (let n = 0; !found(); n++) {
    if (n > 400) throw new Error(`never heard: ${text}`);
    await settle();
  }
};
const times = (client: Client, text: string): number =>
  client.received.filter((one) => one.kind === 'message' && one.toXml().includes(text)).length;

const say = (from: Client, text: string, id = text.slice(0, 20)): Promise<void> =>
  from.sends(`<message type='chat' id='${id}' to='anna@home.test'><body>${text}</body></message>`);

/** A phone that negotiates nothing is available a while after its sign-in. */
const beSeen = async ({ world, settle }: Place): Promise<void> => {
  world.server.clock.advance(60_000);
  for (let n = 0; n < 5; n++) await settle();
};

/** Anna signed in, and known to have our codes. */
const chatting = async (place: Place, anna = place.phone()): Promise<SmsPhone> => {
  await anna.signIn('anna');
  assert.equal((await anna.ask({ name: 'GetSPInfo-Request' })).name, 'GetSPInfo-Response');
  await beSeen(place);
  return anna;
};

const capabilityList = {
  ClientType: 'MOBILE_PHONE',
  InitialDeliveryMethod: 'P',
  AnyContent: true,
  SupportedBearer: ['SMS'],
  SupportedCIRMethod: ['SSMS', 'STCP'],
  MultiTrans: 1,
  ParserSize: 4096,
  ServerPollMin: 10,
} as const;
const clientId = { URL: 'http://phone.example/sms' };

/** What a phone does from sign-in to sign-out. */
const wholeSession = async ({ world, settle }: Place, anna: SmsPhone): Promise<void> => {
  const { version } = anna;
  const signedIn = await anna.signIn('anna');
  assert.equal(signedIn.Result.Code, 200);
  // Every keep-alive costs two messages.
  assert.equal(signedIn.KeepAliveTime, 6 * 3600);
  const capabilities = await anna.askFor(
    { name: 'ClientCapability-Request', ClientID: clientId, CapabilityList: capabilityList },
    'ClientCapability-Response',
  );
  const agreed = version === '1.1' ? capabilities.CapabilityList : capabilities.AgreedCapabilityList;
  assert.deepEqual(
    [agreed?.SupportedBearer, agreed?.SupportedCIRMethod ?? [], agreed?.ServerPollMin],
    [['SMS'], [], 3600],
  );
  const functions = { FundamentalFeat: true, PresenceFeat: true, IMFeat: true } as const;
  const services = await anna.askFor(
    { name: 'Service-Request', ClientID: clientId, Functions: { WVCSPFeat: functions }, AllFunctionsRequest: false },
    'Service-Response',
  );
  assert.equal(services.AllFunctions, undefined);
  const lists = await anna.askFor({ name: 'GetList-Request' }, 'GetList-Response');
  assert.ok(lists.DefaultContactList ?? lists.ContactList?.length, anna.heard.at(-1));

  const mila = await milaIn(world);
  const sent = await anna.askFor(anna.message('wv:mila@home.test', 'hello, "Mila"'), 'SendMessage-Response');
  assert.equal(sent.Result.Code, 200);
  await hears(mila, 'hello, "Mila"', settle);
  assert.equal((await anna.askFor({ name: 'KeepAlive-Request' }, 'KeepAlive-Response')).Result.Code, 200);

  const long = 'a long answer: '.repeat(40);
  await say(mila, long);
  const message = await anna.next('NewMessage');
  assert.equal(message.content.ContentData, long);
  await anna.acknowledge(message);
  await say(mila, 'and a short one, ł');
  const second = await anna.next('NewMessage');
  assert.equal(second.content.ContentData, 'and a short one, ł');
  await anna.acknowledge(second);
  assert.equal((await anna.ask({ name: 'Logout-Request' })).name, version === '1.1' ? 'Disconnect' : 'Status');
  assert.deepEqual([anna.requests, anna.stray, world.troubles], [[], [], []]);
};

for (const version of ['1.1', '1.2', '1.3'] as const)
  test(`CSP ${version}: from sign-in to sign-out, to the port of Android`, async () => {
    const here = await place();
    await wholeSession(here, here.phone({ version }));
  });

test('the same in short messages as people write them', async () => {
  const here = await place();
  await wholeSession(here, here.phone({ port: 0 }));
});

test('4-way sign-in', async () => {
  const { world, phone } = await place();
  await world.vault.keepDevicePassword('anna@home.test', 'secret');
  const anna = phone();
  const first = await anna.askFor(anna.login('anna', { DigestSchema: ['SHA', 'MD5'] }), 'Login-Response');
  assert.deepEqual([first.Result.Code, first.DigestSchema, first.SessionID], [401, 'SHA', undefined]);
  const digest = digestBytes('SHA', first.Nonce ?? '', 'secret');
  const second = await anna.signIn('anna', { DigestBytes: digest });
  assert.equal(second.Result.Code, 200);
  const wrong = phone({ number: '46709999999' });
  assert.notEqual((await wrong.signIn('anna', { Password: 'wrong' })).Result.Code, 200);
});

test("presence: lists, subscriptions, one's own; news are gathered before they are sent", async () => {
  const { world, phone, settle } = await place({ presenceS: 30 });
  const mila = await milaIn(world);
  const anna = phone();
  await anna.signIn('anna');
  const { DefaultContactList: list = '' } = await anna.askFor({ name: 'GetList-Request' }, 'GetList-Response');
  const managed = await anna.askFor(
    {
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { NickName: [{ Name: 'Mila, my friend', UserID: 'wv:mila@home.test' }] },
      ReceiveList: true,
    },
    'ListManage-Response',
  );
  assert.deepEqual(managed.NickList?.NickName, [{ Name: 'Mila, my friend', UserID: 'wv:mila@home.test' }]);
  const subscribe = {
    name: 'SubscribePresence-Request',
    ContactList: [list],
    PresenceSubList: { OnlineStatus: [true], StatusText: true },
    AutoSubscribe: true,
  } as const;
  assert.equal(await anna.code(subscribe), 200);
  await mila.sends(`<presence><status>mending nets</status></presence>`);
  await mila.sends(`<presence type='subscribed' to='anna@home.test'/>`);
  const before = anna.heard.length;
  await mila.sends(`<presence><status>mending (more) nets</status></presence>`);
  for (let n = 0; n < 20; n++) await settle();
  assert.equal(anna.heard.length, before, 'not at once');
  world.server.clock.advance(30_000);
  const news = await anna.next('PresenceNotification-Request');
  const [presence] = news.content.Presence;
  assert.equal(presence?.UserID, 'wv:mila@home.test');
  const [attributes] = presence?.PresenceSubList ?? [];
  const text = attributes?.StatusText;
  assert.equal(typeof text === 'object' && text.PresenceValue, 'mending (more) nets');
  await anna.acknowledge(news);
  const update = {
    name: 'UpdatePresence-Request',
    PresenceSubList: {
      OnlineStatus: [{ Qualifier: true, PresenceValue: true }],
      StatusText: { Qualifier: true, PresenceValue: 'on a boat' },
    },
  } as const;
  assert.equal(await anna.code(update), 200);
  assert.deepEqual([anna.stray, world.troubles], [[], []]);
});

test('the same request again gets the same answer and has one effect; so does the same sign-in', async () => {
  const here = await place();
  const { world, phone, settle } = here;
  const mila = await milaIn(world);
  const anna = phone();
  const login = anna.octets(anna.login('anna'), '1');
  const first = await anna.again(login, '1');
  const second = await anna.again(login, '1');
  assert.deepEqual(second, first);
  assert.equal(world.gateway.sessions().length, 1);
  anna.sessionId = first.name === 'Login-Response' ? first.SessionID : undefined;
  const message = anna.octets(anna.message('wv:mila@home.test', 'only once'), '2');
  assert.deepEqual(await anna.again(message, '2'), await anna.again(message, '2'));
  await hears(mila, 'only once', settle);
  assert.equal(times(mila, 'only once'), 1);
  // Signed out, the same words make another session.
  await anna.ask({ name: 'Logout-Request' }, '3');
  const third = await anna.again(login, '1');
  assert.ok(third.name === 'Login-Response' && third.SessionID !== anna.sessionId);
});

test('every delivery three times, parts in any order: nothing happens twice', async () => {
  const here = await place();
  const { world, smsc, settle } = here;
  smsc.deliveries = 3;
  const mila = await milaIn(world);
  const anna = await chatting(here);
  assert.equal(world.gateway.sessions().length, 1);
  const text = 'x'.repeat(500);
  const sent = await anna.askFor(anna.message('wv:mila@home.test', text), 'SendMessage-Response');
  assert.equal(sent.Result.Code, 200);
  await hears(mila, text, settle);
  assert.equal(times(mila, text), 1);
  await say(mila, 'hi');
  const message = await anna.next('NewMessage');
  await anna.acknowledge(message);
  for (let n = 0; n < 20; n++) await settle();
  assert.deepEqual([anna.requests, world.troubles], [[], []]);
});

test('a segment that is lost on its way in: the phone asks again; on its way out: it comes again', async () => {
  const here = await place();
  const { world, smsc, settle } = here;
  const mila = await milaIn(world);
  const anna = await chatting(here);
  const text = 'y'.repeat(400);
  const octets = anna.octets(anna.message('wv:mila@home.test', text), '50');
  let part = 0;
  smsc.network.up = (parts) => (part++ === 1 ? [] : parts);
  await anna.send(octets);
  for (let n = 0; n < 10; n++) await settle();
  assert.equal(times(mila, text), 0);
  smsc.network.up = (parts) => parts;
  await anna.again(octets, '50');
  await hears(mila, text, settle);
  assert.equal(times(mila, text), 1);

  part = 0;
  smsc.network.down = (parts) => (part++ === 1 ? [] : parts);
  await say(mila, 'z'.repeat(300));
  for (let n = 0; n < 20; n++) await settle();
  assert.equal(anna.requests.length, 0);
  world.server.clock.advance(601_000);
  const message = await anna.next('NewMessage');
  assert.equal(message.content.ContentData, 'z'.repeat(300));
  await anna.acknowledge(message);
});

test('the SMSC goes away: what waits is not lost, and comes once when it is back', async () => {
  const here = await place();
  const { world, smsc, settle } = here;
  const mila = await milaIn(world);
  const anna = await chatting(here);
  await smsc.close();
  await say(mila, 'are you there?');
  for (let n = 0; n < 20; n++) await settle();
  await smsc.listen();
  for (let n = 0; !smsc.isBound; n++) {
    assert.ok(n < 2000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  world.server.clock.advance(20_000);
  const message = await anna.next('NewMessage');
  assert.equal(message.content.ContentData, 'are you there?');
  await anna.acknowledge(message);
  world.server.clock.advance(601_000);
  for (let n = 0; n < 20; n++) await settle();
  assert.equal(anna.requests.length, 0);
});

test('a session answers over short messages to its own number alone', async () => {
  const here = await place();
  const anna = await chatting(here);
  const thief = here.phone({ number: '46709999999' });
  thief.sessionId = anna.sessionId;
  assert.equal(await thief.code({ name: 'GetList-Request' }), 604);
  assert.equal((await anna.ask({ name: 'GetList-Request' })).name, 'GetList-Response');
});

test('signed in by short message, the phone goes on over HTTP: nothing is pushed any more', async () => {
  const here = await place();
  const { world, settle } = here;
  const mila = await milaIn(world);
  const anna = await chatting(here);
  const web = world.phone({ user: 'anna', encoding: 'wbxml' });
  web.sessionId = anna.sessionId;
  assert.equal((await web.ask({ name: 'GetList-Request' })).name, 'GetList-Response');
  await say(mila, 'over the web');
  for (let n = 0; n < 20; n++) await settle();
  assert.equal(anna.requests.length, 0);
  const [message] = await web.fetch();
  assert.equal(message?.content.name, 'NewMessage');
});

test('a phone that has only the codes of Android is told nothing in ours; its messages wait for it', async () => {
  const here = await place();
  const { world, settle } = here;
  const mila = await milaIn(world);
  const anna = here.phone();
  await anna.signIn('anna');
  assert.equal((await anna.ask({ name: 'GetList-Request' })).name, 'GetList-Response');
  await beSeen(here);
  await say(mila, 'can you read this?');
  for (let n = 0; n < 20; n++) await settle();
  world.server.clock.advance(3_000_000);
  for (let n = 0; n < 20; n++) await settle();
  assert.deepEqual([anna.requests, anna.stray], [[], []]);
  const web = world.phone({ user: 'anna', clientId: clientId.URL });
  await web.signIn();
  const [message] = await web.fetch();
  assert.equal(message?.content.name === 'NewMessage' && message.content.ContentData, 'can you read this?');
});

test('a number costs no more than it may, and is heard no more than it may be', async () => {
  const here = await place({ messagesPerHour: 8, receivedPerHour: 12 });
  const { world, settle } = here;
  const mila = await milaIn(world);
  const anna = await chatting(here);
  const before = anna.options.phone.parts;
  for (let n = 0; n < 12; n++) {
    await say(mila, `news ${n}`, `n${n}`);
    for (let m = 0; m < 5; m++) await settle();
    const message = anna.requests.shift();
    if (message) await anna.acknowledge(message);
  }
  assert.ok(anna.options.phone.parts <= 8, `${anna.options.phone.parts}`);
  assert.ok(anna.options.phone.parts > before);
  // An hour later the rest comes.
  for (let n = 0; n < 80 && anna.requests.length === 0; n++) {
    world.server.clock.advance(60_000);
    await settle();
  }
  const message = await anna.next('NewMessage');
  assert.ok(message.content.ContentData);
  for (let n = 0; n < 20; n++) await anna.send(anna.octets({ name: 'Polling-Request' }, '0'));
  const parts = anna.options.phone.parts;
  await anna.send(anna.octets({ name: 'GetList-Request' }, '900'));
  for (let n = 0; n < 20; n++) await settle();
  assert.equal(anna.options.phone.parts, parts, 'not answered');
});

test('a restart: the session goes on, and what came meanwhile is pushed without the phone asking', async () => {
  const here = await place();
  const { world } = here;
  const mila = await milaIn(world);
  const anna = await chatting(here);
  await world.restart();
  await say(mila, 'good morning');
  const message = await anna.next('NewMessage');
  assert.equal(message.content.ContentData, 'good morning');
  await anna.acknowledge(message);
  assert.equal((await anna.ask({ name: 'GetList-Request' })).name, 'GetList-Response');
});

test('the server ends the session: the phone is told', async () => {
  const here = await place();
  const anna = await chatting(here);
  here.world.gateway.signOut({ user: 'anna@home.test' }, 'Please sign in again.');
  const end = await anna.next('Disconnect');
  assert.deepEqual(end.content.Result, { Code: 601, Description: 'Please sign in again.' });
});

test("what is not in this syntax is nobody's, and does no harm", async () => {
  const { smsc, settle } = await place();
  const send = (text: string) => smsc.network.phone(annas).send({ to: ours, content: { coding: 'text', text } });
  for (const text of ['hello', 'WV', 'WV12QQ5', 'WV12LR1 UI=(', 'WV12LRab x', 'WV99LR5', '']) await send(text);
  for (let n = 0; n < 10; n++) await settle();
  // The code nobody knows, and the version nobody has, are answered.
  const answers = smsc.network.phone(annas).inbox.map(({ content }) => content.coding === 'text' && content.text);
  assert.deepEqual(answers, ['WV12ST5 ST=(501,QQ)', 'WV12ST5 ST=505']);
});

test("Android's plug-in can take all it is told, good and bad", async () => {
  const here = await place({ presenceS: 0, messagesPerHour: 1000, receivedPerHour: 1000 });
  const { world, settle } = here;
  const mila = await milaIn(world);
  const anna = here.phone();
  const ask = async (text: string): Promise<string> => {
    const id = anna.nextId();
    const answer = await anna.again(new TextEncoder().encode(text.replace('#', id)), id);
    if (answer.name === 'Login-Response') anna.sessionId = answer.SessionID ?? anna.sessionId;
    return `${answer.name} ${'Result' in answer ? answer.Result.Code : ''}`.trim();
  };
  // As it writes them: values unquoted, lists behind the rest.
  assert.equal(await ask('WV12LR# CI=im.android TL=600 SC=c1 PW=wrong UI=wv:anna@home.test'), 'Login-Response 409');
  assert.equal(await ask('WV12LR# CI=im.android TL=600 SC=c1 PW=secret UI=wv:anna@home.test'), 'Login-Response 200');
  const SI = `SI=${anna.sessionId}`;
  const list = 'wv:anna/contacts@home.test';
  assert.equal(
    await ask(`WV12CP# ${SI} CA=((CT,MP),(ID,P),(SB,SMS),(MT,1),(PS,4096),(SC,SS),(SC,ST),(PM,10))`),
    'ClientCapability-Response',
  );
  assert.equal(await ask(`WV12SQ# ${SI} RF=(FF,PF,IF,GE) AR=T`), 'Service-Response');
  assert.equal(await ask(`WV12GL# ${SI}`), 'GetList-Response');
  assert.equal(await ask(`WV12CL# ${SI} CP=((DN,Old friends),(DE,F)) CL=wv:anna/old@home.test`), 'Status 200');
  assert.equal(await ask(`WV12LM# ${SI} AN=((Mila,wv:mila@home.test)) RL=T CL=${list}`), 'ListManage-Response 200');
  assert.equal(await ask(`WV12LM# ${SI} AN=((,wv:mila@home.test),(,wv:)) RL=T CL=${list}`), 'ListManage-Response 201');
  assert.equal(await ask(`WV12LM# ${SI} RL=T CL=wv:anna/old@home.test`), 'ListManage-Response 200');
  assert.equal(await ask(`WV12LM# ${SI} RL=T CL=wv:anna/none@home.test`), 'ListManage-Response 700');
  assert.equal(await ask(`WV12CA# ${SI} PS=(OS,UA,(CF,(CT,CP))) DL=T`), 'Status 200');
  assert.equal(await ask(`WV12SB# ${SI} PS=(OS,UA,ST,(CF,(CT,CP,CV)),(SC,(RC,CY))) AS=T CL=${list}`), 'Status 200');
  assert.equal(
    await ask(`WV12UP# ${SI} UV=((OS,T,T),(UA,T,DI),(ST,T,by the sea),(CF,T,((CT,MP),(CP,x))))`),
    'Status 200',
  );
  await mila.sends(`<presence type='subscribed' to='anna@home.test'/>`);
  await mila.sends(`<presence><show>dnd</show><status>mending (all) "nets", slowly</status></presence>`);
  const news = await anna.next('PresenceNotification-Request');
  await anna.acknowledge(news);
  assert.match(
    await ask(`WV12GP# ${SI} PS=(OS,ST) UI=(wv:mila@home.test,wv:nobody@home.test)`),
    /^GetPresence-Response/,
  );
  assert.match(await ask(`WV12GP# ${SI} PS=(OS,ST) CL=${list}`), /^GetPresence-Response/);
  assert.equal(await ask(`WV12DL# ${SI} CL=wv:anna/old@home.test`), 'Status 200');
  assert.equal(await ask(`WV12DL# ${SI} CL=wv:anna/old@home.test`), 'Status 700');
  await say(mila, 'it has no words for this');
  for (let n = 0; n < 20; n++) await settle();
  assert.equal(await ask(`WV12OR# ${SI}`), 'Status 200');
  assert.equal(await ask(`WV12GL# ${SI}`), 'Status 604');
  assert.deepEqual(anna.heard.flatMap(complaintsOfAndroid), []);
  assert.deepEqual([anna.stray, world.troubles], [[], []]);
});

test('what Android’s plug-in fails on is told from what it takes', () => {
  for (const text of [
    'WV12NM1 MI=a',
    'WV12ST1 ST=(201,x,y)',
    'WV12ST1 Result=((CC,201))',
    'WV12PC1 AP=((AnyContent,T))',
    'WV12ML1 ST=200 UN=()',
    'WV12PN1 PR=(wv:a@d.test,())',
    'WV12PN1 PR=(wv:a@d.test,(OS))',
    'WV12PN1',
    'WV12PN1 PR',
  ])
    assert.equal(
      complaintsOfAndroid(text).length,
      text === 'WV12PN1' ? 0 : 1 + Number(text.startsWith('WV12NM')),
      text,
    );
  assert.deepEqual(
    complaintsOfAndroid('WV12PN1 SI=s PR=((wv:a@d.test,((OS,T,T),(CF,T,((CT,MP),(CP,x))))),(wv:b@d.test))'),
    [],
  );
});

test('an air that loses, repeats and turns round: what was taken arrives, and once', async () => {
  const here = await place({ presenceS: 0, messagesPerHour: 100_000, receivedPerHour: 100_000 });
  const { world, smsc, settle } = here;
  const mila = await milaIn(world);
  const random = seededRandom(11);
  const air: Air = (parts) => {
    const through = parts.flatMap((part) => {
      const chance = random.fraction();
      return chance < 0.15 ? [] : chance < 0.3 ? [part, part] : [part];
    });
    return random.fraction() < 0.3 ? through.reverse() : through;
  };
  smsc.network.up = air;
  smsc.network.down = air;
  const anna = here.phone();
  const signedIn = await anna.insist(anna.login('anna'));
  assert.ok(signedIn.name === 'Login-Response' && signedIn.SessionID);
  anna.sessionId = signedIn.SessionID;
  await anna.insist({ name: 'GetSPInfo-Request' });
  await beSeen(here);
  const shown = new Map<string, number>();
  /** Shows what has come, each MessageID once, and acknowledges it every time. */
  const look = async (): Promise<void> => {
    for (let request = anna.requests.shift(); request; request = anna.requests.shift()) {
      if (request.content.name === 'NewMessage') {
        const { MessageInfo: info, ContentData: text } = request.content;
        shown.set(`${info.MessageID} ${text}`, (shown.get(`${info.MessageID} ${text}`) ?? 0) + 1);
      }
      await anna.acknowledge(request);
    }
  };
  for (let n = 0; n < 12; n++) {
    const sent = await anna.insist(anna.message('wv:mila@home.test', `out ${n} ${'o'.repeat(20 * n)}`));
    assert.ok(sent.name === 'SendMessage-Response' && sent.Result.Code === 200, JSON.stringify(sent));
    await say(mila, `in ${n} ${'i'.repeat(30 * n)}`, `in-${n}`);
    await look();
  }
  for (let n = 0; n < 1000 && shown.size < 12; n++) {
    world.server.clock.advance(60_000);
    await settle();
    await look();
  }
  const texts = [...shown.keys()].map((key) => key.slice(key.indexOf(' ') + 1)).sort();
  assert.deepEqual(texts, Array.from({ length: 12 }, (_, n) => `in ${n} ${'i'.repeat(30 * n)}`).sort());
  for (let n = 0; n < 12; n++) assert.equal(times(mila, `>out ${n} `), 1, `out ${n}`);
  assert.equal(world.gateway.sessions().length, 1);
  assert.deepEqual(world.troubles, []);
});
