// The data directory: there or makeable, ours alone, with a sound database and readable keys.

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemRandom } from '../../base/random.ts';
import type { Config } from '../../config/config.ts';
import { fileTrouble } from '../../store/files.ts';
import { KeyRing, KeyRingError } from '../../store/key-ring.ts';
import { inspectSqlite } from '../../store/sqlite/inspect.ts';
import { StoreOpenError } from '../../store/sqlite/open.ts';
import { databaseFile, keysDirectory } from '../data.ts';
import type { Finding } from './finding.ts';

export const dataFindings = (config: Config): readonly Finding[] => {
  const { data } = config;
  const there = nearestThere(data);
  try {
    if (!statSync(there).isDirectory()) return [unusable(data, `${there} is not a directory`)];
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (cause) {
    return [unusable(data, fileTrouble(cause))];
  }
  if (there !== data) return [{ state: 'good', text: `the data directory ${data} will be made at the first start` }];
  const findings: Finding[] = [{ state: 'good', text: `the data directory ${data} can be written` }];
  if (statSync(data).mode & 0o007)
    findings.push({
      state: 'note',
      text: `other users of this machine can look into ${data}`,
      mend: `chmod o-rwx ${data}`,
    });
  return [...findings, ...database(config), ...keys(config)];
};

const database = (config: Config): readonly Finding[] => {
  const file = databaseFile(config);
  if (!existsSync(file)) return [{ state: 'good', text: 'the database will be made at the first start' }];
  try {
    const { accounts } = inspectSqlite(file);
    return [{ state: 'good', text: `the database is sound; accounts: ${accounts}` }];
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    return [{ state: 'wrong', text: error.message, mend: "restore 'data' from a backup, or name another directory" }];
  }
};

const keys = (config: Config): readonly Finding[] => {
  const directory = keysDirectory(config);
  // Reading makes the first key where there is none, so there is nothing to read then.
  if (!existsSync(directory)) return [{ state: 'good', text: 'the keys will be made at the first start' }];
  if (!KeyRing.hasKeys(directory))
    return [{ state: 'note', text: `${directory} has no keys; one will be made at the next start` }];
  try {
    const { newest } = new KeyRing(directory, systemRandom);
    return [{ state: 'good', text: `the keys can be read, by their owner only; the newest is ${newest.id}` }];
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error;
    return [{ state: 'wrong', text: error.message, mend: 'passwords kept for phones do not open without their key' }];
  }
};

const unusable = (data: string, why: string): Finding => ({
  state: 'wrong',
  text: `the data directory ${data} cannot be used: ${why}`,
  mend: "let the user that runs onesoup write there, or name another directory with the key 'data'",
});

const nearestThere = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path));
