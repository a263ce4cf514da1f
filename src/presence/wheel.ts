// When to look at which pair again, without a timer per pair: pairs wait in buckets, one for each second. News about a pair
// only moves its `due`; the pair stays where it waits and goes on to its new bucket when the old one comes up. Only what is
// wanted earlier is put into a second bucket, and passed over when the first comes up.

import type { MonoMs } from '../base/clock.ts';
import { never, type Pair, type PresenceState } from './state.ts';

/** The second in which `at` has passed. */
export const secondOf = (at: MonoMs): number => Math.ceil(at / 1000);

/** Look at the pair at `at`, not before. */
export const schedule = (state: PresenceState, pair: Pair, at: MonoMs): void => {
  pair.due = secondOf(at);
  if (pair.slot === never || pair.due < pair.slot) wait(state, pair);
};

/** Look at the pair at `at`, unless that is to happen earlier anyway. */
export const scheduleNoLater = (state: PresenceState, pair: Pair, at: MonoMs): void => {
  if (pair.slot === never || secondOf(at) < pair.due) schedule(state, pair, at);
};

const wait = (state: PresenceState, pair: Pair): void => {
  pair.slot = pair.due;
  const bucket = state.buckets.get(pair.slot);
  if (bucket) bucket.push(pair);
  else state.buckets.set(pair.slot, [pair]);
  if (pair.slot < state.dueFirst) state.dueFirst = pair.slot;
};

/** Takes out every pair that is due, until `handle` says that it is enough; what is left stays due. */
export const takeDue = (state: PresenceState, now: MonoMs, handle: (pair: Pair) => 'go on' | 'enough'): void => {
  const second = Math.floor(now / 1000);
  const dueBuckets = [...state.buckets.keys()].filter((slot) => slot <= second).sort((a, b) => a - b);
  for (const slot of dueBuckets) {
    const bucket = state.buckets.get(slot) ?? [];
    state.buckets.delete(slot);
    for (let i = 0; i < bucket.length; i++) {
      const pair = bucket[i] as Pair;
      if (pair.slot !== slot) continue;
      pair.slot = never;
      if (pair.due > second) wait(state, pair);
      else if (handle(pair) === 'enough') {
        // Pairs handled may have made a new bucket of that number, but only for a time that has passed.
        state.buckets.set(slot, [...bucket.slice(i + 1), ...(state.buckets.get(slot) ?? [])]);
        return;
      }
    }
  }
};

/** The first second that has a bucket; Infinity when there is none. */
export const firstBucket = (state: PresenceState): number => {
  let first = Number.POSITIVE_INFINITY;
  for (const slot of state.buckets.keys()) if (slot < first) first = slot;
  return first;
};
