// The two servers of a federation test, seen alike: onesoup, Prosody or ejabberd, each with its domain and its people.

import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPair } from '../peers/authority.ts';
import { type Ejabberd, type EjabberdOptions, prepareEjabberd } from '../peers/ejabberd.ts';
import { type Network, type Reach, zoneOf } from '../peers/network.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { type Prosody, type ProsodyFederation, prepareProsody } from '../peers/prosody.ts';
import { type Friend, startFriend } from '../peers/slixmpp.ts';

export interface Side {
  readonly kind: 'prosody' | 'ejabberd' | 'onesoup';
  readonly domain: string;
  /** The domain of its chat rooms. */
  readonly rooms: string;
  addUser(name: string, password: string): Promise<void>;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when what it was told has reached its disk, and survives a kill. */
  settle(): Promise<void>;
  /** Resolves when nothing waits for other servers any more; for those that tell. */
  readonly delivered?: () => Promise<void>;
  /** Signs a person in whose account is there, with their own moods, nicknames and avatars. */
  signIn(name: string, resource?: string): Promise<Friend>;
  output(): string;
  remove(): Promise<void>;
}

/** How the two prove who they are, and how they encrypt. */
export interface Manner {
  readonly trust: 'certificates' | 'dialback';
  readonly reach: Reach;
}

export const manners: readonly Manner[] = (['certificates', 'dialback'] as const).flatMap((trust) =>
  (['starttls', 'direct'] as const).map((reach) => ({ trust, reach })),
);

export const password = 'soup and bread';

/** Certificates everybody trusts, or one nobody does. */
export const keysFor = (network: Network, trust: Manner['trust'], domain: string): Promise<KeyPair> =>
  trust === 'dialback'
    ? network.authority.selfSigned(domain)
    : network.authority.issue({ domains: [domain, `*.${domain}`], usage: 'server and client' });

/** The domain and its rooms, where the others find them. */
const place = (network: Network, server: Prosody | Ejabberd | Onesoup, rooms: string, reach: Reach): void => {
  const zone = zoneOf({ address: server.address, ...server.ports }, reach);
  network.dns.place(server.domain, zone);
  network.dns.place(rooms, zone);
};

export const onesoupSide = async (
  network: Network,
  { trust, reach }: Manner,
  options: { domain?: string; keys?: KeyPair; address?: string; settings?: object; extra?: object } = {},
): Promise<Side & { readonly server: Onesoup }> => {
  const { domain = 'onesoup.test', extra = {} } = options;
  const keys = options.keys ?? (await keysFor(network, trust, domain));
  const settings = { loopback: true, dialback: trust === 'dialback' ? 'allowed' : 'never', ...options.settings };
  const { address = network.newAddress() } = options;
  const server = await prepareOnesoup({ domain, federation: { network, keys, address, settings }, extra });
  const rooms = `conference.${domain}`;
  place(network, server, rooms, reach);
  return {
    server,
    kind: 'onesoup',
    domain,
    rooms,
    addUser: (name, secret) => server.addUser(name, secret),
    start: () => server.start(),
    stop: async (signal) => void (await server.stop(signal)),
    settle: async () => {},
    async delivered() {
      for (let tries = 0; tries < 300; tries++) {
        const metrics = await (await fetch(`http://127.0.0.1:${server.ports.http}/metrics`)).text();
        if (/^onesoup_xmpp_s2s_waiting_stanzas(\{[^}]*\})? 0$/m.test(metrics)) return;
        await sleep(100);
      }
      throw new Error(`${domain} still has something for other servers`);
    },
    signIn: (name, resource = 'desk') =>
      startFriend(`${name}@${domain}/${resource}`, password, server.ports.c2s, { pep: true }),
    output: () => server.output(),
    remove: () => server.remove(),
  };
};

const side = <Server extends Prosody | Ejabberd>(
  kind: Side['kind'],
  server: Server,
  network: Network,
  reach: Reach,
): Side & { readonly server: Server } => {
  const { domain } = server;
  const rooms = `rooms.${domain}`;
  place(network, server, rooms, reach);
  return {
    server,
    kind,
    domain,
    rooms,
    addUser: (name, secret) => server.addUser(name, secret),
    start: () => server.start(),
    stop: (signal) => server.stop(signal),
    // Erlang's disk log writes after two seconds at the latest.
    settle: () => sleep(kind === 'ejabberd' ? 3000 : 0),
    signIn: (name, resource = 'desk') =>
      startFriend(`${name}@${domain}/${resource}`, password, server.ports.c2s, { pep: true, host: server.address }),
    output: () => server.output(),
    remove: () => server.remove(),
  };
};

export const prosodySide = async (
  network: Network,
  { trust, reach }: Manner,
  { domain = 'prosody.test', ...options }: Partial<ProsodyFederation> & { readonly domain?: string } = {},
): Promise<Side & { readonly server: Prosody }> => {
  const server = await prepareProsody({
    domain,
    federation: {
      network,
      keys: options.keys ?? (await keysFor(network, trust, domain)),
      rooms: `rooms.${domain}`,
      isCertificateRequired: trust === 'certificates',
      isDialback: trust === 'dialback',
      ...options,
    },
  });
  return side('prosody', server, network, reach);
};

export const ejabberdSide = async (
  network: Network,
  { trust, reach }: Manner,
  options: Partial<EjabberdOptions> = {},
): Promise<Side & { readonly server: Ejabberd }> => {
  const domain = 'ejabberd.test';
  const server = await prepareEjabberd({
    network,
    domains: [domain],
    keys: options.keys ?? (await keysFor(network, trust, domain)),
    isDialback: trust === 'dialback',
    ...options,
  });
  return side('ejabberd', server, network, reach);
};
