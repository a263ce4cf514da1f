import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KeyRingError } from './key-ring.ts';
import { openSqliteStore } from './sqlite/open.ts';
import { PasswordVault } from './vault.ts';

const root = mkdtempSync(join(tmpdir(), 'onesoup-vault-'));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const directory = (): string => join(root, String(++made), 'keys');
const mila = 'mila@home.test';
const anna = 'anna@home.test';

test('a password is kept sealed, and opens for its account only', async () => {
  const store = openSqliteStore({ file: ':memory:' });
  const vault = new PasswordVault(directory(), store);
  await vault.keepDevicePassword(mila, 'tajné heslo');
  assert.equal(await vault.devicePassword(mila), 'tajné heslo');
  assert.equal(await vault.devicePassword(anna), undefined);
  const row = await store.devicePasswords.get(mila);
  assert.ok(row && !Buffer.from(row.sealed).includes('heslo'));
  await store.devicePasswords.set(anna, row.keyId, row.sealed);
  assert.equal(await vault.devicePassword(anna), undefined, 'a row moved to another account');
  await store.devicePasswords.set(mila, row.keyId, row.sealed.with(-1, (row.sealed.at(-1) ?? 0) ^ 1));
  assert.equal(await vault.devicePassword(mila), undefined, 'a row that was changed');
  await store.devicePasswords.set(mila, row.keyId, Uint8Array.of(1, 2, 3));
  assert.equal(await vault.devicePassword(mila), undefined, 'a row that was cut');
  assert.equal(await vault.forgetDevicePassword(mila), true);
  assert.equal(await vault.devicePassword(mila), undefined);
});

test('the same password never looks the same twice', () => {
  const vault = new PasswordVault(directory(), openSqliteStore({ file: ':memory:' }));
  assert.notDeepEqual(vault.seal(mila, 'x').sealed, vault.seal(mila, 'x').sealed);
});

test('keys are files for the owner only, made once', () => {
  const keys = directory();
  const store = openSqliteStore({ file: ':memory:' });
  const { keyId, sealed } = new PasswordVault(keys, store).seal(mila, 'x');
  assert.deepEqual(readdirSync(keys), [`${keyId}.key`]);
  assert.equal(statSync(join(keys, `${keyId}.key`)).mode & 0o777, 0o600);
  assert.equal(statSync(keys).mode & 0o777, 0o700);
  assert.equal(new PasswordVault(keys, store).open(mila, keyId, sealed), 'x');
  assert.equal(new PasswordVault(directory(), store).open(mila, keyId, sealed), undefined, 'another server');
});

test('rotation seals everything anew, beside a server that goes on', async () => {
  const keys = directory();
  const store = openSqliteStore({ file: ':memory:' });
  const server = new PasswordVault(keys, store);
  const accounts = Array.from({ length: 250 }, (_, n) => `u${n}@home.test`);
  await Promise.all(accounts.map((account) => server.keepDevicePassword(account, `of ${account}`)));
  await store.devicePasswords.set('broken@home.test', 'gone', Uint8Array.of(1));
  const secret = server.sealForSession('S1', 'link password');
  const [before] = readdirSync(keys);

  assert.deepEqual(await new PasswordVault(keys, store).rotate(), { resealed: 250, lost: ['broken@home.test'] });
  const [, after = ''] = readdirSync(keys).sort();
  assert.deepEqual(await store.devicePasswords.sealedUnderOther(after.replace('.key', ''), 10), ['broken@home.test']);
  for (const account of accounts) assert.equal(await server.devicePassword(account), `of ${account}`);
  assert.equal(server.openForSession('S1', secret), 'link password', 'sealed before, opened after');
  rmSync(join(keys, before ?? ''));
  const fresh = new PasswordVault(keys, store);
  assert.equal(await fresh.devicePassword('u7@home.test'), 'of u7@home.test');
  assert.equal(fresh.openForSession('S1', secret), undefined, 'its key is gone');
});

test("a session's secret opens with its SessionID only", () => {
  const vault = new PasswordVault(directory(), openSqliteStore({ file: ':memory:' }));
  const sealed = vault.sealForSession('S1', 'link password');
  assert.equal(vault.openForSession('S1', sealed), 'link password');
  assert.equal(vault.openForSession('S2', sealed), undefined);
  for (let n = 0; n < sealed.length; n++)
    assert.equal(vault.openForSession('S1', sealed.with(n, (sealed[n] ?? 0) ^ 1)), undefined, `octet ${n}`);
  for (let n = 0; n < sealed.length; n++) assert.equal(vault.openForSession('S1', sealed.subarray(0, n)), undefined);
  assert.equal(vault.open(mila, vault.seal(mila, 'x').keyId, sealed), undefined);
});

test('a lasting secret lasts through rotation, and differs by purpose and server', async () => {
  const keys = directory();
  const store = openSqliteStore({ file: ':memory:' });
  const vault = new PasswordVault(keys, store);
  const salt = vault.lastingSecret('salt');
  await vault.rotate();
  assert.deepEqual(new PasswordVault(keys, store).lastingSecret('salt'), salt);
  assert.notDeepEqual(vault.lastingSecret('other'), salt);
  assert.notDeepEqual(new PasswordVault(directory(), store).lastingSecret('salt'), salt);
});

test('keys that others may read, that are damaged or cannot be made are one clear line', () => {
  const keys = directory();
  const store = openSqliteStore({ file: ':memory:' });
  new PasswordVault(keys, store);
  const file = join(keys, readdirSync(keys)[0] ?? '');
  const good = readFileSync(file);
  const refused = (where: string, words: RegExp): void =>
    assert.throws(
      () => new PasswordVault(where, store),
      (error: Error) => error instanceof KeyRingError && words.test(error.message),
    );
  chmodSync(file, 0o640);
  refused(keys, /can be read by others.*chmod 600/);
  chmodSync(file, 0o600);
  writeFileSync(file, good.subarray(0, 20));
  refused(keys, /no key of 32 octets/);
  refused('/proc/onesoup/keys', /cannot use/);
});
