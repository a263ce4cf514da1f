// Where things are in the data directory, and how a command opens them.

import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';

export const databaseFile = (config: Config): string => join(config.data, 'onesoup.db');
export const keysDirectory = (config: Config): string => join(config.data, 'keys');
export const tlsDirectory = (config: Config): string => join(config.data, 'tls');
export const uploadsDirectory = (config: Config): string => join(config.data, 'uploads');

/** Throws StoreOpenError. */
export const openStore = (config: Config): Store =>
  openSqliteStore({ file: databaseFile(config), synchronous: config.store.synchronous });

export const withStore = async <Value>(config: Config, work: (store: Store) => Promise<Value>): Promise<Value> => {
  const store = openStore(config);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};
