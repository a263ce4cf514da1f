// The one writer of a SQLite file in this process. Writes asked for in the same turn of the event loop share a transaction,
// each under a savepoint of its own, so that one that fails takes nothing else with it; a promise resolves after the
// commit. They are done one after the other, `together` included: nothing else is written between what it writes.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Queries } from '../database.ts';

/** A transaction that is under way. */
export interface Transaction {
  readonly queries: Queries;
  /** Runs `work` so that its failure undoes what it did and nothing else. Not to be run twice at the same time. */
  savepoint<Value>(work: () => Promise<Value>): Promise<Value>;
}

interface Job {
  /** A single statement is all or nothing by itself: it needs no savepoint. */
  readonly isStatement: boolean;
  readonly work: (transaction: Transaction) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

export interface WriterOptions {
  /** Writes that may share one transaction; 1: none do. */
  readonly writesPerCommitMax: number;
}

export class Writer implements Transaction {
  readonly queries: Queries;
  readonly #database: DatabaseSync;
  readonly #options: WriterOptions;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  #queue: Job[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(database: DatabaseSync, queries: Queries, options: WriterOptions) {
    this.#database = database;
    this.queries = queries;
    this.#options = options;
    this.#begin = database.prepare('begin immediate');
    this.#end = database.prepare('commit');
    this.#savepoint = database.prepare('savepoint job');
    this.#release = database.prepare('release job');
  }

  write<Value>(work: (queries: Queries) => Promise<Value>): Promise<Value> {
    return this.#ask(false, ({ queries }) => work(queries));
  }

  /** The same for work that is a single statement. */
  statement<Value>(work: (queries: Queries) => Value | Promise<Value>): Promise<Value> {
    return this.#ask(true, ({ queries }) => work(queries));
  }

  /** Runs `work`, which may await more than queries; what others write waits until it is done. */
  together<Value>(work: (transaction: Transaction) => Promise<Value>): Promise<Value> {
    return this.#ask(false, (transaction) => {
      const state = { open: true };
      return this.#inside.run(state, async () => {
        try {
          return await work(transaction);
        } finally {
          state.open = false;
        }
      });
    });
  }

  /** Refuses new writes and waits for those already asked for. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#draining) await this.#draining;
  }

  /** Throws when the store is closed, and inside `together`, where waiting for the writer would be waiting for oneself. */
  check(): void {
    if (this.#closed) throw new Error('the store is closed');
    if (this.#inside.getStore()?.open) throw new Error('inside `together`, use the store that it hands you');
  }

  async #ask<Value>(isStatement: boolean, work: (transaction: Transaction) => Value | Promise<Value>): Promise<Value> {
    this.check();
    return new Promise<Value>((resolve, reject) => {
      this.#queue.push({ isStatement, work, resolve: resolve as (value: unknown) => void, reject });
      this.#draining ??= this.#inside.exit(() => this.#drain());
    });
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length) {
        // Whatever else this turn brings in joins the same commit.
        await new Promise((resolve) => setImmediate(resolve));
        await this.#commit(this.#queue.splice(0, this.#options.writesPerCommitMax));
      }
    } finally {
      this.#draining = undefined;
    }
  }

  /** Never rejects: every job hears what became of it. */
  async #commit(jobs: readonly Job[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      this.#begin.run();
      for (const job of jobs) answers.push(await this.#run(job, jobs.length > 1));
      this.#end.run();
    } catch (cause) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('rollback');
      for (const job of jobs) job.reject(cause);
      return;
    }
    for (const answer of answers) answer();
  }

  /** Resolves with what to tell the job after the commit; rejects when the whole transaction is lost. */
  async #run(job: Job, shared: boolean): Promise<() => void> {
    if (!shared) {
      const value = await job.work(this);
      return () => job.resolve(value);
    }
    try {
      const value = await (job.isStatement ? job.work(this) : this.savepoint(async () => job.work(this)));
      return () => job.resolve(value);
    } catch (cause) {
      // A full disk and the like end the transaction by themselves: then nobody's write is in.
      if (!this.#database.isTransaction) throw cause;
      return () => job.reject(cause);
    }
  }

  async savepoint<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#savepoint.run();
    try {
      const value = await work();
      this.#release.run();
      return value;
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('rollback to job; release job');
      throw cause;
    }
  }
}
