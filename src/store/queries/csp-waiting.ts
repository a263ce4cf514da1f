// What waits for a phone until the phone has acknowledged it, and what has come in lately, so that it comes in once.
//
// An origin is remembered for a day, also after the phone acknowledged: a sender that repeats itself because it missed our
// answer must not be shown twice, also to a session that began in between. When a session ends, what it leaves goes back to its account together with its origins;
// of two sessions that both leave the same thing behind, one copy remains.

import type { Database, Queries } from '../database.ts';
import type { CspStore, WaitingRequest } from '../store.ts';
import type { Tables } from '../tables.ts';

const originKeptMs = 24 * 60 * 60 * 1000;
const unclaimed = '';

export const cspWaiting = (
  database: Database,
): Pick<CspStore, 'addWaiting' | 'waiting' | 'handedOut' | 'removeWaiting' | 'forgetOrigins'> => ({
  addWaiting: (request, origin) =>
    database.write(async (db) => {
      if (origin !== undefined && !(await isNew(db, request, origin))) return undefined;
      const { seq } = await db
        .insertInto('csp_waiting')
        .values({
          session: request.session ?? null,
          account: request.account,
          kind: request.kind,
          body: request.body,
          message_id: request.messageId ?? null,
          transaction_id: request.transactionId ?? null,
          handed_out_at: request.handedOutAt ?? null,
          created_at: request.createdAt,
          expires_at: request.expiresAt ?? null,
          origin: origin ?? null,
        })
        .returning('seq')
        .executeTakeFirstOrThrow();
      return seq;
    }),

  waiting: (session, account) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('csp_waiting')
        .selectAll()
        .where('account', '=', account)
        .where((e) => e.or([e('session', '=', session), e('session', 'is', null)]))
        .orderBy('seq')
        .execute();
      return rows.map(record);
    }),

  async handedOut(seq, session, transactionId, at) {
    await database.write((db) =>
      db
        .updateTable('csp_waiting')
        .set({ session, transaction_id: transactionId, handed_out_at: at })
        .where('seq', '=', seq)
        .where((e) => e.or([e('session', '=', session), e('session', 'is', null)]))
        .execute(),
    );
  },

  async removeWaiting(seqs) {
    if (!seqs.length) return;
    await database.write((db) => db.deleteFrom('csp_waiting').where('seq', 'in', seqs).execute());
  },

  forgetOrigins: (before) =>
    database.write(async (db) => {
      await db.deleteFrom('csp_origins').where('created_at', '<=', before).execute();
    }),
});

/** Hands what waits for an ending session to its account, as far as its kind is in `kinds`; the rest is dropped. */
export const giveBackWaiting = async (db: Queries, session: string, kinds: readonly string[]): Promise<void> => {
  const rows = await db
    .selectFrom('csp_waiting')
    .select(['seq', 'account', 'kind', 'origin'])
    .where('session', '=', session)
    .execute();
  for (const { seq, account, kind, origin } of rows) {
    const kept = kinds.includes(kind);
    const twin = kept && origin !== null && (await knows(db, account, unclaimed, origin));
    if (kept && !twin) continue;
    await db.deleteFrom('csp_waiting').where('seq', '=', seq).execute();
    if (!kept && origin !== null)
      await db
        .deleteFrom('csp_origins')
        .where('account', '=', account)
        .where('session', '=', session)
        .where('origin', '=', origin)
        .execute();
  }
  await db
    .updateTable('csp_waiting')
    .set({ session: null, transaction_id: null, handed_out_at: null })
    .where('session', '=', session)
    .execute();
  await db
    .insertInto('csp_origins')
    .columns(['account', 'session', 'origin', 'created_at'])
    .expression((e) =>
      e
        .selectFrom('csp_origins')
        .select((o) => ['account', o.val(unclaimed).as('session'), 'origin', 'created_at'])
        .where('session', '=', session),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db.deleteFrom('csp_origins').where('session', '=', session).execute();
};

/** Remembers the origin; false when it had come in within the last day, for this session or one that has ended. */
const isNew = async (db: Queries, request: Omit<WaitingRequest, 'seq'>, origin: string): Promise<boolean> => {
  const { account, createdAt } = request;
  if (request.session !== undefined && (await knows(db, account, unclaimed, origin, createdAt - originKeptMs)))
    return false;
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('csp_origins')
    .values({ account, session: request.session ?? unclaimed, origin, created_at: createdAt })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'session', 'origin'])
        .doUpdateSet({ created_at: createdAt })
        .where('csp_origins.created_at', '<=', createdAt - originKeptMs),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
};

const knows = async (
  db: Queries,
  account: string,
  session: string,
  origin: string,
  since = Number.MIN_SAFE_INTEGER,
): Promise<boolean> => {
  const row = await db
    .selectFrom('csp_origins')
    .select('origin')
    .where('account', '=', account)
    .where('session', '=', session)
    .where('origin', '=', origin)
    .where('created_at', '>', since)
    .executeTakeFirst();
  return row !== undefined;
};

const record = (row: { [Column in keyof Tables['csp_waiting']]: unknown }): WaitingRequest => {
  const known = row as { [Column in keyof Tables['csp_waiting']]: Tables['csp_waiting'][Column] } & { seq: number };
  return {
    seq: known.seq,
    session: known.session ?? undefined,
    account: known.account,
    kind: known.kind,
    body: known.body,
    messageId: known.message_id ?? undefined,
    transactionId: known.transaction_id ?? undefined,
    handedOutAt: known.handed_out_at ?? undefined,
    createdAt: known.created_at,
    expiresAt: known.expires_at ?? undefined,
  };
};
