// A whole server in memory, for tests: no sockets, no files, time moved by hand.

import { SimulatedClock } from '../../base/clock.ts';
import { type Log, silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Store } from '../../store/store.ts';
import { Jid } from '../../xmpp/jid.ts';
import { createServer, type Server, type ServerOptions } from '../server.ts';
import { Client } from './client.ts';

export interface TestServer extends Server {
  readonly store: Store;
  readonly clock: SimulatedClock;
  /** Makes an account; its password is 'secret'. Names without a domain are of home.test. */
  addAccount(...names: string[]): Promise<void>;
  /** Makes the account if need be and opens an in-process Link. */
  signIn(name: string, resource?: string): Promise<Client>;
  /** Resolves when nothing is going on any more. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export const testDomain = 'home.test';

/** Domains home.test and away.test, a store in memory, a simulated clock; anything can be chosen otherwise. */
export const testServer = (
  options: Partial<ServerOptions> & { readonly log?: Log; readonly settleAll?: () => Promise<void> } = {},
): TestServer => {
  const store = options.store ?? openSqliteStore({ file: ':memory:' });
  const clock = options.clock instanceof SimulatedClock ? options.clock : new SimulatedClock();
  const server = createServer({
    domains: [testDomain, 'away.test'],
    random: seededRandom(1),
    log: silentLog,
    meter: silentMeter,
    ...options,
    store,
    clock,
  });
  const started = server.start();
  const addressOf = (name: string): Jid => Jid.from(name.includes('@') ? name : `${name}@${testDomain}`);

  const settle = async (): Promise<void> => {
    await started;
    for (let round = 0; round < 3; round++) {
      for (const { users } of server.hosts.values()) await users.settled();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const test: TestServer = {
    ...server,
    store,
    clock,
    settle,
    async addAccount(...names) {
      await started;
      for (const name of names) {
        const address = addressOf(name);
        await server.accounts(address.domain).create(address, 'secret');
      }
    },
    async signIn(name, resource = 'phone') {
      await started;
      const account = addressOf(name);
      await server.accounts(account.domain).create(account, 'secret');
      const provider = server.links.find(({ domain }) => domain === account.domain);
      if (!provider) throw new RangeError(`no such domain: ${account.domain}`);
      const client = new Client(options.settleAll ?? settle);
      const opened = await provider.open({ account, resource, credentials: { kind: 'trusted' } }, client);
      if (!opened.ok) throw new Error(`${name} could not sign in: ${opened.fault.reason} ${opened.fault.text}`);
      client.link = opened.value;
      return client;
    },
    async close() {
      await started;
      // Clients get time to answer the end of their streams; here it passes at once.
      const down = server.shutdown().then(() => true);
      const soon = (): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), 5));
      while (!(await Promise.race([down, soon()]))) clock.advance(1_000);
      await store.close();
    },
  };
  return test;
};
