// Random days of two users, some contacts and two domains, and the sentences that must hold at every moment of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { none } from './memory/rows.ts';
import {
  contactOf,
  domainOf,
  isConfirmed,
  isLocal,
  makePresenceState,
  type PresenceState,
  pairOf,
  sizeOf,
  userOf,
  viewOf,
} from './state.ts';
import { step } from './step.ts';
import { unconfirmedOf } from './unconfirmed.ts';
import type { PresenceEffect, PresenceEvent, PresenceOptions } from './view.ts';

const user = fc.constantFrom('mila@home.test', 'noor@home.test');
const remote = fc.constantFrom('ben@far.test', 'ada@far.test', 'eva@away.test');
const contact = fc.oneof(remote, fc.constant('tom@home.test'));
const resource = fc.constantFrom('', 'a', 'b', 'c');
const payload = fc.constantFrom('', '<show>away</show>', '<status>x</status>');
const session = fc.constantFrom('phone', 'desk');
const domain = fc.constantFrom('far.test', 'away.test', 'home.test');
const typed = <T extends string, R extends object>(type: T, rest: { [K in keyof R]: fc.Arbitrary<R[K]> }) =>
  fc.record(rest).map((fields) => ({ type, ...fields }) as { type: T } & R);

const added = fc
  .record({ user, contact })
  .map((pair): PresenceEvent => ({ type: 'contact-added', ...pair, isLocal: pair.contact === 'tom@home.test' }));
const event: fc.Arbitrary<PresenceEvent> = fc.oneof(
  { arbitrary: added, weight: 4 },
  { arbitrary: typed('available', { user, contact, resource, payload }), weight: 8 },
  { arbitrary: typed('unavailable', { user, contact, resource }), weight: 3 },
  typed('error', { user, contact }),
  typed('contact-removed', { user, contact }),
  { arbitrary: typed('session-available', { user, session }), weight: 2 },
  typed('session-gone', { user, session }),
  typed('link-down', { domain }),
  typed('link-up', { domain }),
  typed('restored', { entries: fc.array(fc.record({ user, contact: remote, resource, payload }), { maxLength: 3 }) }),
);
/** An event, and how long nothing happens before it. */
const day = fc.array(fc.tuple(fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(7_200_000)), event), {
  maxLength: 60,
  size: 'max',
});
const options = fc.record({
  probe: fc.constantFrom<PresenceOptions['probe']>('always', 'aged', 'blind'),
  resourcesMax: fc.constantFrom(2, 32),
  probesPerTickMax: fc.constantFrom(1, 1_000),
});

/** Plays a day, with the ticks asked for at the times asked for, and tells `watch` of every event and its effects. */
const play = (
  state: PresenceState,
  events: readonly (readonly [number, PresenceEvent])[],
  watch: (event: PresenceEvent, effects: readonly PresenceEffect[], now: number) => void,
): number => {
  let now = 0;
  let armedAt = Number.POSITIVE_INFINITY;
  const perform = (one: PresenceEvent): void => {
    if (one.type === 'tick') armedAt = Number.POSITIVE_INFINITY;
    const effects = step(state, one, now);
    for (const effect of effects) if (effect.type === 'arm') armedAt = effect.at;
    watch(one, effects, now);
  };
  for (const [waitMs, one] of events) {
    const at = now + waitMs;
    for (let ticks = 0; armedAt <= at; ticks++) {
      assert.ok(ticks < 20_000, 'the view keeps asking for ticks');
      now = Math.max(now, armedAt);
      perform({ type: 'tick' });
    }
    now = at;
    perform(one);
  }
  return now;
};

/** What each session has been shown, and the Store has been told. */
class Audience {
  readonly sessions = new Map<string, Map<string, string>>();
  readonly stored = new Map<string, string>();

  hear(event: PresenceEvent, effects: readonly PresenceEffect[]): void {
    if (event.type === 'session-available') {
      const key = `${event.user} ${event.session}`;
      if (!this.sessions.has(key)) this.sessions.set(key, new Map());
    }
    if (event.type === 'session-gone') this.sessions.delete(`${event.user} ${event.session}`);
    if (event.type === 'restored')
      for (const { user, contact, resource, payload } of event.entries)
        if (!this.stored.has(`${user} ${contact} ${resource}`))
          this.stored.set(`${user} ${contact} ${resource}`, payload);
    let batches = new Set<string>();
    for (const effect of effects) {
      if (effect.type === 'deliver') {
        assert.ok(effect.presences.length > 0, 'no empty batches');
        assert.ok(!batches.has(effect.user), 'one batch for one user');
        batches = batches.add(effect.user);
        let heard = 0;
        for (const [key, seen] of this.sessions) {
          if (effect.to === 'all' ? !key.startsWith(`${effect.user} `) : key !== `${effect.user} ${effect.to}`)
            continue;
          heard++;
          for (const { contact, resource, isAvailable, payload } of effect.presences) {
            const from = `${contact}/${resource}`;
            assert.notEqual(seen.get(from), isAvailable ? payload : undefined, 'the same presence twice in a row');
            if (isAvailable) seen.set(from, payload);
            else seen.delete(from);
          }
        }
        assert.ok(heard > 0, 'nothing is delivered to nobody');
      } else if (effect.type === 'snapshot') {
        for (const { user, contact, resource, payload } of effect.changes)
          if (payload === undefined) this.stored.delete(`${user} ${contact} ${resource}`);
          else this.stored.set(`${user} ${contact} ${resource}`, payload);
      } else if (effect.type === 'forget') {
        for (const key of this.stored.keys())
          if (key.startsWith(`${effect.user} ${effect.contact} `)) this.stored.delete(key);
      }
    }
  }
}

