// Nodes, items, and what clients can do.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import type { PubsubItem } from '../store.ts';
import { anna, mila } from './samples.ts';

const item = (id: string, payload = `<p xmlns='x'>${id}</p>`): PubsubItem => ({ id, payload, publishedAt: 5 });

export const pubsubConformance = (test: StoreTest): void => {
  test('nodes are made, changed, listed by name and removed with their items, per account', async ({ pubsub }) => {
    assert.equal(await pubsub.node(mila, 'n'), undefined);
    await pubsub.putNode(mila, 'n', '{}');
    await pubsub.putNode(mila, 'm', '{"a":1}');
    await pubsub.putNode(mila, 'n', '{"b":2}');
    await pubsub.putNode(anna, 'n', '{}');
    assert.deepEqual(await pubsub.nodes(mila), [
      { node: 'm', settings: '{"a":1}' },
      { node: 'n', settings: '{"b":2}' },
    ]);
    await pubsub.putItem(mila, 'n', item('1'));
    await pubsub.putItem(anna, 'n', item('1'));
    assert.equal(await pubsub.removeNode(mila, 'n'), true);
    assert.equal(await pubsub.removeNode(mila, 'n'), false);
    assert.deepEqual(await pubsub.items(mila, 'n', 9), []);
    assert.deepEqual(await pubsub.items(anna, 'n', 9), [item('1')]);
    assert.deepEqual(await pubsub.node(anna, 'n'), { node: 'n', settings: '{}' });
  });

  test('items come newest first; one published again is the newest; only so many are kept', async ({ pubsub }) => {
    await pubsub.putNode(mila, 'n', '{}');
    const ids = async (limit = 9): Promise<string[]> => (await pubsub.items(mila, 'n', limit)).map(({ id }) => id);
    for (const id of ['1', '2', '3']) await pubsub.putItem(mila, 'n', item(id));
    await pubsub.putItem(mila, 'other', item('1'));
    assert.deepEqual(await ids(), ['3', '2', '1']);
    assert.deepEqual(await ids(2), ['3', '2']);
    await pubsub.putItem(mila, 'n', item('1', '<new/>'));
    assert.deepEqual(await ids(), ['1', '3', '2']);
    assert.deepEqual(await pubsub.item(mila, 'n', '1'), item('1', '<new/>'));
    assert.equal(await pubsub.item(mila, 'n', '4'), undefined);
    await pubsub.trim(mila, 'n', 2);
    assert.deepEqual(await ids(), ['1', '3']);
    assert.equal(await pubsub.removeItem(mila, 'n', '1'), true);
    assert.equal(await pubsub.removeItem(mila, 'n', '1'), false);
    assert.deepEqual(await ids(), ['3']);
    await pubsub.trim(mila, 'n', 0);
    assert.deepEqual(await ids(), []);
    assert.equal((await pubsub.items(mila, 'other', 9)).length, 1);
  });

  test('the octets of nodes and items are counted', async ({ pubsub }) => {
    assert.equal(await pubsub.size(mila), 0);
    await pubsub.putNode(mila, 'né', '{}');
    await pubsub.putItem(mila, 'né', item('ř', '<p/>'));
    await pubsub.putItem(anna, 'né', item('ř', '<p/>'));
    assert.equal(await pubsub.size(mila), 3 + 2 + 2 + 4);
  });

  test(
    'capabilities are remembered once, and only so many of them',
    async ({ capabilities }) => {
      assert.equal(await capabilities.features('a'), undefined);
      await capabilities.remember('a', ['x', 'y']);
      await capabilities.remember('a', ['z']);
      assert.deepEqual(await capabilities.features('a'), ['x', 'y']);
      await capabilities.remember('b', []);
      assert.deepEqual(await capabilities.features('b'), []);
      for (const hash of ['c', 'd']) await capabilities.remember(hash, ['f']);
      assert.equal(await capabilities.features('a'), undefined);
      assert.deepEqual(await capabilities.features('d'), ['f']);
    },
    { capabilitiesMax: 3 },
  );
};
