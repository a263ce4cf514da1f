// Runs an operation: in the server that runs over the data directory, else here over its store. Here too it is the server's
// own code that does it, without listeners, so that contacts hear of a removed account the next time they come.

import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { silentMeter } from '../base/meter.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/config.ts';
import { createServer } from '../server/server.ts';
import { PasswordVault } from '../store/vault.ts';
import { operateRunning } from './control.ts';
import { keysDirectory, withStore } from './data.ts';
import { accountOperations, type Done, type Operations } from './operations.ts';

/** What needs no running server. */
type Changing = Exclude<
  keyof Operations,
  'presence' | 'federation' | 'phones' | 'kick' | 'sendSettings' | 'announce' | 'withdraw'
>;

export const operate = async <Name extends Changing>(
  config: Config,
  name: Name,
  argument: Parameters<Operations[Name]>[0],
): Promise<Done> => (await operateRunning(config.data, name, argument)) ?? operateHere(config, name, argument);

const operateHere = <Name extends Changing>(
  config: Config,
  name: Name,
  argument: Parameters<Operations[Name]>[0],
): Promise<Done> =>
  withStore(config, async (store) => {
    const { domain } = config;
    const server = createServer({
      domains: [domain],
      limits: { passwordCharactersMin: config.limits.password_characters_min },
      store,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      meter: silentMeter,
    });
    try {
      const vault = new PasswordVault(keysDirectory(config), store);
      const [host] = server.hosts.keys();
      const operations = accountOperations({ server, accounts: server.accounts(host ?? domain), domain, store, vault });
      const run = operations[name] as (argument: Parameters<Operations[Name]>[0]) => Promise<Done>;
      return await run(argument);
    } finally {
      await server.shutdown();
    }
  });
