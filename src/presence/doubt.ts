// When news may have been lost: a link broke, or this process slept. What is known of a domain's contacts is shown all the
// same, but it is doubted, and asked for again. A domain may have a hundred thousand pairs, so they are gone through a page
// at a time, with room for other work in between.
//
// Sleep (a closed lid, a paused machine) is noticed by a tick that comes much too late. The view's own time stands still
// meanwhile: nobody was shown anything, nobody could answer, so no time-out and no age may count what was slept through.

import type { MonoMs } from '../base/clock.ts';
import { isOlderThan, removeEntries } from './entries.ts';
import type { PairId } from './memory/pairs.ts';
import { none } from './memory/rows.ts';
import type { Step } from './outgoing.ts';
import { isProbing, silenceCounts } from './probes.ts';
import { type DomainNode, isLocal, never, nextFraction, type PresenceState, tenthOf } from './state.ts';
import { scheduleNoLater, want } from './wheel.ts';

/** Pairs gone through at once, and the pause between two pages. */
const pageMax = 2_000;
const pauseMs = 20;
const sleepsRemembered = 16;

/** The view's time for `now`. Notices that this process slept; everything is doubted then. */
export const viewTime = (state: PresenceState, now: MonoMs): MonoMs => {
  if (state.startedAt === never) state.startedAt = tenthOf(now);
  const time = now - state.sleptMs;
  const awakeUntil = Math.max(state.armedFor, state.lastAt);
  const lateMs = time - awakeUntil;
  // Whatever is less leaves a probe half its time to be answered.
  if (lateMs <= state.options.probeTimeoutMs / 2) {
    state.lastAt = time;
    return time;
  }
  state.sleptMs += lateMs;
  state.lastAt = awakeUntil;
  wakeUp(state, awakeUntil, lateMs);
  return awakeUntil;
};

/** This process slept for so long, until now, in a sleep in which monotonic time stood still as well. */
export const slept = ({ state, now }: Step, ms: number): void => wakeUp(state, now, ms);

const wakeUp = (state: PresenceState, at: MonoMs, ms: number): void => {
  state.sleeps.push({ at, ms });
  if (state.sleeps.length > sleepsRemembered) state.sleeps.shift();
  for (const domain of state.domains.values()) {
    doubt(domain, at);
    // Whoever is being taken out goes on being so.
    const isOver = domain.sweep === 'remove' && state.sweeping.has(domain);
    if (!isOver) sweep(state, domain, 'ask', state.pairs.count);
  }
  want(state, at);
};

export const linkDown = ({ state, now }: Step, name: string): void => {
  const domain = state.domains.get(name);
  if (!domain || domain.downSince !== undefined) return;
  doubt(domain, now);
  domain.downSince = now;
  state.sweeping.delete(domain);
  state.inGrace.add(domain);
  want(state, now + state.options.graceMs);
};

export const linkUp = ({ state, now }: Step, name: string): void => {
  const domain = state.domains.get(name);
  if (domain?.downSince === undefined) return;
  domain.downSince = undefined;
  // What was heard while the link was down came another way and stands; probes sent meanwhile may never have left.
  domain.probesCountFrom = tenthOf(now) + 1;
  state.inGrace.delete(domain);
  sweep(state, domain, 'ask');
  want(state, now);
};

const doubt = (domain: DomainNode, now: MonoMs): void => {
  domain.doubtedBefore = tenthOf(now) + 1;
  domain.unconfirmed = domain.entries;
  domain.probesCountFrom = tenthOf(now) + 1;
};

/** Domains that were out of reach for too long: what was known of them before is no longer so. */
export const endGrace = ({ state, now }: Step): void => {
  for (const domain of state.inGrace) {
    const end = (domain.downSince ?? now) + state.options.graceMs;
    if (now < end) want(state, end);
    else {
      state.inGrace.delete(domain);
      sweep(state, domain, 'remove');
    }
  }
};

/** `among`: how many pairs are gone through at this time, with those of other domains. */
const sweep = (
  state: PresenceState,
  domain: DomainNode,
  kind: 'ask' | 'remove',
  among = domain.contacts.count,
): void => {
  domain.sweep = kind;
  domain.among = among;
  domain.removeBefore = domain.doubtedBefore;
  domain.cursor = domain.contacts.first;
  state.sweeping.add(domain);
};

/** A page of what is being gone through. */
export const sweepOn = (step: Step): void => {
  const { state, now } = step;
  let left = pageMax;
  for (const domain of state.sweeping) {
    while (domain.cursor !== none && left-- > 0) {
      const pair = domain.cursor;
      domain.cursor = state.pairs.ofDomain.next.get(pair);
      if (isLocal(state, pair)) continue;
      if (domain.sweep === 'remove') removeEntries(step, pair, isOlderThan(state, domain.removeBefore));
      else if (needsAsking(state, pair, domain)) scheduleNoLater(state, pair, soon(step, domain.among));
    }
    if (domain.cursor !== none) return want(state, now + pauseMs);
    state.sweeping.delete(domain);
  }
};

const needsAsking = (state: PresenceState, pair: PairId, domain: DomainNode): boolean =>
  isProbing(state, pair) ? !silenceCounts(state, pair) : isDoubted(state, pair, domain);

/** Not all of the contact's resources have been known since the domain was last in doubt. */
export const isDoubted = ({ pairs }: PresenceState, pair: PairId, domain: DomainNode): boolean =>
  pairs.checkedAt.get(pair) < domain.doubtedBefore;

/** In a while, so that so many pairs, which fall due together, are spread, and fit into the ticks. */
export const soon = ({ state, now }: Step, among: number): MonoMs => {
  const { spreadMs, probesPerTickMax } = state.options;
  // A quarter of each tick is left to others.
  const seconds = Math.floor(among / (0.75 * probesPerTickMax));
  return now + Math.max(spreadMs, seconds * 1000) * nextFraction(state);
};
