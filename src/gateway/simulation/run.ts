// Days in the life of phones, in minutes: people, servers and a network that loses things, all out of one seed. After some
// hours of it the network heals and nobody does anything new; then everything that was promised must be so.

import { SimulatedClock } from '../../base/clock.ts';
import { type Personality, plain } from '../../imps/client/personality.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { phones as kinds } from '../suite/personalities.ts';
import { Activity } from './activity.ts';
import { Chance } from './chance.ts';
import { Ledger, type Wrong } from './ledger.ts';
import { Lines } from './lines.ts';
import type { Person } from './people.ts';
import { Account, PhonePerson } from './phone-person.ts';
import { Place } from './place.ts';
import { count, type Stage } from './stage.ts';
import { Trace, timeOf } from './trace.ts';
import { Weather } from './weather.ts';
import { XmppPerson } from './xmpp-person.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly phones: number;
  readonly xmppClients: number;
  readonly servers: 1 | 2 | 3;
  /** Simulated hours of trouble, a look at everything after each so many of them. */
  readonly hours: number;
  readonly hoursBetweenLooks?: number;
  /** 0: a network that loses nothing. */
  readonly badness?: number;
  readonly restarts?: boolean;
}

export interface Outcome {
  /** One line each. */
  readonly told: readonly string[];
  /** Promises that were broken, each with what led to it. */
  readonly wrongs: readonly string[];
}

/** COMPAT: Motorola's clients take one transaction per message. */
const motorola: Personality = { ...plain, name: 'Motorola, XML 1.1', userAgent: 'MOT-V3/08.BD.43R' };
const personalities: readonly Personality[] = [...kinds, motorola];

const domains: readonly (readonly string[])[] = [['north.test', 'isle.test'], ['south.test'], ['west.test']];
/** By then phones that vanished are given up, messages for servers that were away came back, and contacts were asked again. */
const calmMs = 50 * 60_000;
const wrongsShownMax = 5;
const traceLinesMax = 120;

export const simulate = async (options: SimulationOptions): Promise<Outcome> => {
  const { seed, hours, hoursBetweenLooks = 8, badness = 1, restarts = true } = options;
  const startedAt = performance.now();
  const chance = new Chance(seed);
  const clock = new SimulatedClock();
  const activity = new Activity();
  const lines = new Lines(activity);
  const trace = new Trace(clock);
  const ledger = new Ledger(clock);
  const clubs = new Map<string, Set<string>>();
  const stage = {
    clock,
    chance,
    ledger,
    tell: (who: string, text: string) => trace.tell(who, text),
    paceMs: 300_000,
    badness: 0,
    isBusy: true,
    isHomecoming: false,
    isOver: false,
    clubs,
    strangers: () => accounts.map(({ name }) => name),
    counts: new Map<string, number>(),
  } satisfies Stage as { -readonly [Key in keyof Stage]: Stage[Key] };

  const pass = async (ms: number): Promise<void> => {
    const end = clock.mono() + ms;
    await activity.quiet();
    while (clock.mono() < end) {
      const next = Math.min(clock.nextAt ?? end, end);
      clock.advance(Math.max(0, next - clock.mono()));
      await activity.quiet();
      if (failure) throw failure.cause;
    }
  };
  let failure: { readonly cause: unknown } | undefined;
  const going: Promise<unknown>[] = [];
  const go = (work: Promise<unknown>): void => {
    going.push(
      work.catch((cause: unknown) => {
        failure ??= { cause };
      }),
    );
  };

  const places = domains.slice(0, options.servers).map(
    (own, at) =>
      new Place({
        clock,
        activity,
        lines,
        domains: own,
        number: at + 1,
        tell: (text) => trace.tell(own[0] as string, text),
        trouble: (text) => ledger.wrong(`${own[0]} logged ${text}`, [own[0] as string]),
        woken: ({ user, channel }) => {
          count(stage, `woken over ${channel}`);
          trace.tell(user, `is woken over ${channel}`);
        },
      }),
  );
  const { accounts, phones, friends } = populate(stage, places, options);
  const everybody: readonly Person[] = [...accounts, ...friends];
  try {
    await befriend(everybody, chance);
    for (const place of places) go(place.start());
    await pass(1_000);
    await makeAccounts(everybody, chance);
    for (const place of places) clubs.set(await makeClub(place), new Set());
    const armedBefore = clock.armed;

    const weather = new Weather(stage, places, lines);
    go(weather.blow());
    for (const one of [...phones, ...friends]) go(one.live());
    // Everybody has signed in once before it begins.
    stage.isBusy = true;
    await pass(900_000);
    for (let hour = 0; hour < hours; ) {
      const stretch = Math.min(hoursBetweenLooks, hours - hour);
      hour += stretch;
      stage.isBusy = true;
      stage.badness = badness;
      weather.isStormy = restarts;
      await pass(stretch * 3_600_000);
      stage.isBusy = false;
      stage.badness = 0;
      weather.clearUp();
      await pass(calmMs);
      for (const phone of phones)
        for (const illusion of phone.illusions)
          ledger.wrong(`after ${timeOf(clock.mono())} ${phone.device} (${phone.personality.name}) shows ${illusion}`, [
            phone.device,
            phone.account.name,
            illusion.split(' ')[0] as string,
          ]);
      if (ledger.wrongs.length > 0) break;
    }

    stage.isHomecoming = true;
    await pass(calmMs);
    ledger.judge((who) => everybody.some((one) => one.name === who && one.hasOneDevice));
    stage.isOver = true;
    await pass(2 * calmMs);
    await lookForLeaks(places, ledger);
    const armed = clock.armed;
    if (armed > armedBefore + 12 * places.length)
      ledger.wrong(`${armed} timers are armed when everybody is gone; before anybody came it were ${armedBefore}`, []);
  } finally {
    for (const place of places) await place.close();
  }
  return {
    told: [
      `seed ${seed}: ${phones.length} phones of ${accounts.length} accounts and ${friends.length} XMPP clients on ${places.length} servers for ${timeOf(clock.mono())}, in ${Math.round((performance.now() - startedAt) / 1000)} s`,
      `${ledger.sendings.length} messages, ${ledger.sendings.filter(({ fate }) => fate === 'acknowledged').length} acknowledged, ${ledger.reportsOfFailure} reported as failed`,
      [...stage.counts]
        .sort(([, a], [, b]) => b - a)
        .map(([what, many]) => `${what} ${many}`)
        .join(', '),
    ],
    wrongs: described(ledger.wrongs, trace, seed),
  };
};

