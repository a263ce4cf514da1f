// Messages on their way to other servers, and what is remembered of those servers.

import type { Database } from '../database.ts';
import type { FederationStore } from '../store.ts';

export interface FederationLimits {
  /** Servers remembered; those spoken to longest ago go first. */
  readonly peersMax: number;
}

export const federationStore = (database: Database, { peersMax }: FederationLimits): FederationStore => ({
  addUnderWay: ({ local, remote, stanza, receivedAt }) =>
    database.write(async (db) => {
      const { seq } = await db
        .insertInto('federation_under_way')
        .values({ local, remote, stanza, received_at: receivedAt })
        .returning('seq')
        .executeTakeFirstOrThrow();
      return seq;
    }),

  underWay: (after, limit) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('federation_under_way')
        .selectAll()
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(({ received_at, ...row }) => ({ ...row, receivedAt: received_at }));
    }),

  async removeUnderWay(seqs) {
    if (!seqs.length) return;
    await database.write((db) => db.deleteFrom('federation_under_way').where('seq', 'in', seqs).execute());
  },

  peer: (remote) =>
    database.read(async (db) => {
      const row = await db
        .selectFrom('federation_peers')
        .select('text')
        .where('remote', '=', remote)
        .executeTakeFirst();
      return row?.text;
    }),

  async rememberPeer(remote, text, at) {
    await database.write(async (db) => {
      await db
        .insertInto('federation_peers')
        .values({ remote, text, at })
        .onConflict((conflict) => conflict.column('remote').doUpdateSet({ text, at }))
        .execute();
      const { count } = await db
        .selectFrom('federation_peers')
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (Number(count) > peersMax)
        await db
          .deleteFrom('federation_peers')
          .where('remote', 'in', (e) =>
            e
              .selectFrom('federation_peers')
              .select('remote')
              .orderBy('at')
              .limit(Number(count) - peersMax),
          )
          .execute();
    });
  },
});
