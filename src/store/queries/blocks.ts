// XEP-0191 block lists.

import type { Database } from '../database.ts';
import type { BlockStore } from '../store.ts';

export const blockStore = (database: Database): BlockStore => ({
  list: (account) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('blocks')
        .select('entry')
        .where('account', '=', account)
        .orderBy('entry')
        .execute();
      return rows.map(({ entry }) => entry);
    }),

  all: ({ after, limit }) =>
    database.read(async (db) => {
      let query = db.selectFrom('blocks').select(['account', 'entry']).orderBy('account').orderBy('entry').limit(limit);
      if (after)
        query = query.where((e) => e(e.refTuple('account', 'entry'), '>', e.tuple(after.account, after.entry)));
      return (await query.execute()).map(({ account, entry }) => ({ account, entry }));
    }),

  async add(account, entries) {
    if (!entries.length) return;
    await database.write(async (db) => {
      for (const entry of entries)
        await db
          .insertInto('blocks')
          .values({ account, entry })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    });
  },

  async remove(account, entries) {
    if (entries && !entries.length) return;
    await database.write(async (db) => {
      if (!entries) await db.deleteFrom('blocks').where('account', '=', account).execute();
      for (const entry of entries ?? [])
        await db.deleteFrom('blocks').where('account', '=', account).where('entry', '=', entry).execute();
    });
  },
});
