// At which moments of an operation the process dies.

import type { Random } from '../../base/random.ts';
import type { Operation } from './operation.ts';
import type { World } from './world.ts';

export interface Plan {
  /** At the first moment and the last; 'either': at one of them. */
  readonly ends: 'both' | 'either';
  /** And at so many others, or at every so manieth. */
  readonly between?: number | undefined;
  readonly every?: number | undefined;
  readonly random: Random;
}

/** Of `all` moments, numbered from 0, those before the last. */
const chosen = (all: number, isFirst: boolean, { every, between = 0, random }: Plan): readonly number[] => {
  const moments = new Set(isFirst ? [0] : []);
  const any = (below: number): number => Math.floor(random.fraction() * below);
  for (let more = 0; more < between; more++) moments.add(any(all));
  if (every !== undefined) for (let at = any(every); at < all - 1; at += every) moments.add(at);
  return [...moments].sort((a, b) => a - b);
};

/** The last is looked for from here backwards: an answer may have been a moment shorter. */
const lastTries = 12;

/** Resolves with how often it was killed, and in how many moments. */
export const everywhere = async (world: World, operation: Operation, plan: Plan) => {
  const { mortal } = world;
  const rounds = await operation.begin(world);
  let number = 0;
  let all = 0;
  /** True when it has died. */
  const round = async (moment: number): Promise<boolean> => {
    await world.keepAlive();
    await rounds.ready?.(number);
    const { lives } = mortal;
    try {
      await mortal.killAfter(moment);
      world.isAimedAt = true;
      await rounds.go(number);
      world.isAimedAt = false;
      await mortal.quiet();
      all = Math.max(all, mortal.lives === lives ? mortal.moments : 0);
      if (!mortal.isUp) await mortal.start();
      await mortal.killAfter(Number.POSITIVE_INFINITY);
      await rounds.check?.(number);
    } catch (cause) {
      throw new Error(`killed after ${moment} moments`, { cause });
    } finally {
      world.isAimedAt = false;
    }
    number++;
    return mortal.lives > lives;
  };
  await round(Number.POSITIVE_INFINITY);
  let kills = 0;
  const end = plan.ends === 'both' ? 'both' : plan.random.fraction() < 0.5 ? 'first' : 'last';
  for (const moment of chosen(all, end !== 'last', plan)) if (await round(moment)) kills++;
  for (let back = 1; end !== 'first' && back <= lastTries && all - back >= 0; back++)
    if (await round(all - back)) {
      kills++;
      break;
    }
  await rounds.end?.(number);
  if (kills === 0) throw new Error('it never died');
  return { kills, moments: all };
};
