// What a view of many pairs costs, in resident memory of this whole process and in time:
//
//     npm run bench -- presence-memory [PAIRS] [HOURS] [LISTS]
//
// PAIRS (1,000,000) are users with twenty contacts each, every contact in LISTS (2) lists, at a thousand domains, the largest with a
// tenth of them all; about 35 % of the contacts are online, with capabilities and one in three with a status. The view is
// restored from a snapshot; then HOURS (24) pass, in which everybody comes and goes and every probe is answered.
//
// V8 lets its young generation grow to 134 MB on a machine that has the memory, whatever the program; a node that is to be
// small runs with NODE_OPTIONS=--max-semi-space-size=16.

import { getHeapSpaceStatistics } from 'node:v8';
import { describe } from '../../src/presence/describe.ts';
import { makePresenceState, sizeOf } from '../../src/presence/state.ts';
import { step } from '../../src/presence/step.ts';
import type { PresenceEffect, PresenceEvent, SnapshotEntry } from '../../src/presence/view.ts';
import { contactAt, isOnline, isSecondOnline, numberOf, payloadOf, resourceOf, userAt } from './people.ts';

const [pairs = 1_000_000, hours = 24, lists = 2] = process.argv.slice(3).map(Number);
const contacts = Math.floor(pairs / lists);
/** Which contact the pair is about. */
const of = (i: number): number => i % contacts;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const memory = (what: string): void => {
  const { rss, arrayBuffers } = process.memoryUsage();
  const sizeOfSpace = (name: string): number =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === name)?.space_size ?? 0;
  const parts = [
    `arrays ${megabytes(arrayBuffers)}`,
    `V8's old generation ${megabytes(sizeOfSpace('old_space'))}`,
    `its young one ${megabytes(sizeOfSpace('new_space'))}`,
  ];
  console.log(`${what.padEnd(44)} ${megabytes(rss)} resident: ${parts.join(', ')}`);
};
memory('before');

const state = makePresenceState({}, 42);
let now = 0;
let slowestMs = 0;
const tell = (event: PresenceEvent): readonly PresenceEffect[] => {
  const start = performance.now();
  const effects = step(state, event, now);
  slowestMs = Math.max(slowestMs, performance.now() - start);
  return effects;
};
const timed = (what: string, count: number, run: () => void): void => {
  slowestMs = 0;
  const start = performance.now();
  run();
  const ms = performance.now() - start;
  console.log(
    `${what.padEnd(44)} ${((ms * 1000) / count).toFixed(2)} µs each, ${(ms / 1000).toFixed(2)} s in all, slowest ${slowestMs.toFixed(1)} ms`,
  );
};

timed('contact-added', pairs, () => {
  for (let i = 0; i < pairs; i++) tell({ type: 'contact-added', user: userAt(i), contact: contactAt(of(i)) });
});
timed('restored, in pages of 1,000 pairs', pairs, () => {
  for (let from = 0; from < pairs; from += 1_000) {
    const entries: SnapshotEntry[] = [];
    for (let i = from; i < Math.min(pairs, from + 1_000); i++) {
      const n = of(i);
      const entry = { user: userAt(i), contact: contactAt(n), payload: payloadOf(n, 0), ageMs: (i % 1_000) * 1_000 };
      if (isOnline(n, 0)) entries.push({ ...entry, resource: resourceOf(n, 0, 0) });
      if (isSecondOnline(n, 0)) entries.push({ ...entry, resource: resourceOf(n, 1, 0) });
    }
    tell({ type: 'restored', entries });
  }
});
timed('session-available, twenty contacts', pairs / 50, () => {
  for (let i = 0; i < pairs; i += 50)
    tell({ type: 'session-available', user: userAt(i), session: `${userAt(i)}/phone` });
});
console.log(sizeOf(state));
memory('after the start');

