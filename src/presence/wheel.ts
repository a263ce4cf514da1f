// When to look at which pair again, without a timer per pair: a remote pair waits in one bucket, for the second in which it is
// due. `wanted` is when the next tick is; while any pair waits there is a tick at least once a minute, by whose coming late
// the view sees that this process slept.

import type { MonoMs } from '../base/clock.ts';
import type { PairId } from './memory/pairs.ts';
import { makeList, none } from './memory/rows.ts';
import type { PresenceState } from './state.ts';

export const heartbeatMs = 60_000;

/** The second in which `at` has passed. */
const secondOf = (at: MonoMs): number => Math.ceil(at / 1000);

/** When the pair is due; only for one that waits. */
export const dueOf = ({ pairs }: PresenceState, pair: PairId): MonoMs => pairs.due.get(pair) * 1000;

/** Wants a tick no later than `at`. */
export const want = (state: PresenceState, at: MonoMs): void => {
  if (at < state.wanted) state.wanted = at;
};

/** Look at the pair at `at`, instead of whenever was said before. */
export const schedule = (state: PresenceState, pair: PairId, at: MonoMs): void => {
  const { pairs, buckets } = state;
  const second = secondOf(at);
  if (pairs.due.get(pair) === second) return;
  unschedule(state, pair);
  let bucket = buckets.get(second);
  if (!bucket) {
    if (buckets.size === 0 || second < state.firstBucket) state.firstBucket = second;
    bucket = makeList();
    buckets.set(second, bucket);
  }
  pairs.due.set(pair, second);
  pairs.inBucket.append(bucket, pair);
  want(state, second * 1000);
};

export const scheduleNoLater = (state: PresenceState, pair: PairId, at: MonoMs): void => {
  const due = state.pairs.due.get(pair);
  if (due === none || secondOf(at) < due) schedule(state, pair, at);
};

export const scheduleNoEarlier = (state: PresenceState, pair: PairId, at: MonoMs): void => {
  if (secondOf(at) > state.pairs.due.get(pair)) schedule(state, pair, at);
};

export const unschedule = ({ pairs, buckets }: PresenceState, pair: PairId): void => {
  const due = pairs.due.get(pair);
  const bucket = buckets.get(due);
  if (!bucket) return;
  pairs.inBucket.remove(bucket, pair);
  pairs.due.set(pair, none);
  if (bucket.first === none) buckets.delete(due);
};

/**
 * Hands over every pair that is due, which `handle` then schedules anew for later than `now`, until `handle` will take no
 * more: the rest stays due. Gives when the next pair is due, or the next heartbeat.
 */
export const takeDue = (state: PresenceState, now: MonoMs, handle: (pair: PairId) => 'taken' | 'enough'): MonoMs => {
  const { buckets } = state;
  if (buckets.size === 0) return Number.POSITIVE_INFINITY;
  const second = Math.floor(now / 1000);
  for (let due = state.firstBucket; due <= second; due++) {
    const bucket = buckets.get(due);
    while (bucket && bucket.first !== none)
      if (handle(bucket.first) === 'enough') {
        state.firstBucket = due;
        return (second + 1) * 1000;
      }
  }
  state.firstBucket = second + 1;
  let next = state.firstBucket;
  while (next * 1000 < now + heartbeatMs && !buckets.has(next)) next++;
  return Math.min(next * 1000, now + heartbeatMs);
};
