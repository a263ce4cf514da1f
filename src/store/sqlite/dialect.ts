// Kysely over one `node:sqlite` connection. Transactions are the business of ./writer.ts, so a connection is handed out
// without waiting and Kysely's own transactions are refused.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Queries } from '../database.ts';
import { runsAtOnce } from '../queries/once.ts';
import type { Tables } from '../tables.ts';

export const queriesOver = (database: DatabaseSync): Queries => queriesOf(new Connection(database));

/**
 * For reading what is committed: over the connection that writes whenever no transaction is open on it, since every commit
 * takes the pages that another connection has in memory from it; else over that other one.
 */
export const readsOver = (writing: DatabaseSync, reading: DatabaseSync): Queries => {
  const [own, aside] = [new Connection(writing), new Connection(reading)];
  const now = (): Connection => (writing.isTransaction ? aside : own);
  return queriesOf({
    executeQuery: (query) => now().executeQuery(query),
    rows: (text, parameters) => now().rows(text, parameters),
    streamQuery: () => own.streamQuery(),
  });
};

interface Rows extends DatabaseConnection {
  rows(text: string, parameters: readonly SqlValue[]): unknown[];
}

const queriesOf = (connection: Rows): Queries => {
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => driverOf(connection),
  };
  const queries = new Kysely<Tables>({ dialect });
  runsAtOnce(queries, (text, parameters) => connection.rows(text, parameters as readonly SqlValue[]));
  return queries;
};

type SqlValue = null | number | bigint | string | Uint8Array;

/** Prepared statements kept per connection; lists of varying length make the same query in many texts. */
const preparedMax = 300;

class Connection implements Rows {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, { readonly statement: StatementSync; readonly hasRows: boolean }>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, hasRows } = this.#prepare(query.sql);
    const parameters = query.parameters as readonly SqlValue[];
    if (hasRows) return { rows: statement.all(...parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  rows(text: string, parameters: readonly SqlValue[]): unknown[] {
    const { statement, hasRows } = this.#prepare(text);
    if (hasRows) return statement.all(...parameters);
    statement.run(...parameters);
    return [];
  }

  streamQuery(): never {
    throw new Error('streaming is not used over SQLite');
  }

  #prepare(text: string) {
    const known = this.#prepared.get(text);
    if (known) return known;
    const statement = this.#database.prepare(text);
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size >= preparedMax && oldest !== undefined) this.#prepared.delete(oldest);
    this.#prepared.set(text, prepared);
    return prepared;
  }
}

const driverOf = (connection: DatabaseConnection): Driver => ({
  async init() {},
  acquireConnection: async () => connection,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  async releaseConnection() {},
  async destroy() {},
});

const refuse = async (): Promise<never> => {
  throw new Error('transactions go through Database.write and Database.together');
};
