// Who can be found (XEP-0055): one row for each account that wants to be, found by parts of its texts.

import { sql } from 'kysely';
import type { Database } from '../database.ts';
import type { DirectoryEntry, DirectoryField, DirectoryStore } from '../store.ts';
import type { Tables } from '../tables.ts';

const fields = [
  'user',
  'first',
  'last',
  'nick',
  'email',
  'phone',
  'city',
  'country',
  'gender',
  'marital',
  'intention',
  'interests',
] as const satisfies readonly DirectoryField[];

export const directoryStore = (database: Database): DirectoryStore => ({
  get: (account) =>
    database.read(async (db) => {
      const row = await db.selectFrom('directory').selectAll().where('account', '=', account).executeTakeFirst();
      return row && entryOf(row);
    }),

  async set(entry) {
    const { account, ...rest } = rowOf(entry);
    await database.write(async (db) => {
      await db
        .insertInto('directory')
        .values({ account, ...rest })
        .onConflict((conflict) => conflict.column('account').doUpdateSet(rest))
        .execute();
    });
  },

  remove: (account) =>
    database.write(async (db) => {
      const { numDeletedRows } = await db.deleteFrom('directory').where('account', '=', account).executeTakeFirst();
      return numDeletedRows > 0n;
    }),

  find: ({ domain, parts, ageMin, ageMax }, limit) =>
    database.read(async (db) => {
      let query = db.selectFrom('directory').selectAll().where('domain', '=', domain).orderBy('account').limit(limit);
      for (const { field, text } of parts)
        query = query.where(sql<boolean>`${sql.ref(field)} like ${`%${escaped(text)}%`} escape '\\'`);
      if (ageMin !== undefined) query = query.where('age', '>=', ageMin);
      if (ageMax !== undefined) query = query.where('age', '<=', ageMax);
      return (await query.execute()).map(entryOf);
    }),
});

const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

const rowOf = ({ account, fields: known, age, shown }: DirectoryEntry): Tables['directory'] => ({
  account,
  domain: account.slice(account.indexOf('@') + 1),
  age: age ?? null,
  shown,
  ...(Object.fromEntries(fields.map((field) => [field, known[field] ?? ''])) as Record<DirectoryField, string>),
});

const entryOf = (row: Tables['directory']): DirectoryEntry => ({
  account: row.account,
  fields: Object.fromEntries(fields.flatMap((field) => (row[field] === '' ? [] : [[field, row[field]]]))),
  age: row.age ?? undefined,
  shown: row.shown,
});
