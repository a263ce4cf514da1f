// A program for tests that kill it: server, rooms, gateway and SQLite in a directory, phones served over HTTP. Says its port on
// its first line when it is ready. From then on it counts the moments that matter, before and after everything it writes to
// the store, to the web or to a phone, and at the one it was told it kills itself with SIGKILL. (Started by doomed-process.ts.)

import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { systemRandom } from '../../base/random.ts';
import { joinRooms } from '../../server/rooms/join.ts';
import { openRooms } from '../../server/rooms/service.ts';
import { createServer, type Server } from '../../server/server.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { PasswordVault } from '../../store/vault.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { createGateway } from '../gateway.ts';
import { services } from '../services/index.ts';
import { defaultSettings } from '../settings.ts';
import { Activity } from '../simulation/activity.ts';
import { Life, mortal } from '../simulation/mortal-store.ts';
import { courier } from './courier.ts';
import { serveDoomed } from './doomed-http.ts';
import type { Doom } from './doomed-process.ts';
import { GivenTime } from './given-time.ts';

const doom = JSON.parse(process.argv[2] ?? '') as Doom;
const { directory, port = 0, lastMoment = 0, users = [], serves, wallMs } = doom;
const domain = 'home.test';

const life = new Life();
life.atDeath(() => process.kill(process.pid, 'SIGKILL'));
const activity = new Activity();
const given = wallMs === undefined ? undefined : new GivenTime(wallMs, life, activity);
const clock = given?.clock ?? systemClock;
const store = mortal(openSqliteStore({ file: join(directory, 'onesoup.sqlite') }), life, activity);
const log = {
  ...silentLog,
  error: (fields: object, message: string) => console.error(message, fields),
  child: () => log,
};
const shared = { clock, random: systemRandom, log, store, meter: silentMeter };
const server: Server = createServer({ ...shared, domains: [domain] });
const toServer = {
  route: (stanza: Stanza) => server.route(stanza),
  broadcast: (stanza: Stanza) => server.broadcast(stanza),
  hasAccounts: (name: string) => name === domain,
};
joinRooms(server, await openRooms({ ...shared, domain: `rooms.${domain}`, server: toServer }));
const vault = new PasswordVault(join(directory, 'keys'), store);
const accounts = server.accounts(domain);
for (const user of users) {
  await accounts.create(Jid.from(`${user}@${domain}`), 'secret');
  await vault.keepDevicePassword(`${user}@${domain}`, 'secret');
}
// Passwords are hashed by other threads: nobody else sees that something is going on.
const verify = accounts.verify.bind(accounts);
accounts.verify = (account, password) => verify(account, password).finally(activity.begin());
await server.start();

const hasFiles = serves === 'everything and files';
const impatient = {
  ...{ pollHoldS: 1, redeliverS: 1, serverPollMinS: 1 },
  cir: { ...defaultSettings.cir, repeatS: 2, fallbackS: 1 },
};
const gateway = createGateway({
  ...shared,
  settings: {
    domain,
    ...(given ? {} : impatient),
    limits: { ...defaultSettings.limits, requestsPerSecondMax: 1000 },
  },
  providers: server.links,
  services: serves === 'messages' ? [courier] : services,
  ...(hasFiles && {
    contents: await (await import('./doomed-files.ts')).openFiles({ ...shared, server, domain, directory, life }),
  }),
  vault,
});
await gateway.start();
await gateway.listenCirUdp({ host: '127.0.0.1', port: 0 });

const listening = await serveDoomed({ gateway, port, life, activity });
given?.obey(() => listening.counts());
if (lastMoment > 0) life.dieAfter(lastMoment - 1);
// The next start is quicker: who is killed keeps nothing of what it has compiled.
flushCompileCache();
console.log(listening.port);
