import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Method, methods } from './method.ts';
import {
  dueAtOf,
  noWakeState,
  step,
  type Terms,
  type WakeEffect,
  type WakeEvent,
  type WakeState,
} from './wake-state.ts';

const terms: Terms = {
  repeatMs: 45_000,
  fallbackMs: 20_000,
  smsRepeatMs: 600_000,
  smsFallbackMs: 90_000,
  pollMinMs: 10_000,
};

/** One line of a story: at which second what happens, and what follows from it. */
type Line = readonly [second: number, event: WakeEvent, expected: readonly string[]];

const shown = (effect: WakeEffect): string =>
  effect.do === 'fellBack' ? `${effect.from}->${effect.to}` : `${effect.do} ${effect.method}`;

const tell = (agreed: readonly Method[], lines: readonly Line[], worked: readonly Method[] = []): WakeState => {
  let [state] = step(noWakeState, { kind: 'agreed', methods: agreed, worked }, 0, terms);
  for (const [second, event, expected] of lines) {
    const now = second * 1000;
    const dueAt = dueAtOf(state);
    if (event.kind === 'due') assert.equal(dueAt, now, `due at ${second} s`);
    else assert(dueAt === undefined || dueAt >= now, `overdue at ${second} s: it was due at ${dueAt}`);
    const [next, effects] = step(state, event, now, terms);
    assert.deepEqual(effects.map(shown), expected, `at ${second} s`);
    state = next;
  }
  return state;
};

const waiting = (news: number, ...usable: readonly Method[]): WakeEvent => ({ kind: 'waiting', news, usable });
const due = (news: number | undefined, ...usable: readonly Method[]): WakeEvent => ({
  kind: 'due',
  waiting: news === undefined ? undefined : { news, usable },
});
const opened = (method: Method, news?: number, ...usable: readonly Method[]): WakeEvent => ({
  kind: 'opened',
  method,
  waiting: news === undefined ? undefined : { news, usable },
});
const polled: WakeEvent = { kind: 'heard', isPoll: true, isUnsent: false };
const asked: WakeEvent = { kind: 'heard', isPoll: false, isUnsent: false };
const served: WakeEvent = { kind: 'served', isUnsent: false };

test('one wake-up until the phone has come, whatever arrives meanwhile', () => {
  tell(
    ['STCP'],
    [
      [1, waiting(1, 'STCP'), ['send STCP']],
      [2, waiting(2, 'STCP'), []],
      [3, waiting(3, 'STCP'), []],
      [4, polled, ['worked STCP']],
      [5, waiting(4, 'STCP'), ['send STCP']],
      [6, polled, ['worked STCP']],
      [26, due(undefined), []],
    ],
  );
});

test('with one channel it is repeated, at growing distances; something new at the first', () => {
  tell(
    ['STCP'],
    [
      [0, waiting(1, 'STCP'), ['send STCP']],
      [45, due(1, 'STCP'), ['unanswered STCP', 'send STCP']],
      [90, due(1, 'STCP'), ['unanswered STCP']],
      [135, due(1, 'STCP'), ['send STCP']],
      [180, due(1, 'STCP'), ['unanswered STCP']],
      [200, waiting(2, 'STCP'), ['send STCP']],
      [245, due(2, 'STCP'), ['unanswered STCP']],
      [246, polled, []],
      [247, waiting(3, 'STCP'), ['send STCP']],
    ],
  );
});

test('a phone that does not come is tried over the next channel, and over the first again', () => {
  const all = ['SUDP', 'WAPUDP', 'SSMS'] as const;
  tell(
    ['SUDP', 'WAPUDP', 'SSMS'],
    [
      [0, waiting(1, ...all), ['send SUDP']],
      [20, due(1, ...all), ['unanswered SUDP', 'SUDP->WAPUDP', 'send WAPUDP']],
      [40, due(1, ...all), ['unanswered WAPUDP', 'WAPUDP->SSMS', 'send SSMS']],
      [130, due(1, ...all), ['unanswered SSMS', 'SSMS->SUDP', 'send SUDP']],
      [140, polled, ['worked SUDP']],
      // What has brought the phone is believed in.
      [141, waiting(2, ...all), ['send SUDP']],
    ],
  );
});

