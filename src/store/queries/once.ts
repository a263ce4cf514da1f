// Queries that run for every message and every request of a phone. Building one and writing it as SQL costs several times what
// SQLite takes to carry it out, so these are built once per connection and run with other values each time; and where the
// backend can carry out a statement without making anybody wait, no promise stands in between.

import type { CompiledQuery } from 'kysely';
import type { Queries } from '../database.ts';

/** Stands in the query where a value goes. */
class Place {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  /** A place has no value: whoever computes with it would compile the result into the query, for good. */
  [Symbol.toPrimitive](): never {
    throw new TypeError(`'${this.name}' has no value when the query is built`);
  }
}

const places = new Proxy({}, { get: (_target, name) => new Place(String(name)) });

type Run = (sql: string, parameters: readonly unknown[]) => readonly unknown[];
const runs = new WeakMap<Queries, Run>();

/** For a backend whose statements are done when the call returns: its own way to the rows. */
export const runsAtOnce = (db: Queries, run: Run): void => void runs.set(db, run);

interface Built<Row> {
  readonly query: CompiledQuery<Row>;
  /** Of each parameter the name of its value, or what it always is. */
  readonly parameters: readonly unknown[];
}

/**
 * The rows of a query, or a promise of them. `build` is called once for each connection with stand-ins for the values: it may put them where values go
 * in a query, and do nothing else with them. NULL is null: undefined would leave a column out.
 */
export const once = <Values extends { readonly [Name in keyof Values]: unknown }, Row>(
  build: (db: Queries, values: Values) => { compile(): CompiledQuery<Row> },
): ((db: Queries, values: Values) => readonly Row[] | Promise<readonly Row[]>) => {
  const known = new WeakMap<Queries, Built<Row>>();
  return (db, values) => {
    let built = known.get(db);
    if (!built) {
      const query = build(db, places as Values).compile();
      built = { query, parameters: query.parameters };
      known.set(db, built);
    }
    const parameters = built.parameters.map((one) =>
      one instanceof Place ? (values as Record<string, unknown>)[one.name] : one,
    );
    const run = runs.get(db);
    if (run) return run(built.query.sql, parameters) as readonly Row[];
    return db.executeQuery<Row>({ ...built.query, parameters }).then(({ rows }) => rows);
  };
};
