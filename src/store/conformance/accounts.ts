import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import { account, anna, mila, rosterItem, session, signIn, waiting } from './samples.ts';

export const accountConformance = (test: StoreTest): void => {
  test('an account comes back as it was made', async ({ accounts }) => {
    assert.equal(await accounts.get(mila), undefined);
    assert.equal(await accounts.create(account(mila)), true);
    assert.deepEqual(await accounts.get(mila), account(mila));
    assert.equal(await accounts.get(anna), undefined);
  });

  test('an account is made once', async ({ accounts }) => {
    await accounts.create(account(mila));
    assert.equal(await accounts.create(account(mila, { keys: [], disabled: true })), false);
    assert.deepEqual(await accounts.get(mila), account(mila));
    const made = await Promise.all([accounts.create(account(anna)), accounts.create(account(anna))]);
    assert.deepEqual(made.sort(), [false, true]);
  });

  test('keys and disabling change, of accounts that exist', async ({ accounts }) => {
    await accounts.create(account(mila));
    const [key] = account(mila).keys;
    assert.ok(key);
    assert.equal(await accounts.setKeys(mila, [{ ...key, iterations: 20_000 }]), true);
    assert.equal(await accounts.setDisabled(mila, true), true);
    assert.deepEqual(
      await accounts.get(mila),
      account(mila, { keys: [{ ...key, iterations: 20_000 }], disabled: true }),
    );
    assert.equal(await accounts.setKeys(anna, [key]), false);
    assert.equal(await accounts.setDisabled(anna, true), false);
    assert.equal(await accounts.get(anna), undefined);
  });

  test('accounts are listed in order, by domain and page', async ({ accounts }) => {
    for (const address of ['zoe@home.test', mila, 'bob@away.test', anna]) await accounts.create(account(address));
    const addresses = async (page: Parameters<typeof accounts.list>[0]): Promise<string[]> =>
      (await accounts.list(page)).map(({ address }) => address);
    assert.deepEqual(await addresses({ limit: 10 }), [anna, 'bob@away.test', mila, 'zoe@home.test']);
    assert.deepEqual(await addresses({ domain: 'home.test', limit: 2 }), [anna, mila]);
    assert.deepEqual(await addresses({ domain: 'home.test', after: mila, limit: 2 }), ['zoe@home.test']);
    assert.equal(await accounts.count(), 4);
  });

  test('last activity is remembered', async ({ accounts }) => {
    await accounts.create(account(mila));
    assert.equal(await accounts.lastActivity(mila), undefined);
    await accounts.setLastActivity(mila, 5000, 'back soon');
    assert.deepEqual(await accounts.lastActivity(mila), { at: 5000, status: 'back soon' });
    await accounts.setLastActivity(mila, 6000, '');
    assert.deepEqual(await accounts.lastActivity(mila), { at: 6000, status: '' });
    await accounts.setLastActivity(anna, 5000, 'nobody');
    assert.equal(await accounts.lastActivity(anna), undefined);
  });

  test('removing an account removes everything kept for it, and nothing of others', async (store) => {
    const { accounts, csp } = store;
    const fill = async (address: string, key: string): Promise<void> => {
      await accounts.create(account(address));
      await accounts.setLastActivity(address, 1, '');
      await store.rosters.set(address, 'x@y.test', rosterItem('x@y.test'));
      await store.rosters.set(address, 'gone@y.test', undefined);
      await store.messages.keep(address, '<message/>', 1, 10);
      await store.privateData.set(address, 'k', 'text');
      await store.blocks.add(address, ['spam.test']);
      await store.pubsub.putNode(address, 'n', '{}');
      await store.pubsub.putItem(address, 'n', { id: 'i', payload: '<p/>', publishedAt: 1 });
      await store.devicePasswords.set(address, 'key', Uint8Array.of(1));
      await store.signIns.add(signIn({ address }));
      await csp.saveSession(session(key, { account: address }));
      await csp.addWaiting(waiting({ account: address, session: key }), 'origin');
      await csp.addWaiting(waiting({ account: address, session: undefined }));
      await csp.saveAnswer(key, 't1', { primitive: 'Status', request: 'd', body: Uint8Array.of(1), at: 1 });
      await csp.addOutgoing({ session: key, account: address, stanza: '<message/>', createdAt: 1 });
      await csp.setSetting(address, 'lists', '[]');
    };
    const kept = async (address: string, key: string): Promise<unknown[]> => [
      await accounts.get(address),
      await accounts.lastActivity(address),
      (await store.rosters.get(address)).items.length,
      await store.messages.count(address),
      await store.privateData.get(address, 'k'),
      (await store.blocks.list(address)).length,
      (await store.pubsub.nodes(address)).length,
      (await store.pubsub.items(address, 'n', 5)).length,
      (await store.devicePasswords.get(address))?.keyId,
      await csp.session(key),
      (await csp.waiting(key, address)).length,
      (await csp.answer(key, 't1'))?.primitive,
      (await csp.outgoing(address)).length,
      await csp.setting(address, 'lists'),
      (await store.signIns.list({ address, limit: 5 })).length,
    ];
    await fill(mila, 's1');
    await fill(anna, 's2');
    const before = await kept(anna, 's2');
    assert.equal(await accounts.remove(mila), true);
    assert.deepEqual(await kept(mila, 's1'), [
      undefined,
      undefined,
      0,
      0,
      undefined,
      0,
      0,
      0,
      undefined,
      undefined,
      0,
      undefined,
      0,
      undefined,
      1,
    ]);
    assert.deepEqual(await kept(anna, 's2'), before);
    assert.equal(await accounts.remove(mila), false);
    assert.deepEqual(await store.rosters.get(mila), { version: 0, items: [] });
    // The next owner of the address starts from nothing, also as to what has already come in.
    assert.notEqual(await csp.addWaiting(waiting({ account: mila, session: 's1' }), 'origin'), undefined);
  });
};