test('what worked and what did not is remembered, and forgiven', () => {
  const all = ['SUDP', 'WAPUDP'] as const;
  tell(
    ['SUDP', 'WAPUDP'],
    [
      [0, waiting(1, ...all), ['send SUDP']],
      [20, due(1, ...all), ['unanswered SUDP', 'SUDP->WAPUDP', 'send WAPUDP']],
      [22, polled, ['worked WAPUDP']],
      [42, due(undefined), []],
      [100, waiting(2, ...all), ['send WAPUDP']],
      [101, polled, ['worked WAPUDP']],
      [121, due(undefined), []],
      // It never worked: a day later it has its chance again, but what has worked stands before it.
      [90_000, waiting(3, ...all), ['send WAPUDP']],
      [90_020, due(3, ...all), ['unanswered WAPUDP', 'WAPUDP->SUDP', 'send SUDP']],
    ],
  );
});

test('what is known to have worked before a restart is tried first among its like', () => {
  tell(['SUDP', 'WAPUDP'], [[0, waiting(1, 'SUDP', 'WAPUDP'), ['send WAPUDP']]], ['WAPUDP']);
});

test('what the phone holds open is surer than what it likes better, and what is free goes before what is paid for', () => {
  const all = ['WAPSMS', 'WAPUDP', 'STCP', 'SUDP', 'SHTTP'] as const;
  const order: readonly [readonly Method[], Method][] = [
    [['WAPSMS', 'WAPUDP', 'STCP', 'SUDP', 'SHTTP'], 'STCP'],
    [['WAPSMS', 'WAPUDP', 'SUDP', 'SHTTP'], 'SHTTP'],
    [['WAPSMS', 'WAPUDP', 'SUDP'], 'WAPUDP'],
    [['WAPSMS'], 'WAPSMS'],
  ];
  for (const [usable, best] of order) tell(all, [[0, waiting(1, ...usable), [`send ${best}`]]]);
});

test('a poll flag keeps the wake-up back, until the phone does not come after all', () => {
  tell(
    ['STCP'],
    [
      [0, { kind: 'told', news: 1 }, []],
      [5, waiting(2, 'STCP'), []],
      [6, polled, []],
      [7, { kind: 'told', news: 2 }, []],
      [27, due(2, 'STCP'), ['send STCP']],
    ],
  );
});

test('news after everything was brought wake at once, whatever was said before', () => {
  tell(
    ['STCP'],
    [
      [0, { kind: 'told', news: 1 }, []],
      // The acknowledgement's answer brings the rest.
      [1, asked, []],
      [1, served, []],
      [2, waiting(2, 'STCP'), ['send STCP']],
      // The phone was about to ask anyway, and is given it. The poll is the wake-up's doing all the same.
      [2.1, asked, []],
      [2.1, served, []],
      [2.5, waiting(3, 'STCP'), ['send STCP']],
      [2.6, asked, []],
      [2.6, served, []],
      [3, polled, ['worked STCP']],
      [3, served, []],
    ],
  );
});

test('a phone that came has no pauses before it, whatever brought it', () => {
  tell(
    ['SUDP'],
    [
      [0, waiting(1, 'SUDP'), ['send SUDP']],
      // Its own request was under way; the answer says that something waits, and it asks.
      [0.1, asked, []],
      [0.2, { kind: 'told', news: 1 }, []],
      [0.3, polled, []],
      [0.3, served, []],
      [1, waiting(2, 'SUDP'), ['send SUDP']],
      [46, due(2, 'SUDP'), ['unanswered SUDP', 'send SUDP']],
      [91, due(2, 'SUDP'), ['unanswered SUDP']],
      [100, polled, []],
      [100, served, []],
      [101, waiting(3, 'SUDP'), ['send SUDP']],
    ],
  );
});

test('a poll long after a wake-up that was not needed any more is nobody’s doing', () => {
  const state = tell(
    ['SUDP'],
    [
      [0, waiting(1, 'SUDP'), ['send SUDP']],
      [1, asked, []],
      [1, served, []],
      [100, polled, []],
    ],
  );
  assert.equal(state.channels[0]?.hasWorked, false);
  assert.equal(dueAtOf(state), undefined);
});

