// Everything that stands around a home server while it is measured: network, links, remote servers with their people, and
// the client at home.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Network, startNetwork } from '../../../interop/peers/network.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { type Contacts, startContacts, startWatcher, type Watcher } from '../clients/threads.ts';
import type { Home, HomeOptions, PrepareHome } from '../world/homes/home.ts';
import type { Proof } from '../world/keys.ts';
import { Links } from '../world/links.ts';
import { type Contact, contactsFor, domainsOf, homeDomain, loner, password, userOf } from '../world/people.ts';
import { accountsOf, prepareRemotes, type Remotes } from '../world/remotes.ts';

export interface StageOptions {
  readonly prepareHome: PrepareHome;
  readonly sizes: readonly number[];
  readonly domains: number;
  readonly proof: Proof;
  readonly isBidi: boolean;
  readonly reach: 'starttls' | 'direct';
  /** Further keys of onesoup's configuration. */
  readonly onesoup?: object;
  readonly seed: number;
}

export interface Stage extends AsyncDisposable {
  readonly home: Home;
  readonly remotes: Remotes;
  readonly links: Links;
  readonly contacts: readonly Contact[];
  readonly watcher: Watcher;
  readonly people: Contacts;
  signIn(user: string): Promise<void>;
  /** Waits until nothing has moved on the links for so long, or `withinMs` have passed. */
  quiet(forMs?: number, withinMs?: number): Promise<void>;
  /** The remote servers close every stream in order; resolves when none is left. */
  closeStreams(): Promise<void>;
  /** Waits until no connection is left on the links, and nothing moves. */
  noStreams(): Promise<void>;
}

/** Home is prepared and stopped; the contacts are online. */
export const setStage = async (options: StageOptions): Promise<Stage> => {
  const { sizes, proof, isBidi, reach, onesoup = {} } = options;
  const domains = domainsOf(options.domains);
  const contacts = contactsFor(sizes, domains);
  await using rollback = new AsyncDisposableStack();
  const network = apart(rollback.use(await startNetwork()));
  const links = rollback.adopt(new Links(network, seededRandom(options.seed)), (it) => it.close());
  const remotes = await prepareRemotes({ network, domains, contacts, proof, isBidi });
  rollback.defer(() => remotes.prosody.remove());
  const homeOptions: HomeOptions = {
    network,
    domain: homeDomain,
    contacts,
    users: [...sizes.map(userOf), loner],
    proof,
    isBidi,
    onesoup,
  };
  const home = rollback.adopt(await options.prepareHome(homeOptions), (it) => it.remove());
  await links.lay(domains, remotes.prosody, reach, false);
  await links.lay([homeDomain], home, reach, true);
  const watcher = rollback.adopt(startWatcher(), (it) => it.end());
  const people = rollback.adopt(startContacts(), (it) => it.end());
  await remotes.prosody.start();
  await people.signIn(accountsOf(contacts, remotes.prosody));
  const stage: Stage = {
    home,
    remotes,
    links,
    contacts,
    watcher,
    people,
    signIn: (name) => watcher.signIn({ ...home.c2s, domain: homeDomain, name, password }),
    async quiet(forMs = 700 + 2 * links.conditions.rttMs, withinMs = 20_000) {
      const start = performance.now();
      for (const until = start + withinMs; performance.now() < until; await sleep(50))
        if (Math.min(links.quietMs, performance.now() - start) >= forMs) return;
    },
    async closeStreams() {
      await remotes.closeStreams();
      await stage.noStreams();
    },
    async noStreams() {
      for (const until = performance.now() + 30_000; links.openConnections > 0; await sleep(50))
        if (performance.now() > until) throw new Error(`${links.openConnections} streams did not close in 30 s`);
      await stage.quiet();
    },
    [Symbol.asyncDispose]: () => end.disposeAsync(),
  };
  // The contacts' servers have tried to tell home of them, and given up.
  await stage.quiet();
  await stage.noStreams();
  const end = rollback.move();
  return stage;
};

/** On addresses that no test uses: one that runs meanwhile, or left something behind, shall not be in the figures. */
export const apart = (network: Network): Network => {
  const own = network.dns.address.split('.')[3] ?? '1';
  // Names do not move in a run, and how fast a server looks them up is not what is measured.
  network.dns.ttlSeconds = 3600;
  let last = 0;
  return { ...network, newAddress: () => `127.77.${own}.${++last}` };
};
