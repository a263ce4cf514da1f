// The link machine, row by row: in a phase, after an event, these effects and the next phase.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  defaultRules,
  idleLink,
  isFinal,
  type LinkEvent,
  type LinkFault,
  type LinkRules,
  type LinkState,
  nextTick,
  refusalOf,
  step,
} from './link-machine.ts';

const down: LinkFault = { text: 'nobody listens there', condition: 'remote-server-timeout' };
const unknown: LinkFault = { text: 'no such domain', condition: 'remote-server-not-found' };
const managed = { isManaged: true, unprovenSince: undefined };
const tick = (waits = false): LinkEvent => ({ type: 'tick', waits, stream: managed });
/** … on a stream without acknowledgements. */
const plainTick = (unprovenSince?: number): LinkEvent => ({
  type: 'tick',
  waits: false,
  stream: { isManaged: false, unprovenSince },
});
const failed = (fault: LinkFault, lot = 0): LinkEvent => ({ type: 'failed', fault, lot });

/** 'event @ time → phase: effects', for a link that starts idle. */
const rows = (events: readonly (readonly [number, LinkEvent])[], rules: Partial<LinkRules> = {}): string[] => {
  let state = idleLink;
  return events.map(([now, event]) => {
    const [next, effects] = step(state, event, now, { ...defaultRules, ...rules });
    state = next;
    const told = effects.map((effect) =>
      effect.type === 'give-back'
        ? `give back ${effect.what}`
        : effect.type === 'reach'
          ? effect.isReachable
            ? 'back'
            : 'lost'
          : effect.type,
    );
    return `${event.type} ${state.phase.name}${told.length > 0 ? `: ${told.join(', ')}` : ''}`;
  });
};
const up: readonly (readonly [number, LinkEvent])[] = [
  [0, { type: 'wanted' }],
  [1, { type: 'connected' }],
  [2, { type: 'established' }],
];

test('a link is made when it is wanted, once', () => {
  assert.deepEqual(rows([...up, [3, { type: 'wanted' }], [4, { type: 'sent' }]]), [
    'wanted dialling: dial',
    'connected authenticating',
    'established up: flush',
    'wanted up: flush',
    'sent up',
  ]);
});

test('it cannot be made: hasty things come back, it is tried again later and later, and given up when nothing waits', () => {
  assert.deepEqual(
    rows([
      [0, { type: 'wanted' }],
      [0, failed(down)],
      [1_999, tick(true)],
      [2_000, tick(true)],
      [2_000, failed(down)],
      [5_999, tick(true)],
      [6_000, tick(true)],
      [6_000, failed(down, 1)],
      [17_999, tick(true)],
      [18_000, tick(true)],
      [18_000, { type: 'established' }],
    ]),
    [
      'wanted dialling: dial',
      'failed waiting: lost, give back hasty',
      'tick waiting',
      'tick dialling: dial',
      'failed waiting: give back hasty',
      'tick waiting',
      'tick dialling: dial',
      'failed waiting: give back hasty',
      'tick waiting',
      'tick dialling: dial',
      'established up: back, flush',
    ],
  );
  assert.deepEqual(
    rows(
      [
        [0, { type: 'wanted' }],
        [0, failed(down)],
        [2_000, tick(false)],
      ],
      { retriesMax: 1 },
    ).at(-1),
    'tick idle',
  );
});

test('it cannot be made and never will be: everything comes back', () => {
  assert.deepEqual(
    rows([
      [0, { type: 'wanted' }],
      [0, failed(unknown)],
      [2_000, tick(false)],
    ]),
    ['wanted dialling: dial', 'failed waiting: lost, give back all', 'tick idle'],
  );
});

test('a stream that is lost is made again at once, and what was under way comes first', () => {
  assert.deepEqual(rows([...up, [10, { type: 'lost', fault: down }], [20, { type: 'established' }]]).slice(3), [
    'lost dialling: lost, restore, dial',
    'established up: back, flush',
  ]);
});

test('a stream that is resumed in time was never lost', () => {
  assert.deepEqual(
    rows([...up, [10, { type: 'detached' }], [9_000, tick(true)], [9_001, { type: 'resumed' }]]).slice(3),
    ['detached detached', 'tick detached', 'resumed up: flush'],
  );
  assert.deepEqual(
    rows([
      ...up,
      [10, { type: 'detached' }],
      [10_010, tick()],
      [30_010, tick()],
      [30_011, { type: 'lost', fault: down }],
    ]).slice(3),
    ['detached detached', 'tick detached: lost', 'tick detached: abandon', 'lost dialling: restore, dial'],
  );
});

test('a connection that is there again while the other server has forgotten: it was away, and all of it goes again', () => {
  assert.deepEqual(
    rows([...up, [10, { type: 'detached' }], [20, { type: 'heard' }], [20, { type: 'renewed' }]]).slice(3),
    ['detached detached', 'heard detached', 'renewed up: lost, back, restore, flush'],
  );
  assert.deepEqual(
    rows([...up, [10, { type: 'detached' }], [10_010, tick()], [10_020, { type: 'renewed' }]]).slice(3),
    ['detached detached', 'tick detached: lost', 'renewed up: back, restore, flush'],
  );
});

