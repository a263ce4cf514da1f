// The ground of the suite on our own server, in memory.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../base/random.ts';
import { testRooms } from '../../server/testing/rooms.ts';
import { type TestServer, testServer } from '../../server/testing/server.ts';
import { PasswordVault } from '../../store/vault.ts';
import type { Ground } from './world.ts';

export const inProcess = async (server: TestServer = testServer()): Promise<Ground> => {
  const rooms = await testRooms(server);
  const [provider] = server.links;
  if (!provider) throw new Error('the server has no links');
  /** What one part does the other may answer. */
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await server.settle();
      await rooms.settled();
    }
  };
  const keys = mkdtempSync(join(tmpdir(), 'onesoup-keys-'));
  const vault = new PasswordVault(keys, server.store, seededRandom(2));
  return {
    provider,
    home: provider.domain,
    clock: server.clock,
    store: server.store,
    vault,
    async makeAccount(name) {
      await server.addAccount(name);
      await vault.keepDevicePassword(`${name}@${provider.domain}`, 'secret');
    },
    async pass(ms) {
      await settle();
      server.clock.advance(ms);
      await settle();
    },
    has: { blocking: true, pep: true, rooms: true, directory: true },
    async close() {
      await rooms.close();
      await server.close();
      rmSync(keys, { recursive: true });
    },
  };
};
