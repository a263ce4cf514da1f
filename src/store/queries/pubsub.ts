// Nodes and items of personal eventing (XEP-0060, XEP-0163).

import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import type { Address, PubsubItem, PubsubNode, PubsubStore } from '../store.ts';

export const pubsubStore = (database: Database): PubsubStore => ({
  nodes: (account) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('pubsub_nodes')
        .select(['node', 'settings'])
        .where('account', '=', account)
        .orderBy('node')
        .execute();
      return rows.map(nodeOf);
    }),

  node: (account, node) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('pubsub_nodes')
        .select(['node', 'settings'])
        .where('account', '=', account)
        .where('node', '=', node)
        .executeTakeFirst();
      return row && nodeOf(row);
    }),

  async putNode(account, node, settings) {
    await database.write((db) =>
      db
        .insertInto('pubsub_nodes')
        .values({ account, node, settings })
        .onConflict((conflict) => conflict.columns(['account', 'node']).doUpdateSet({ settings }))
        .execute(),
    );
  },

  removeNode: (account, node) =>
    database.write(async (db) => {
      await db.deleteFrom('pubsub_items').where('account', '=', account).where('node', '=', node).execute();
      const { numDeletedRows } = await db
        .deleteFrom('pubsub_nodes')
        .where('account', '=', account)
        .where('node', '=', node)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    }),

  async putItem(account, node, { id, payload, publishedAt }) {
    await database.write(async (db) => {
      // Not an update: a new sequence number is what makes it the newest.
      await remove(db, account, node, id);
      await db.insertInto('pubsub_items').values({ account, node, id, payload, published_at: publishedAt }).execute();
    });
  },

  items: (account, node, limit) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('pubsub_items')
        .select(['id', 'payload', 'published_at'])
        .where('account', '=', account)
        .where('node', '=', node)
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(itemOf);
    }),

  item: (account, node, id) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('pubsub_items')
        .select(['id', 'payload', 'published_at'])
        .where('account', '=', account)
        .where('node', '=', node)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && itemOf(row);
    }),

  removeItem: (account, node, id) => database.write((db) => remove(db, account, node, id)),

  async trim(account, node, keep) {
    await database.write((db) =>
      db
        .deleteFrom('pubsub_items')
        .where('account', '=', account)
        .where('node', '=', node)
        .where('seq', 'not in', (sub) =>
          sub
            .selectFrom('pubsub_items')
            .select('seq')
            .where('account', '=', account)
            .where('node', '=', node)
            .orderBy('seq', 'desc')
            .limit(keep),
        )
        .execute(),
    );
  },

  size: (account) =>
    database.read(async (db) => {
      const nodes = await db
        .selectFrom('pubsub_nodes')
        .select(sql<number>`coalesce(sum(octet_length(node) + octet_length(settings)), 0)`.as('octets'))
        .where('account', '=', account)
        .executeTakeFirstOrThrow();
      const items = await db
        .selectFrom('pubsub_items')
        .select(sql<number>`coalesce(sum(octet_length(id) + octet_length(payload)), 0)`.as('octets'))
        .where('account', '=', account)
        .executeTakeFirstOrThrow();
      return Number(nodes.octets) + Number(items.octets);
    }),
});

const remove = async (db: Queries, account: Address, node: string, id: string): Promise<boolean> => {
  const { numDeletedRows } = await db
    .deleteFrom('pubsub_items')
    .where('account', '=', account)
    .where('node', '=', node)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
};

const nodeOf = ({ node, settings }: PubsubNode): PubsubNode => ({ node, settings });

const itemOf = (row: { id: string; payload: string; published_at: number }): PubsubItem => ({
  id: row.id,
  payload: row.payload,
  publishedAt: row.published_at,
});
