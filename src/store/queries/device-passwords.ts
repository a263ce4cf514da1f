// Sealed passwords for digest sign-in; the key is elsewhere (../vault.ts).

import type { Database } from '../database.ts';
import type { DevicePasswordStore } from '../store.ts';

export const devicePasswordStore = (database: Database): DevicePasswordStore => ({
  get: (account) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('device_passwords')
        .select(['key_id', 'sealed'])
        .where('account', '=', account)
        .executeTakeFirst();
      return row && { keyId: row.key_id, sealed: new Uint8Array(row.sealed) };
    }),

  async set(account, keyId, sealed) {
    await database.write((db) =>
      db
        .insertInto('device_passwords')
        .values({ account, key_id: keyId, sealed })
        .onConflict((conflict) => conflict.column('account').doUpdateSet({ key_id: keyId, sealed }))
        .execute(),
    );
  },

  remove: (account) =>
    database.write(async (db) => {
      const { numDeletedRows } = await db
        .deleteFrom('device_passwords')
        .where('account', '=', account)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    }),

  sealedUnderOther: (keyId, limit) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('device_passwords')
        .select('account')
        .where('key_id', '!=', keyId)
        .orderBy('account')
        .limit(limit)
        .execute();
      return rows.map(({ account }) => account);
    }),
});
