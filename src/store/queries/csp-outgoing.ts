// Stanzas a phone sent that the next hop has not acknowledged yet.

import type { Database } from '../database.ts';
import type { CspStore, OutgoingStanza } from '../store.ts';
import { once } from './once.ts';

const add = once((db, { session, account, stanza, createdAt }: Omit<OutgoingStanza, 'seq'>) =>
  db.insertInto('csp_outgoing').values({ session, account, stanza, created_at: createdAt }).returning('seq'),
);
const remove = once((db, { seq }: { readonly seq: number }) => db.deleteFrom('csp_outgoing').where('seq', '=', seq));

export const cspOutgoing = (database: Database): Pick<CspStore, 'addOutgoing' | 'outgoing' | 'removeOutgoing'> => ({
  addOutgoing: (stanza) =>
    database.statement((db) => add(db, stanza)).then(([row]) => (row as { readonly seq: number }).seq),

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
    const [seq = 0] = seqs;
    if (seqs.length === 1) await database.statement((db) => remove(db, { seq }));
    else
      await database.write(async (db) => {
        for (const one of seqs) await remove(db, { seq: one });
      });
  },
});
