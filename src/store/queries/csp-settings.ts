// Small durable values of the gateway per account.

import type { Database } from '../database.ts';
import type { CspStore } from '../store.ts';
import { once } from './once.ts';

interface Key {
  readonly account: string;
  readonly key: string;
}

const find = once((db, { account, key }: Key) =>
  db.selectFrom('csp_settings').select('value').where('account', '=', account).where('key', '=', key),
);
const remove = once((db, { account, key }: Key) =>
  db.deleteFrom('csp_settings').where('account', '=', account).where('key', '=', key),
);
const save = once((db, { account, key, value }: Key & { readonly value: string }) =>
  db
    .insertInto('csp_settings')
    .values({ account, key, value })
    .onConflict((conflict) => conflict.columns(['account', 'key']).doUpdateSet({ value })),
);

export const cspSettings = (database: Database): Pick<CspStore, 'setting' | 'setSetting' | 'settingsNamed'> => ({
  setting: (account, key) =>
    database.read(async (db) => {
      const [row] = await find(db, { account, key });
      return row?.value;
    }),

  settingsNamed: (key, { after, limit }) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('csp_settings')
        .select(['account', 'value'])
        .where('key', '=', key)
        .where('account', '>', after)
        .orderBy('account')
        .limit(limit)
        .execute();
      return rows.map(({ account, value }) => ({ account, value }));
    }),

  async setSetting(account, key, value) {
    await database.statement((db) =>
      value === undefined ? remove(db, { account, key }) : save(db, { account, key, value }),
    );
  },
});
