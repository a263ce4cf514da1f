// The promise of federation: a message that was acknowledged to its sender survives `kill -9`, at whatever instant, and
// arrives, in order. (A message whose acknowledgement by the other server was lost with the process arrives twice, under the
// same id: the other server cannot tell.)

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom, systemRandom } from '../../base/random.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { systemNet } from '../../xmpp/connect/dial.ts';
import { Jid } from '../../xmpp/jid.ts';
import { acceptS2s } from '../../xmpp/s2s/accept.ts';
import { openS2s } from '../../xmpp/s2s/open.ts';
import { s2sResumables } from '../../xmpp/s2s/resumption.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { createServer } from '../server.ts';
import { createFederation } from './federation.ts';

const kills = 6;
const presence = Stanza.make({ kind: 'presence' });

const freePort = async (): Promise<number> => {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** away.example, in this process; mila's client has what it received in `seen`. */
const startAway = async (homePort: number) => {
  const surroundings = { clock: systemClock, random: systemRandom, log: silentLog, meter: silentMeter };
  const store = openSqliteStore({ file: ':memory:' });
  const server = createServer({ domains: ['away.example'], store, ...surroundings });
  const absent = async () => ({ kind: 'absent' }) as const;
  const federation = createFederation({
    server,
    store: store.federation,
    settings: {
      tls: 'optional',
      routes: new Map([['home.test', { host: '127.0.0.1', port: homePort, isDirectTls: false }]]),
    },
    secureContext: undefined,
    dialbackSecret: Buffer.from('away'),
    resolver: { srv: absent, ip4: absent, ip6: absent },
    net: systemNet,
    openS2s,
    acceptS2s,
    resumables: s2sResumables(),
    ...surroundings,
  });
  server.federate(federation.carrier);
  const port = await federation.listen({ host: '127.0.0.1', port: 0, isDirectTls: false });
  const account = Jid.from('mila@away.example');
  await server.accounts('away.example').create(account, 'secret');
  const seen: string[] = [];
  const opened = await server.links[0]?.open(
    { account, resource: 'x', credentials: { kind: 'trusted' } },
    { stanza: ({ kind, id = '' }) => void (kind === 'message' && seen.push(id)), closed() {} },
  );
  assert.ok(opened?.ok);
  const close = async (): Promise<void> => {
    await server.shutdown();
    await federation.stop();
    await store.close();
  };
  return { port, seen, close, ready: () => opened.value.send(presence) };
};

test('kill -9 loses no message for another server that was acknowledged', { timeout: 120_000 }, async (context) => {
  const seed = Number(process.env['SEED'] ?? systemRandom.fraction() * 2 ** 31) | 0;
  context.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-s2s-kill-'));
  const homePort = await freePort();
  const away = await startAway(homePort);
  await away.ready();
  const acknowledged: string[] = [];
  let number = 0;

  const start = async (): Promise<ChildProcess> => {
    const program = new URL('doomed.ts', import.meta.url).pathname;
    const args = ['--no-warnings', program, join(directory, 'home.db'), String(homePort), String(away.port)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.on('error', () => {});
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const ready = once(lines, 'line');
    await ready;
    lines.on('line', (id: string) => acknowledged.push(id));
    return child;
  };
  const write = (child: ChildProcess, count: number): void => {
    for (let n = 0; n < count; n++) child.stdin?.write(`m${number++}\n`);
  };

  for (let kill = 0; kill < kills; kill++) {
    const child = await start();
    const closed = once(child, 'close');
    // Some die before the stream is there, some in the middle of a burst, some with acknowledgements on their way.
    for (let burst = 0; burst < 5; burst++) {
      write(child, 20);
      await sleep(random.fraction() * 60);
    }
    child.kill('SIGKILL');
    await closed;
  }
  const last = await start();
  write(last, 1);
  const final = `m${number - 1}`;
  for (
    let tries = 0;
    tries < 600 && !(away.seen.includes(final) && acknowledged.every((id) => away.seen.includes(id)));
    tries++
  )
    await sleep(50);
  last.kill('SIGKILL');
  await once(last, 'close');
  await away.close();
  rmSync(directory, { recursive: true });

  const numbers = (ids: readonly string[]): number[] => ids.map((id) => Number(id.slice(1)));
  assert.deepEqual(
    numbers(acknowledged).filter((n) => !away.seen.includes(`m${n}`)),
    [],
    `lost (SEED=${seed})`,
  );
  const arrivals = numbers(away.seen).filter((n, at, all) => all.indexOf(n) === at);
  assert.deepEqual(
    arrivals,
    [...arrivals].sort((a, b) => a - b),
    `in order (SEED=${seed})`,
  );
  assert.ok(acknowledged.length > 100, `only ${acknowledged.length} were acknowledged: the test saw too little`);
  context.diagnostic(`${acknowledged.length} acknowledged, ${away.seen.length - arrivals.length} arrived twice`);
});
