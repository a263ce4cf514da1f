// The two connections of a SQLite file as one Database: reads do not wait for the writer and see what is committed. A
// database in memory has one connection, so reads take their turn in the writer's queue.

import type { Database, Queries } from '../database.ts';
import type { Transaction, Writer } from './writer.ts';

export class SqliteDatabase implements Database {
  readonly #writer: Writer;
  readonly #reading: Queries | undefined;
  readonly #release: () => void;
  #isClosed = false;

  constructor(writer: Writer, reading: Queries | undefined, release: () => void) {
    this.#writer = writer;
    this.#reading = reading;
    this.#release = release;
  }

  async read<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value> {
    this.#writer.check();
    return this.#reading ? work(this.#reading) : this.#writer.write(work);
  }

  write<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value> {
    return this.#writer.write(work);
  }

  statement<Value>(work: (queries: Queries) => Value | Promise<Value>): Promise<Value> {
    return this.#writer.statement(work);
  }

  together<Value>(work: (inside: Database) => Promise<Value>): Promise<Value> {
    return this.#writer.together((transaction) => work(new Inside(transaction)));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writer.close();
    // Reads that are under way only await queries, so this turn of the event loop sees them through.
    await new Promise((resolve) => setImmediate(resolve));
    this.#release();
  }
}

/** A transaction that is under way, as a Database. What is asked of it at the same time is done one after the other. */
class Inside implements Database {
  readonly #transaction: Transaction;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  read<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value> {
    return this.#inTurn(() => work(this.#transaction.queries));
  }

  write<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value> {
    return this.#inTurn(() => this.#transaction.savepoint(() => work(this.#transaction.queries)));
  }

  statement<Value>(work: (queries: Queries) => Value | Promise<Value>): Promise<Value> {
    return this.#inTurn(async () => work(this.#transaction.queries));
  }

  together<Value>(work: (inside: Database) => Promise<Value>): Promise<Value> {
    return this.#inTurn(() => this.#transaction.savepoint(() => work(new Inside(this.#transaction))));
  }

  async close(): Promise<void> {
    throw new Error('a store cannot be closed from inside `together`');
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = this.#waiting === 0 ? work() : this.#last.then(work);
    this.#waiting++;
    // The next in turn goes on whatever became of this one; who asked for this one hears of its failure.
    const done = (): void => {
      this.#waiting--;
    };
    this.#last = mine.then(done, done);
    return mine;
  }
}
