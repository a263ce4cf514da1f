// Stanzas a phone sent that the next hop has not acknowledged yet.

import type { Database } from '../database.ts';
import type { CspStore } from '../store.ts';

export const cspOutgoing = (database: Database): Pick<CspStore, 'addOutgoing' | 'outgoing' | 'removeOutgoing'> => ({
  addOutgoing: ({ session, account, stanza, createdAt }) =>
    database.write(async (db) => {
      const { seq } = await db
        .insertInto('csp_outgoing')
        .values({ session, account, stanza, created_at: createdAt })
        .returning('seq')
        .executeTakeFirstOrThrow();
      return seq;
    }),

  outgoing: (account) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('csp_outgoing')
        .selectAll()
        .where('account', '=', account)
        .orderBy('seq')
        .execute();
      return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at }));
    }),

  async removeOutgoing(seqs) {
    if (!seqs.length) return;
    await database.write((db) => db.deleteFrom('csp_outgoing').where('seq', 'in', seqs).execute());
  },
});
