// The presence view as a table: what happens, what follows. Pure but for the state, which is updated in place by its single
// owner: the same events at the same times give the same effects, and the same news twice has none the second time.
//
// Presence is state, not a message. A user is told when what they would see changes, and of everything at sign-in; what is
// known of remote contacts is kept whether or not the user is signed in, and doubted rather than dropped when a link is
// lost. Rows are in the order of design.md's table.

import type { MonoMs } from '../base/clock.ts';
import {
  addPair,
  type DomainNode,
  dropPair,
  dropUserIfIdle,
  type Entry,
  entryOf,
  findOrMakeUser,
  never,
  nextFraction,
  ownText,
  type Pair,
  type PresenceState,
  pairOf,
  releasePayload,
  takePayload,
  tenthOf,
  type UserNode,
  viewOf,
} from './state.ts';
import type { PresenceEffect, PresenceEvent, Shown, SnapshotChange, SnapshotEntry } from './view.ts';
import { firstBucket, schedule, scheduleNoLater, secondOf, takeDue } from './wheel.ts';

/** What one step has to say, collected so that each user gets one batch and the Store one list. */
interface Step {
  readonly state: PresenceState;
  readonly now: MonoMs;
  readonly effects: PresenceEffect[];
  readonly shown: Map<UserNode, Shown[]>;
  readonly changes: SnapshotChange[];
}

/** Takes one event in. `now`: monotonic ms, never less than before. Effects are to be performed in order. */
export const step = (state: PresenceState, event: PresenceEvent, now: MonoMs): readonly PresenceEffect[] => {
  const step: Step = { state, now, effects: [], shown: new Map(), changes: [] };
  handle(step, event);
  const deliveries: PresenceEffect[] = [];
  for (const [user, presences] of step.shown)
    if (user.sessions?.size) deliveries.push({ type: 'deliver', user: user.jid, to: 'all', presences });
  const effects = deliveries.length > 0 ? [...deliveries, ...step.effects] : step.effects;
  if (step.changes.length > 0) effects.push({ type: 'snapshot', changes: step.changes });
  if (state.dueFirst < state.armedFor) {
    state.armedFor = state.dueFirst;
    effects.push({ type: 'arm', at: state.armedFor * 1000 });
  }
  return effects;
};

