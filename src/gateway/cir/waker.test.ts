// A phone that polls only when a wake-up reaches it, on a network that loses most of them: in the end it has everything, and no
// news woke it twice within its ServerPollMin.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import type { Session } from '../session/session.ts';
import { defaultSettings } from '../settings.ts';
import { Turns } from '../turns.ts';
import { cirCounts } from './counts.ts';
import { type Channel, type Method, methods, rankOf } from './method.ts';
import { Waker } from './waker.ts';

const pollMinS = 10;
/** On a good network what has to be fetched is, and the phone polls within ten seconds. */
const fetchedWithinMs = 15_000;
const promptMs = fetchedWithinMs + 11_000;
const someTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve();
};

/** One phone and its server, the network between them as `random` will have it until `heal`. */
const play = (agreed: readonly Method[], seed: number) => {
  const clock = new SimulatedClock();
  const random = seededRandom(seed);
  const happens = (probability: number): boolean => random.fraction() < probability;
  let isHealed = false;
  const up = new Set<Method>(agreed);
  const waiting: number[] = [];
  const received: number[] = [];
  let news = 0;
  /** Wake-ups that left: when, and what was the latest news then. */
  const woken: { readonly at: number; readonly news: number; readonly polls: number }[] = [];
  let polls = 0;

  const session = {
    host: { clock, settings: defaultSettings },
    state: { capabilities: { cirMethods: agreed, serverPollMin: pollMinS }, reach: undefined },
    queue: {
      get news() {
        return news;
      },
      hasUrgent: () => waiting.length > 0,
    },
    turns: new Turns(),
    poll: { ready: () => false },
    isEnded: false,
    log: silentLog,
    changed: () => {},
  } as unknown as Session;

  const arrive = (): void => {
    waiting.push(++news);
    waker.waiting(session);
  };
  /** The phone polls; its request or its answer may be lost. */
  const poll = async (): Promise<void> => {
    if (!isHealed && happens(0.3)) return;
    polls++;
    waker.heard(session, true);
    await session.turns.take(async () => {
      await Promise.resolve();
      // It arrives while the poll is being answered.
      if (!isHealed && happens(0.3)) arrive();
      const isLost = !isHealed && happens(0.3);
      if (!isLost) received.push(...waiting.splice(0));
      if (waiting.length === 0) waker.served(session);
      // What was lost waits again.
      else waker.told(session);
    });
  };
  const channelOf = (method: Method): Channel => {
    let pending: Disposable | undefined;
    return {
      canReach: () => up.has(method),
      wake(_session, sent, unsent) {
        if (!isHealed && happens(0.1)) return unsent('weather');
        const leave = (): void => {
          pending = undefined;
          sent();
          woken.push({ at: clock.mono(), news, polls });
          if (isHealed || happens(0.4)) clock.after(500 + random.fraction() * 10_000, () => void poll());
        };
        // Some keep a distance before they leave, as TCP does to its OK; some wait to be fetched.
        if (happens(0.5)) leave();
        else
          pending = clock.after(random.fraction() * (happens(0.5) ? 1000 : isHealed ? fetchedWithinMs : 60_000), leave);
      },
      cancel() {
        const wasPending = pending !== undefined;
        pending?.[Symbol.dispose]();
        pending = undefined;
        return wasPending;
      },
    };
  };
  const waker = new Waker(
    new Map(methods.map((method) => [method, channelOf(method)])),
    cirCounts(silentMeter, { connections: () => 0 }),
  );
  waker.agreed(session);
  return {
    received,
    woken,
    clock,
    /** Some seconds of life. */
    async live(): Promise<void> {
      if (happens(0.5)) arrive();
      if (happens(0.1)) await poll();
      if (happens(0.2)) {
        const method = agreed[Math.floor(random.fraction() * agreed.length)] as Method;
        if (up.delete(method)) waker.lost(session, method);
        else {
          up.add(method);
          waker.opened(session, method);
        }
      }
      await this.pass(random.fraction() * 30_000);
    },
    async pass(ms: number): Promise<void> {
      const end = clock.mono() + ms;
      for (let at = 0; at < end; await someTurns()) {
        at = Math.min(end, clock.nextAt ?? end);
        clock.advance(at - clock.mono());
      }
    },
    async heal(): Promise<void> {
      isHealed = true;
      for (const method of agreed) {
        up.add(method);
        waker.opened(session, method);
      }
      await someTurns();
    },
    arrive,
    /** A request that is no poll, and the poll that follows from its answer. */
    async request(): Promise<void> {
      waker.heard(session, false);
      await session.turns.take(async () => waker.told(session));
      await poll();
      await someTurns();
    },
    sentNews: () => news,
    close: () => waker.forget(session),
  };
};

test('on any network: everything arrives when it heals, and no news wake twice within ServerPollMin', async () => {
  const agreedOf = fc.shuffledSubarray([...methods], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(agreedOf, fc.integer(), async (agreed, seed) => {
      const life = play(agreed, seed);
      for (let n = 0; n < 40; n++) await life.live();
      await life.heal();
      await life.pass(1_300_000);
      // From here on it is woken for every single one. What is paid for waits whether it polls by itself.
      const soonMs = promptMs + (agreed.every((one) => rankOf[one] === 3) ? 66_000 : 0);
      for (let n = 0; n < 3; n++) {
        const before = life.received.length;
        life.arrive();
        await life.pass(soonMs);
        assert.equal(life.received.length, before + 1);
        // The same beside a request of the phone, whose answer says that something waits.
        life.arrive();
        await life.request();
        assert.equal(life.received.length, before + 2);
        life.arrive();
        await life.pass(soonMs);
        assert.equal(life.received.length, before + 3);
      }
      const all = Array.from({ length: life.sentNews() }, (_, n) => n + 1);
      assert.deepEqual(life.received, all, 'everything, once, in order');
      for (const [n, { at, news, polls }] of life.woken.entries()) {
        const before = life.woken[n - 1];
        if (!before) continue;
        if (before.news === news) assert(at - before.at >= pollMinS * 1000, `the same news after ${at - before.at} ms`);
        // Until the phone has come, it is not told of what came later either.
        if (before.polls === polls) assert(at - before.at >= pollMinS * 1000, `hurried after ${at - before.at} ms`);
      }
      life.close();
      assert.equal(life.clock.armed, 0, 'no timer is left');
    }),
    { numRuns: 60 },
  );
});
