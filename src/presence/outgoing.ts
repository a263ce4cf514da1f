// What one step has to say, collected so that each user gets one batch and the Store one list.

import type { MonoMs } from '../base/clock.ts';
import type { PairId } from './memory/pairs.ts';
import { contactOf, isLocal, type PresenceState, type UserNode, userOf } from './state.ts';
import type { PresenceEffect, Shown, SnapshotChange } from './view.ts';
import { heartbeatMs, want } from './wheel.ts';

export interface Step {
  readonly state: PresenceState;
  /** In the view's time. */
  readonly now: MonoMs;
  readonly effects: PresenceEffect[];
  /** Most news has nothing to show. */
  shown: Map<UserNode, Shown[]> | undefined;
  readonly changes: SnapshotChange[];
}

export const beginStep = (state: PresenceState, now: MonoMs): Step => ({
  state,
  now,
  effects: [],
  shown: undefined,
  changes: [],
});

/** The user's sessions see this from now on. */
export const show = (step: Step, pair: PairId, resource: string, isAvailable: boolean, payload: string): void => {
  const user = userOf(step.state, pair);
  if (!user.sessions?.size) return;
  const shown = { contact: contactOf(step.state, pair), resource, isAvailable, payload };
  step.shown ??= new Map();
  const batch = step.shown.get(user);
  if (batch) batch.push(shown);
  else step.shown.set(user, [shown]);
};

/** The Store has this from now on; of local contacts nothing. */
export const store = ({ state, changes }: Step, pair: PairId, resource: string, payload: string | undefined): void => {
  if (isLocal(state, pair)) return;
  changes.push({ user: userOf(state, pair).jid, contact: contactOf(state, pair), resource, payload });
};

/** Everything collected, in the order in which to perform it, and the next `arm`. */
export const endStep = ({ state, now, effects, shown, changes }: Step): readonly PresenceEffect[] => {
  const all: PresenceEffect[] = shown ? [] : effects;
  if (shown) {
    for (const [user, presences] of shown) all.push({ type: 'deliver', user: user.jid, to: 'all', presences });
    for (const effect of effects) all.push(effect);
  }
  if (changes.length > 0) all.push({ type: 'snapshot', changes });
  if (state.buckets.size > 0 && state.armedFor === Number.POSITIVE_INFINITY) want(state, now + heartbeatMs);
  if (state.wanted < state.armedFor) {
    state.armedFor = state.wanted;
    all.push({ type: 'arm', at: state.armedFor + state.sleptMs });
  }
  return all;
};