const handle = (step: Step, event: PresenceEvent): void => {
  const { state } = step;
  switch (event.type) {
    case 'available': {
      const pair = pairOf(state, event.user, event.contact);
      if (pair) available(step, pair, event.resource, event.payload);
      return;
    }
    case 'unavailable': {
      const pair = pairOf(state, event.user, event.contact);
      if (!pair) return;
      if (event.resource === '') allUnavailable(step, pair, event.payload);
      else {
        heardOf(step, pair);
        removeEntries(step, pair, (entry) => entry.resource === event.resource, event.payload);
      }
      return;
    }
    case 'error': {
      const pair = pairOf(state, event.user, event.contact);
      if (pair) allUnavailable(step, pair);
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
    case 'link-down':
      return linkDown(step, event.domain);
    case 'link-up':
      return linkUp(step, event.domain);
    case 'restored':
      return restored(step, event.entries);
    case 'contact-added': {
      if (pairOf(state, event.user, event.contact)) return;
      const pair = addPair(state, findOrMakeUser(state, event.user), event.contact, event.isLocal === true);
      if (!pair.contact.isLocal) schedule(state, pair, soon(step));
      return;
    }
    case 'contact-removed': {
      const pair = pairOf(state, event.user, event.contact);
      if (!pair) return;
      // 'forget' tells the Store what a list of removed entries would.
      removeEntries(step, pair, () => true, '', { isStored: false });
      dropPair(state, pair);
      if (!pair.contact.isLocal) step.effects.push({ type: 'forget', user: event.user, contact: event.contact });
      return;
    }
    default:
      return event satisfies never;
  }
};

const available = (step: Step, pair: Pair, resource: string, text: string): void => {
  const { state } = step;
  heardOf(step, pair);
  const entry = entryOf(pair, resource);
  if (entry?.payload.text === text) {
    entry.seenAt = tenthOf(step.now);
    return;
  }
  if (entry) {
    releasePayload(state, entry.payload);
    entry.payload = takePayload(state, text);
    entry.seenAt = tenthOf(step.now);
  } else {
    makeRoom(step, pair);
    addEntry(step, pair, resource, text);
  }
  show(step, pair, resource, true, text);
  store(step, pair, resource, text);
};

const addEntry = (step: Step, pair: Pair, resource: string, text: string): Entry => {
  // Other users who see this contact have the resource's name already; it is kept once.
  const sister = pair.contact.pairs[0];
  const entry: Entry = {
    resource: (sister && entryOf(sister, resource)?.resource) ?? ownText(resource),
    payload: takePayload(step.state, text),
    seenAt: tenthOf(step.now),
    next: pair.first,
  };
  pair.first = entry;
  return entry;
};

const makeRoom = (step: Step, pair: Pair): void => {
  let count = 0;
  let oldest: Entry | undefined;
  for (let entry = pair.first; entry; entry = entry.next) {
    count++;
    if (!oldest || entry.seenAt <= oldest.seenAt) oldest = entry;
  }
  if (count >= step.state.options.resourcesMax) removeEntries(step, pair, (entry) => entry === oldest);
};

/** Bare unavailable, and what counts as that: every known resource is gone. Whoever says so has answered any probe. */
const allUnavailable = (step: Step, pair: Pair, payload = ''): void => {
  pair.probedAt = never;
  heardOf(step, pair);
  removeEntries(step, pair, () => true, payload);
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
  for (const pair of user.contacts.values()) {
    if (pair.contact.isLocal || pair.probedAt !== never) continue;
    const isDue = pair.due <= secondOf(now) || pair.checkedAt < pair.contact.domain.doubtedBefore;
    if (isDue || pair.checkedAt === never || state.options.probe === 'always') probe(step, pair);
  }
};

const tick = (step: Step): void => {
  const { state, now } = step;
  state.armedFor = Number.POSITIVE_INFINITY;
  for (const domain of state.domains.values())
    if (domain.downSince !== undefined && !domain.isGraceOver && now >= domain.downSince + state.options.graceMs)
      graceOver(step, domain);
  let probes = 0;
  let isLeft = false;
  takeDue(state, now, (pair) => {
    if (pair.probedAt !== never) probeUnanswered(step, pair);
    else if (probes < state.options.probesPerTickMax) {
      probes++;
      const oldest = tenthOf(now - state.options.unconfirmedMaxMs);
      removeEntries(step, pair, (entry) => entry.seenAt < oldest);
      probe(step, pair);
    } else {
      schedule(state, pair, now);
      isLeft = true;
      return 'enough';
    }
    return 'go on';
  });
  state.dueFirst = isLeft ? secondOf(now) + 1 : firstBucket(state);
  for (const domain of state.domains.values()) dueGrace(state, domain);
};

const probe = (step: Step, pair: Pair): void => {
  pair.probedAt = tenthOf(step.now);
  step.effects.push({ type: 'probe', user: pair.user.jid, contact: pair.contact.jid });
  schedule(step.state, pair, step.now + step.state.options.probeTimeoutMs);
};

/** The time of a probe is up: what is older than the probe is no longer so, as long as the answer had a way to get here. */
const probeUnanswered = (step: Step, pair: Pair): void => {
  const { domain } = pair.contact;
  const { probedAt } = pair;
  pair.probedAt = never;
  if (domain.downSince === undefined) {
    removeEntries(step, pair, (entry) => entry.seenAt < probedAt);
    pair.checkedAt = tenthOf(step.now);
  }
  schedule(step.state, pair, aged(step));
};

const linkDown = ({ state, now }: Step, name: string): void => {
  const domain = state.domains.get(name);
  if (!domain || domain.downSince !== undefined) return;
  domain.downSince = now;
  domain.isGraceOver = false;
  domain.doubtedBefore = tenthOf(now) + 1;
  dueGrace(state, domain);
};

const linkUp = (step: Step, name: string): void => {
  const { state } = step;
  const domain = state.domains.get(name);
  if (domain?.downSince === undefined) return;
  domain.downSince = undefined;
  // What was heard while the link was down came another way and stands; probes sent meanwhile may never have left.
  for (const { pairs, isLocal } of domain.contacts)
    for (const pair of pairs) {
      if (isLocal) continue;
      const wasProbed = pair.probedAt !== never;
      pair.probedAt = never;
      if (wasProbed || pair.checkedAt < domain.doubtedBefore) scheduleNoLater(state, pair, soon(step));
    }
};

const graceOver = (step: Step, domain: DomainNode): void => {
  domain.isGraceOver = true;
  for (const { pairs, isLocal } of domain.contacts)
    if (!isLocal) for (const pair of pairs) removeEntries(step, pair, (entry) => entry.seenAt < domain.doubtedBefore);
};

const dueGrace = (state: PresenceState, { downSince, isGraceOver }: DomainNode): void => {
  if (downSince === undefined || isGraceOver) return;
  state.dueFirst = Math.min(state.dueFirst, secondOf(downSince + state.options.graceMs));
};

/** Entries from before a restart: shown at once, and unconfirmed. */
const restored = (step: Step, entries: readonly SnapshotEntry[]): void => {
  const forgotten = new Set<string>();
  for (const { user, contact, resource, payload, ageMs = 0 } of entries) {
    const pair = pairOf(step.state, user, contact);
    if (!pair || pair.contact.isLocal) {
      const key = `${user} ${contact}`;
      if (!forgotten.has(key)) step.effects.push({ type: 'forget', user, contact });
      forgotten.add(key);
    } else if (!entryOf(pair, resource)) {
      makeRoom(step, pair);
      const { domain } = pair.contact;
      domain.doubtedBefore = Math.max(domain.doubtedBefore, tenthOf(step.now));
      addEntry(step, pair, resource, payload).seenAt = tenthOf(step.now - ageMs) - 1;
      show(step, pair, resource, true, payload);
    }
  }
};

/** There is news of the contact, whatever it says: the view of it is young again. */
const heardOf = (step: Step, pair: Pair): void => {
  pair.checkedAt = tenthOf(step.now);
  // While a probe is out, the time for its answers runs on: more resources may answer, or no more.
  if (!pair.contact.isLocal && pair.probedAt === never) schedule(step.state, pair, aged(step));
};

const removeEntries = (
  step: Step,
  pair: Pair,
  isGone: (entry: Entry) => boolean,
  payload = '',
  { isStored = true } = {},
): void => {
  let before: Entry | undefined;
  for (let entry = pair.first; entry; entry = entry.next) {
    if (!isGone(entry)) {
      before = entry;
      continue;
    }
    if (before) before.next = entry.next;
    else pair.first = entry.next;
    releasePayload(step.state, entry.payload);
    show(step, pair, entry.resource, false, payload);
    if (isStored) store(step, pair, entry.resource, undefined);
  }
};

const show = (step: Step, pair: Pair, resource: string, isAvailable: boolean, payload: string): void => {
  const shown = { contact: pair.contact.jid, resource, isAvailable, payload };
  const batch = step.shown.get(pair.user);
  if (batch) batch.push(shown);
  else step.shown.set(pair.user, [shown]);
};

const store = (step: Step, pair: Pair, resource: string, payload: string | undefined): void => {
  if (!pair.contact.isLocal) step.changes.push({ user: pair.user.jid, contact: pair.contact.jid, resource, payload });
};

/** When what is known now will have aged: three to five quarters of the time set. */
const aged = ({ state, now }: Step): MonoMs => now + state.options.agedMs * (0.75 + nextFraction(state) / 2);
const soon = ({ state, now }: Step): MonoMs => now + state.options.spreadMs * nextFraction(state);