test('with nothing usable it waits for a channel to open', () => {
  const state = tell(
    ['STCP'],
    [
      [0, waiting(1), []],
      [30, opened('STCP', 1, 'STCP'), ['send STCP']],
    ],
  );
  assert.equal(state.phase.is, 'out');
  assert.equal(dueAtOf(tell(['STCP'], [[0, waiting(1), []]])), undefined);
});

test('a carrier of short messages that is down is looked at again', () => {
  tell(
    ['STCP', 'WAPSMS'],
    [
      [0, waiting(1), []],
      [45, due(1), []],
      [90, due(1, 'WAPSMS'), ['send WAPSMS']],
    ],
  );
});

test('the same news wake once within ServerPollMin, also over a connection that was opened anew', () => {
  tell(
    ['STCP'],
    [
      [0, waiting(1, 'STCP'), ['send STCP']],
      [3, { kind: 'lost', method: 'STCP' }, []],
      [4, opened('STCP', 1, 'STCP'), []],
      [10, due(1, 'STCP'), ['unanswered STCP', 'send STCP']],
      [12, polled, ['worked STCP']],
      // The answer was lost, the message waits again.
      [13, waiting(1, 'STCP'), []],
      [20, due(1, 'STCP'), ['send STCP']],
    ],
  );
});

test('a phone that asks again before it can have polled is told nothing new', () => {
  tell(
    ['SHTTP'],
    [
      [0, waiting(1, 'SHTTP'), ['send SHTTP']],
      [3, opened('SHTTP', 2, 'SHTTP'), []],
      [10, due(2, 'SHTTP'), ['unanswered SHTTP', 'send SHTTP']],
      [21, opened('SHTTP', 2, 'SHTTP'), ['send SHTTP']],
    ],
  );
});

test('what had to keep a distance counts from when it left', () => {
  tell(
    ['STCP', 'SUDP'],
    [
      [0, waiting(1, 'STCP', 'SUDP'), ['send STCP']],
      [1, { kind: 'left', method: 'STCP', news: 1 }, []],
      [2, { kind: 'lost', method: 'STCP' }, []],
      [11, due(1, 'SUDP'), ['unanswered STCP', 'STCP->SUDP', 'send SUDP']],
      // Too late to matter.
      [12, { kind: 'left', method: 'STCP', news: 1 }, []],
      [56, due(1, 'SUDP'), ['unanswered SUDP', 'send SUDP']],
    ],
  );
});

test('a lost connection hands over to the next channel as soon as it may', () => {
  tell(
    ['STCP', 'SUDP'],
    [
      [0, waiting(1, 'STCP', 'SUDP'), ['send STCP']],
      [12, { kind: 'lost', method: 'STCP' }, []],
      [12, due(1, 'SUDP'), ['unanswered STCP', 'STCP->SUDP', 'send SUDP']],
    ],
  );
});

test('what could not be sent goes over the next channel at once', () => {
  const all = ['SUDP', 'WAPSMS'] as const;
  tell(
    ['SUDP', 'WAPSMS'],
    [
      [0, waiting(1, ...all), ['send SUDP']],
      [0, { kind: 'unsent', method: 'SUDP', waiting: { news: 1, usable: all } }, ['SUDP->WAPSMS', 'send WAPSMS']],
      [1, { kind: 'unsent', method: 'WAPSMS', waiting: { news: 1, usable: all } }, []],
      [45, due(1, ...all), ['send SUDP']],
    ],
  );
});

test('a wake-up that had not left when the phone came was none', () => {
  tell(
    ['STCP'],
    [
      [0, waiting(1, 'STCP'), ['send STCP']],
      [0.5, { kind: 'heard', isPoll: true, isUnsent: true }, []],
      // Its answer was lost: these news have not woken anybody yet.
      [1, waiting(1, 'STCP'), ['send STCP']],
    ],
  );
});

test('a phone that polls at its own pace is not sent short messages', () => {
  tell(
    ['WAPSMS'],
    [
      [0, polled, []],
      [30, polled, []],
      [31, waiting(1, 'WAPSMS'), []],
      [60, polled, []],
      [80, due(undefined), []],
      [90, polled, []],
      [95, waiting(2, 'WAPSMS'), []],
      // It has stopped: 60 s after the last, and a little late.
      [125, due(2, 'WAPSMS'), ['send WAPSMS']],
    ],
  );
});

