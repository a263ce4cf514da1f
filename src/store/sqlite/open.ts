// Opens the SQLite store: one connection that writes and, for a file, one that reads beside it. Other processes may have
// the file open too (the command line does while the server runs): write-ahead logging lets them read meanwhile, and a
// writer waits for another's commit.

import { chmodSync, closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Database } from '../database.ts';
import { fileTrouble, makeDirectory } from '../files.ts';
import type { Store } from '../store.ts';
import { defaultStoreLimits, type StoreLimits, storeOver } from '../store-over.ts';
import { queriesOver, readsOver } from './dialect.ts';
import { migrations } from './migrations.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { Writer } from './writer.ts';

export interface SqliteOptions {
  /** ':memory:' or a file, made with its directory when it is not there. */
  readonly file: string;
  /**
   * 'normal': what was acknowledged survives the death of the process (`kill -9`) and of nothing more; after a power cut or
   * a crash of the operating system the last commits may be missing, the file itself stays sound.
   * 'full': every commit waits for the disk, so it survives a power cut as well, as far as the disk tells the truth.
   */
  readonly synchronous?: 'normal' | 'full';
  readonly limits?: Partial<StoreLimits>;
  readonly writesPerCommitMax?: number;
}

/** Why a store cannot be opened, as one line for the operator. */
export class StoreOpenError extends Error {
  override name = 'StoreOpenError';
  readonly reason: 'unwritable' | 'corrupt' | 'newer' | 'foreign';
  constructor(reason: StoreOpenError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** Throws StoreOpenError. */
export const openSqliteStore = (options: SqliteOptions): Store =>
  storeOver(openSqliteDatabase(options), { ...defaultStoreLimits, ...options.limits });

/**
 * The write-ahead log is put into the file when it has so many pages, 16 MB. Messages and answers come and go in the same few
 * pages: four times SQLite's usual number saves most of writing them twice.
 */
const logPagesMax = 4000;
/** Pages of the file that are kept in memory, kB. */
const cacheKb = 8_000;
/** How long a writer waits for another process's commit. */
const busyMs = 5000;
/** 'ones' in ASCII, in the file's header: a file that has something else there is not ours to touch. */
export const applicationId = 0x6f6e6573;

export const openSqliteDatabase = (options: SqliteOptions): Database => {
  const { file, synchronous = 'normal', writesPerCommitMax = 256 } = options;
  const inMemory = file === ':memory:';
  if (!inMemory) makeFile(file);
  const opened: DatabaseSync[] = [];
  const open = (readOnly: boolean): DatabaseSync => {
    const database = new DatabaseSync(file, { readOnly, timeout: busyMs });
    opened.push(database);
    return database;
  };
  try {
    const writing = open(false);
    writing.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma foreign_keys = on`);
    writing.exec(`pragma wal_autocheckpoint = ${logPagesMax}; pragma cache_size = -${cacheKb}`);
    migrate(writing, file);
    const reading = inMemory ? undefined : open(true);
    const queries = queriesOver(writing);
    const writer = new Writer(writing, queries, { writesPerCommitMax });
    return new SqliteDatabase(writer, reading && readsOver(writing, reading), () => {
      for (const database of opened.reverse()) database.close();
    });
  } catch (cause) {
    for (const database of opened) database.close();
    throw openError(file, cause);
  }
};

/** The file and its directory are the owner's alone: they hold keys that passwords can be guessed against. */
const makeFile = (file: string): void => {
  try {
    makeDirectory(dirname(file));
    closeSync(openSync(file, 'a+', 0o600));
    chmodSync(file, 0o600);
  } catch (cause) {
    throw new StoreOpenError('unwritable', `cannot write ${file}: ${fileTrouble(cause)}`, cause);
  }
};

const migrate = (database: DatabaseSync, file: string): void => {
  // Two processes may open a new file at once: who comes second waits here and finds it made.
  database.exec('begin immediate');
  const pragma = (name: string): number => Number(Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0]);
  const version = pragma('user_version');
  const owner = pragma('application_id');
  const isEmpty = database.prepare('select 1 from sqlite_schema limit 1').get() === undefined;
  if (owner !== applicationId && !(isEmpty && owner === 0 && version === 0))
    throw new StoreOpenError('foreign', `${file} is a SQLite file of another program; choose another 'data' directory`);
  if (version > migrations.length)
    throw new StoreOpenError(
      'newer',
      `${file} was written by a newer onesoup (its schema is ${version}, this one knows ${migrations.length}); run that version or restore a backup`,
    );
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${migrations.length}; commit`);
};

export const openError = (file: string, cause: unknown): StoreOpenError => {
  if (cause instanceof StoreOpenError) return cause;
  const code = (cause as { errcode?: number }).errcode ?? 0;
  // SQLITE_CORRUPT and SQLITE_NOTADB; the upper octets say more than is needed here.
  if ((code & 0xff) === 11 || (code & 0xff) === 26)
    return new StoreOpenError(
      'corrupt',
      `${file} is damaged or no SQLite file (${fileTrouble(cause)}); restore a backup, or move it away to start anew`,
      cause,
    );
  return new StoreOpenError('unwritable', `cannot write ${file}: ${fileTrouble(cause)}`, cause);
};
