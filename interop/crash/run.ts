// One run: phones and XMPP clients exchange numbered messages over a onesoup that is killed and started under them.

import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import { android, plain, strict, wbxml12, wbxml13 } from '../../src/imps/client/personality.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { type KillPlan, killAtRandom } from './kills.ts';
import { Ledger, type Sort } from './ledger.ts';
import { describeLeftovers, integrityOf, isEmpty, leftoversIn } from './leftovers.ts';
import { type PhoneKind, PhonePerson } from './phone-person.ts';
import { XmppPerson } from './xmpp-person.ts';

export interface RunOptions extends KillPlan {
  readonly seed: number;
  readonly people: { readonly phones: number; readonly xmpp: number };
  /** Milliseconds on average between two messages of one person; phones, which wait for each answer, pause half of it. */
  readonly pauseMs: number;
  /** Milliseconds for everything to arrive after the last start. A hand-out whose answer died with the server goes to its
   *  phone again after a minute. */
  readonly settleMs: number;
}

export interface Report {
  /** One line each: what was done and measured. */
  readonly told: readonly string[];
  /** One line each: promises that were broken. None in a good run. */
  readonly wrongs: readonly string[];
}

// A phone's retry goes under the same TransactionID, also where the handset gave up instead: this test is about the server.
const kinds: readonly PhoneKind[] = [
  { what: '1.1 in XML, polling', personality: plain, cir: 'none', scheme: 'PWD' },
  { what: '1.2 in WBXML, CIR over TCP', personality: wbxml12, cir: 'tcp', scheme: 'MD5' },
  { what: 'strict like S60', personality: { ...strict, retry: 'same' }, cir: 'tcp', scheme: 'PWD' },
  { what: 'sloppy like Android', personality: android, cir: 'tcp', scheme: 'SHA' },
  { what: '1.3 in WBXML, CIR over UDP', personality: wbxml13, cir: 'udp', scheme: 'SHA' },
];

const password = 'soup and bread';
const domain = 'home.test';
const addressOf = (name: string): string => `${name}@${domain}`;

export const run = async (options: RunOptions): Promise<Report> => {
  const onesoup = await prepareOnesoup({
    domain,
    extra: {
      // An idle poll that is held keeps a phone with one connection from sending: not for long here, or nobody chats.
      gateway: { poll_hold_seconds: 1 },
      limits: { registrations_per_hour: 10_000 },
      log: { level: 'info', pretty: 'never' },
    },
  });
  try {
    await onesoup.start();
    return await chat(onesoup, options);
  } finally {
    await onesoup.remove();
  }
};

