// CSP sessions as they survive a restart.

import type { Database } from '../database.ts';
import type { CspSessionRecord, CspStore } from '../store.ts';
import type { Tables } from '../tables.ts';
import { giveBackWaiting } from './csp-waiting.ts';
import { once } from './once.ts';

const save = once((db, { key, account, client, lastHeardAt, expiresAt, state }: CspSessionRecord) => {
  const columns = { account, client, last_heard_at: lastHeardAt, expires_at: expiresAt, state };
  return db
    .insertInto('csp_sessions')
    .values({ key, ...columns })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(columns));
});

export const cspSessions = (
  database: Database,
): Pick<CspStore, 'saveSession' | 'session' | 'sessions' | 'removeSession'> => ({
  async saveSession(session) {
    await database.statement((db) => save(db, session));
  },

  session: (key) =>
    database.read(async (db) => {
      const row = await db.selectFrom('csp_sessions').selectAll().where('key', '=', key).executeTakeFirst();
      return row && record(row);
    }),

  sessions: () =>
    database.read(async (db) => (await db.selectFrom('csp_sessions').selectAll().orderBy('key').execute()).map(record)),

  async removeSession(key, { keepWaiting }) {
    await database.write(async (db) => {
      await giveBackWaiting(db, key, keepWaiting);
      await db.deleteFrom('csp_answers').where('session', '=', key).execute();
      await db.deleteFrom('csp_sessions').where('key', '=', key).execute();
    });
  },
});

const record = (row: Tables['csp_sessions']): CspSessionRecord => ({
  key: row.key,
  account: row.account,
  client: row.client,
  lastHeardAt: row.last_heard_at,
  expiresAt: row.expires_at,
  state: row.state,
});