const described = (wrongs: readonly Wrong[], trace: Trace, seed: number): readonly string[] =>
  wrongs.map(({ what, who, word, at }, number) =>
    number < wrongsShownMax
      ? [`SEED=${seed}: ${what}`, ...trace.about(who, word, at, traceLinesMax)].join('\n    ')
      : what,
  );

const populate = (stage: Stage, places: readonly Place[], { phones: count, xmppClients }: SimulationOptions) => {
  const { chance } = stage;
  const accounts: Account[] = [];
  const phones: PhonePerson[] = [];
  for (let at = 0; at < count; at++) {
    const personality = personalities[at % personalities.length] as Personality;
    // One in ten is the second phone of somebody.
    const shared = at > 4 && chance.is(0.1) ? chance.pick(accounts) : undefined;
    const place = shared?.place ?? chance.pick(places);
    const domain = chance.pick(place.domains.filter((one) => !one.startsWith('rooms.')));
    const account = shared ?? new Account(place, `phone${at}@${domain}`);
    if (!shared) accounts.push(account);
    phones.push(new PhonePerson({ stage, place, account, personality, number: at }));
  }
  const friends = Array.from({ length: xmppClients }, (_, at) => {
    const place = chance.pick(places);
    return new XmppPerson(stage, place, `desk${at}@${place.name}`);
  });
  return { accounts, phones, friends };
};

/** Each knows some of the others, and is known by them. */
const befriend = async (everybody: readonly Person[], chance: Chance): Promise<void> => {
  for (const one of everybody)
    for (let tries = 0; tries < 4 && one.contacts.length < 6; tries++) {
      const other = chance.pick(everybody);
      if (other === one || one.contacts.includes(other)) continue;
      one.contacts.push(other);
      (other.contacts as Person[]).push(one);
    }
  for (const one of everybody)
    for (const { name } of one.contacts)
      await one.place.store.rosters.set(one.name, name, {
        ...{ contact: name, name: name.split('@')[0], groups: chance.is(0.5) ? ['Friends'] : [] },
        ...{ subscription: 'both', ask: false, request: undefined, approved: false, listed: true },
      });
};

const makeAccounts = async (everybody: readonly Person[], chance: Chance): Promise<void> => {
  for (const { jid, place } of everybody) {
    const { server } = place.running ?? {};
    await server?.accounts(Jid.from(jid.domain).domain).create(jid, 'secret');
    if (chance.is(0.6)) await place.keepForDigests(jid.toString(), 'secret');
  }
};

/** A room that stays, made by somebody who goes; as phones write its address. */
const makeClub = async ({ name, running }: Place): Promise<string> => {
  const maker = Jid.from(`club-maker@${name}`);
  const provider = running?.server.links.find(({ domain }) => domain === name);
  await running?.server.accounts(name).create(maker, 'secret');
  const opened = await provider?.open(
    { account: maker, resource: 'x', credentials: { kind: 'trusted' } },
    { stanza() {}, closed() {} },
  );
  if (!opened?.ok) throw new Error(`no club at ${name}`);
  const room = Jid.from(`club@rooms.${name}`);
  const muc = 'http://jabber.org/protocol/muc';
  const field = (name: string, value: string) => el('field', { var: name }, el('value', null, value));
  const form = el(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    field('FORM_TYPE', `${muc}#roomconfig`),
    field('muc#roomconfig_persistentroom', '1'),
  );
  await opened.value.send(Stanza.make({ kind: 'presence', to: room.withResource('maker') }, el('x', { xmlns: muc })));
  await opened.value.send(
    Stanza.make({ kind: 'iq', type: 'set', id: 'c', to: room }, el('query', { xmlns: `${muc}#owner` }, form)),
  );
  await opened.value.close();
  return `wv:/club@rooms.${name}`;
};

/** Everybody is gone: nothing of them may be left. */
const lookForLeaks = async (places: readonly Place[], ledger: Ledger): Promise<void> => {
  for (const { name, running, store } of places) {
    const left: Record<string, number> = {
      'sessions of phones': running?.gateway.sessions().length ?? 0,
      'sessions at the server': [...(running?.server.hosts.values() ?? [])].reduce(
        (sum, { users }) => sum + users.sessionCount,
        0,
      ),
      'stored sessions': (await store.csp.sessions()).length,
    };
    for (const [what, many] of Object.entries(left))
      if (many > 0) ledger.wrong(`${name} has ${many} ${what} left when everybody is gone`, [name]);
  }
};