test('a stream that ends in good order leaves an idle link', () => {
  assert.deepEqual(rows([...up, [10, { type: 'closed' }]]).slice(3), ['closed idle: restore']);
});

test('an idle link is let go, but not one that is kept open', () => {
  assert.deepEqual(rows([...up, [899_999, tick()], [900_002, tick()]]).slice(3), ['tick up', 'tick idle: release']);
  assert.deepEqual(rows([...up, [900_002, tick()]], { isKeptOpen: true }).slice(3), ['tick up']);
  const busy = step(
    up.reduce((state, [at, event]) => step(state, event, at, defaultRules)[0], idleLink),
    tick(true),
    900_002,
    defaultRules,
  );
  assert.deepEqual(busy[1], []);
  assert.equal(nextTick(busy[0], managed, defaultRules), 1_800_002, 'what waits is in use');
});

test('without acknowledgements, pings ask: soon after a message, else when nothing was heard for long', () => {
  assert.deepEqual(
    rows([
      ...up,
      [10, { type: 'sent' }],
      [2_009, plainTick(10)],
      [2_010, plainTick(10)],
      [2_500, { type: 'pong' }],
      [3_000, { type: 'sent' }],
      [62_999, plainTick()],
      [63_000, plainTick()],
      [122_999, plainTick()],
      [123_000, plainTick()],
    ]).slice(3),
    [
      'sent up',
      'tick up',
      'tick up: ping',
      'pong up',
      'sent up',
      'tick up',
      'tick up: ping',
      'tick up',
      'tick up: abandon',
    ],
  );
  assert.deepEqual(
    rows([...up, [10, { type: 'sent' }], [800_000, tick()]]).slice(4),
    ['tick up'],
    'XEP-0198 sees to it',
  );
});

test('their stream to us breaks off: an idle link finds out whether they are there, one that is up asks', () => {
  assert.deepEqual(
    rows([
      [0, { type: 'incoming-lost', fault: down }],
      [1, { type: 'established' }],
    ]),
    ['incoming-lost dialling: lost, dial', 'established up: back, flush'],
  );
  assert.deepEqual(rows([...up, [5, { type: 'incoming-lost', fault: down }], [6, { type: 'pong' }]]).slice(3), [
    'incoming-lost up: lost, ping',
    'pong up: back',
  ]);
});

test('whoever speaks to us while we wait is tried at once', () => {
  assert.deepEqual(
    rows([
      [0, { type: 'wanted' }],
      [0, failed(down)],
      [500, { type: 'heard' }],
      [500, tick(true)],
    ]).slice(2),
    ['heard waiting: back', 'tick dialling: dial'],
  );
});

const anyFault = fc.constantFrom(down, unknown);
const anyEvent: fc.Arbitrary<LinkEvent> = fc.oneof(
  fc.constantFrom<LinkEvent>(
    { type: 'wanted' },
    { type: 'connected' },
    { type: 'established' },
    { type: 'detached' },
    { type: 'resumed' },
    { type: 'renewed' },
    { type: 'closed' },
    { type: 'sent' },
    { type: 'heard' },
    { type: 'pong' },
  ),
  fc.record({ type: fc.constant('failed' as const), fault: anyFault, lot: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ type: fc.constantFrom('lost' as const, 'incoming-lost' as const), fault: anyFault }),
  fc.record({ type: fc.constant('tick' as const), waits: fc.boolean(), stream: fc.constant(managed) }),
);

test('whatever happens: reach is told once per change, a dial is asked for only on the way to dialling, no tick is overdue', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(100_000), anyEvent), { maxLength: 60 }),
      fc.boolean(),
      (events, isKeptOpen) => {
        const rules = { ...defaultRules, isKeptOpen };
        let state: LinkState = idleLink;
        let now = 0;
        let isReachable = true;
        for (const [pause, event] of events) {
          now += pause;
          const [next, effects] = step(state, event, now, rules);
          for (const effect of effects) {
            if (effect.type === 'reach') {
              assert.notEqual(effect.isReachable, isReachable);
              isReachable = effect.isReachable;
            }
            if (effect.type === 'dial') {
              assert.equal(next.phase.name, 'dialling');
              assert.notEqual(state.phase.name, 'dialling');
            }
          }
          assert.equal(next.isLost, !isReachable);
          if (next.phase.name === 'waiting') {
            const at = nextTick(next, managed, rules);
            assert.ok(at !== undefined && at - now <= rules.lastRetryMs * 1.5);
            assert.equal(refusalOf(next, false, now) !== undefined, isFinal(next.phase.fault));
          }
          state = next;
        }
        // Whatever it was, a link that waits ends up dialling.
        for (
          let round = 0;
          round < 10 && state.phase.name !== 'dialling' && state.phase.name !== 'authenticating';
          round++
        ) {
          now = Math.max(now, nextTick(state, managed, rules) ?? now);
          if (state.phase.name === 'up' || state.phase.name === 'detached')
            [state] = step(state, { type: 'lost', fault: down }, now, rules);
          else [state] = step(state, tick(true), now, rules);
        }
        assert.ok(state.phase.name === 'dialling' || state.phase.name === 'authenticating');
      },
    ),
    { numRuns: 300 },
  );
});
