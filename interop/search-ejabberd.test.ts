// CSP "Search" for users of an ejabberd: its own directory (mod_vcard, XEP-0055) through the phone's search.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { bad } from '../src/base/outcome.ts';
import { systemRandom } from '../src/base/random.ts';
import { phones } from '../src/gateway/suite/personalities.ts';
import { searchFor } from '../src/gateway/suite/search.ts';
import { wv } from '../src/gateway/suite/shapes.ts';
import { type Ground, World } from '../src/gateway/suite/world.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { PasswordVault } from '../src/store/vault.ts';
import { XmppClient } from '../src/xmpp/client/client.ts';
import { type Ejabberd, hasEjabberd, prepareEjabberd } from './peers/ejabberd.ts';
import { type Network, startNetwork } from './peers/network.ts';

const skip = hasEjabberd() ? false : 'ejabberd is not installed';
const domain = 'ejabberd.test';
let network: Network;
let ejabberd: Ejabberd;
let world: World;

const overEjabberd = (): Ground => {
  const store = openSqliteStore({ file: ':memory:' });
  const keys = mkdtempSync(join(tmpdir(), 'onesoup-keys-'));
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
    vault: new PasswordVault(keys, store, systemRandom),
    makeAccount: (name) => ejabberd.addUser(name, 'secret'),
    pass: (ms) => sleep(ms),
    has: { blocking: true, pep: true, rooms: true },
    async close() {
      await store.close();
      rmSync(keys, { recursive: true });
    },
  };
};

before(async () => {
  if (skip) return;
  network = await startNetwork();
  const keys = await network.authority.issue({ domains: [domain, `*.${domain}`], usage: 'server and client' });
  ejabberd = await prepareEjabberd({ network, keys, modules: { mod_vcard: { search: true, matches: 30 } } });
  await ejabberd.start();
  world = new World(overEjabberd());
  await world.gateway.start();
});
after(async () => {
  if (skip) return;
  await world.close();
  await ejabberd.remove();
  await network[Symbol.asyncDispose]();
});

for (const name of ['XML 1.1', 'WBXML 1.2', 'WBXML 1.3'])
  test(`people of the server are found by their vCards: ${name}`, { skip }, async () => {
    const kind = phones.find((one) => one.name === name) ?? assert.fail();
    const [milaJid, tomasJid] = [await world.someone('mila'), await world.someone('tomas')];
    const family = `ek${tomasJid.local?.replaceAll('-', '')}`;
    const tomas = await world.friend(tomasJid);
    const vcard = `<FN>Tomas ${family}</FN><N><FAMILY>${family}</FAMILY><GIVEN>Tomas</GIVEN></N><NICKNAME>Tompa</NICKNAME><ADR><LOCALITY>Kalmar</LOCALITY><CTRY>SE</CTRY></ADR><EMAIL><USERID>${family}@post.test</USERID></EMAIL>`;
    await tomas.sends(`<iq type='set' id='card'><vCard xmlns='vcard-temp'>${vcard}</vCard></iq>`);
    await tomas.receives('the answer', (one) => one.id === 'card' && one.type === 'result');
    const mila = await world.phone(milaJid, kind);
    const found = async (pairs: Parameters<typeof searchFor>[1]) => {
      const answer = await mila.csp.request(searchFor(mila, pairs), 'Search-Response');
      return (answer.SearchResult?.UserList?.User ?? []).map(({ UserID }) => UserID);
    };
    await world.until('the directory knows', async () =>
      (await found({ USER_LAST_NAME: family.toUpperCase() })).length === 1 ? true : undefined,
    );
    // Over Mnesia it matches whole names only, whatever the case of their letters: a star at the end finds nobody.
    for (const pairs of [
      { USER_FIRST_NAME: 'TOMAS', USER_LAST_NAME: family },
      { USER_ALIAS: 'tompa', USER_LAST_NAME: family },
      { USER_EMAIL_ADDRESS: `${family}@post.test` },
      { USER_ID: wv(tomasJid) },
      ...(kind.version === '1.3' ? [{ USER_CITY: 'kalmar', USER_COUNTRY: 'se', USER_LAST_NAME: family }] : []),
    ])
      assert.deepEqual(await found(pairs), [wv(tomasJid)], JSON.stringify(pairs));
    assert.deepEqual(await found({ USER_FIRST_NAME: 'nils', USER_LAST_NAME: family }), []);
    if (kind.version === '1.3') assert.equal(await mila.csp.codeFor(searchFor(mila, { USER_INTENTION: 'talk' })), 562);
    assert.deepEqual(mila.csp.complaints, []);
  });