test('every session sees exactly the view, never the same twice in a row; the Store has exactly what is remote', () => {
  fc.assert(
    fc.property(day, options, (events, chosen) => {
      const state = makePresenceState(chosen, 7);
      const audience = new Audience();
      play(state, events, (one, effects) => {
        audience.hear(one, effects);
        for (const [key, seen] of audience.sessions) {
          const view = viewOf(state, key.split(' ')[0] ?? '');
          assert.deepEqual(seen, new Map(view.map((shown) => [`${shown.contact}/${shown.resource}`, shown.payload])));
        }
        const remote = new Map<string, string>();
        for (const jid of state.users.keys())
          for (const shown of viewOf(state, jid))
            if (shown.contact !== 'tom@home.test')
              remote.set(`${jid} ${shown.contact} ${shown.resource}`, shown.payload);
        assert.deepEqual(new Map([...audience.stored].sort()), new Map([...remote].sort()));
      });
    }),
    { numRuns: 300 },
  );
});

test('local contacts are never probed and never in the snapshot; every probe has a pair', () => {
  fc.assert(
    fc.property(day, options, (events, chosen) => {
      const state = makePresenceState(chosen, 3);
      play(state, events, (_, effects) => {
        for (const effect of effects) {
          if (effect.type === 'probe') {
            assert.notEqual(effect.contact, 'tom@home.test');
            assert.ok(state.users.get(effect.user));
          }
          if (effect.type === 'snapshot') assert.ok(effect.changes.every((one) => one.contact !== 'tom@home.test'));
        }
      });
    }),
    { numRuns: 200 },
  );
});

test('the same news twice changes nothing the second time', () => {
  fc.assert(
    fc.property(day, options, (events, chosen) => {
      const state = makePresenceState(chosen, 5);
      play(state, events, (one, _, now) => {
        if (one.type === 'tick') return;
        const again = step(state, one, now).filter(
          ({ type }) => type === 'deliver' || (type === 'snapshot' && one.type !== 'restored') || type === 'probe',
        );
        assert.deepEqual(again, []);
      });
    }),
    { numRuns: 200 },
  );
});

test('the same events at the same times have the same effects', () => {
  fc.assert(
    fc.property(day, options, (events, chosen) => {
      const told = (): string => {
        const all: unknown[] = [];
        play(makePresenceState(chosen, 11), events, (...heard) => void all.push(heard));
        return JSON.stringify(all);
      };
      assert.equal(told(), told());
    }),
    { numRuns: 100 },
  );
});

test('nothing is lost or left behind: waiting pairs, payloads, users', () => {
  fc.assert(
    fc.property(day, options, (events, chosen) => {
      const state = makePresenceState(chosen, 13);
      const check = (): void => {
        const { pairs, entries, texts, buckets } = state;
        const uses = new Map<number, number>();
        const count = (id: number): void => void (id === none || uses.set(id, (uses.get(id) ?? 0) + 1));
        const waiting = new Set<number>();
        for (const [second, bucket] of buckets) {
          assert.ok(second >= state.firstBucket);
          assert.notEqual(bucket.first, none);
          for (let pair = bucket.first; pair !== none; pair = pairs.inBucket.next.get(pair)) {
            assert.equal(pairs.due.get(pair), second);
            waiting.add(pair);
          }
        }
        let pairCount = 0;
        let entryCount = 0;
        let unconfirmed = 0;
        for (const user of state.users.values()) {
          assert.ok(user.contacts.first !== none || (user.sessions?.size ?? 0) > 0);
          for (let pair = user.contacts.first; pair !== none; pair = pairs.ofUser.next.get(pair)) {
            pairCount++;
            assert.equal(userOf(state, pair), user);
            assert.equal(pairOf(state, user.jid, contactOf(state, pair)), pair);
            assert.equal(waiting.has(pair), !isLocal(state, pair), 'every remote pair waits, and no other');
            count(pairs.local.get(pair));
            for (let entry = pairs.first.get(pair); entry !== none; entry = entries.next.get(entry)) {
              entryCount++;
              if (!isConfirmed(state, pair, entry)) unconfirmed++;
              count(entries.resource.get(entry));
              count(entries.payload.get(entry));
            }
          }
        }
        assert.equal(waiting.size === 0 || state.armedFor < Number.POSITIVE_INFINITY, true, 'nobody waits for nothing');
        assert.equal(unconfirmedOf(state), unconfirmed);
        let ofDomains = 0;
        for (const domain of state.domains.values())
          for (let pair = domain.contacts.first; pair !== none; pair = pairs.ofDomain.next.get(pair)) {
            ofDomains++;
            assert.equal(domainOf(state, pair), domain);
          }
        assert.deepEqual([ofDomains, entries.count, texts.count], [pairCount, entryCount, uses.size]);
        for (const [id, expected] of uses) assert.equal(texts.usesOf(id), expected);
      };
      const now = play(state, events, check);
      for (const jid of [...state.users.keys()]) {
        for (const session of ['phone', 'desk']) step(state, { type: 'session-gone', user: jid, session }, now);
        for (const contact of ['ben@far.test', 'ada@far.test', 'eva@away.test', 'tom@home.test'])
          step(state, { type: 'contact-removed', user: jid, contact }, now);
      }
      const { users, domains, pairs, entries, texts } = sizeOf(state);
      assert.deepEqual([users, domains, pairs, entries, texts, state.buckets.size], [0, 0, 0, 0, 0, 0]);
    }),
    { numRuns: 200 },
  );
});
