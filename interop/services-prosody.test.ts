// Everything a phone is served, unchanged, for users of a Prosody that is not ours: the suite of src/gateway/suite over c2s.

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { bad } from '../src/base/outcome.ts';
import { systemRandom } from '../src/base/random.ts';
import { phones } from '../src/gateway/suite/personalities.ts';
import { serviceSuite } from '../src/gateway/suite/suite.ts';
import type { Ground } from '../src/gateway/suite/world.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { PasswordVault } from '../src/store/vault.ts';
import { XmppClient } from '../src/xmpp/client/client.ts';
import { type Prosody, prepareProsody } from './peers/prosody.ts';

const domain = 'prosody.test';
let prosody: Prosody;

before(async () => {
  prosody = await prepareProsody({ domain, config: `Component "rooms.${domain}" "muc"\n` });
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
    has: { blocking: true, pep: true, rooms: true },
    async close() {
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
