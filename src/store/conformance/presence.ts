// The presence view's snapshot, and who sees whom.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import type { PresenceChange, PresenceEntry, Store } from '../store.ts';
import { account, anna, mila, rosterItem } from './samples.ts';

const entry = (changes: Partial<PresenceEntry> = {}): PresenceEntry => ({
  account: mila,
  contact: 'tom@far.test',
  resource: 'desk',
  payload: '<show>away</show>',
  confirmedAt: 1000,
  ...changes,
});
const keep = (changes: Partial<PresenceEntry> = {}): PresenceChange => ({ do: 'keep', ...entry(changes) });

const all = async ({ presence }: Store): Promise<PresenceEntry[]> => {
  const entries: PresenceEntry[] = [];
  await presence.read((page) => entries.push(...page));
  return entries;
};

export const presenceConformance = (test: StoreTest): void => {
  test('what was kept last comes back, in order, per account', async (store) => {
    await store.presence.write([]);
    assert.deepEqual(await all(store), []);
    await store.presence.write([
      keep({ resource: 'phone', payload: '' }),
      keep(),
      keep({ account: anna, contact: 'čeněk@far.test', resource: '' }),
      keep({ payload: '<show>dnd</show>', confirmedAt: 1500 }),
    ]);
    assert.deepEqual(await all(store), [
      entry({ account: anna, contact: 'čeněk@far.test', resource: '' }),
      entry({ payload: '<show>dnd</show>', confirmedAt: 1500 }),
      entry({ resource: 'phone', payload: '' }),
    ]);
  });

  test('entries are said again, dropped and forgotten', async (store) => {
    const { presence } = store;
    await presence.write([keep(), keep({ resource: 'phone' }), keep({ contact: 'eva@far.test' })]);
    await presence.write([
      keep({ confirmedAt: 2000 }),
      { do: 'drop', account: mila, contact: 'tom@far.test', resource: 'nowhere' },
      { do: 'drop', account: mila, contact: 'tom@far.test', resource: 'phone' },
      { do: 'forget', account: mila, contact: 'eva@far.test' },
      { do: 'forget', account: mila, contact: 'nobody@far.test' },
    ]);
    assert.deepEqual(await all(store), [entry({ confirmedAt: 2000 })]);
    await presence.write([{ do: 'forget', account: mila, contact: 'tom@far.test' }, keep({ resource: 'new' })]);
    assert.deepEqual(await all(store), [entry({ resource: 'new' })]);
  });

  test('payloads that nobody says any more can be dropped, and those in use stay', async (store) => {
    const { presence } = store;
    await presence.write(['a', 'b', 'c', 'd'].map((resource) => keep({ resource, payload: `<p>${resource}</p>` })));
    await presence.write([
      { do: 'drop', account: mila, contact: 'tom@far.test', resource: 'a' },
      keep({ resource: 'b', payload: '<p>d</p>' }),
    ]);
    let from: number | undefined = 0;
    for (let rounds = 0; from !== undefined; rounds++) {
      assert(rounds < 10);
      from = await presence.tidy(from, 2);
    }
    const texts = async (): Promise<string[]> => (await all(store)).map(({ payload }) => payload);
    assert.deepEqual(await texts(), ['<p>d</p>', '<p>c</p>', '<p>d</p>']);
    await presence.write([keep({ resource: 'a', payload: '<p>a</p>' })]);
    assert.deepEqual(await texts(), ['<p>a</p>', '<p>d</p>', '<p>c</p>', '<p>d</p>']);
  });

  test('a batch is written in whole or not at all', async (store) => {
    const broken = { ...keep(), resource: undefined as unknown as string } as PresenceChange;
    await assert.rejects(store.presence.write([keep(), broken]));
    assert.deepEqual(await all(store), []);
  });

  test('more entries than a page are all read, and leave with their account', async (store) => {
    const changes = Array.from({ length: 5_003 }, (_, n) => keep({ resource: `r${n}` }));
    await store.accounts.create(account(mila));
    await store.presence.write([...changes, keep({ account: anna })]);
    assert.equal((await all(store)).length, 5_004);
    await store.accounts.remove(mila);
    assert.deepEqual(await all(store), [entry({ account: anna })]);
  });

  test('who sees whom is listed page by page', async ({ rosters }) => {
    const set = (who: string, contact: string, subscription: 'none' | 'to' | 'from' | 'both') =>
      rosters.set(who, contact, rosterItem(contact, { subscription }));
    await set(mila, 'a@x.test', 'both');
    await set(mila, 'b@x.test', 'from');
    await set(mila, 'c@x.test', 'to');
    await set(mila, 'd@x.test', 'none');
    await set(anna, 'c@x.test', 'to');
    const pairs = [
      { account: anna, contact: 'c@x.test' },
      { account: mila, contact: 'a@x.test' },
      { account: mila, contact: 'c@x.test' },
    ];
    assert.deepEqual(await rosters.subscribed({ limit: 9 }), pairs);
    assert.deepEqual(await rosters.subscribed({ limit: 2 }), pairs.slice(0, 2));
    assert.deepEqual(await rosters.subscribed({ limit: 2, after: pairs[1] }), pairs.slice(2));
    assert.deepEqual(await rosters.subscribed({ limit: 2, after: pairs[2] }), []);
  });

  test('block lists of all accounts are listed page by page', async ({ blocks }) => {
    await blocks.add(mila, ['b.test', 'a.test']);
    await blocks.add(anna, ['z.test']);
    const records = [
      { account: anna, entry: 'z.test' },
      { account: mila, entry: 'a.test' },
      { account: mila, entry: 'b.test' },
    ];
    assert.deepEqual(await blocks.all({ limit: 9 }), records);
    assert.deepEqual(await blocks.all({ limit: 2, after: records[0] }), records.slice(1));
    assert.deepEqual(await blocks.all({ limit: 1, after: records[2] }), []);
  });
};
