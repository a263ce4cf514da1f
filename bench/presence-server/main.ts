// The presence view at work in the server: `npm run bench -- presence-server [PAIRS] [CONTACTS]`. How long a server takes to
// start over a database with so many (user, contact) pairs, each with one resource last seen available, and what it then
// holds in memory; and how long after its initial presence a client with so many contacts has its first write, over TCP.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { silentMeter } from '../../src/base/meter.ts';
import { systemRandom } from '../../src/base/random.ts';
import { viewOf } from '../../src/server/features/presence/view.ts';
import { createServer } from '../../src/server/server.ts';
import { RawClient } from '../../src/server/testing/raw-client.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { Jid } from '../../src/xmpp/jid.ts';

const [pairsWanted = 1_000_000, contactsOfOne = 1_000] = process.argv
  .filter((one) => /^\d+$/.test(one))
  .map((one) => Number(one));
const directory = mkdtempSync(join(tmpdir(), 'onesoup-bench-'));
const file = join(directory, 'onesoup.db');

/** As rosters are: 100 contacts each, 200,000 different ones at 5,000 domains for a million pairs. */
const fill = (): void => {
  const database = new DatabaseSync(file);
  database.exec('pragma synchronous = off; begin');
  const item = database.prepare("insert into roster_items values (?, ?, 1, null, '[]', 'both', 0, null, 0, 1)");
  const payload = database.prepare('insert into presence_payloads (id, text) values (?, ?)');
  const entry = database.prepare('insert into presence_entries values (?, ?, ?, ?, ?)');
  const now = Date.now();
  for (let n = 1; n <= 4_000; n++)
    payload.run(
      n,
      `<show>${['away', 'xa', 'dnd', 'chat'][n % 4]}</show><status>status number ${n % 200}</status>` +
        `<c hash='sha-1' node='https://client.example' ver='${'0123456789abcdef'.repeat(2)}${Math.floor(n / 200)}=' xmlns='http://jabber.org/protocol/caps'/>`,
    );
  const add = (user: string, n: number): void => {
    const contact = `contact${n}@domain${n % 5_000}.example`;
    item.run(user, contact);
    entry.run(user, contact, 'phone', 1 + (n % 4_000), now - 60_000);
  };
  for (let i = 0; i < pairsWanted; i++)
    add(`user${Math.floor(i / 100)}@home.test`, (i * 7_919) % Math.max(1, Math.floor(pairsWanted / 5)));
  for (let i = 0; i < contactsOfOne; i++) add('anna@home.test', i);
  database.exec('commit; pragma wal_checkpoint(truncate)');
  database.close();
};

const makeServer = () => {
  const store = openSqliteStore({ file });
  const server = createServer({
    domains: ['home.test'],
    limits: { rosterItemsMax: 100_000 },
    store,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    meter: silentMeter,
  });
  return { server, store };
};
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(0)} MB`;
/** Resident, and of that what is still wanted after a collection. */
const memory = (): string => {
  const { rss } = process.memoryUsage();
  collectGarbage();
  const { heapUsed, external, rss: after } = process.memoryUsage();
  return `${megabytes(rss)} resident (${megabytes(after)} after a collection, ${megabytes(heapUsed + external)} in use)`;
};

try {
  const empty = makeServer();
  await empty.server.accounts('home.test').create(Jid.from('anna@home.test'), 'secret');
  await empty.server.shutdown();
  await empty.store.close();
  fill();
  console.log(`before: ${memory()}`);

  const { server, store } = makeServer();
  let started = performance.now();
  const cpu = process.cpuUsage();
  await server.start();
  const { user, system } = process.cpuUsage(cpu);
  const took = `${(performance.now() - started).toFixed(0)} ms, ${((user + system) / 1e3).toFixed(0)} ms of CPU`;
  console.log(`start over ${pairsWanted + contactsOfOne} pairs: ${took}; ${memory()}`);

  const host = server.hosts.get('home.test');
  if (!host) throw new Error('home.test is served');
  started = performance.now();
  const { unconfirmed } = viewOf(host).counts();
  console.log(
    `counting ${unconfirmed} unconfirmed entries for metrics: ${(performance.now() - started).toFixed(0)} ms`,
  );

  const { port } = await server.listenC2s({
    host: '127.0.0.1',
    port: 0,
    requireTls: false,
    fakeSaltSecret: new Uint8Array(32),
    limits: {},
  });
  // Contacts come in order of their addresses.
  const last = new RegExp(
    `from='${Array.from({ length: contactsOfOne }, (_, n) => `contact${n}@`)
      .sort()
      .at(-1)}`,
  );
  const times: number[] = [];
  let reads = 0;
  for (let round = 0; round < 20; round++) {
    const client = await RawClient.signIn(port, 'anna', `desk${round}`);
    const before = client.reads;
    started = performance.now();
    client.send('<presence/>');
    await client.until(last);
    times.push(performance.now() - started);
    reads = client.reads - before;
    client.drop();
    await client.closed();
  }
  times.sort((a, b) => a - b);
  console.log(
    `the presence of ${contactsOfOne} contacts after initial presence: median ${times[10]?.toFixed(1)} ms, worst ${times.at(-1)?.toFixed(1)} ms, in ${reads} reads`,
  );
  await server.shutdown();
  await store.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
