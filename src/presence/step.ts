// The presence view as a table: what happens, what follows. Pure but for the state, which is updated in place by its single
// owner: the same events at the same times give the same effects, and the same news twice has none the second time.
//
// Presence is state, not a message. A user is told when what they would see changes, and of everything at sign-in; what is
// known of remote contacts is kept whether or not the user is signed in, and doubted rather than dropped when a link is
// lost (doubt.ts). Rows are in the order of design.md's table.

import type { MonoMs } from '../base/clock.ts';
import { endGrace, isDoubted, linkDown, linkUp, slept, soon, sweepOn, viewTime } from './doubt.ts';
import {
  addEntry,
  changePayload,
  isFull,
  isOlderThan,
  makeRoom,
  oldestSeen,
  refresh,
  removeEntries,
  removeExpired,
  seen,
} from './entries.ts';
import type { PairId } from './memory/pairs.ts';
import { none } from './memory/rows.ts';
import { beginStep, endStep, type Step, show, store } from './outgoing.ts';
import { answered, isProbing, probedAt, probeOver, probeSent, silenceCounts } from './probes.ts';
import {
  addPair,
  contactOf,
  domainOf,
  dropPair,
  dropUserIfIdle,
  entryOf,
  findOrMakeUser,
  isLocal,
  nextFraction,
  type PresenceState,
  pairOf,
  tenthOf,
  userOf,
  viewOf,
} from './state.ts';
import { keptMs, type PresenceEffect, type PresenceEvent, type SnapshotEntry } from './view.ts';
import { dueOf, schedule, scheduleNoEarlier, takeDue, unschedule, want } from './wheel.ts';

/** Servers send the presence of somebody who has just agreed to be seen (RFC 6121 §3.1.5). Some do not when they agree by themselves. */
const newcomerMs = 3_000;

/** Takes one event in. `now`: monotonic ms, never less than before. Effects are to be performed in order. */
export const step = (state: PresenceState, event: PresenceEvent, now: MonoMs): readonly PresenceEffect[] => {
  const step = beginStep(state, viewTime(state, now));
  handle(step, event);
  return endStep(step);
};

const handle = (step: Step, event: PresenceEvent): void => {
  const { state } = step;
  switch (event.type) {
    case 'available': {
      const pair = pairOf(state, event.user, event.contact);
      if (pair !== none) available(step, pair, event.resource, event.payload);
      return;
    }
    case 'unavailable': {
      const pair = pairOf(state, event.user, event.contact);
      if (pair !== none) unavailable(step, pair, event.resource, event.payload);
      return;
    }
    case 'error': {
      const pair = pairOf(state, event.user, event.contact);
      if (pair !== none) allUnavailable(step, pair, 'error');
      return;
    }
    case 'session-available':
      return sessionAvailable(step, event.user, event.session);
    case 'session-gone': {
      const user = state.users.get(event.user);
      if (user?.sessions?.delete(event.session)) dropUserIfIdle(state, user);
      return;
    }
    case 'tick':
      return tick(step);
    case 'slept':
      return slept(step, event.ms);
    case 'link-down':
      return linkDown(step, event.domain);
    case 'link-up':
      return linkUp(step, event.domain);
    case 'restored':
      return restored(step, event.entries);
    case 'contact-added': {
      if (pairOf(state, event.user, event.contact) !== none) return;
      const pair = addPair(state, findOrMakeUser(state, event.user), event.contact, event.isLocal === true);
      if (!isLocal(state, pair))
        schedule(state, pair, event.isNew ? step.now + newcomerMs : soon(step, state.pairs.count));
      return;
    }
    case 'contact-removed': {
      const pair = pairOf(state, event.user, event.contact);
      if (pair === none) return;
      // 'forget' tells the Store what a list of removed entries would.
      removeEntries(step, pair, () => true, { isStored: false });
      if (!isLocal(state, pair)) step.effects.push({ type: 'forget', user: event.user, contact: event.contact });
      unschedule(state, pair);
      dropPair(state, pair);
      return;
    }
    default:
      return event satisfies never;
  }
};

const available = (step: Step, pair: PairId, resource: string, payload: string): void => {
  const { state, now } = step;
  const entry = entryOf(state, pair, resource);
  if (entry !== none && state.texts.textOf(state.entries.payload.get(entry)) === payload)
    refresh(step, pair, entry, resource, payload);
  else {
    if (entry === none) {
      makeRoom(step, pair);
      addEntry(state, pair, resource, payload, tenthOf(now));
    } else {
      changePayload(state, entry, payload);
      seen(step, pair, entry);
    }
    show(step, pair, resource, true, payload);
    store(step, pair, resource, payload);
  }
  heardOf(step, pair, 'available');
};

const unavailable = (step: Step, pair: PairId, resource: string, payload?: string): void => {
  if (resource === '') return allUnavailable(step, pair, 'unavailable', payload);
  const entry = entryOf(step.state, pair, resource);
  if (entry !== none) removeEntries(step, pair, (one) => one === entry, { payload: payload ?? '' });
  heardOf(step, pair, 'unavailable');
};

/** From the bare address, and what counts as that: every known resource is gone. Whoever says so has answered any probe. */
const allUnavailable = (step: Step, pair: PairId, kind: 'unavailable' | 'error', payload = ''): void => {
  const { state } = step;
  removeEntries(step, pair, () => true, { payload });
  if (isLocal(state, pair)) return;
  answered(state, pair, kind);
  if (isProbing(state, pair)) probeOver(state, pair);
  allKnown(step, pair);
};

