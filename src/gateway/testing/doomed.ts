// A program for tests that kill it: server, gateway and SQLite in the directory given, phones served over HTTP on the port
// given (0: any). Says the port on its first line when it is ready. From then on it counts the moments that matter, before and
// after everything it writes to the store or to a phone, and at the one it was told it kills itself with SIGKILL.

import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { systemRandom } from '../../base/random.ts';
import { createServer } from '../../server/server.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { PasswordVault } from '../../store/vault.ts';
import { Jid } from '../../xmpp/jid.ts';
import { createGateway } from '../gateway.ts';
import { defaultSettings } from '../settings.ts';
import { courier } from './courier.ts';

const [directory = '', port = '0', lastMoment = '0', ...users] = process.argv.slice(2);

let isReady = false;
let moments = 0;
const moment = (): void => {
  if (isReady && ++moments === Number(lastMoment)) process.kill(process.pid, 'SIGKILL');
};
const writes = /^(together|add|save|remove|set|handedOut|keep$|drop)/;
/** The same store with a moment before and after every write that is a transaction of its own. */
const counted = <Part extends object>(part: Part): Part =>
  new Proxy(part, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value === 'object' && value) return counted(value);
      if (typeof value !== 'function') return value;
      if (!writes.test(String(name))) return value.bind(target) as unknown;
      return async (...given: unknown[]): Promise<unknown> => {
        moment();
        const done = (await value.apply(target, given)) as unknown;
        moment();
        return done;
      };
    },
  });
const store = counted(openSqliteStore({ file: join(directory, 'onesoup.sqlite') }));
const log = {
  ...silentLog,
  error: (fields: object, message: string) => console.error(message, fields),
  child: () => log,
};
const shared = { clock: systemClock, random: systemRandom, log, store };
const server = createServer({ ...shared, domains: ['home.test'], meter: silentMeter });
for (const user of users) await server.accounts('home.test').create(Jid.from(`${user}@home.test`), 'secret');
const gateway = createGateway({
  ...shared,
  settings: {
    domain: 'home.test',
    pollHoldS: 1,
    redeliverS: 1,
    serverPollMinS: 1,
    cir: { ...defaultSettings.cir, repeatS: 2, fallbackS: 1 },
    limits: { ...defaultSettings.limits, requestsPerSecondMax: 1000 },
  },
  providers: server.links,
  services: [courier],
  vault: new PasswordVault(join(directory, 'keys'), store),
});
await gateway.start();
await gateway.listenCirUdp({ host: '127.0.0.1', port: 0 });

const http = createHttpServer((request, response) => {
  const pieces: Buffer[] = [];
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', async () => {
    const answer = await gateway.handle({
      body: new Uint8Array(Buffer.concat(pieces)),
      contentType: request.headers['content-type'],
      remoteAddress: request.socket.remoteAddress ?? '',
      gone: gone.signal,
    });
    response.on('close', () => answer.delivered?.(response.writableFinished));
    moment();
    response.writeHead(answer.status, {
      'Content-Length': answer.body.length,
      ...(answer.contentType && { 'Content-Type': answer.contentType }),
    });
    response.end(answer.body, moment);
  });
});
http.listen(Number(port), '127.0.0.1', () => {
  const address = http.address();
  isReady = true;
  console.log(typeof address === 'object' && address ? address.port : port);
});
