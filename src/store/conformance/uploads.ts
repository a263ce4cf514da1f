// What is known of uploaded files.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import type { UploadRecord } from '../store.ts';
import { account, anna, mila } from './samples.ts';

const limits = { accountMax: 100, totalMax: 150 };
const upload = (id: string, size: number, more: Partial<UploadRecord> = {}): UploadRecord => ({
  id,
  account: mila,
  name: 'katt.jpg',
  type: 'image/jpeg',
  size,
  createdAt: 10,
  storedAt: undefined,
  ...more,
});

export const uploadConformance = (test: StoreTest): void => {
  test('an upload is found under its id until it is removed', async ({ uploads }) => {
    assert.equal(await uploads.get('a'), undefined);
    assert.equal(await uploads.add(upload('a', 60), limits), 'added');
    assert.deepEqual(await uploads.get('a'), upload('a', 60));
    assert.equal(await uploads.stored('a', 12), true);
    assert.equal(await uploads.stored('b', 12), false);
    assert.deepEqual(await uploads.get('a'), upload('a', 60, { storedAt: 12 }));
    assert.deepEqual(await uploads.ofAccount(mila, 9), ['a']);
    await uploads.remove(['a', 'b']);
    await uploads.remove([]);
    assert.equal(await uploads.get('a'), undefined);
    assert.equal(await uploads.size(), 0);
  });

  test('an account, and all together, may have so many octets', async ({ uploads }) => {
    assert.equal(await uploads.add(upload('a', 60), limits), 'added');
    assert.equal(await uploads.add(upload('b', 41), limits), 'account-full');
    assert.equal(await uploads.add(upload('b', 40), limits), 'added');
    assert.equal(await uploads.add(upload('c', 51, { account: anna }), limits), 'full');
    assert.equal(await uploads.add(upload('c', 50, { account: anna }), limits), 'added');
    assert.deepEqual([await uploads.size(mila), await uploads.size(anna), await uploads.size()], [100, 50, 150]);
  });

  test('a small upload may count for more than its own octets', async ({ uploads }) => {
    const few = { ...limits, leastSize: 40 };
    for (const id of ['a', 'b']) assert.equal(await uploads.add(upload(id, 1), few), 'added');
    assert.equal(await uploads.add(upload('c', 1), few), 'account-full');
    assert.equal(await uploads.add(upload('c', 60, { account: anna }), few), 'added');
    assert.equal(await uploads.add(upload('d', 1, { account: anna }), few), 'full');
    assert.equal(await uploads.size(), 62);
  });

  test('what is old, was never filled, or belongs to nobody is due', async ({ uploads, accounts }) => {
    await accounts.create(account(mila));
    const many = { accountMax: 1e9, totalMax: 1e9 };
    await uploads.add(upload('old', 1, { createdAt: 5 }), many);
    await uploads.stored('old', 5);
    await uploads.add(upload('empty', 1, { createdAt: 15 }), many);
    await uploads.add(upload('slot', 1, { createdAt: 25 }), many);
    await uploads.add(upload('good', 1, { createdAt: 10 }), many);
    await uploads.stored('good', 11);
    await uploads.add(upload('orphan', 1, { createdAt: 26, account: anna }), many);
    assert.deepEqual(await uploads.due({ before: 10, unfilledBefore: 20, limit: 9 }), ['old', 'empty', 'orphan']);
    assert.deepEqual(await uploads.due({ before: 10, unfilledBefore: 20, limit: 1 }), ['old']);
  });
};
