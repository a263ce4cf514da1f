// onesoup and the servers most of the network runs: whoever dials first, however they trust and encrypt.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ejabberdSide, type Manner, manners, onesoupSide, prosodySide, type Side } from './sides.ts';
import { goodDay, roomHere, theOtherWayRound } from './stories.ts';
import { inWorld, skip } from './world.ts';

/** The streams were made as the test meant them, says onesoup's log. */
const wasDone = ({ output }: Side, { trust, reach }: Manner): void => {
  const streams = output()
    .split('\n')
    .filter((line) => line.includes('"server authenticated"'))
    .map((line) => JSON.parse(line) as Record<'direction' | 'proof' | 'isSecure' | 'address', unknown>);
  assert.ok(streams.length > 0, 'there were streams');
  for (const { direction, proof, isSecure, address } of streams) {
    assert.equal(proof, trust === 'certificates' ? 'external' : 'dialback');
    assert.equal(isSecure, true);
    if (direction === 'out') assert.match(String(address), reach === 'direct' ? /:5270$/ : /:5269$/);
  }
};

for (const [what, theirs] of [
  ['Prosody', prosodySide],
  ['ejabberd', ejabberdSide],
] as const)
  describe(`onesoup and ${what}`, { skip }, () => {
    for (const manner of manners)
      test(`${manner.trust}, ${manner.reach}`, async (t) => {
        await inWorld(t, [(on) => onesoupSide(on, manner), (on) => theirs(on, manner)], async (world, ann, bob) => {
          const people = await goodDay(world, ann, bob);
          wasDone(world.sides[0], manner);
          await theOtherWayRound(world, ...people);
          wasDone(world.sides[0], manner);
        });
      });

    test('a room on our side', async (t) => {
      const manner = { trust: 'certificates', reach: 'starttls' } as const;
      await inWorld(t, [(on) => onesoupSide(on, manner), (on) => theirs(on, manner)], roomHere);
    });
  });

describe('onesoup and a Prosody that lacks something', { skip }, () => {
  const manner = { trust: 'dialback', reach: 'starttls' } as const;
  for (const [what, options] of [
    ['bidirectional streams', { isBidi: false }],
    ['stream management', { isSmacks: false }],
  ] as const)
    test(what, async (t) => {
      await inWorld(
        t,
        [(on) => onesoupSide(on, manner), (on) => prosodySide(on, manner, options)],
        async (world, ann, bob) => {
          await goodDay(world, ann, bob);
        },
      );
    });
});
