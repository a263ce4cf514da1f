import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import { account, anna, mila } from './samples.ts';

export const togetherConformance = (test: StoreTest): void => {
  test('together: all of it', async (store) => {
    const answer = await store.together(async (inside) => {
      await inside.accounts.create(account(mila));
      await inside.privateData.set(mila, 'k', 'v');
      assert.equal(await inside.privateData.get(mila, 'k'), 'v', 'it sees its own writes');
      return 17;
    });
    assert.equal(answer, 17);
    assert.equal(await store.privateData.get(mila, 'k'), 'v');
  });

  test('together: or nothing', async (store) => {
    await assert.rejects(
      store.together(async (inside) => {
        await inside.accounts.create(account(mila));
        throw new Error('changed my mind');
      }),
      /changed my mind/,
    );
    assert.equal(await store.accounts.get(mila), undefined);
    assert.equal(await store.accounts.create(account(mila)), true);
  });

  test('together: a part may fail, or be a transaction of its own', async (store) => {
    await store.together(async (inside) => {
      await inside.blocks.add(mila, ['a.test']);
      await assert.rejects(inside.blocks.add(mila, ['b.test', null as never]));
      await assert.rejects(
        inside.together(async (deeper) => {
          await deeper.blocks.add(mila, ['c.test']);
          throw new Error('no');
        }),
        /no/,
      );
      await inside.together((deeper) => deeper.blocks.add(mila, ['d.test']));
      await Promise.all([inside.blocks.add(mila, ['e.test']), inside.blocks.add(mila, ['f.test'])]);
    });
    assert.deepEqual(await store.blocks.list(mila), ['a.test', 'd.test', 'e.test', 'f.test']);
  });

  test('together: plain writes wait and do not get in between', async (store) => {
    let goOn = (): void => {};
    const pause = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const order: string[] = [];
    const both = store.together(async (inside) => {
      await inside.blocks.add(mila, ['first.test']);
      await pause;
      assert.deepEqual(await inside.blocks.list(anna), []);
      order.push('together');
    });
    const plain = store.blocks.add(anna, ['x.test']).then(() => order.push('plain'));
    const other = store.together(async (inside) => {
      assert.deepEqual(await inside.blocks.list(anna), ['x.test'], 'each sees what was asked for before it');
      order.push('other together');
    });
    setImmediate(goOn);
    await Promise.all([both, plain, other]);
    assert.equal(order[0], 'together');
    assert.equal(order.length, 3);
    assert.deepEqual(await store.blocks.list(anna), ['x.test']);
  });

  test('together: using the outer store inside is refused, not waited for', async (store) => {
    await assert.rejects(
      store.together(() => store.blocks.add(mila, ['a.test'])),
      /use the store that it hands you/,
    );
    await assert.rejects(
      store.together(() => store.blocks.list(mila)),
      /use the store that it hands you/,
    );
    await store.blocks.add(mila, ['b.test']);
    assert.deepEqual(await store.blocks.list(mila), ['b.test']);
  });

  test('together: what is started inside may use the store once it is over', async (store) => {
    let later: Promise<void> | undefined;
    await store.together(async () => {
      later = new Promise((resolve) => setImmediate(resolve)).then(() => store.blocks.add(mila, ['a.test']));
      later.catch(() => undefined);
    });
    await store.accounts.count();
    await later;
    assert.deepEqual(await store.blocks.list(mila), ['a.test']);
  });

  test('a write that fails does not fail its neighbours', async ({ blocks }) => {
    const asked = ['a', 'b', null, 'd'].map((entry) => blocks.add(mila, ['x', entry as string]));
    const became = await Promise.allSettled(asked);
    assert.deepEqual(
      became.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(await blocks.list(mila), ['a', 'b', 'd', 'x']);
  });
};
