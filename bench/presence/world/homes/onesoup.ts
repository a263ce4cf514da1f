import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareOnesoup } from '../../../../interop/peers/onesoup.ts';
import { systemRandom } from '../../../../src/base/random.ts';
import { openSqliteStore } from '../../../../src/store/sqlite/open.ts';
import { makeCredentials } from '../../../../src/xmpp/sasl/scram-keys.ts';
import { keysFor } from '../keys.ts';
import { addressOf, contactsOf, password } from '../people.ts';
import type { HomeOptions, PrepareHome } from './home.ts';

export const prepareOnesoupHome: PrepareHome = async (options) => {
  const { network, domain, proof, onesoup: more, onesoupFederation } = options;
  const keys = await keysFor(network, [domain], proof);
  const onesoup = await prepareOnesoup({
    domain,
    federation: { network, keys, settings: { loopback: true, ...onesoupFederation } },
    extra: {
      tls: { certificate: keys.certificate, key: keys.key, required: false },
      log: { level: 'info', pretty: 'never' },
      ...more,
    },
  });
  const data = join(onesoup.directory, 'data');
  // A store for each user, with nobody else in it: it looks after the contacts of those who are away, too, and what it does for
  // them is not what is measured.
  const asPrepared = (user: string): string => join(onesoup.directory, `as-prepared-${user}`);
  for (const user of options.users) await writePeople(join(asPrepared(user), 'onesoup.db'), user, options);
  return {
    name: 'onesoup',
    address: onesoup.address,
    ports: onesoup.ports,
    c2s: { host: '127.0.0.1', port: onesoup.ports.c2s },
    remembers: true,
    start: () => onesoup.start(),
    stop: async (signal) => void (await onesoup.stop(signal)),
    async forget(user) {
      rmSync(data, { recursive: true, force: true });
      cpSync(asPrepared(user), data, { recursive: true });
    },
    output: () => onesoup.output(),
    remove: () => onesoup.remove(),
  };
};

const writePeople = async (file: string, user: string, { domain, contacts }: HomeOptions): Promise<void> => {
  const made = await makeCredentials(password, systemRandom);
  if (!made.ok) throw new Error('the password is no password');
  const store = openSqliteStore({ file });
  try {
    const address = `${user}@${domain}`;
    await store.accounts.create({ address, keys: made.value, createdAt: Date.now(), disabled: false });
    await Promise.all(
      contactsOf(user, contacts).map((one) => {
        const contact = addressOf(one);
        const nothing = { name: undefined, groups: [], ask: false, request: undefined, approved: false };
        return store.rosters.set(address, contact, { ...nothing, contact, subscription: 'both', listed: true });
      }),
    );
  } finally {
    await store.close();
  }
};
