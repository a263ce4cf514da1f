// The available resources of one contact: in, out, and how old.

import type { MonoMs } from '../base/clock.ts';
import type { EntryId, PairId } from './memory/pairs.ts';
import { none } from './memory/rows.ts';
import { type Step, show, store } from './outgoing.ts';
import { domainOf, isConfirmed, isLocal, type PresenceState, type Tenth, tenthOf } from './state.ts';
import { keptMs } from './view.ts';

export const addEntry = (
  state: PresenceState,
  pair: PairId,
  resource: string,
  payload: string,
  seenAt: Tenth,
): void => {
  const { pairs, entries, texts } = state;
  const entry = entries.add(texts.use(resource), texts.use(payload), seenAt, pairs.first.get(pair));
  pairs.first.set(pair, entry);
  count(state, pair, entry, 1);
};

/** The domain's count of entries, and of those that are unconfirmed. */
const count = (state: PresenceState, pair: PairId, entry: EntryId, by: 1 | -1): void => {
  if (isLocal(state, pair)) return;
  const domain = domainOf(state, pair);
  domain.entries += by;
  if (!isConfirmed(state, pair, entry)) domain.unconfirmed += by;
};

/** The entry's server has said so now. Now and then the Store hears of that too, lest it take the entry for older. */
export const refresh = (step: Step, pair: PairId, entry: EntryId, resource: string, payload: string): void => {
  const { entries, options } = step.state;
  const before = entries.seenAt.get(entry) * 100;
  const periodMs = keptMs(options) / 4;
  if (Math.floor(before / periodMs) !== Math.floor(step.now / periodMs)) store(step, pair, resource, payload);
  seen(step, pair, entry);
};

/** The entry is confirmed from now on. */
export const seen = ({ state, now }: Step, pair: PairId, entry: EntryId): void => {
  const wasConfirmed = isConfirmed(state, pair, entry);
  state.entries.seenAt.set(entry, tenthOf(now));
  if (!wasConfirmed && isConfirmed(state, pair, entry)) domainOf(state, pair).unconfirmed--;
};

export const changePayload = ({ entries, texts }: PresenceState, entry: EntryId, payload: string): void => {
  const before = entries.payload.get(entry);
  entries.payload.set(entry, texts.use(payload));
  texts.release(before);
};

/** When the entry heard of longest ago was heard of; undefined when there is none. */
export const oldestSeen = ({ pairs, entries }: PresenceState, pair: PairId): MonoMs | undefined => {
  let oldest: Tenth | undefined;
  for (let entry = pairs.first.get(pair); entry !== none; entry = entries.next.get(entry)) {
    const seenAt = entries.seenAt.get(entry);
    if (oldest === undefined || seenAt < oldest) oldest = seenAt;
  }
  return oldest === undefined ? undefined : oldest * 100;
};

export const isFull = ({ pairs, entries, options }: PresenceState, pair: PairId): boolean => {
  let count = 0;
  for (let entry = pairs.first.get(pair); entry !== none; entry = entries.next.get(entry)) count++;
  return count >= options.resourcesMax;
};

/** One more resource than allowed takes the place of the one heard of longest ago. */
export const makeRoom = (step: Step, pair: PairId): void => {
  if (!isFull(step.state, pair)) return;
  const { pairs, entries } = step.state;
  let oldest = pairs.first.get(pair);
  for (let entry = oldest; entry !== none; entry = entries.next.get(entry))
    if (entries.seenAt.get(entry) <= entries.seenAt.get(oldest)) oldest = entry;
  removeEntries(step, pair, (entry) => entry === oldest);
};

export const isOlderThan =
  ({ entries }: PresenceState, at: Tenth) =>
  (entry: EntryId): boolean =>
    entries.seenAt.get(entry) < at;

/** Whatever went unconfirmed for too long. */
export const removeExpired = (step: Step, pair: PairId): void =>
  removeEntries(step, pair, isOlderThan(step.state, tenthOf(step.now - keptMs(step.state.options)) + 1));

/** They are unavailable from now on, with this parting payload. */
export const removeEntries = (
  step: Step,
  pair: PairId,
  isGone: (entry: EntryId) => boolean,
  { payload = '', isStored = true } = {},
): void => {
  const { pairs, entries, texts } = step.state;
  let before = none;
  for (let entry = pairs.first.get(pair); entry !== none; ) {
    const next = entries.next.get(entry);
    if (isGone(entry)) {
      if (before === none) pairs.first.set(pair, next);
      else entries.next.set(before, next);
      count(step.state, pair, entry, -1);
      const resource = texts.textOf(entries.resource.get(entry));
      texts.release(entries.resource.get(entry));
      texts.release(entries.payload.get(entry));
      entries.remove(entry);
      show(step, pair, resource, false, payload);
      if (isStored) store(step, pair, resource, undefined);
    } else before = entry;
    entry = next;
  }
};