const sessionAvailable = (step: Step, jid: string, session: string): void => {
  const { state, now } = step;
  const user = findOrMakeUser(state, jid);
  user.sessions ??= new Set();
  if (user.sessions.has(session)) return;
  user.sessions.add(session);
  const presences = viewOf(state, jid);
  if (presences.length > 0) step.effects.push({ type: 'deliver', user: user.jid, to: session, presences });
  if (state.options.probe === 'blind') return;
  for (let pair = user.contacts.first; pair !== none; pair = state.pairs.ofUser.next.get(pair)) {
    if (isLocal(state, pair)) continue;
    const domain = domainOf(state, pair);
    // While the domain is out of reach one probe is enough to have somebody dial it.
    if (isProbing(state, pair) && (silenceCounts(state, pair) || domain.downSince !== undefined)) continue;
    const isDue = dueOf(state, pair) <= now || isDoubted(state, pair, domain);
    if (isDue || state.options.probe === 'always') probe(step, pair);
  }
};

const tick = (step: Step): void => {
  const { state, now } = step;
  const { probesPerTickMax } = state.options;
  state.armedFor = Number.POSITIVE_INFINITY;
  state.wanted = Number.POSITIVE_INFINITY;
  endGrace(step);
  sweepOn(step);
  let looks = 0;
  let probes = 0;
  const next = takeDue(state, now, (pair) => {
    // Every probe is looked at twice; the rest is for what expires.
    if (probes >= probesPerTickMax || looks >= 4 * probesPerTickMax) return 'enough';
    looks++;
    if (look(step, pair) === 'probed') probes++;
    return 'taken';
  });
  want(state, next);
};

/** The pair is due: something expires, or a probe's time is up, or it is time for a probe. */
const look = (step: Step, pair: PairId): 'probed' | 'waits' => {
  const { state, now } = step;
  removeExpired(step, pair);
  if (!isProbing(state, pair)) return probe(step, pair);
  const isVoid = !silenceCounts(state, pair);
  const timeOut = probedAt(state, pair) + state.options.probeTimeoutMs;
  if (!isVoid && now < timeOut) return lookAgain(step, pair, timeOut);
  probeOver(state, pair);
  if (!isVoid) {
    // What was known before the probe, and was not in its answer, is no longer so.
    removeEntries(step, pair, isOlderThan(state, state.pairs.probedAt.get(pair)));
    allKnown(step, pair);
    return 'waits';
  }
  if (domainOf(state, pair).downSince === undefined) return probe(step, pair);
  return lookAgain(step, pair, now + agedMs(step));
};

const probe = (step: Step, pair: PairId): 'probed' => {
  const { state, now } = step;
  probeSent(state, pair, now);
  step.effects.push({ type: 'probe', user: userOf(state, pair).jid, contact: contactOf(state, pair) });
  lookAgain(step, pair, now + state.options.probeTimeoutMs);
  return 'probed';
};

/** Entries from before a restart: shown at once, and unconfirmed, unless they are too old. */
const restored = (step: Step, entries: readonly SnapshotEntry[]): void => {
  const { state, now } = step;
  const forgotten = new Set<string>();
  for (const { user, contact, resource, payload, ageMs = 0 } of entries) {
    const pair = pairOf(state, user, contact);
    if (pair === none || isLocal(state, pair)) {
      const key = `${user} ${contact}`;
      if (!forgotten.has(key)) step.effects.push({ type: 'forget', user, contact });
      forgotten.add(key);
    } else if (entryOf(state, pair, resource) === none) {
      if (ageMs >= keptMs(state.options) || isFull(state, pair)) {
        store(step, pair, resource, undefined);
        continue;
      }
      addEntry(state, pair, resource, payload, Math.min(tenthOf(now - ageMs), state.startedAt - 1));
      show(step, pair, resource, true, payload);
      lookAgain(step, pair, dueOf(state, pair));
    }
  }
};

/** There is news of one resource. The next look moves on if everything known is young; doubts are only settled by asking. */
const heardOf = (step: Step, pair: PairId, kind: 'available' | 'unavailable'): void => {
  const { state } = step;
  if (isLocal(state, pair)) return;
  answered(state, pair, kind);
  // While a probe is out, the time for its answers runs on: more resources may answer, or no more.
  if (isProbing(state, pair) || isDoubted(state, pair, domainOf(state, pair))) return;
  const oldest = oldestSeen(state, pair);
  if (oldest !== undefined) scheduleNoEarlier(state, pair, oldest + agedMs(step));
};

/** All of the contact's resources are known now: the view of it is young again. */
const allKnown = (step: Step, pair: PairId): void => {
  const { state, now } = step;
  state.pairs.checkedAt.set(pair, tenthOf(now));
  lookAgain(step, pair, (oldestSeen(state, pair) ?? now) + agedMs(step));
};

/** At `at`, or when the first of the contact's entries expires, but never in this tick. */
const lookAgain = (step: Step, pair: PairId, at: MonoMs): 'waits' => {
  const { state, now } = step;
  const oldest = oldestSeen(state, pair);
  const expiry = oldest === undefined ? at : oldest + keptMs(state.options);
  schedule(state, pair, Math.max(now + 1000, Math.min(at, expiry)));
  return 'waits';
};

/** How long it takes until what is known now has aged: three to five quarters of the time set. */
const agedMs = ({ state }: Step): number => state.options.agedMs * (0.75 + nextFraction(state) / 2);
