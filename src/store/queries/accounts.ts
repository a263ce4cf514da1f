// Accounts, their SCRAM keys (RFC 5802) and last activity (XEP-0012).

import type { Database, Queries } from '../database.ts';
import type { AccountRecord, AccountStore, Address, ScramKeys } from '../store.ts';
import type { Tables } from '../tables.ts';

/** Every table that holds something of an account under `account`; removing the account empties them all of it. */
export const ownedByAccount = [
  'roster_versions',
  'roster_items',
  'roster_removals',
  'messages',
  'private_data',
  'blocks',
  'presence_entries',
  'pubsub_nodes',
  'pubsub_items',
  'directory',
  'csp_sessions',
  'csp_waiting',
  'csp_origins',
  'csp_outgoing',
  'csp_settings',
  'device_passwords',
] as const satisfies readonly (keyof Tables)[];

export const accountStore = (database: Database): AccountStore => ({
  get: (address) =>
    database.read(async (db) => {
      const row = await db.selectFrom('accounts').selectAll().where('address', '=', address).executeTakeFirst();
      return row && record(row);
    }),

  create: (account) =>
    database.write(async (db) => {
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto('accounts')
        .values({
          address: account.address,
          domain: domainOf(account.address),
          scram_keys: writeKeys(account.keys),
          created_at: account.createdAt,
          disabled: account.disabled ? 1 : 0,
          last_active_at: null,
          last_status: '',
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    }),

  setKeys: (address, keys) => update(database, address, { scram_keys: writeKeys(keys) }),
  setDisabled: (address, disabled) => update(database, address, { disabled: disabled ? 1 : 0 }),

  remove: (address) =>
    database.write(async (db) => {
      await db
        .deleteFrom('csp_answers')
        .where('session', 'in', (sub) => sub.selectFrom('csp_sessions').select('key').where('account', '=', address))
        .execute();
      for (const table of ownedByAccount) await deleteOwned(db, table, address);
      const { numDeletedRows } = await db.deleteFrom('accounts').where('address', '=', address).executeTakeFirst();
      return numDeletedRows > 0n;
    }),

  list: ({ domain, after, limit }) =>
    database.read(async (db) => {
      let query = db.selectFrom('accounts').selectAll().orderBy('address').limit(limit);
      if (domain !== undefined) query = query.where('domain', '=', domain);
      if (after !== undefined) query = query.where('address', '>', after);
      return (await query.execute()).map(record);
    }),

  count: () =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('accounts')
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    }),

  lastActivity: (address) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('accounts')
        .select(['last_active_at', 'last_status'])
        .where('address', '=', address)
        .executeTakeFirst();
      if (!row || row.last_active_at === null) return undefined;
      return { at: row.last_active_at, status: row.last_status };
    }),

  async setLastActivity(address, at, status) {
    await update(database, address, { last_active_at: at, last_status: status });
  },
});

const update = (database: Database, address: Address, change: Partial<Tables['accounts']>): Promise<boolean> =>
  database.write(async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('accounts')
      .set(change)
      .where('address', '=', address)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  });

const deleteOwned = async (db: Queries, table: (typeof ownedByAccount)[number], address: Address): Promise<void> => {
  // The tables differ in everything but this column, which is more than the query builder's types can say.
  await db
    .deleteFrom(table as 'blocks')
    .where('account', '=', address)
    .execute();
};

const domainOf = (address: Address): string => address.slice(address.indexOf('@') + 1);

const record = (row: Tables['accounts']): AccountRecord => ({
  address: row.address,
  keys: readKeys(row.scram_keys),
  createdAt: row.created_at,
  disabled: row.disabled === 1,
});

interface WrittenKeys {
  hash: ScramKeys['hash'];
  iterations: number;
  salt: string;
  storedKey: string;
  serverKey: string;
}

const writeKeys = (keys: readonly ScramKeys[]): string =>
  JSON.stringify(
    keys.map(
      ({ hash, iterations, salt, storedKey, serverKey }): WrittenKeys => ({
        hash,
        iterations,
        salt: Buffer.from(salt).toString('base64'),
        storedKey: Buffer.from(storedKey).toString('base64'),
        serverKey: Buffer.from(serverKey).toString('base64'),
      }),
    ),
  );

const readKeys = (text: string): readonly ScramKeys[] =>
  (JSON.parse(text) as WrittenKeys[]).map(({ hash, iterations, salt, storedKey, serverKey }) => ({
    hash,
    iterations,
    salt: octets(salt),
    storedKey: octets(storedKey),
    serverKey: octets(serverKey),
  }));

const octets = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
