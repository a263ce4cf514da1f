// What the database file still holds of messages: read by a connection of our own, also while onesoup runs.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type Leftovers = Readonly<Record<'waiting' | 'outbox' | 'kept', number>>;

const tables = { waiting: 'csp_waiting', outbox: 'csp_outgoing', kept: 'messages' } as const;

export const leftoversIn = (directory: string): Leftovers => {
  using database = openFile(directory);
  const count = (table: string): number =>
    Number(database.prepare(`select count(*) as count from ${table}`).get()?.['count']);
  return { waiting: count(tables.waiting), outbox: count(tables.outbox), kept: count(tables.kept) };
};

export const isEmpty = (left: Leftovers): boolean => Object.values(left).every((count) => count === 0);

/** The rows themselves, for the message of a failing test. */
export const describeLeftovers = (directory: string): string => {
  using database = openFile(directory);
  const columns = {
    waiting: 'account, kind, transaction_id, body',
    outbox: 'account, stanza',
    kept: 'account, stanza',
  };
  return Object.entries(tables)
    .flatMap(([what, table]) =>
      database
        .prepare(`select ${columns[what as keyof typeof columns]} from ${table} order by seq limit 5`)
        .all()
        .map((row) => `${what}: ${Object.values(row).join(' | ')}`),
    )
    .join('\n');
};

/** 'ok', or what SQLite found wrong with its file. */
export const integrityOf = (directory: string): string => {
  using database = openFile(directory);
  return String(Object.values(database.prepare('pragma integrity_check').get() ?? {})[0]);
};

const openFile = (directory: string): DatabaseSync =>
  new DatabaseSync(join(directory, 'data', 'onesoup.db'), { readOnly: true, timeout: 5000 });
