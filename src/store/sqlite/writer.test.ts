import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { queriesOver } from './dialect.ts';
import { migrations } from './migrations.ts';
import { Writer } from './writer.ts';

const withWriter = async (
  work: (writer: Writer, database: DatabaseSync, file: string) => Promise<void>,
  writesPerCommitMax = 256,
  watch = (_database: DatabaseSync): void => {},
): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-writer-'));
  const file = join(directory, 'test.db');
  const database = new DatabaseSync(file, { timeout: 50 });
  try {
    database.exec('pragma journal_mode = wal');
    for (const step of migrations) database.exec(step);
    watch(database);
    await work(new Writer(database, queriesOver(database), { writesPerCommitMax }), database, file);
  } finally {
    database.close();
    rmSync(directory, { recursive: true, force: true });
  }
};
const block = (writer: Writer, entry: string): Promise<unknown> =>
  writer.write((db) => db.insertInto('blocks').values({ account: 'mila@home.test', entry }).execute());
const entries = (database: DatabaseSync): unknown[] =>
  database
    .prepare('select entry from blocks order by entry')
    .all()
    .map(({ entry }) => entry);

test('when the disk is full, what was acknowledged is in, what was refused is not, and it goes on afterwards', () =>
  withWriter(async (writer, database) => {
    const pages = Number(Object.values(database.prepare('pragma page_count').get() ?? {})[0]);
    database.exec(`pragma max_page_count = ${pages + 10}`);
    const names = Array.from({ length: 40 }, (_, n) => `${String(n).padStart(2, '0')}${'x'.repeat(3000)}`);
    const became = await Promise.allSettled(names.map((name) => block(writer, name)));
    const acknowledged = names.filter((_, n) => became[n]?.status === 'fulfilled');
    assert.ok(acknowledged.length < names.length, 'it was full');
    assert.deepEqual(entries(database), acknowledged);
    database.exec('pragma max_page_count = 100000');
    await block(writer, 'zz');
    assert.deepEqual(entries(database), [...acknowledged, 'zz']);
  }));

test('when another process keeps the file to itself, the write is refused in the end, and it goes on afterwards', () =>
  withWriter(async (writer, database, file) => {
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    await assert.rejects(block(writer, 'a'), /locked/);
    other.exec('rollback');
    other.close();
    await block(writer, 'b');
    assert.deepEqual(entries(database), ['b']);
  }));

test('one commit per turn of the event loop, as many writes in it as may be', async () => {
  const commitsOf = async (writesPerCommitMax: number): Promise<number> => {
    let commits = 0;
    const count = (database: DatabaseSync): void => {
      const prepare = database.prepare.bind(database);
      database.prepare = (text) => {
        const statement = prepare(text);
        const run = statement.run.bind(statement);
        if (text === 'commit')
          statement.run = () => {
            commits++;
            return run();
          };
        return statement;
      };
    };
    const all = (writer: Writer) => Promise.all(Array.from({ length: 100 }, (_, n) => block(writer, String(n))));
    await withWriter(async (writer) => void (await all(writer)), writesPerCommitMax, count);
    return commits;
  };
  assert.equal(await commitsOf(256), 1);
  assert.equal(await commitsOf(30), 4);
  assert.equal(await commitsOf(1), 100);
});
