// Rosters with versions (RFC 6121 §2.6). Every record carries the version of its last change; a removed one leaves a
// removal behind. The newest removals are kept; once one is forgotten, versions before it can no longer be told apart.

import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import type { Address, RosterChange, RosterItem, RosterStore } from '../store.ts';
import type { Tables } from '../tables.ts';

export interface RosterLimits {
  /** Removals remembered per account. */
  readonly rosterRemovalsMax: number;
}

export const rosterStore = (database: Database, { rosterRemovalsMax }: RosterLimits): RosterStore => ({
  get: (account) =>
    database.read(async (db) => {
      // One statement, so that version and items are of the same moment.
      const rows = await db
        .selectFrom('roster_versions')
        .leftJoin('roster_items', 'roster_items.account', 'roster_versions.account')
        .selectAll('roster_items')
        .select('roster_versions.version as rosterVersion')
        .where('roster_versions.account', '=', account)
        .orderBy('roster_items.contact')
        .execute();
      const items = rows.flatMap((row) => (row.contact === null ? [] : [item(row as Tables['roster_items'])]));
      return { version: rows[0]?.rosterVersion ?? 0, items };
    }),

  set: (account, contact, changed) =>
    database.write(async (db) => {
      const { version } = await db
        .insertInto('roster_versions')
        .values({ account, version: 1, known_since: 0 })
        .onConflict((conflict) =>
          conflict.column('account').doUpdateSet((e) => ({ version: e('roster_versions.version', '+', 1) })),
        )
        .returning('version')
        .executeTakeFirstOrThrow();
      if (changed) await keep(db, account, contact, version, changed);
      else await remove(db, account, contact, version, rosterRemovalsMax);
      return version;
    }),

  subscribed: ({ after, limit }) =>
    database.read(async (db) => {
      let query = db
        .selectFrom('roster_items')
        .select(['account', 'contact'])
        .where('subscription', 'in', ['to', 'both'])
        .orderBy('account')
        .orderBy('contact')
        .limit(limit);
      if (after)
        query = query.where((e) => e(e.refTuple('account', 'contact'), '>', e.tuple(after.account, after.contact)));
      return (await query.execute()).map(({ account, contact }) => ({ account, contact }));
    }),

  changesSince: (account, since) =>
    database.read(async (db) => {
      // One statement here too: what is known, what changed and what went away, of one moment.
      const rows = await db
        .selectFrom('roster_versions')
        .leftJoin(
          (e) =>
            e
              .selectFrom('roster_items')
              .select(['account', 'contact', 'version', 'name', 'groups', 'subscription', 'ask'])
              .select(['request', 'approved', 'listed'])
              .where('account', '=', account)
              .where('version', '>', since)
              .unionAll(
                e
                  .selectFrom('roster_removals')
                  .select(['account', 'contact', 'version'])
                  .select([
                    sql<string | null>`null`.as('name'),
                    sql<string>`null`.as('groups'),
                    sql<RosterItem['subscription']>`null`.as('subscription'),
                    sql<0 | 1>`null`.as('ask'),
                    sql<string | null>`null`.as('request'),
                    sql<0 | 1>`null`.as('approved'),
                    sql<0 | 1>`null`.as('listed'),
                  ])
                  .where('account', '=', account)
                  .where('version', '>', since),
              )
              .as('changed'),
          (join) => join.onRef('changed.account', '=', 'roster_versions.account'),
        )
        .selectAll('changed')
        .select(['roster_versions.version as latest', 'roster_versions.known_since as knownSince'])
        .where('roster_versions.account', '=', account)
        .orderBy('changed.version')
        .execute();
      const first = rows[0];
      if (!first) return since === 0 ? [] : undefined;
      if (since > first.latest || since < first.knownSince) return undefined;
      return rows.flatMap((row): RosterChange[] => {
        if (row.contact === null || row.version === null) return [];
        const kept = row.groups === null ? undefined : item(row as Tables['roster_items']);
        return [{ version: row.version, contact: row.contact, item: kept }];
      });
    }),
});

const keep = async (
  db: Queries,
  account: Address,
  contact: Address,
  version: number,
  { name, groups, subscription, ask, request, approved, listed }: RosterItem,
): Promise<void> => {
  const columns = {
    version,
    name: name ?? null,
    groups: JSON.stringify(groups),
    subscription,
    ask: ask ? 1 : 0,
    request: request ?? null,
    approved: approved ? 1 : 0,
    listed: listed ? 1 : 0,
  } as const;
  await db
    .insertInto('roster_items')
    .values({ account, contact, ...columns })
    .onConflict((conflict) => conflict.columns(['account', 'contact']).doUpdateSet(columns))
    .execute();
  await db.deleteFrom('roster_removals').where('account', '=', account).where('contact', '=', contact).execute();
};

const remove = async (
  db: Queries,
  account: Address,
  contact: Address,
  version: number,
  removalsMax: number,
): Promise<void> => {
  await db.deleteFrom('roster_items').where('account', '=', account).where('contact', '=', contact).execute();
  await db
    .insertInto('roster_removals')
    .values({ account, contact, version })
    .onConflict((conflict) => conflict.columns(['account', 'contact']).doUpdateSet({ version }))
    .execute();
  const tooOld = await db
    .selectFrom('roster_removals')
    .select('version')
    .where('account', '=', account)
    .orderBy('version', 'desc')
    .offset(removalsMax)
    .limit(1)
    .executeTakeFirst();
  if (!tooOld) return;
  await db
    .deleteFrom('roster_removals')
    .where('account', '=', account)
    .where('version', '<=', tooOld.version)
    .execute();
  await db.updateTable('roster_versions').set({ known_since: tooOld.version }).where('account', '=', account).execute();
};

const item = (row: Tables['roster_items']): RosterItem => ({
  contact: row.contact,
  name: row.name ?? undefined,
  groups: JSON.parse(row.groups) as string[],
  subscription: row.subscription,
  ask: row.ask === 1,
  request: row.request ?? undefined,
  approved: row.approved === 1,
  listed: row.listed === 1,
});
