// XEP-0049 private XML and XEP-0054 vCards: one text per account and key.

import { sql } from 'kysely';
import type { Database } from '../database.ts';
import type { PrivateDataStore } from '../store.ts';

export const privateDataStore = (database: Database): PrivateDataStore => ({
  get: (account, key) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('private_data')
        .select('text')
        .where('account', '=', account)
        .where('key', '=', key)
        .executeTakeFirst();
      return row?.text;
    }),

  async set(account, key, text) {
    await database.write(async (db) => {
      if (text === undefined)
        await db.deleteFrom('private_data').where('account', '=', account).where('key', '=', key).execute();
      else
        await db
          .insertInto('private_data')
          .values({ account, key, text })
          .onConflict((conflict) => conflict.columns(['account', 'key']).doUpdateSet({ text }))
          .execute();
    });
  },

  size: (account) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('private_data')
        .select(sql<number>`coalesce(sum(octet_length(key) + octet_length(text)), 0)`.as('octets'))
        .where('account', '=', account)
        .executeTakeFirstOrThrow();
      return Number(row.octets);
    }),
});
