// The test suite that every backend passes. A backend's own test file calls it once per way of opening that backend.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accountConformance } from './conformance/accounts.ts';
import { cspConformance } from './conformance/csp.ts';
import { directoryConformance } from './conformance/directory.ts';
import { federationConformance } from './conformance/federation.ts';
import { keptConformance } from './conformance/kept.ts';
import { presenceConformance } from './conformance/presence.ts';
import { pubsubConformance } from './conformance/pubsub.ts';
import { roomConformance } from './conformance/rooms.ts';
import { rosterConformance } from './conformance/rosters.ts';
import { togetherConformance } from './conformance/together.ts';
import { uploadConformance } from './conformance/uploads.ts';
import type { Store } from './store.ts';
import type { StoreLimits } from './store-over.ts';

/** Opens a new, empty store with these limits. */
export type OpenEmpty = (limits?: Partial<StoreLimits>) => Promise<Store>;

/** Runs `body` with a store of its own. */
export type StoreTest = (
  name: string,
  body: (store: Store) => Promise<void>,
  limits?: Partial<StoreLimits>,
) => Promise<void>;

export const storeConformance = (backend: string, open: OpenEmpty): Promise<void> =>
  describe(`store conformance: ${backend}`, () => {
    const storeTest: StoreTest = (name, body, limits) =>
      test(name, async () => {
        const store = await open(limits);
        try {
          await body(store);
        } finally {
          await store.close();
        }
      });
    accountConformance(storeTest);
    rosterConformance(storeTest);
    keptConformance(storeTest);
    pubsubConformance(storeTest);
    presenceConformance(storeTest);
    roomConformance(storeTest);
    directoryConformance(storeTest);
    uploadConformance(storeTest);
    federationConformance(storeTest);
    cspConformance(storeTest);
    togetherConformance(storeTest);

    test('a closed store says so', async () => {
      const store = await open();
      await store.close();
      await store.close();
      await assert.rejects(store.accounts.count(), /closed/);
      await assert.rejects(store.accounts.remove('mila@home.test'), /closed/);
      await assert.rejects(
        store.together(async () => undefined),
        /closed/,
      );
    });

    test('closing waits for the writes already asked for', async () => {
      const store = await open();
      const writes = Array.from({ length: 600 }, (_, n) => store.blocks.add('mila@home.test', [`${n}.test`]));
      const closed = store.close();
      await Promise.all(writes);
      await closed;
    });
  });
