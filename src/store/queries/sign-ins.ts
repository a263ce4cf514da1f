// The record of sign-in attempts. What a stranger can put into it is bounded, in length and in number.

import type { Database } from '../database.ts';
import type { SignInRecord, SignInStore } from '../store.ts';

export interface SignInLimits {
  /** Attempts remembered, over all addresses; the oldest go first. */
  readonly signInsMax: number;
}

/** Characters kept of each text: enough for any real phone's words about itself. */
const textMax = 300;

export const signInStore = (database: Database, { signInsMax }: SignInLimits): SignInStore => ({
  async add(record) {
    await database.write(async (db) => {
      const { seq } = await db
        .insertInto('sign_ins')
        .values({
          at: record.at,
          address: short(record.address),
          remote: short(record.remote),
          user_agent: short(record.userAgent),
          client_id: short(record.clientId),
          version: short(record.version),
          encoding: short(record.encoding),
          scheme: short(record.scheme),
          outcome: record.outcome,
          code: record.code,
          reason: short(record.reason),
        })
        .returning('seq')
        .executeTakeFirstOrThrow();
      await db
        .deleteFrom('sign_ins')
        .where('seq', '<=', seq - signInsMax)
        .execute();
    });
  },

  list: ({ address, outcome, limit }) =>
    database.read(async (db) => {
      let query = db.selectFrom('sign_ins').selectAll().orderBy('seq', 'desc').limit(limit);
      if (address !== undefined) query = query.where('address', '=', address);
      if (outcome !== undefined) query = query.where('outcome', '=', outcome);
      return (await query.execute()).map(
        (row): SignInRecord => ({
          at: row.at,
          address: row.address,
          remote: row.remote,
          userAgent: row.user_agent,
          clientId: row.client_id,
          version: row.version,
          encoding: row.encoding,
          scheme: row.scheme,
          outcome: row.outcome,
          code: row.code,
          reason: row.reason,
        }),
      );
    }),
});

const short = (text: string): string => text.slice(0, textMax).toWellFormed();
