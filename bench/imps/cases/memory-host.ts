// A process of its own whose memory is measured: a server with its accounts, and so many sessions of them. `links`: plain
// XMPP sessions in the process, available and with their roster. `phones`: a gateway as well, and phones signed in.
// Arguments: directory, kind, number, contacts of each, milliseconds of rest. Says one line of JSON when the first few are signed
// in (by then everything that runs is compiled), one when so many more are and nothing goes on any more, and then one for every
// line it is sent.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock.ts';
import { silentMeter } from '../../../src/base/meter.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { createLog } from '../../../src/cli/log.ts';
import { checkConfig } from '../../../src/config/config.ts';
import { createGateway, type Gateway } from '../../../src/gateway/gateway.ts';
import { services } from '../../../src/gateway/services/index.ts';
import { createServer } from '../../../src/server/server.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { PasswordVault } from '../../../src/store/vault.ts';
import { el } from '../../../src/xml/element.ts';
import { Jid } from '../../../src/xmpp/jid.ts';
import { Stanza } from '../../../src/xmpp/stanza.ts';
import { lookAtContacts, type Phone, type Post, pollOnce, signIn } from '../load/phones.ts';
import type { MemoryReport } from '../report/results.ts';
import { domain, phoneAddress } from '../world/people.ts';
import { warmUp } from './warm-up.ts';

const [directory = '', kind = '', count = '0', contacts = '0', settleMs = '0'] = process.argv.slice(2);

const store = openSqliteStore({ file: join(directory, 'onesoup.db') });
// As the program's, but for what it would say on standard output.
const log = createLog(checkConfig('log: { level: error, pretty: never }', undefined));
const shared = { clock: systemClock, random: systemRandom, log, meter: silentMeter, store };
const server = createServer({ ...shared, domains: [domain] });
await server.start();

const report = async (more: Partial<MemoryReport> = {}): Promise<void> => {
  for (let run = 0; run < 4; run++) {
    (globalThis as { gc?: () => void }).gc?.();
    await sleep(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ rss, heap: heapUsed + external, ...more } satisfies MemoryReport));
};

interface Range {
  readonly first: number;
  readonly count: number;
}

/** Calls `task` for each number, some at a time. */
const forAll = async ({ first, count }: Range, task: (index: number) => Promise<void>): Promise<void> => {
  const left = Array.from({ length: count }, (_, at) => first + at).values();
  const lane = async (): Promise<void> => {
    for (const index of left) await task(index);
  };
  await Promise.all(Array.from({ length: 16 }, lane));
};

const openLinks = async (range: Range): Promise<void> => {
  const [provider] = server.links;
  await forAll(range, async (index) => {
    const account = Jid.from(phoneAddress(index));
    const request = { account, resource: 'phone', credentials: { kind: 'trusted' } } as const;
    const opened = await provider?.open(request, { stanza: () => {}, closed: () => {} });
    if (!opened?.ok) throw new Error(`no session for ${account}`);
    await opened.value.send(
      Stanza.make({ kind: 'iq', type: 'get', id: 'r' }, el('query', { xmlns: 'jabber:iq:roster' })),
    );
    await opened.value.send(Stanza.make({ kind: 'presence' }));
    kept.push(opened.value);
  });
};

const openPhones = async (gateway: Gateway, range: Range): Promise<void> => {
  const post: Post = (body, contentType) =>
    gateway.handle({ body, contentType, userAgent: 'Phone/1.0', remoteAddress: '127.0.0.1' });
  await forAll(range, async (index) => {
    const phone = await signIn(post, index, { version: '1.2', encoding: 'wbxml' });
    if (Number(contacts) > 0) await lookAtContacts(post, phone);
    phones[index] = phone;
  });
  // Until each has been told of its contacts' presence.
  for (let some = 1; some > 0; ) {
    some = 0;
    await forAll({ first: 0, count: phones.length }, async (index) => {
      some += (await pollOnce(post, phones[index] as Phone)).length;
    });
    await sleep(300);
  }
};

const kept: unknown[] = [];
const phones: Phone[] = [];
let port: number | undefined;
if (kind === 'links') {
  await openLinks({ first: 0, count: warmUp });
  await report();
  await openLinks({ first: warmUp, count: Number(count) });
} else {
  const gateway = createGateway({
    ...shared,
    settings: { domain, pollHoldS: 0 },
    providers: server.links,
    services,
    vault: new PasswordVault(join(directory, 'keys'), store),
  });
  await gateway.start();
  port = await gateway.listenCirTcp({ host: '127.0.0.1', port: 0 });
  await openPhones(gateway, { first: 0, count: warmUp });
  await report();
  await openPhones(gateway, { first: warmUp, count: Number(count) });
}
// What is written some seconds after a phone was heard is no part of an idle one.
await sleep(Number(settleMs));
await report({ port, sessionIds: phones.map(({ sessionId }) => sessionId) });
process.stdin.on('data', () => void report());
process.on('SIGTERM', () => process.exit(0));
