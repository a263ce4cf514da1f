// What a contact can learn from the probes it gets. It records the time of each one, and wants to know when the user signed
// in. With `blind` it cannot: the probes are exactly those of a user who never does, and the times from a sign-in to the next
// probe are spread as those from any other moment (two-sample Kolmogorov-Smirnov). The same tests tell `always` at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePresenceState } from './state.ts';
import { step } from './step.ts';
import type { PresenceEvent, PresenceOptions } from './view.ts';

const minute = 60_000;
const hour = 60 * minute;
const user = 'mila@home.test';
const contacts = ['ben@far.test', 'ada@far.test', 'eva@away.test'];
type Mode = PresenceOptions['probe'];

/** When the contacts are probed on a day of ten hours on which the user signs in at these times. */
const probesOfDay = (probe: Mode, seed: number, signIns: readonly number[]): [number, string][] => {
  const state = makePresenceState({ probe }, seed);
  const probes: [number, string][] = [];
  let armedAt = Number.POSITIVE_INFINITY;
  const tell = (event: PresenceEvent, now: number): void => {
    if (event.type === 'tick') armedAt = Number.POSITIVE_INFINITY;
    for (const effect of step(state, event, now))
      if (effect.type === 'arm') armedAt = effect.at;
      else if (effect.type === 'probe') {
        probes.push([now, effect.contact]);
        tell({ type: 'available', user, contact: effect.contact, resource: 'spy', payload: '' }, now + 50);
      }
  };
  const plan: [number, PresenceEvent][] = [
    ...contacts.map((contact): [number, PresenceEvent] => [0, { type: 'contact-added', user, contact }]),
    // A contact may make its link come and go, and change its presence, to see what that brings.
    [3 * hour, { type: 'link-down', domain: 'far.test' }],
    [3 * hour + 4 * minute, { type: 'link-up', domain: 'far.test' }],
    [5 * hour, { type: 'available', user, contact: contacts[2] ?? '', resource: 'other', payload: '<show>dnd</show>' }],
    ...signIns.flatMap((at): [number, PresenceEvent][] => [
      [at, { type: 'session-available', user, session: 'phone' }],
      [at + 20 * minute, { type: 'session-gone', user, session: 'phone' }],
    ]),
  ];
  plan.sort(([a], [b]) => a - b);
  for (const [at, event] of [...plan, [10 * hour, { type: 'tick' }] as [number, PresenceEvent]]) {
    while (armedAt <= at) tell({ type: 'tick' }, armedAt);
    tell(event, at);
  }
  return probes;
};

/** From `at` to the first contact's next probe. */
const untilNext = (probes: readonly [number, string][], at: number): number =>
  (probes.find(([when, contact]) => contact === contacts[0] && when >= at)?.[0] ?? 10 * hour) - at;

/** The greatest distance between the two samples' distributions, from 0 to 1. */
const distance = (one: readonly number[], other: readonly number[]): number => {
  const shareUpTo = (sample: readonly number[], x: number): number =>
    sample.filter((value) => value <= x).length / sample.length;
  return Math.max(...[...one, ...other].map((x) => Math.abs(shareUpTo(one, x) - shareUpTo(other, x))));
};
const runs = 300;
/** Two samples of the same kind are further apart than this once in ten thousand times. */
const suspicious = 2.23 * Math.sqrt(2 / runs);

/** Days with a sign-in at a random time, against days of other people who did not sign in then, or at all. */
const distanceBySignIn = (mode: Mode): number => {
  const signInAt = (i: number): number => 1.5 * hour + ((i * 7_919_773) % (7 * hour));
  const days = Array.from({ length: runs }, (_, i) => i);
  const after = days.map((i) => untilNext(probesOfDay(mode, 1_000 + i, [signInAt(i)]), signInAt(i)));
  const without = days.map((i) => untilNext(probesOfDay(mode, 9_000 + i, []), signInAt(i)));
  return distance(after, without);
};

test('blind: the probes of a day are the same whenever the user signs in, and if never', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const never = probesOfDay('blind', seed, []);
    assert.ok(never.length > 20);
    for (const signIns of [[0], [seed * 10 * minute], [hour, 2 * hour, 3 * hour + minute, 9 * hour]])
      assert.deepEqual(probesOfDay('blind', seed, signIns), never);
  }
});

test('blind: how long after a sign-in the next probe comes tells nothing', () => {
  const found = distanceBySignIn('blind');
  assert.ok(found < suspicious, `${found} of ${suspicious}`);
});

test('always: the same two tests see every sign-in', () => {
  assert.notDeepEqual(probesOfDay('always', 1, [hour]), probesOfDay('always', 1, []));
  assert.ok(distanceBySignIn('always') > 0.8);
});

test('aged: a sign-in while the view is young tells nothing; while the contact is in doubt it does', () => {
  const found = distanceBySignIn('aged');
  assert.ok(found < suspicious, `${found} of ${suspicious}`);
  const whileDown = 3 * hour + minute;
  assert.notDeepEqual(probesOfDay('aged', 1, [whileDown]), probesOfDay('aged', 1, []));
});
