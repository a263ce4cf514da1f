// What a backend gives the queries: a way to read and a way to write. Everything else about it is its own affair.

import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export type Queries = Kysely<Tables>;

export interface Database {
  /** Runs `work` on what is committed. It must only await queries. */
  read<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value>;
  /** Runs `work` as all or nothing; resolves after its commit. It must only await queries. */
  write<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value>;
  /** The same for `work` that is a single statement, of those in queries/once.ts. */
  statement<Value>(work: (queries: Queries) => Value | Promise<Value>): Promise<Value>;
  /** Runs `work` as one transaction that nothing else comes into; rejecting rolls back. May be nested. */
  together<Value>(work: (inside: Database) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}
