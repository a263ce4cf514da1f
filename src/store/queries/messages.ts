// Messages that an account has not been seen to receive (XEP-0160; XEP-0198 before the acknowledgement).

import { sql } from 'kysely';
import type { Database } from '../database.ts';
import type { MessageStore } from '../store.ts';
import { once } from './once.ts';

interface New {
  readonly account: string;
  readonly stanza: string;
  readonly receivedAt: number;
  readonly max: number;
  readonly octetsLeft: number;
}

/** The quota is part of the insert, so that two at once cannot both take the last place. */
const add = once((db, { account, stanza, receivedAt, max, octetsLeft }: New) =>
  db
    .insertInto('messages')
    .columns(['account', 'stanza', 'received_at'])
    .expression(
      db
        .selectNoFrom((e) => [
          e.cast<string>(e.val(account), 'text').as('account'),
          e.cast<string>(e.val(stanza), 'text').as('stanza'),
          e.cast<number>(e.val(receivedAt), 'bigint').as('received_at'),
        ])
        .where(
          (e) =>
            e
              .selectFrom('messages')
              .select((m) => m.fn.countAll<number>().as('count'))
              .where('account', '=', account),
          '<',
          max,
        )
        .where(
          (e) =>
            e
              .selectFrom('messages')
              .select(sql<number>`coalesce(sum(octet_length(stanza)), 0)`.as('octets'))
              .where('account', '=', account),
          '<=',
          octetsLeft,
        ),
    )
    .returning('seq'),
);
const remove = once((db, { account, seq }: { readonly account: string; readonly seq: number }) =>
  db.deleteFrom('messages').where('account', '=', account).where('seq', '=', seq),
);

export const messageStore = (database: Database): MessageStore => ({
  keep: (account, stanza, receivedAt, max, octetsMax = Number.MAX_SAFE_INTEGER) =>
    database
      .statement((db) =>
        add(db, { account, stanza, receivedAt, max, octetsLeft: octetsMax - Buffer.byteLength(stanza) }),
      )
      .then(([row]) => row?.seq),

  async drop(account, seqs) {
    if (!seqs.length) return;
    await database.write(async (db) => {
      for (const seq of seqs) await remove(db, { account, seq });
    });
  },

  list: (account, after, limit) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('messages')
        .select(['seq', 'stanza', 'received_at'])
        .where('account', '=', account)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(({ seq, stanza, received_at }) => ({ seq, stanza, receivedAt: received_at }));
    }),

  count: (account) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('messages')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('account', '=', account)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    }),
});
