// kill -9 in the middle of everything that a phone can ask for, as tests.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seededRandom, systemRandom } from '../../base/random.ts';
import { referencePrimitives } from '../conformance/reference.ts';
import { everywhere, type Plan } from './everywhere.ts';
import type { Mortal } from './mortal.ts';
import { operations } from './operations/index.ts';
import { users, World } from './world.ts';

/** Requests of phones of one session are polls too; what a phone answers to the server's requests it does by itself. */
const byItself: ReadonlySet<string> = new Set(['Status', 'Polling-Request', 'MessageDelivered', 'Extended-Response']);

const numberIn = (name: string): number | undefined => {
  const number = Number(process.env[name] || Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : undefined;
};

/**
 * EVERY=1: at every moment; EVERY=5: at every fifth, the first and the last; BETWEEN=2: at the first, the last and two others.
 * SEED: which. `open` resolves with an onesoup that has these accounts.
 */
export const killInEverything = <Kind extends Mortal>(
  open: (users: readonly string[]) => Promise<Kind>,
  moments: Omit<Plan, 'random'>,
): { readonly mortal: () => Kind } => {
  const seed = Number(process.env['SEED'] ?? systemRandom.fraction() * 2 ** 31) | 0;
  const [every, between] = [numberIn('EVERY'), numberIn('BETWEEN')];
  const plan: Plan = {
    ...((every ?? between) ? { ends: 'both', every, between } : moments),
    random: seededRandom(seed),
  };
  let mortal: Kind;
  let world: World;
  before(async () => {
    mortal = await open(users);
    world = await new World(mortal).start();
  });
  after(() => mortal.close());

  let done = 0;
  for (const operation of operations)
    test(operation.name, async (context) => {
      context.diagnostic(`SEED=${seed}`);
      const { kills, moments } = await everywhere(world, operation, plan).catch((cause: unknown) => {
        throw new Error(`SEED=${seed}`, { cause });
      });
      context.diagnostic(`killed ${kills} times in ${moments} moments`);
      done++;
    });

  test('nothing that a phone can ask for is missing', (context) => {
    if (done < operations.length) return context.skip('not everything was asked for');
    const missing = referencePrimitives
      .filter(({ name, from }) => from.includes('phone') && !byItself.has(name))
      .flatMap(({ name }) => ((world.asked as ReadonlySet<string>).has(name) ? [] : [name]));
    assert.deepEqual(missing, []);
  });
  return { mortal: () => mortal };
};
