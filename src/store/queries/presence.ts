// What the presence view knew last, so that it comes back after a restart. Many contacts say the same (clients' capabilities,
// mostly), so payloads are kept once and entries have their numbers.

import type { Database, Queries } from '../database.ts';
import type { PresenceChange, PresenceEntry, PresenceStore } from '../store.ts';

type Key = Pick<PresenceEntry, 'account' | 'contact' | 'resource'>;

/** Small, so that a page is garbage before V8 takes it for something that lasts. */
const pageSize = 500;

export const presenceStore = (database: Database): PresenceStore => ({
  async write(changes) {
    if (changes.length === 0) return;
    await database.write(async (db) => {
      const numbers = new Map<string, number>();
      for (const change of changes) await apply(db, change, numbers);
    });
  },

  async read(visit) {
    const payloads = new Map<number, string>();
    for (let after = 0; ; ) {
      const page = await database.read((db) =>
        db
          .selectFrom('presence_payloads')
          .select(['id', 'text'])
          .where('id', '>', after)
          .orderBy('id')
          .limit(pageSize)
          .execute(),
      );
      for (const { id, text } of page) payloads.set(id, text);
      if (page.length < pageSize) break;
      after = page.at(-1)?.id ?? after;
    }
    for (let last: Key | undefined; ; ) {
      const page = await database.read((db) => entriesAfter(db, last));
      // Field by field: there may be a million.
      const entries: PresenceEntry[] = [];
      for (const { account, contact, resource, payload: number, confirmed_at: confirmedAt } of page) {
        const payload = payloads.get(number);
        if (payload !== undefined) entries.push({ account, contact, resource, payload, confirmedAt });
      }
      visit(entries);
      if (page.length < pageSize) return;
      last = page.at(-1);
    }
  },

  tidy: (from, limit) =>
    database.write(async (db) => {
      const looked = await db
        .selectFrom('presence_payloads')
        .select('id')
        .where('id', '>=', from)
        .orderBy('id')
        .limit(limit)
        .execute();
      const last = looked.at(-1)?.id;
      if (last === undefined) return undefined;
      await db
        .deleteFrom('presence_payloads')
        .where('id', '>=', from)
        .where('id', '<=', last)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('presence_entries')
                .select('payload')
                .whereRef('presence_entries.payload', '=', 'presence_payloads.id'),
            ),
          ),
        )
        .execute();
      return looked.length < limit ? undefined : last + 1;
    }),
});

const entriesAfter = (db: Queries, after: Key | undefined) => {
  let query = db
    .selectFrom('presence_entries')
    .selectAll()
    .orderBy('account')
    .orderBy('contact')
    .orderBy('resource')
    .limit(pageSize);
  if (after)
    query = query.where((e) =>
      e(e.refTuple('account', 'contact', 'resource'), '>', e.tuple(after.account, after.contact, after.resource)),
    );
  return query.execute();
};

const apply = async (db: Queries, change: PresenceChange, numbers: Map<string, number>): Promise<void> => {
  const { account, contact } = change;
  switch (change.do) {
    case 'keep': {
      const { resource, confirmedAt } = change;
      const columns = { payload: await numberOf(db, change.payload, numbers), confirmed_at: confirmedAt };
      await db
        .insertInto('presence_entries')
        .values({ account, contact, resource, ...columns })
        .onConflict((conflict) => conflict.columns(['account', 'contact', 'resource']).doUpdateSet(columns))
        .execute();
      return;
    }
    case 'drop':
      await db
        .deleteFrom('presence_entries')
        .where('account', '=', account)
        .where('contact', '=', contact)
        .where('resource', '=', change.resource)
        .execute();
      return;
    case 'forget':
      await db.deleteFrom('presence_entries').where('account', '=', account).where('contact', '=', contact).execute();
      return;
    default:
      change satisfies never;
  }
};

const numberOf = async (db: Queries, text: string, numbers: Map<string, number>): Promise<number> => {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  const found =
    (await db.selectFrom('presence_payloads').select('id').where('text', '=', text).executeTakeFirst()) ??
    (await db.insertInto('presence_payloads').values({ text }).returning('id').executeTakeFirstOrThrow());
  numbers.set(text, found.id);
  return found.id;
};