const chat = async (onesoup: Onesoup, options: RunOptions): Promise<Report> => {
  const random = seededRandom(options.seed);
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => prefix + (at + 1));
  const phoneNames = names('phone', options.people.phones);
  const xmppNames = names('desk', options.people.xmpp);
  const everybody = [...phoneNames, ...xmppNames];
  const sorts = new Map<string, Sort>(everybody.map((name) => [name, name.startsWith('phone') ? 'phone' : 'xmpp']));
  const ledger = new Ledger(sorts);

  for (const name of everybody) await register(onesoup, name);
  const phones = phoneNames.map(
    (name, at) =>
      new PhonePerson(name, kinds[at % kinds.length] as PhoneKind, onesoup.csp, addressOf, password, ledger),
  );
  const desks = xmppNames.map((name, at) => {
    const tls = at % 2 ? 'direct' : 'required';
    const port = tls === 'direct' ? onesoup.ports.c2sTls : onesoup.ports.c2s;
    return new XmppPerson(name, { domain, host: '127.0.0.1', port, tls, insecure: true }, password, ledger);
  });

  const errors: string[] = [];
  const read = (output: string): void => void errors.push(...errorsIn(output));
  try {
    await Promise.all([...phones, ...desks].map((one) => one.signIn()));

    // The chat, and the kills in the middle of it.
    const chatting = new AbortController();
    const somebodyElse = (name: string): string => {
      for (;;) {
        const other = everybody[Math.floor(random.fraction() * everybody.length)] as string;
        if (other !== name) return other;
      }
    };
    const talks = [...phones, ...desks].map(async (one) => {
      const pauseMs = one instanceof PhonePerson ? options.pauseMs / 2 : options.pauseMs;
      while (!chatting.signal.aborted) {
        await sleep(random.fraction() * 2 * pauseMs);
        if (!chatting.signal.aborted) await one.send(somebodyElse(one.name));
      }
    });
    const deaths = await killAtRandom(onesoup, options, seededRandom(options.seed + 1), read);
    // A last stretch without a kill, so that the last restart has to serve too.
    await sleep(1000);
    chatting.abort();

    const settledMs = await settle(onesoup, ledger, [...phones, ...desks], options.settleMs);
    // Time for a second showing, if there were one: each phone has polled meanwhile.
    await sleep(2500);

    const left = leftoversIn(onesoup.directory);
    const wrongs = [
      ...ledger.verdict(),
      ...phones.flatMap((one) => one.verdict()),
      ...ledger.unacknowledged.map(({ text }) => `never acknowledged, though the server came back: ${text}`),
      ...(isEmpty(left) ? [] : [`left in the store: ${JSON.stringify(left)}\n${describeLeftovers(onesoup.directory)}`]),
    ];
    for (const one of phones) one.phone.drop();
    await Promise.all(desks.map((one) => one.signOut()));
    await Promise.all(talks);
    const status = await onesoup.stop('SIGTERM');
    read(onesoup.output());
    if (status !== 0) wrongs.push(`onesoup ended with ${status} when asked to stop`);
    const integrity = integrityOf(onesoup.directory);
    if (integrity !== 'ok') wrongs.push(`the database is damaged: ${integrity}`);
    wrongs.push(...errors.map((line) => `onesoup logged an error: ${line}`));
    return { told: tell(options, ledger, phones, desks, deaths, settledMs), wrongs };
  } finally {
    for (const one of phones) one.phone[Symbol.dispose]();
    await Promise.all(desks.map((one) => one.signOut()));
  }
};

/** As people do it: on the web page. */
const register = async (onesoup: Onesoup, name: string): Promise<void> => {
  const body = new URLSearchParams({ name, password, again: password, phone: 'yes' });
  const answer = await fetch(onesoup.csp.replace('/csp', '/register'), { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`${name} could not register: ${answer.status} ${await answer.text()}`);
};

/** Milliseconds until everything had arrived and nothing was left; rejects never: what did not come is the verdict's. */
const settle = async (
  onesoup: Onesoup,
  ledger: Ledger,
  people: readonly (PhonePerson | XmppPerson)[],
  withinMs: number,
): Promise<number> => {
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  while (ms() < withinMs) {
    const isQuiet = people.every(({ isIdle }) => isIdle) && ledger.missing.length === 0;
    if (isQuiet && isEmpty(leftoversIn(onesoup.directory))) break;
    await sleep(250);
  }
  return ms();
};

/** Lines of level error and above: a crash leaves none, and nothing that follows from one should. */
const errorsIn = (output: string): string[] => output.split('\n').filter((line) => /^\{"level":[56]0,/.test(line));

const tell = (
  { seed }: RunOptions,
  ledger: Ledger,
  phones: readonly PhonePerson[],
  desks: readonly XmppPerson[],
  deaths: readonly string[],
  settledMs: number,
): string[] => {
  const { messages } = ledger;
  const repeats = phones.reduce((sum, one) => sum + one.repeats, 0);
  const signIns = desks.reduce((sum, one) => sum + one.signIns, 0);
  return [
    `seed ${seed}: ${deaths.length} kills, after ${deaths.join(', ')} ms`,
    `${messages.length} messages (${Object.entries(ledger.byWay())
      .map(([way, count]) => `${way} ${count}`)
      .join(', ')}), ${messages.filter((one) => one.isAcknowledged).length} acknowledged to their senders`,
    `phones repeated ${repeats} requests; XMPP clients signed in ${signIns} times and sent ${
      messages.filter((one) => one.wasRepeated).length
    } messages again`,
    `shown twice: ${ledger.repeatedToXmpp} to XMPP clients (allowed), none to a phone is; settled after ${settledMs} ms`,
  ];
};
