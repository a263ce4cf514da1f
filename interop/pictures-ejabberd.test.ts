// Pictures for users of an ejabberd that is not ours, over its own uploads (mod_http_upload): src/gateway/suite/content.ts.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { silentMeter } from '../src/base/meter.ts';
import { bad } from '../src/base/outcome.ts';
import { systemRandom } from '../src/base/random.ts';
import type { Fetched } from '../src/gateway/services/content/contents.ts';
import { contentEvents } from '../src/gateway/services/content/events.ts';
import { fitPicture } from '../src/gateway/services/content/pictures/fit.ts';
import { turns } from '../src/gateway/services/content/turns.ts';
import { createWebClient } from '../src/gateway/services/content/web/web.ts';
import { castOf } from '../src/gateway/suite/cast.ts';
import { contentConversations } from '../src/gateway/suite/content.ts';
import { phones } from '../src/gateway/suite/personalities.ts';
import { type Ground, World } from '../src/gateway/suite/world.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { PasswordVault } from '../src/store/vault.ts';
import { XmppClient } from '../src/xmpp/client/client.ts';
import { type Ejabberd, hasEjabberd, prepareEjabberd } from './peers/ejabberd.ts';
import { type Network, startNetwork } from './peers/network.ts';

const skip = hasEjabberd() ? false : 'ejabberd is not installed';
const domain = 'ejabberd.test';
const directory = mkdtempSync(join(tmpdir(), 'onesoup-pictures-'));
let network: Network;
let ejabberd: Ejabberd;
let world: World;

const overEjabberd = async (): Promise<Ground> => {
  const store = openSqliteStore({ file: ':memory:' });
  const published = new Map<string, Fetched>();
  const elsewhere = createServer((request, response) => {
    const file = published.get(request.url ?? '');
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' }).end(file?.octets);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  return {
    home: 'home.test',
    provider: {
      domain,
      async open({ account, resource, credentials, resume }, receiver) {
        if (credentials.kind !== 'password') return bad({ reason: 'credentials-needed', text: 'a password' });
        const { password } = credentials;
        const { c2s: port } = ejabberd.ports;
        const ca = readFileSync(network.authority.ca, 'utf8');
        return XmppClient.open(
          {
            server: { domain, host: ejabberd.address, port, tls: 'required', ca },
            account,
            resource,
            password,
            ...(resume && { resume }),
            clock: systemClock,
            random: systemRandom,
            log: silentLog,
            connect: (host, port) => connect(port, host),
          },
          receiver,
        );
      },
    },
    clock: systemClock,
    store,
    vault: new PasswordVault(join(directory, 'keys'), store, systemRandom),
    makeAccount: (name) => ejabberd.addUser(name, 'secret'),
    pass: (ms) => sleep(ms),
    contents: {
      // Where no test leads on purpose stays closed.
      web: createWebClient({ networks: ['127.0.0.1', ejabberd.address] }),
      pictures: { fit: fitPicture },
      bytesMax: 1_000_000,
      turns: turns(2),
      events: contentEvents(silentMeter),
    },
    publish(name, type, octets) {
      const path = `/${published.size}/${name}`;
      published.set(path, { type, octets });
      return `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}${path}`;
    },
    async download(url) {
      const answer = await fetch(url);
      if (!answer.ok) return undefined;
      return {
        octets: new Uint8Array(await answer.arrayBuffer()),
        type: answer.headers.get('content-type') ?? undefined,
      };
    },
    has: { blocking: true, pep: true, rooms: false },
    async close() {
      elsewhere.close();
      await store.close();
    },
  };
};

before(async () => {
  if (skip) return;
  network = await startNetwork();
  const keys = await network.authority.issue({ domains: [domain, `*.${domain}`], usage: 'server and client' });
  ejabberd = await prepareEjabberd({ network, keys, uploads: join(directory, 'uploads') });
  await ejabberd.start();
  world = new World(await overEjabberd());
  await world.gateway.start();
});
after(async () => {
  if (skip) return;
  await world?.close();
  await ejabberd?.remove();
  await network?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

for (const kind of phones.filter(({ name }) => name === 'WBXML 1.2' || name === 'Nokia S60, WBXML 1.2'))
  describe(`ejabberd: ${kind.name}`, { skip }, () => contentConversations(castOf(() => world, kind)));
