// What a view of many pairs costs: memory per pair, and time per event. `npm run bench -- presence-memory [PAIRS]`. Every
// pair has one available resource; one in ten has two.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makePresenceState } from '../../src/presence/state.ts';
import { step } from '../../src/presence/step.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapUsed = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const pairsWanted = Number(process.argv.find((one) => /^\d+$/.test(one)) ?? 1_000_000);
const contactsPerUser = 100;
const state = makePresenceState();
const before = heapUsed();
let now = 0;
const timed = (what: string, count: number, run: (i: number) => void): void => {
  const start = performance.now();
  for (let i = 0; i < count; i++) run(i);
  console.log(`${what.padEnd(34)} ${(((performance.now() - start) * 1_000) / count).toFixed(2)} µs each (${count})`);
};
const userOf = (i: number): string => `user${Math.floor(i / contactsPerUser)}@home.test`;
// Contacts of different users overlap: 200,000 different ones at 5,000 domains for a million pairs.
const contactOf = (i: number): string => {
  const n = (i * 7_919) % Math.max(1, Math.floor(pairsWanted / 5));
  return `contact${n}@domain${n % 5_000}.example`;
};
// As presences are: a few shows and statuses times a few dozen clients.
const payloadOf = (i: number): string =>
  `<show>${['away', 'xa', 'dnd', 'chat'][i % 4]}</show><status>status number ${i % 50}</status>` +
  `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example' ver='${'0123456789abcdef'.repeat(2)}${i % 20}='/>`;

timed(
  'contact-added',
  pairsWanted,
  (i) => void step(state, { type: 'contact-added', user: userOf(i), contact: contactOf(i) }, now),
);
const pairs = [...state.users.values()].reduce((sum, user) => sum + user.contacts.size, 0);
now += 1_000;
timed(
  'available, new',
  pairsWanted,
  (i) =>
    void step(
      state,
      { type: 'available', user: userOf(i), contact: contactOf(i), resource: 'phone', payload: payloadOf(i) },
      now,
    ),
);
timed(
  'available, second resource',
  pairsWanted / 10,
  (i) =>
    void step(
      state,
      {
        type: 'available',
        user: userOf(i),
        contact: contactOf(i),
        resource: `desk.${i % 1_000}`,
        payload: payloadOf(i),
      },
      now,
    ),
);
timed(
  'available, the same again',
  pairsWanted,
  (i) =>
    void step(
      state,
      { type: 'available', user: userOf(i), contact: contactOf(i), resource: 'phone', payload: payloadOf(i) },
      now,
    ),
);
const bytes = heapUsed() - before;
console.log(`${pairs} pairs, ${state.contacts.size} contacts, ${state.payloads.size} payloads`);
console.log(`${(bytes / 1e6).toFixed(0)} MB, ${(bytes / pairs).toFixed(0)} bytes per pair`);

let delivered = 0;
timed('session-available, whole view', Math.min(1_000, state.users.size), (i) => {
  for (const effect of step(state, { type: 'session-available', user: `user${i}@home.test`, session: 's' }, now))
    if (effect.type === 'deliver') delivered += effect.presences.length;
});
console.log(`${delivered} presences delivered`);
let slowestMs = 0;
let probes = 0;
let ticks = 0;
for (const end = now + 3 * 3_600_000; state.armedFor * 1_000 <= end; ticks++) {
  now = Math.max(now, state.armedFor * 1_000);
  const start = performance.now();
  for (const effect of step(state, { type: 'tick' }, now)) if (effect.type === 'probe') probes++;
  slowestMs = Math.max(slowestMs, performance.now() - start);
}
console.log(`three hours: ${ticks} ticks, ${probes} probes, slowest tick ${slowestMs.toFixed(1)} ms`);
