// Rooms, their affiliations and messages.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import type { RoomAffiliation } from '../store.ts';
import { anna, mila } from './samples.ts';

const kitchen = 'kitchen@rooms.test';
const cellar = 'cellar@rooms.test';
const record = (room: string, state = '{}') => ({ room, creator: mila, state });
const affiliation = (jid: string, more: Partial<RoomAffiliation> = {}): RoomAffiliation => ({
  jid,
  affiliation: 'member',
  nick: undefined,
  reason: undefined,
  ...more,
});

export const roomConformance = (test: StoreTest): void => {
  test('rooms are made, changed, listed page by page and removed with all that is theirs', async ({ rooms }) => {
    assert.equal(await rooms.get(kitchen), undefined);
    await rooms.save(record(kitchen));
    await rooms.save(record(kitchen, '{"a":1}'));
    await rooms.save(record(cellar));
    assert.deepEqual(await rooms.get(kitchen), { record: record(kitchen, '{"a":1}'), affiliations: [] });
    assert.deepEqual(await rooms.list({ limit: 9 }), [record(cellar), record(kitchen, '{"a":1}')]);
    assert.deepEqual(await rooms.list({ limit: 1 }), [record(cellar)]);
    assert.deepEqual(await rooms.list({ after: cellar, limit: 9 }), [record(kitchen, '{"a":1}')]);
    for (const room of [kitchen, cellar]) {
      await rooms.affiliate(room, [affiliation(anna)]);
      await rooms.addMessage(room, { id: '1', stanza: '<message/>', sentAt: 1 }, 9);
    }
    assert.equal(await rooms.remove(kitchen), true);
    assert.equal(await rooms.remove(kitchen), false);
    await rooms.save(record(kitchen));
    assert.deepEqual(await rooms.get(kitchen), { record: record(kitchen), affiliations: [] });
    assert.deepEqual(await rooms.messages(kitchen, { limit: 9 }), []);
    assert.equal((await rooms.messages(cellar, { limit: 9 })).length, 1);
  });

  test('affiliations replace each other by address, and are found by address', async ({ rooms }) => {
    await rooms.save(record(kitchen));
    await rooms.save(record(cellar));
    await rooms.affiliate(kitchen, []);
    await rooms.affiliate(kitchen, [affiliation(mila, { affiliation: 'owner' }), affiliation(anna, { nick: 'Aña' })]);
    await rooms.affiliate(cellar, [affiliation(anna, { affiliation: 'outcast', reason: 'noise' })]);
    assert.deepEqual((await rooms.get(kitchen))?.affiliations, [
      affiliation(anna, { nick: 'Aña' }),
      affiliation(mila, { affiliation: 'owner' }),
    ]);
    assert.deepEqual(await rooms.affiliatedWith(anna), [cellar, kitchen]);
    await rooms.affiliate(kitchen, [
      { jid: anna, affiliation: 'none' },
      affiliation(mila, { affiliation: 'admin' }),
      { jid: 'nobody@rooms.test', affiliation: 'none' },
    ]);
    assert.deepEqual((await rooms.get(kitchen))?.affiliations, [affiliation(mila, { affiliation: 'admin' })]);
    assert.deepEqual((await rooms.get(cellar))?.affiliations, [
      affiliation(anna, { affiliation: 'outcast', reason: 'noise' }),
    ]);
    assert.deepEqual(await rooms.affiliatedWith(anna), [cellar]);
  });

  test('messages stay in order, the newest of them, page by page from the end', async ({ rooms }) => {
    await rooms.save(record(kitchen));
    const message = (id: string) => ({ id, stanza: `<message id='${id}'/>`, sentAt: Number(id) });
    const seqs: number[] = [];
    for (const id of ['1', '2', '3', '4']) seqs.push(await rooms.addMessage(kitchen, message(id), 3));
    await rooms.addMessage(cellar, message('9'), 3);
    const ids = async (page: { before?: number; limit: number }) =>
      (await rooms.messages(kitchen, page)).map(({ id }) => id);
    assert.deepEqual(await ids({ limit: 9 }), ['2', '3', '4']);
    assert.deepEqual(await ids({ limit: 2 }), ['3', '4']);
    assert.deepEqual(await ids({ before: seqs[2] ?? 0, limit: 9 }), ['2']);
    assert.deepEqual(await rooms.messages(kitchen, { limit: 1 }), [{ seq: seqs[3], ...message('4') }]);
    await rooms.trim(kitchen, 1);
    assert.deepEqual(await ids({ limit: 9 }), ['4']);
    await rooms.trim(kitchen, 0);
    assert.deepEqual(await ids({ limit: 9 }), []);
    assert.equal((await rooms.messages(cellar, { limit: 9 })).length, 1);
  });
};
