// The conversation, scene by scene. Each line appears when it happens; nothing here is played back.

import type { StructureOf } from '../src/imps/primitives.ts';
import type { Stanza } from '../src/xmpp/stanza.ts';
import { bodyOf, Friend, isReceipt } from './friend.ts';
import type { DemoServer, PhoneSettings } from './onesoup.ts';
import { makePhone, type Phone, personality, type Traffic } from './phone.ts';
import { presenceWords } from './primitive-line.ts';
import type { Screen } from './screen.ts';

export interface Stage {
  readonly server: DemoServer;
  readonly screen: Screen;
  /** What is opened here is closed with it. */
  readonly stage: AsyncDisposableStack;
  /** As long as a person takes to think. */
  pause(ms: number): Promise<void>;
}

const password = 'pea soup 2005';
const bobsPassword = 'soup of the day';

export const play = async ({ server, screen, stage, pause }: Stage): Promise<void> => {
  const { domain } = server;
  const [ann, bob] = [`ann@${domain}`, `bob@${domain}`];
  const traffic: Traffic = { messages: 0, octets: 0, xmlOctets: 0, wokenAt: undefined };
  let sentAt = 0;
  const wakeUpWords = (): string =>
    sentAt === 0 ? 'something waits: poll' : `${ms(performance.now() - sentAt)} after Bob pressed send: poll`;
  const newPhone = (settings: PhoneSettings): Phone =>
    stage.use(makePhone({ settings, password, screen, traffic, wakeUpWords }));

  screen.blank();
  screen.note('onesoup in one terminal: a phone of 2005, an app of today, and what goes over the wire.');
  screen.blank();
  screen.ends(
    [
      "Ann's phone (simulated)",
      `CSP ${personality.version} in ${personality.encoding.toUpperCase()} over HTTP`,
      'wake-up channel (CIR) over TCP',
    ],
    ["Bob's app", 'XMPP over TCP and TLS', 'SASL SCRAM'],
  );
  await pause(800);

  screen.scene('1. Two people sign up on the web page');
  const settings = await server.signUp('ann', password);
  screen.phone('The page tells Ann what to type into her phone:');
  screen.phone(`server address ${settings.serverAddress} · user ID ${settings.userId}`);
  await server.signUp('bob', bobsPassword);
  screen.friend(`Bob is ${bob}`);
  await pause(800);

  screen.scene('2. The phone signs in; the password itself never leaves it');
  const phone = newPhone(settings);
  await phone.start('MD5');
  await phone.publish('AVAILABLE', 'back from 2005');
  screen.phone('Ann is online');
  await pause(1000);

  screen.scene('3. Bob signs in; they become contacts and see each other');
  const friend = stage.adopt(await Friend.signIn(server, 'bob', bobsPassword, screen), (it) => it.close());
  await pause(400);
  screen.phone('Ann adds Bob');
  const [list = ''] = (await phone.contactLists()).slice(-1);
  await phone.manageList({
    name: 'ListManage-Request',
    ContactList: list,
    AddNickList: { NickName: [{ Name: 'Bob', UserID: `wv:${bob}` }] },
  });
  await phone.subscribe({ lists: [list] });
  await friend.next("Ann's request", ({ type }) => type === 'subscribe');
  await pause(600);
  screen.friend('Bob says yes, and asks back');
  friend.subscription('subscribed', ann);
  friend.subscription('subscribe', ann);
  const asked = await phone.next('PresenceAuth-Request');
  await pause(600);
  screen.phone('Ann says yes');
  await phone.request({ name: 'PresenceAuth-User', UserID: asked.UserID ?? '', Acceptance: true });
  await friend.next("Ann's presence", (stanza) => isPresence(stanza) && stanza.from?.local === 'ann');
  screen.friend('Bob sees Ann: back from 2005');
  await pause(600);
  screen.friend('Bob goes to lunch');
  friend.presence('away', 'lunch');
  screen.phone(`Ann sees Bob: ${await presenceOfBob(phone, bob, 'lunch')}`);
  await pause(1000);

  screen.scene('4. Ann writes, and hears that it arrived');
  screen.phone('Ann writes: Bob? It is my old phone! Does the soup icon work?');
  await phone.sendText(`wv:${bob}`, 'Bob? It is my old phone! Does the soup icon work?', { report: true });
  const got = await friend.next('a message', (stanza) => bodyOf(stanza) !== undefined);
  screen.friend(`Bob reads: ${bodyOf(got)}`);
  const report = await phone.next('DeliveryReport-Request');
  screen.phone(report.Result.Code === 200 ? '✓ delivered' : `not delivered: ${report.Result.Code}`);
  await pause(1000);

  screen.scene('5. Bob answers: the wake-up channel tells the phone at once');
  screen.friend('Bob writes: It does, Ann. Even the steam is back!');
  sentAt = performance.now();
  await friend.message(ann, 'It does, Ann. Even the steam is back!');
  const message = await phone.next('NewMessage');
  const shownMs = performance.now() - sentAt;
  if (traffic.wokenAt === undefined || traffic.wokenAt < sentAt) throw new Error('no wake-up came for the message');
  const wokenMs = traffic.wokenAt - sentAt;
  sentAt = 0;
  screen.phone(`Ann reads: ${String(message.ContentData)}`);
  await friend.next('the receipt', isReceipt);
  screen.friend('✓ delivered');
  await pause(1000);

  screen.scene('6. Ann goes; what Bob writes meanwhile waits for her');
  await phone.signOut();
  screen.phone('Ann has signed out');
  await friend.next('Ann to go', (stanza) => isPresence(stanza, 'unavailable'));
  screen.friend('Bob sees Ann go, and writes: Call me when you are home');
  await friend.message(ann, 'Call me when you are home');
  await pause(1000);
  const again = newPhone(settings);
  await again.start('MD5');
  await again.subscribe({ lists: [list] });
  screen.phone(`Ann is back, and sees at once: Bob ${await presenceOfBob(again, bob, 'lunch')}`);
  const kept = await again.next('NewMessage');
  screen.phone(`Ann reads: ${String(kept.ContentData)} (sent ${sentWords(kept.MessageInfo.DateTime)})`);
  await friend.next('the receipt', isReceipt);
  screen.friend('✓ delivered');
  await pause(700);
  await again.signOut();
  await friend.next('Ann to go', (stanza) => isPresence(stanza, 'unavailable'));

  const complaints = [...phone.complaints, ...again.complaints];
  if (complaints.length > 0) throw new Error(`the phone complains: ${complaints.join('; ')}`);
  screen.scene('That was onesoup');
  screen.note(
    `${traffic.messages} CSP messages, ${kib(traffic.octets)} in WBXML; in XML they would have been ${kib(traffic.xmlOctets)}.`,
  );
  screen.note(`Bob's message woke the phone after ${ms(wokenMs)} and was on it after ${ms(shownMs)}.`);
  screen.blank();
  screen.note('npm start       your own server: it prints the sign-up page and what to type into a phone');
  screen.note('README.md       what works today, and how to run it for others');
  screen.note('demo/story.ts   this conversation, to play with');
  screen.blank();
};

const isPresence = (stanza: Stanza, type?: string): boolean => stanza.kind === 'presence' && stanza.type === type;

const presenceOfBob = async (phone: Phone, bob: string, status: string): Promise<string> => {
  let seen: StructureOf<'PresenceSubList'> | undefined;
  await phone.next('PresenceNotification-Request', ({ Presence }) => {
    seen = Presence?.find(({ UserID }) => UserID === `wv:${bob}`)?.PresenceSubList?.[0];
    const { StatusText } = seen ?? {};
    return typeof StatusText === 'object' && StatusText.PresenceValue === status;
  });
  return presenceWords(seen);
};

/** 20261121T130501Z as the phone would show it. */
const sentWords = (date: string | undefined): string =>
  date?.replace(/^.*T(\d\d)(\d\d)(\d\d)?Z?$/, '$1:$2 UTC') ?? 'earlier';

const ms = (duration: number): string => `${duration.toFixed(duration < 10 ? 1 : 0)} ms`;
const kib = (octets: number): string => `${(octets / 1024).toFixed(1)} KiB`;
