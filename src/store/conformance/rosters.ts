import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import { anna, mila, rosterItem } from './samples.ts';

export const rosterConformance = (test: StoreTest): void => {
  test('a roster that never changed is version 0', async ({ rosters }) => {
    assert.deepEqual(await rosters.get(mila), { version: 0, items: [] });
    assert.deepEqual(await rosters.changesSince(mila, 0), []);
    assert.equal(await rosters.changesSince(mila, 3), undefined);
  });

  test('records come back as they were set, each change one version', async ({ rosters }) => {
    const full = rosterItem(anna, {
      name: 'Anna',
      groups: ['Family', 'Čtenáři'],
      subscription: 'both',
      ask: true,
      request: '<presence type="subscribe"/>',
      approved: true,
      listed: false,
    });
    assert.equal(await rosters.set(mila, 'zoe@home.test', rosterItem('zoe@home.test')), 1);
    assert.equal(await rosters.set(mila, anna, full), 2);
    assert.deepEqual(await rosters.get(mila), { version: 2, items: [full, rosterItem('zoe@home.test')] });
    assert.equal(await rosters.set(mila, anna, rosterItem(anna)), 3);
    assert.equal(await rosters.set(mila, 'zoe@home.test', undefined), 4);
    assert.deepEqual(await rosters.get(mila), { version: 4, items: [rosterItem(anna)] });
    assert.deepEqual(await rosters.get(anna), { version: 0, items: [] });
  });

  test('an emptied roster keeps its version', async ({ rosters }) => {
    await rosters.set(mila, anna, rosterItem(anna));
    await rosters.set(mila, anna, undefined);
    assert.deepEqual(await rosters.get(mila), { version: 2, items: [] });
  });

  test('changes since a version: oldest first, one per contact, removals among them', async ({ rosters }) => {
    await rosters.set(mila, 'a@x.test', rosterItem('a@x.test'));
    await rosters.set(mila, 'b@x.test', rosterItem('b@x.test'));
    await rosters.set(mila, 'a@x.test', undefined);
    await rosters.set(mila, 'c@x.test', rosterItem('c@x.test'));
    await rosters.set(mila, 'b@x.test', rosterItem('b@x.test', { name: 'Bob' }));
    assert.deepEqual(await rosters.changesSince(mila, 1), [
      { version: 3, contact: 'a@x.test', item: undefined },
      { version: 4, contact: 'c@x.test', item: rosterItem('c@x.test') },
      { version: 5, contact: 'b@x.test', item: rosterItem('b@x.test', { name: 'Bob' }) },
    ]);
    assert.deepEqual(await rosters.changesSince(mila, 5), []);
    assert.equal(await rosters.changesSince(mila, 6), undefined, 'a version of the future');
    await rosters.set(mila, 'a@x.test', rosterItem('a@x.test'));
    assert.deepEqual(await rosters.changesSince(mila, 5), [
      { version: 6, contact: 'a@x.test', item: rosterItem('a@x.test') },
    ]);
  });

  test(
    'versions from before a forgotten removal are not answered',
    async ({ rosters }) => {
      for (const n of [1, 2, 3, 4]) await rosters.set(mila, `${n}@x.test`, rosterItem(`${n}@x.test`));
      for (const n of [1, 2, 3]) await rosters.set(mila, `${n}@x.test`, undefined);
      // Removals 6 and 7 are remembered, 5 is not.
      assert.equal(await rosters.changesSince(mila, 4), undefined);
      assert.deepEqual(await rosters.changesSince(mila, 5), [
        { version: 6, contact: '2@x.test', item: undefined },
        { version: 7, contact: '3@x.test', item: undefined },
      ]);
    },
    { rosterRemovalsMax: 2 },
  );

  test('changes asked for at the same time count one by one', async ({ rosters }) => {
    const contacts = Array.from({ length: 50 }, (_, n) => `${n}@x.test`);
    const versions = await Promise.all(contacts.map((contact) => rosters.set(mila, contact, rosterItem(contact))));
    assert.deepEqual(
      versions,
      contacts.map((_, n) => n + 1),
    );
  });
};
