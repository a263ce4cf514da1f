// Half a day of bad luck for a few servers, and what must hold at every moment of it and after it.
//
//   - No client shows a contact's resource online for longer than the bound after that ceased to be so. The bound is the
//     view's own, plus the time that stanzas may be under way, plus what the client's server slept through.
//   - No client is ever told the same twice in a row.
//   - While links are good, nobody who is there is taken away.
//   - When the links have healed and the time-outs have passed, every client's picture is the truth.

import { defaultPresenceOptions, type PresenceOptions, type Shown, stalenessBoundMs } from '../view.ts';
import { Link, transitMaxMs } from './link.ts';
import { type Client, Server } from './server.ts';
import { World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Looks come in whole seconds, and a sleep too short to be noticed still delays them. */
const slackMs = 2_000;

export interface Chaos {
  readonly options?: Partial<PresenceOptions>;
  readonly hours?: number;
  /** `sleep`: links are good and lose nothing, nobody crashes, and only the first server sleeps. */
  readonly troubles?: 'all' | 'sleep';
  /** Instead of the view's own bound. */
  readonly boundMs?: number;
}

/** Plays the seed's day. Returns how much happened; throws what did not hold. */
export const play = (seed: number, { hours = 12, troubles: kind = 'all', ...given }: Chaos = {}) => {
  const world = new World(seed);
  const options: PresenceOptions = {
    ...defaultPresenceOptions,
    probe: world.pick(['aged', 'blind', 'always'] as const),
    agedMs: world.pick([5, 5, 45]) * minute,
    unconfirmedMaxMs: world.pick([1, 1, 60]) * minute,
    graceMs: world.pick([1, 600, 600]) * minute,
    spreadMs: world.pick([0, 10_000, 120_000]),
    probesPerTickMax: world.pick([1, 2_000]),
    resourcesMax: world.pick([4, 32]),
    ...given.options,
  };
  const count = { shown: 0, crashes: 0, cuts: 0, sleeps: 0, nearest: 0 };
  const boundMs = given.boundMs ?? stalenessBoundMs(options) + transitMaxMs + slackMs;
  const changedAt = new Map<string, number>();
  const servers: Server[] = [];
  const links: Link[] = [];
  /** What a client shows that is not so, and since when. */
  const wrongSince = new Map<Client, Map<string, number>>();

  const fail = (what: string): never => {
    throw new Error(`seed ${seed}, ${(world.now / 1000).toFixed(1)} s: ${what}\n${JSON.stringify(options)}`);
  };
  const serverOf = (user: string): Server =>
    servers.find(({ name }) => user.endsWith(`@${name}`)) ?? fail(`no server for ${user}`);
  const isTrue = (client: Client, from: string): boolean => {
    const [contact = '', resource = ''] = from.split('/');
    const isSubscribed = serverOf(client.user).sees.get(client.user)?.has(contact);
    return isSubscribed === true && serverOf(contact).truthOf(contact, client.user).has(resource);
  };
  /** Keeps account of what is wrong in one client's picture about one address, and for how long. */
  const judge = (server: Server, client: Client, from: string): void => {
    const wrong = wrongSince.get(client) ?? new Map<string, number>();
    wrongSince.set(client, wrong);
    const since = wrong.get(from);
    if (since !== undefined) {
      let allowedMs = boundMs;
      for (const sleep of server.sleeps)
        allowedMs += Math.max(0, Math.min(sleep.to, world.now) - Math.max(sleep.from, since));
      count.nearest = Math.max(count.nearest, (world.now - since) / allowedMs);
      if (world.now - since > allowedMs) fail(`${client.user}/${client.resource} shows ${from}, wrong since ${since}`);
    }
    if (!client.picture.has(from) || isTrue(client, from)) wrong.delete(from);
    else if (since === undefined) wrong.set(from, world.now);
  };
  const judgeAll = (about?: string): void => {
    for (const server of servers)
      for (const client of server.clients)
        for (const from of client.picture.keys())
          if (!about || from.startsWith(`${about}/`)) judge(server, client, from);
  };
  const witness = {
    shown(server: Server, client: Client, { contact, resource, isAvailable, payload }: Shown): void {
      const from = `${contact}/${resource}`;
      count.shown++;
      if (client.picture.get(from) === (isAvailable ? payload : undefined))
        fail(`${client.user}/${client.resource} is told twice of ${from}: ${isAvailable} ${payload}`);
      judge(server, client, from);
      const slept = server.sleeps.findLast(({ to }) => world.now - to < 2 * minute);
      // What changed in the server's sleep it hears of in order, when the last of it is long past.
      const isSettled = (slept?.from ?? world.now) - (changedAt.get(contact) ?? 0) > 2 * minute;
      if (kind === 'sleep' && server === servers[0] && !isAvailable && isSettled && isTrue(client, from))
        fail(`${client.user}/${client.resource} is told that ${from} is gone, who is not`);
      if (isAvailable) client.picture.set(from, payload);
      else client.picture.delete(from);
      judge(server, client, from);
    },
    changed(user: string): void {
      changedAt.set(user, world.now);
      judgeAll(user);
    },
  };

  for (let i = 0, end = 2 + world.below(3); i < end; i++)
    servers.push(new Server(world, `s${i}.test`, 1 + world.below(3), options, witness));
  for (const [i, one] of servers.entries())
    for (const other of servers.slice(i + 1)) {
      const link = new Link(world, [one, other]);
      links.push(link);
      one.links.push(link);
      other.links.push(link);
    }
  const users = servers.flatMap((server) => server.users);
  const subscribe = (user: string, contact: string): void => {
    serverOf(contact).seenBy.get(contact)?.add(user);
    serverOf(user).subscribe(user, contact);
  };
  for (const user of users)
    for (const contact of users) if (user !== contact && world.chance(0.7)) subscribe(user, contact);

  const longest = {
    crash: world.pick([minute, minute, hour]),
    cut: world.pick([minute, 3 * hour, 6 * hour]),
    sleep: world.pick([2 * minute, 3 * hour]),
  };
  const crash = (server: Server): void => {
    server.crash();
    count.crashes++;
    world.after(world.span(longest.crash / 30, longest.crash), () => {
      if (!server.isRunning) restart(server);
    });
  };
  const restart = (server: Server): void => {
    server.start();
    for (const user of server.users) world.after(world.span(1_000, minute), () => server.signIn(user, 'desk'));
    for (const link of server.links) if (link.other(server).isRunning) link.heal([server]);
  };
  const cut = (link: Link): void => {
    link.cut();
    count.cuts++;
    world.after(world.span(longest.cut / 30, longest.cut), () => {
      if (link.ends.every((end) => end.isRunning)) link.heal();
    });
  };
  const cancel = (user: string, contact: string): void => {
    const isLocal = serverOf(user) === serverOf(contact);
    // Between servers, sometimes only one side hears of it.
    const side = isLocal ? 'both' : world.pick(['both', 'user', 'contact']);
    if (side !== 'contact') serverOf(user).unsubscribe(user, contact);
    if (side !== 'user') serverOf(contact).seenBy.get(contact)?.delete(user);
    judgeAll(contact);
  };
  const act = (): void => {
    const server = world.pick(servers);
    const user = world.pick(server.users);
    // Somebody is always watching: the client at the desk stays, as a rule.
    const isAtDesk = world.chance(0.1);
    const client = server.clients.find((one) => one.user === user && (one.resource === 'desk') === isAtDesk);
    const dice = world.below(100);
    if (dice < 40) server.signIn(user, world.pick(['desk', 'phone', 'phone', 'pad']));
    else if (dice < 65) client && server.signOut(client);
    else if (dice < 94) client && server.change(client, world.pick(['', '<show>away</show>', '<status>x</status>']));
    else if (dice < 97 && kind === 'all') cancel(user, world.pick(users));
    else {
      const contact = world.pick(users);
      if (contact !== user && serverOf(contact).isRunning && server.isAwake) subscribe(user, contact);
    }
  };
  // Each seed has troubles of its own: of these kinds, so often and so long.
  const kinds: readonly (() => void)[] = [
    () => crash(world.pick(servers)),
    () => servers.forEach(crash),
    () => cut(world.pick(links)),
    () => links.forEach(cut),
    () => {
      world.pick(servers).sleep(world.span(1_000, longest.sleep));
      count.sleeps++;
    },
  ];
  const troubles = kinds.filter(() => world.chance(0.6));
  const end = hours * hour;
  const often = (longestMs: number, run: () => void): void => {
    const calmMs = world.span(longestMs / 30, longestMs);
    for (let at = 0; at < end; at += world.span(calmMs / 30, calmMs)) world.after(at, run);
  };
  for (const server of servers) restart(server);
  often(world.pick([10 * minute, hour]), act);
  if (kind === 'all') for (const trouble of troubles) often(4 * hour, trouble);
  else {
    for (const link of links) link.becomeReliable();
    often(4 * hour, () => servers[0]?.sleep(world.span(1_000, longest.sleep)));
  }
  for (let at = 0; at < end; at += minute) world.after(at, judgeAll);
  world.runUntil(end);

  for (const user of users) serverOf(user).signIn(user, 'desk');
  for (const server of servers) if (!server.isRunning) restart(server);
  for (const link of links) link.heal();
  for (const link of links) link.becomeReliable();
  for (const user of users) if (world.chance(0.7)) serverOf(user).signIn(user, 'late');
  // Whoever is asleep wakes; then everything lost is found by asking again.
  world.runUntil(world.now + 6 * hour);
  for (const server of servers) if (!server.isRunning) restart(server);
  for (const link of links) link.heal();
  for (
    let minutes = 2 * ((1.25 * options.agedMs + options.probeTimeoutMs + options.spreadMs + hour) / minute);
    minutes > 0;
    minutes--
  ) {
    world.runUntil(world.now + minute);
    judgeAll();
  }
  let items = 0;
  for (const server of servers)
    for (const client of server.clients) {
      const truth = new Map<string, string>();
      for (const contact of server.sees.get(client.user) ?? [])
        for (const [resource, payload] of serverOf(contact).truthOf(contact, client.user))
          truth.set(`${contact}/${resource}`, payload);
      items += truth.size;
      const [is, should] = [client.picture, truth].map((one) => JSON.stringify([...one].sort()));
      if (is !== should) fail(`${client.user}/${client.resource} (${server.name}) shows\n${is}, and it is\n${should}`);
    }
  return { ...count, items, servers: servers.length, options };
};
