// Everything a phone is served, unchanged, for users of a Prosody that is not ours: the suite of src/gateway/suite over c2s.

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { silentMeter } from '../src/base/meter.ts';
import { bad } from '../src/base/outcome.ts';
import { systemRandom } from '../src/base/random.ts';
import type { Contents, Fetched } from '../src/gateway/services/content/contents.ts';
import { contentEvents } from '../src/gateway/services/content/events.ts';
import { fitPicture } from '../src/gateway/services/content/pictures/fit.ts';
import { turns } from '../src/gateway/services/content/turns.ts';
import { createWebClient } from '../src/gateway/services/content/web/web.ts';
import { phones } from '../src/gateway/suite/personalities.ts';
import { serviceSuite } from '../src/gateway/suite/suite.ts';
import type { Ground } from '../src/gateway/suite/world.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { PasswordVault } from '../src/store/vault.ts';
import { XmppClient } from '../src/xmpp/client/client.ts';
import { freePorts } from './peers/ports.ts';
import { type Prosody, prepareProsody } from './peers/prosody.ts';

const domain = 'prosody.test';
let prosody: Prosody;

before(async () => {
  const [http = 0] = await freePorts(1);
  prosody = await prepareProsody({
    domain,
    config: `
http_ports = { ${http} }
https_ports = {}
http_interfaces = { "127.0.0.1" }
http_default_host = "upload.${domain}"
Component "rooms.${domain}" "muc"
Component "upload.${domain}" "http_file_share"
  http_external_url = "http://127.0.0.1:${http}/"
`,
  });
  await prosody.start();
});
after(() => prosody.remove());

const connectTo = (host: string, port: number): Socket => connect(port, host);

const overProsody = async (): Promise<Ground> => {
  /** The connections of the gateway's present life; friends' are their own. */
  let process = { isGone: false, sockets: new Set<Socket>() };
  const store = openSqliteStore({ file: ':memory:' });
  const keys = mkdtempSync(join(tmpdir(), 'onesoup-keys-'));
  const vault = new PasswordVault(keys, store, systemRandom);
  const contents: Contents = {
    web: createWebClient({ networks: ['127.0.0.1'] }),
    pictures: { fit: fitPicture },
    bytesMax: 1_000_000,
    turns: turns(2),
    events: contentEvents(silentMeter),
  };
  const published = new Map<string, Fetched>();
  const elsewhere = createServer((request, response) => {
    const file = published.get(request.url ?? '');
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' }).end(file?.octets);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const accounts = join(prosody.directory, 'data', encodeURIComponent(domain).replaceAll('.', '%2e'), 'accounts');
  await mkdir(accounts, { recursive: true });
  return {
    home: 'home.test',
    provider: {
      domain,
      async open({ account, resource, credentials, resume }, receiver) {
        if (credentials.kind !== 'password') return bad({ reason: 'credentials-needed', text: 'a password' });
        const mine = process;
        // One that is gone connects no more.
        const dial = (host: string, port: number): Socket => {
          const socket = connect(mine.isGone ? 1 : port, host);
          mine.sockets.add(socket);
          return socket;
        };
        const { password } = credentials;
        return XmppClient.open(
          {
            server: { domain, host: '127.0.0.1', port: prosody.ports.c2s, tls: 'required', ca: prosody.certificate },
            account,
            resource,
            password,
            ...(resume && { resume }),
            clock: systemClock,
            random: systemRandom,
            log: silentLog,
            connect: resource === 'desk' ? connectTo : dial,
          },
          receiver,
        );
      },
    },
    cut() {
      process.isGone = true;
      for (const socket of process.sockets) socket.destroy();
      process = { isGone: false, sockets: new Set() };
    },
    clock: systemClock,
    store,
    vault,
    // Prosody reads an account when it signs in, and hashes the password then: a file is quicker than a command for each.
    async makeAccount(name) {
      await writeFile(join(accounts, `${name.replaceAll('-', '%2d')}.dat`), 'return { ["password"] = "secret"; };\n');
      await vault.keepDevicePassword(`${name}@${domain}`, 'secret');
    },
    pass: (ms) => sleep(ms),
    contents,
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
    has: { blocking: true, pep: true, rooms: true },
    async close() {
      elsewhere.close();
      await store.close();
      rmSync(keys, { recursive: true });
    },
  };
};

const chosen = ['XML 1.1', 'WBXML 1.2', 'WBXML 1.3', 'Nokia S60, WBXML 1.2', 'Android, XML 1.2'];
serviceSuite(
  'Prosody',
  overProsody,
  phones.filter(({ name }) => chosen.includes(name)),
);
