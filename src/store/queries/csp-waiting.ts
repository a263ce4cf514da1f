// What waits for a phone until the phone has acknowledged it, and what has come in lately, so that it comes in once.
//
// An origin is remembered for a day, also after the phone acknowledged: a sender that repeats itself because it missed our
// answer must not be shown twice, also to a session that began in between. When a session ends, what it leaves goes back to its account together with its origins;
// what two sessions of the account were given remains once, with the one that lives.

import type { Database, Queries } from '../database.ts';
import type { CspStore, WaitingRequest } from '../store.ts';
import type { Tables } from '../tables.ts';
import { once } from './once.ts';

const originKeptMs = 24 * 60 * 60 * 1000;
const unclaimed = '';

const add = once(
  (db, row: { readonly [Column in keyof Omit<Tables['csp_waiting'], 'seq'>]: Tables['csp_waiting'][Column] }) =>
    db
      .insertInto('csp_waiting')
      .values({
        session: row.session,
        account: row.account,
        kind: row.kind,
        body: row.body,
        message_id: row.message_id,
        transaction_id: row.transaction_id,
        handed_out_at: row.handed_out_at,
        created_at: row.created_at,
        expires_at: row.expires_at,
        origin: row.origin,
      })
      .returning('seq'),
);
const handOut = once((db, { seq, session, transactionId, at }: HandOut) =>
  db
    .updateTable('csp_waiting')
    .set({ session, transaction_id: transactionId, handed_out_at: at })
    .where('seq', '=', seq)
    .where((e) => e.or([e('session', '=', session), e('session', 'is', null)])),
);
interface HandOut {
  readonly seq: number;
  readonly session: string;
  readonly transactionId: string;
  readonly at: number;
}
const remove = once((db, { seq }: { readonly seq: number }) => db.deleteFrom('csp_waiting').where('seq', '=', seq));
const remember = once((db, { account, session, origin, createdAt, since }: Origin & { readonly createdAt: number }) =>
  db
    .insertInto('csp_origins')
    .values({ account, session, origin, created_at: createdAt })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'session', 'origin'])
        .doUpdateSet({ created_at: createdAt })
        .where('csp_origins.created_at', '<=', since),
    )
    .returning('origin'),
);
const find = once((db, { account, session, origin, since }: Origin) =>
  db
    .selectFrom('csp_origins')
    .select('origin')
    .where('account', '=', account)
    .where('session', '=', session)
    .where('origin', '=', origin)
    .where('created_at', '>', since),
);
interface Origin {
  readonly account: string;
  readonly session: string;
  readonly origin: string;
  /** What was remembered at this time or before counts as forgotten. */
  readonly since: number;
}

export const cspWaiting = (
  database: Database,
): Pick<CspStore, 'addWaiting' | 'waiting' | 'handedOut' | 'removeWaiting' | 'forgetOrigins'> => ({
  addWaiting: (request, origin) =>
    database.write(async (db) => {
      if (origin !== undefined && !(await isNew(db, request, origin))) return undefined;
      const [{ seq }] = (await add(db, {
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
      })) as [{ readonly seq: number }];
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
    await database.statement((db) => handOut(db, { seq, session, transactionId, at }));
  },

  async removeWaiting(seqs) {
    if (!seqs.length) return;
    const [seq = 0] = seqs;
    if (seqs.length === 1) await database.statement((db) => remove(db, { seq }));
    else
      await database.write(async (db) => {
        for (const one of seqs) await remove(db, { seq: one });
      });
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
    const isKnown = origin !== null && (await knows(db, account, unclaimed, origin));
    // Another phone of the account has it too, or has had it: what this one leaves would be shown there a second time.
    const isShared = origin !== null && !isKnown && (await isElsewhere(db, account, session, origin));
    if (kept && !isKnown && !isShared) continue;
    await db.deleteFrom('csp_waiting').where('seq', '=', seq).execute();
    // What is remembered of an ended session keeps the same thing from being left behind by another: this was dropped.
    if ((!kept || isShared) && origin !== null)
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
  const session = request.session ?? unclaimed;
  const rows = await remember(db, { account, session, origin, createdAt, since: createdAt - originKeptMs });
  return rows.length > 0;
};

const knows = async (
  db: Queries,
  account: string,
  session: string,
  origin: string,
  since = Number.MIN_SAFE_INTEGER,
): Promise<boolean> => (await find(db, { account, session, origin, since })).length > 0;

const isElsewhere = async (db: Queries, account: string, session: string, origin: string): Promise<boolean> => {
  const rows = await db
    .selectFrom('csp_origins')
    .select('origin')
    .where('account', '=', account)
    .where('session', '!=', session)
    .where('origin', '=', origin)
    .limit(1)
    .execute();
  return rows.length > 0;
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
