// A program for a test that kills it: server with uploads, gateway with what phones are served, SQLite and files in the
// directory given, phones over HTTP on the port given (0: any). Says the port on its first line when it is ready. From then on it
// counts the moments before and after everything it writes, and at the one it was told it kills itself with SIGKILL.

import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../../../../base/clock.ts';
import { silentLog } from '../../../../base/log.ts';
import { silentMeter } from '../../../../base/meter.ts';
import { systemRandom } from '../../../../base/random.ts';
import { createServer } from '../../../../server/server.ts';
import { joinUploads } from '../../../../server/uploads/join.ts';
import { openUploads } from '../../../../server/uploads/service.ts';
import { openSqliteStore } from '../../../../store/sqlite/open.ts';
import { PasswordVault } from '../../../../store/vault.ts';
import { Jid } from '../../../../xmpp/jid.ts';
import { createGateway } from '../../../gateway.ts';
import { defaultSettings } from '../../../settings.ts';
import { services } from '../../index.ts';
import type { Contents } from '../contents.ts';
import { contentEvents } from '../events.ts';
import { fitPicture } from '../pictures/fit.ts';
import { turns } from '../turns.ts';
import { noWeb, withOwnFiles } from '../web/own.ts';

const [directory = '', port = '0', lastMoment = '0', ...users] = process.argv.slice(2);

let isReady = false;
let moments = 0;
const moment = (): void => {
  if (isReady && ++moments === Number(lastMoment)) process.kill(process.pid, 'SIGKILL');
};
const writes = /^(together|add|save|stored|remove|set|handedOut|keep$|drop)/;
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
const log = {
  ...silentLog,
  error: (fields: object, message: string) => console.error(message, fields),
  child: () => log,
};
const store = counted(openSqliteStore({ file: join(directory, 'onesoup.sqlite') }));
const shared = { clock: systemClock, random: systemRandom, log, store, meter: silentMeter };
const server = createServer({ ...shared, domains: ['home.test'] });
for (const user of users) await server.accounts('home.test').create(Jid.from(`${user}@home.test`), 'secret');
const uploads = await openUploads({
  ...shared,
  domain: 'upload.home.test',
  url: 'https://files.home.test',
  directory: join(directory, 'uploads'),
  secret: 'a secret of tests',
  limits: { slotsBurst: 1000 },
  server: { route: (stanza) => server.route(stanza), hasAccounts: (domain) => domain === 'home.test' },
});
joinUploads(server, uploads);
const web = withOwnFiles(uploads, noWeb);
const contents: Contents = {
  web: {
    async get(url, bytesMax) {
      moment();
      const got = await web.get(url, bytesMax);
      moment();
      return got;
    },
    async put(...given) {
      moment();
      const done = await web.put(...given);
      moment();
      return done;
    },
  },
  pictures: { fit: fitPicture },
  bytesMax: 100_000,
  turns: turns(2),
  events: contentEvents(silentMeter),
};
const gateway = createGateway({
  ...shared,
  settings: {
    domain: 'home.test',
    pollHoldS: 1,
    redeliverS: 1,
    serverPollMinS: 1,
    limits: { ...defaultSettings.limits, requestsPerSecondMax: 1000 },
  },
  providers: server.links,
  services,
  contents,
  vault: new PasswordVault(join(directory, 'keys'), store),
});
await gateway.start();

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