// Every second: who comes, goes or changes says so; probes are answered by what is so.
let probes = 0;
let told = 0;
let delivered = 0;
const answer = (user: string, n: number, hour: number): void => {
  const from = { user, contact: contactAt(n) };
  if (isOnline(n, hour))
    tell({ type: 'available', ...from, resource: resourceOf(n, 0, hour), payload: payloadOf(n, hour) });
  if (isSecondOnline(n, hour))
    tell({ type: 'available', ...from, resource: resourceOf(n, 1, hour), payload: payloadOf(n, hour) });
  if (!isOnline(n, hour) && !isSecondOnline(n, hour)) tell({ type: 'unavailable', ...from, resource: '' });
};
const perform = (effects: readonly PresenceEffect[], hour: number): void => {
  for (const effect of effects)
    if (effect.type === 'probe') {
      probes++;
      answer(effect.user, numberOf(effect.contact), hour);
    } else if (effect.type === 'deliver') delivered += effect.presences.length;
};
timed(`${hours} hours of comings, goings and probes`, hours * pairs, () => {
  for (let second = 1; second <= hours * 3_600; second++) {
    now = second * 1_000;
    const hour = Math.floor(second / 3_600);
    if (now >= state.armedFor) perform(tell({ type: 'tick' }), hour);
    // In the course of an hour everybody's turn comes to be what they are in that hour.
    const [first, last] = [second % 3_600, (second % 3_600) + 1].map((at) => Math.floor((at * pairs) / 3_600));
    for (let i = first ?? 0; i < (last ?? 0); i++) {
      told++;
      const n = of(i);
      const gone = { type: 'unavailable', user: userAt(i), contact: contactAt(n) } as const;
      const before = resourceOf(n, 0, hour - 1);
      if (!isOnline(n, hour) || before !== resourceOf(n, 0, hour)) tell({ ...gone, resource: before });
      if (!isSecondOnline(n, hour)) tell({ ...gone, resource: resourceOf(n, 1, hour) });
      if (isOnline(n, hour) || isSecondOnline(n, hour)) answer(userAt(i), n, hour);
    }
    if (second % (6 * 3_600) === 0) memory(`after ${hour} hours`);
  }
});
console.log(`${told} contacts with news, ${probes} probes, ${delivered} presences delivered`);
console.log(sizeOf(state));
console.log(`${'the most ever'.padEnd(44)} ${megabytes(process.resourceUsage().maxRSS * 1024)} resident`);

for (let i = 0; i < 1_000; i++) {
  tell({ type: 'contact-added', user: 'popular@home.test', contact: contactAt(i) });
  tell({
    type: 'available',
    user: 'popular@home.test',
    contact: contactAt(i),
    resource: resourceOf(i, 0, 0),
    payload: payloadOf(i, 0),
  });
}
timed('session-available, a thousand contacts', 200, () => {
  for (let i = 0; i < 200; i++) tell({ type: 'session-available', user: 'popular@home.test', session: `${i}` });
});
timed('describe, a thousand contacts', 200, () => {
  for (let i = 0; i < 200; i++) describe(state, 'popular@home.test', now);
});
timed('the same news again', 1_000_000, () => {
  for (let i = 0; i < 1_000_000; i++)
    tell({
      type: 'available',
      user: 'popular@home.test',
      contact: contactAt(i % 1_000),
      resource: resourceOf(i % 1_000, 0, 0),
      payload: payloadOf(i % 1_000, 0),
    });
});
const largest = contactAt(0).slice(contactAt(0).indexOf('@') + 1);
const runFor = (seconds: number): number => {
  let gone = 0;
  for (const end = now + seconds * 1_000; state.armedFor <= end; ) {
    now = Math.max(now, state.armedFor);
    for (const effect of tell({ type: 'tick' }))
      if (effect.type === 'snapshot') gone += effect.changes.filter(({ payload }) => payload === undefined).length;
  }
  now += seconds * 1_000;
  return gone;
};
timed(`link-down, ${pairs / 10} pairs`, 1, () => void tell({ type: 'link-down', domain: largest }));
timed('link-up, and the pages that follow', 1, () => {
  tell({ type: 'link-up', domain: largest });
  runFor(3);
});
tell({ type: 'link-down', domain: largest });
let gone = 0;
timed('the grace time ends: eleven minutes', 1, () => {
  gone = runFor(660);
});
console.log(`${gone} entries gone`);
