// Looks at a SQLite store without changing it: for the doctor.

import { DatabaseSync } from 'node:sqlite';
import { applicationId, openError, StoreOpenError } from './open.ts';

/** Reads every page of the file. Throws StoreOpenError when it is not a sound database of this program. */
export const inspectSqlite = (file: string): { readonly accounts: number } => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    const one = (text: string): unknown => Object.values(database?.prepare(text).get() ?? {})[0];
    if (one('pragma application_id') !== applicationId)
      throw new StoreOpenError('foreign', `${file} is a SQLite file of another program`);
    const verdict = one('pragma quick_check(1)');
    if (verdict !== 'ok')
      throw new StoreOpenError('corrupt', `${file} is damaged: ${String(verdict).split('\n').at(-1)}`);
    return { accounts: Number(one('select count(*) from accounts')) };
  } catch (cause) {
    throw openError(file, cause);
  } finally {
    database?.close();
  }
};
