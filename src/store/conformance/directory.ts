// Who can be found.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import type { DirectoryEntry } from '../store.ts';
import { account, anna, mila } from './samples.ts';

const entry = (address: string, changes: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  account: address,
  fields: { user: address.split('@')[0] ?? '' },
  age: undefined,
  shown: '{}',
  ...changes,
});

export const directoryConformance = (test: StoreTest): void => {
  test('an entry is made, replaced and removed', async ({ directory }) => {
    assert.equal(await directory.get(mila), undefined);
    await directory.set(entry(mila, { fields: { user: 'mila', city: 'turku' }, age: 42, shown: '{"a":1}' }));
    await directory.set(entry(mila, { fields: { user: 'mila', nick: 'mi' }, shown: '{"b":2}' }));
    assert.deepEqual(
      await directory.get(mila),
      entry(mila, { fields: { user: 'mila', nick: 'mi' }, shown: '{"b":2}' }),
    );
    assert.equal(await directory.remove(mila), true);
    assert.equal(await directory.remove(mila), false);
    assert.equal(await directory.get(mila), undefined);
  });

  test('people are found by parts of what is known, all of which must be there', async ({ directory }) => {
    await directory.set(entry(mila, { fields: { user: 'mila', city: 'turku', last: 'ek' } }));
    await directory.set(entry(anna, { fields: { user: 'anna', city: 'turku' } }));
    await directory.set(entry('anna@away.test', { fields: { user: 'anna', city: 'turku' } }));
    const find = async (parts: Parameters<typeof directory.find>[0]['parts'], limit = 9) =>
      (await directory.find({ domain: 'home.test', parts }, limit)).map((one) => one.account);
    assert.deepEqual(await find([{ field: 'city', text: 'urk' }]), [anna, mila]);
    assert.deepEqual(await find([{ field: 'city', text: 'urk' }], 1), [anna]);
    assert.deepEqual(
      await find([
        { field: 'city', text: 'turku' },
        { field: 'last', text: 'e' },
      ]),
      [mila],
    );
    assert.deepEqual(await find([{ field: 'nick', text: 'a' }]), []);
  });

  test('what has a meaning in patterns has none here', async ({ directory }) => {
    await directory.set(entry(mila, { fields: { user: 'mila', nick: '100% \\ a_b' } }));
    const find = (text: string) => directory.find({ domain: 'home.test', parts: [{ field: 'nick', text }] }, 9);
    for (const text of ['0% \\', 'a_b', '\\']) assert.equal((await find(text)).length, 1, text);
    for (const text of ['1%%', 'a%b', '_', '\\\\'].filter((one) => one !== '_'))
      assert.equal((await find(text)).length, 0, text);
  });

  test('ages are bounds, and nobody without one is within them', async ({ directory }) => {
    await directory.set(entry(mila, { age: 42 }));
    await directory.set(entry(anna));
    const find = async (ageMin?: number, ageMax?: number) =>
      (await directory.find({ domain: 'home.test', parts: [], ageMin, ageMax }, 9)).map((one) => one.account);
    assert.deepEqual(await find(42, 42), [mila]);
    assert.deepEqual(await find(43), []);
    assert.deepEqual(await find(undefined, 41), []);
    assert.deepEqual(await find(), [anna, mila]);
  });

  test('who is removed is found no more', async ({ accounts, directory }) => {
    await accounts.create(account(mila));
    await directory.set(entry(mila));
    await accounts.remove(mila);
    assert.equal(await directory.get(mila), undefined);
  });
};
