// Messages on their way to other servers, and what is remembered of those servers.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';

export const federationConformance = (test: StoreTest): void => {
  test('messages under way are kept in order until they are removed', async ({ federation }) => {
    const message = (n: number) => ({
      local: 'home.test',
      remote: n % 2 ? 'odd.test' : 'even.test',
      stanza: `<message id='${n}'/>`,
      receivedAt: n,
    });
    const seqs = await Promise.all([1, 2, 3, 4, 5].map((n) => federation.addUnderWay(message(n))));
    assert.deepEqual(
      [...seqs].sort((a, b) => a - b),
      seqs,
    );
    await federation.removeUnderWay([seqs[1] as number, seqs[2] as number]);
    await federation.removeUnderWay([]);
    const page = await federation.underWay(0, 2);
    assert.deepEqual(page, [
      { seq: seqs[0], ...message(1) },
      { seq: seqs[3], ...message(4) },
    ]);
    assert.deepEqual(await federation.underWay(seqs[3] as number, 2), [{ seq: seqs[4], ...message(5) }]);
    await federation.removeUnderWay(seqs);
    assert.ok((await federation.addUnderWay(message(6))) > (seqs[4] as number), 'a number is not used again');
  });

  test(
    'what is remembered of servers is replaced, and the one spoken to longest ago is forgotten',
    async ({ federation }) => {
      await federation.rememberPeer('a.test', 'one', 10);
      await federation.rememberPeer('b.test', 'two', 20);
      await federation.rememberPeer('a.test', 'three', 30);
      assert.equal(await federation.peer('a.test'), 'three');
      await federation.rememberPeer('c.test', 'four', 40);
      assert.equal(await federation.peer('b.test'), undefined);
      assert.equal(await federation.peer('a.test'), 'three');
      assert.equal(await federation.peer('c.test'), 'four');
    },
    { peersMax: 2 },
  );
};
