// onesoup and the servers most of the network runs: whoever dials first, however they trust and encrypt.

import { describe, test } from 'node:test';
import { ejabberdSide, manners, onesoupSide, prosodySide } from './sides.ts';
import { goodDay, roomHere, theOtherWayRound } from './stories.ts';
import { inWorld, skip } from './world.ts';

for (const [what, theirs] of [
  ['Prosody', prosodySide],
  ['ejabberd', ejabberdSide],
] as const)
  describe(`onesoup and ${what}`, { skip }, () => {
    for (const manner of manners)
      test(`${manner.trust}, ${manner.reach}`, async (t) => {
        await inWorld(t, [(on) => onesoupSide(on, manner), (on) => theirs(on, manner)], async (world, ann, bob) => {
          await theOtherWayRound(world, ...(await goodDay(world, ann, bob)));
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
    ['both', { isBidi: false, isSmacks: false }],
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
