// The ground of the suite on our own server, in memory.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentMeter } from '../../base/meter.ts';
import { bad, good } from '../../base/outcome.ts';
import { seededRandom } from '../../base/random.ts';
import type { RoomsOptions } from '../../server/rooms/service.ts';
import { testRooms } from '../../server/testing/rooms.ts';
import { type TestServer, testServer } from '../../server/testing/server.ts';
import { testUploads } from '../../server/testing/uploads.ts';
import { PasswordVault } from '../../store/vault.ts';
import type { Contents, Fetched } from '../services/content/contents.ts';
import { contentEvents } from '../services/content/events.ts';
import { fitPicture } from '../services/content/pictures/fit.ts';
import { turns } from '../services/content/turns.ts';
import { noWeb, withOwnFiles } from '../services/content/web/own.ts';
import type { Ground } from './world.ts';

export const inProcess = async (
  server: TestServer = testServer(),
  limits: { readonly rooms?: RoomsOptions['limits']; readonly phones?: Ground['limits'] } = {},
): Promise<Ground> => {
  const rooms = await testRooms(server, { ...(limits.rooms && { limits: limits.rooms }) });
  const uploads = await testUploads(server);
  const published = new Map<string, Fetched>();
  /** Files are read and written in real time: no simulated time passes meanwhile. */
  const underWay = new Set<Promise<unknown>>();
  const awaited = <Given extends unknown[], Value>(work: (...given: Given) => Promise<Value>) => {
    return (...given: Given): Promise<Value> => {
      const one = work(...given).finally(() => underWay.delete(one));
      underWay.add(one);
      return one;
    };
  };
  const web = withOwnFiles(uploads, {
    ...noWeb,
    async get(url) {
      const file = published.get(url);
      return file ? good(file) : bad({ reason: 'gone', text: 'its server says 404' });
    },
  });
  const contents: Contents = {
    web: { get: awaited(web.get), put: awaited(web.put) },
    pictures: { fit: awaited(fitPicture) },
    bytesMax: 1_000_000,
    turns: turns(2),
    events: contentEvents(silentMeter),
  };
  const [provider] = server.links;
  if (!provider) throw new Error('the server has no links');
  /** What one part does the other may answer. */
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await server.settle();
      await rooms.settled();
      await uploads.settled();
      while (underWay.size > 0) await Promise.allSettled(underWay);
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
    contents,
    ...(limits.phones && { limits: limits.phones }),
    publish(name, type, octets) {
      const url = `https://elsewhere.test/${published.size}/${name}`;
      published.set(url, { type, octets });
      return url;
    },
    async download(url) {
      const got = await contents.web.get(url, 1_000_000);
      return got.ok ? got.value : undefined;
    },
    has: { blocking: true, pep: true, rooms: true, directory: true },
    async close() {
      await rooms.close();
      await uploads.close();
      await server.close();
      rmSync(keys, { recursive: true });
    },
  };
};
