// Files that users have uploaded (XEP-0363), and slots that wait for theirs. The octets are files on disk.

import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import type { UploadRecord, UploadStore } from '../store.ts';
import type { Tables } from '../tables.ts';

export const uploadStore = (database: Database): UploadStore => ({
  add: ({ id, account, name, type, size, createdAt }, { accountMax, totalMax, leastSize = 0 }) =>
    database.write(async (db) => {
      const own = Math.max(size, leastSize);
      if ((await sizeOf(db, account, leastSize)) + own > accountMax) return 'account-full';
      if ((await sizeOf(db, undefined, leastSize)) + own > totalMax) return 'full';
      await db
        .insertInto('uploads')
        .values({ id, uploader: account, name, type, size, created_at: createdAt, stored_at: null })
        .execute();
      return 'added';
    }),

  get: (id) =>
    database.read(async (db) => {
      const row = await db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
      return row && recordOf(row);
    }),

  stored: (id, at) =>
    database.write(async (db) => {
      const done = await db.updateTable('uploads').set({ stored_at: at }).where('id', '=', id).executeTakeFirst();
      return done.numUpdatedRows > 0n;
    }),

  async remove(ids) {
    if (ids.length === 0) return;
    await database.write((db) => db.deleteFrom('uploads').where('id', 'in', ids).execute());
  },

  size: (account) => database.read((db) => sizeOf(db, account)),

  due: ({ before, unfilledBefore, limit }) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('uploads')
        .select('id')
        .where((e) =>
          e.or([
            e('created_at', '<', before),
            e.and([e('stored_at', 'is', null), e('created_at', '<', unfilledBefore)]),
            e('uploader', 'not in', e.selectFrom('accounts').select('address')),
          ]),
        )
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    }),

  ofAccount: (account, limit) =>
    database.read(async (db) => {
      const rows = await db.selectFrom('uploads').select('id').where('uploader', '=', account).limit(limit).execute();
      return rows.map(({ id }) => id);
    }),
});

const sizeOf = async (db: Queries, account?: string, leastSize = 0): Promise<number> => {
  // PostgreSQL and SQLite have no common name for the larger of two.
  const counted = sql<number>`case when size < ${leastSize} then ${leastSize} else size end`;
  let query = db.selectFrom('uploads').select(sql<number>`coalesce(sum(${counted}), 0)`.as('octets'));
  if (account !== undefined) query = query.where('uploader', '=', account);
  return Number((await query.executeTakeFirstOrThrow()).octets);
};

const recordOf = ({ created_at, stored_at, uploader, ...row }: Tables['uploads']): UploadRecord => ({
  ...row,
  account: uploader,
  createdAt: created_at,
  storedAt: stored_at ?? undefined,
});
