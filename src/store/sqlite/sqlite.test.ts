import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { account, mila } from '../conformance/samples.ts';
import { storeConformance } from '../conformance.ts';
import { ownedByAccount } from '../queries/accounts.ts';
import { migrations } from './migrations.ts';
import { openSqliteStore, StoreOpenError } from './open.ts';

const root = mkdtempSync(join(tmpdir(), 'onesoup-store-'));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const newFile = (): string => join(root, String(++made), 'onesoup.db');

storeConformance('SQLite in memory', async (limits) => openSqliteStore({ file: ':memory:', limits: limits ?? {} }));
storeConformance('SQLite in a file', async (limits) => openSqliteStore({ file: newFile(), limits: limits ?? {} }));
storeConformance('SQLite in a file, every write a commit', async (limits) =>
  openSqliteStore({ file: newFile(), limits: limits ?? {}, writesPerCommitMax: 1, synchronous: 'full' }),
);

test('what was written is there after reopening, in files for the owner only', async () => {
  const file = newFile();
  const store = openSqliteStore({ file });
  await store.accounts.create(account(mila));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(`${file}-wal`).mode & 0o777, 0o600);
  await store.close();
  const again = openSqliteStore({ file });
  assert.deepEqual(await again.accounts.get(mila), account(mila));
  await again.close();
});

test('two processes may have the file open: each sees what the other committed', async () => {
  const file = newFile();
  const server = openSqliteStore({ file });
  const cli = openSqliteStore({ file });
  await cli.accounts.create(account(mila));
  assert.ok(await server.accounts.get(mila));
  await Promise.all([
    ...Array.from({ length: 50 }, (_, n) => server.blocks.add(mila, [`s${n}`])),
    ...Array.from({ length: 50 }, (_, n) => cli.blocks.add(mila, [`c${n}`])),
  ]);
  assert.equal((await server.blocks.list(mila)).length, 100);
  await cli.close();
  await server.close();
});

test('whoever reads beside a transaction sees what is committed, and nothing else', async () => {
  const store = openSqliteStore({ file: newFile() });
  await store.privateData.set(mila, 'k', 'before');
  const seen: (string | undefined)[] = [];
  const beside = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const writes = store.together(async (inside) => {
    await inside.privateData.set(mila, 'k', 'after');
    written.resolve();
    await beside.promise;
  });
  await written.promise;
  seen.push(await store.privateData.get(mila, 'k'));
  beside.resolve();
  await writes;
  seen.push(await store.privateData.get(mila, 'k'));
  assert.deepEqual(seen, ['before', 'after']);
  await store.close();
});

test('removing an account knows every table that has an account column', () => {
  const database = new DatabaseSync(':memory:');
  for (const step of migrations) database.exec(step);
  const tables = database
    .prepare(
      `select t.name from sqlite_schema t join pragma_table_info(t.name) c where t.type = 'table' and c.name = 'account'`,
    )
    .all()
    .map(({ name }) => name);
  assert.deepEqual(tables.sort(), [...ownedByAccount].sort());
});

const refused = (file: string, reason: StoreOpenError['reason'], words: RegExp): void => {
  assert.throws(
    () => openSqliteStore({ file }),
    (error: unknown) => {
      assert.ok(error instanceof StoreOpenError, String(error));
      assert.equal(error.reason, reason);
      assert.match(error.message, words);
      assert.ok(error.message.includes(file) && !error.message.includes('\n'));
      return true;
    },
  );
};

test('a file of a newer onesoup is left alone', async () => {
  const file = newFile();
  await openSqliteStore({ file }).close();
  const database = new DatabaseSync(file);
  database.exec('pragma user_version = 99');
  database.close();
  refused(file, 'newer', /newer onesoup.* 99/);
});

test("another program's SQLite file is left alone", () => {
  const file = newFile();
  mkdirSync(join(file, '..'));
  const database = new DatabaseSync(file);
  database.exec('create table theirs (x)');
  database.close();
  refused(file, 'foreign', /another program/);
});

test('a file that is no database, and one that is damaged', async () => {
  const file = newFile();
  mkdirSync(join(file, '..'));
  writeFileSync(file, 'Dear diary, today I wrote no database. '.repeat(50));
  refused(file, 'corrupt', /damaged or no SQLite file/);
  const damaged = newFile();
  const store = openSqliteStore({ file: damaged });
  await store.accounts.create(account(mila));
  await store.close();
  writeFileSync(damaged, Buffer.alloc(8192, 0x5a), { flag: 'r+' });
  refused(damaged, 'corrupt', /damaged or no SQLite file/);
});

test('a place that cannot be written', () => {
  refused('/proc/onesoup/onesoup.db', 'unwritable', /cannot write/);
  const file = newFile();
  mkdirSync(file, { recursive: true });
  refused(file, 'unwritable', /it is a directory/);
  const below = join(newFile(), '..');
  writeFileSync(below, '');
  refused(join(below, 'onesoup.db'), 'unwritable', /cannot write/);
});