test('properties: never doubled, never deaf, never over what is not there', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 120_000 }),
    kind: fc.constantFrom('arrive', 'repeat', 'told', 'polled', 'asked', 'served', 'opened', 'lost', 'unsent', 'time'),
    method: fc.constantFrom(...methods),
    isUnsent: fc.boolean(),
  });
  const agreedOf = fc.uniqueArray(fc.constantFrom(...methods), { minLength: 1 });
  fc.assert(
    fc.property(agreedOf, fc.array(event, { maxLength: 60 }), (agreed, events) => {
      let now = 0;
      let news = 0;
      let hasNews = false;
      const up = new Set<Method>(agreed);
      let [state] = step(noWakeState, { kind: 'agreed', methods: agreed, worked: [] }, now, terms);
      /** When what was sent that has not been taken back. */
      let sent: { at: number; news: number } | undefined;
      const usable = (): readonly Method[] => agreed.filter((one) => up.has(one));
      const need = () => (hasNews ? { news, usable: usable() } : undefined);
      const take = (one: WakeEvent): void => {
        const frozen = JSON.stringify(state);
        const before = state;
        const [next, effects] = step(state, one, now, terms);
        assert.equal(JSON.stringify(before), frozen, 'the old state is as it was');
        const sends = effects.filter((effect) => effect.do === 'send');
        assert(sends.length <= 1);
        if (before.phase.is === 'out') {
          const isBack = one.kind === 'unsent' ? before.phase.method === one.method : 'isUnsent' in one && one.isUnsent;
          if (isBack) sent = undefined;
        }
        for (const { method } of sends) {
          assert(hasNews, 'nothing waits');
          assert(usable().includes(method), `${method} is not there`);
          if (sent && sent.news === news) assert(now - sent.at >= terms.pollMinMs, `again after ${now - sent.at} ms`);
          sent = { at: now, news };
        }
        state = next;
        // Whatever waits and has a way to the phone will be looked at again.
        if (hasNews && usable().length && one.kind !== 'agreed' && one.kind !== 'lost' && state.phase.is !== 'resting')
          assert(dueAtOf(state) !== undefined, `deaf after ${one.kind}`);
      };
      const passTo = (end: number): void => {
        for (let rounds = 0; ; rounds++) {
          const at = dueAtOf(state);
          if (at === undefined || at > end) break;
          assert(rounds < 1000, 'time does not pass');
          now = Math.max(now, at);
          take({ kind: 'due', waiting: need() });
        }
        now = end;
      };
      for (const { afterMs, kind, method, isUnsent } of events) {
        passTo(now + afterMs);
        const waits = need();
        switch (kind) {
          case 'arrive':
            news++;
            hasNews = true;
            take({ kind: 'waiting', news, usable: usable() });
            break;
          case 'repeat':
            if (waits) take({ kind: 'waiting', ...waits });
            break;
          case 'told':
            if (hasNews) take({ kind: 'told', news });
            break;
          case 'polled':
          case 'asked':
            take({ kind: 'heard', isPoll: kind === 'polled', isUnsent });
            break;
          case 'served':
            take({ kind: 'heard', isPoll: true, isUnsent: false });
            hasNews = false;
            take({ kind: 'served', isUnsent: false });
            break;
          case 'opened':
            up.add(method);
            take({ kind: 'opened', method, waiting: need() });
            break;
          case 'lost':
            up.delete(method);
            take({ kind: 'lost', method });
            break;
          case 'unsent':
            take({ kind: 'unsent', method, waiting: waits });
            break;
          case 'time':
            break;
        }
      }
      // Left alone with something waiting and every channel up, the phone is woken within the longest pause there is.
      for (const method of agreed) up.add(method);
      news++;
      hasNews = true;
      take({ kind: 'waiting', news, usable: usable() });
      sent = undefined;
      passTo(now + 1_300_000);
      assert(sent, 'never woken');
    }),
    { numRuns: 500 },
  );
});
