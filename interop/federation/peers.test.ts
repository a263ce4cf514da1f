// Proves the ground the other suites stand on: Prosody and ejabberd, which federate with the whole world, do so here, and the
// stories told of onesoup are true of them.

import { describe, test } from 'node:test';
import { ejabberdSide, prosodySide } from './sides.ts';
import { goodDay, theOtherWayRound } from './stories.ts';
import { inWorld, skip } from './world.ts';

describe('Prosody and ejabberd', { skip }, () => {
  for (const manner of [
    { trust: 'certificates', reach: 'starttls' },
    { trust: 'dialback', reach: 'direct' },
  ] as const)
    test(`${manner.trust}, ${manner.reach}`, async (t) => {
      await inWorld(t, [(on) => prosodySide(on, manner), (on) => ejabberdSide(on, manner)], async (world, ann, bob) => {
        await theOtherWayRound(world, ...(await goodDay(world, ann, bob)));
      });
    });
});
