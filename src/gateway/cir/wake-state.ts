// When to wake a phone, and over which of its channels: a pure function.
//
// One wake-up is enough until the phone has come. Over a channel that costs nothing it is repeated while something waits; when
// the phone does not come within some seconds, the next agreed channel has its turn, the failing one later again. What made
// the phone come is believed in, what did not falls behind. The same news never wake twice within the phone's ServerPollMin.
// A phone that has come by itself, or was just told by a poll flag in an answer, is left alone.

import type { MonoMs } from '../../base/clock.ts';
import { type Method, rankOf } from './method.ts';

/** What is remembered of one agreed channel. */
export interface ChannelRecord {
  readonly method: Method;
  /** Monotonic ms of the last wake-up over it, if nobody has come of it; else -Infinity. */
  readonly sentAt: MonoMs;
  /** Wake-ups in a row that brought nobody. */
  readonly failures: number;
  readonly failedAt: MonoMs;
  /** It has brought the phone once. */
  readonly hasWorked: boolean;
}

export type Phase =
  /** Nothing to do until something waits. */
  | { readonly is: 'resting' }
  /** An answer said by its poll flag that something waits: the phone comes by itself. */
  | { readonly is: 'told'; readonly dueAt: MonoMs }
  /** A wake-up is out. `dueAt`: when it will have brought nobody. */
  | { readonly is: 'out'; readonly method: Method; readonly at: MonoMs; readonly dueAt: MonoMs }
  /** It has come and is being answered. `dueAt`: when to see whether that went well. */
  | { readonly is: 'came'; readonly dueAt: MonoMs }
  /** Something waits and no channel may be used, until `dueAt` or until one opens. */
  | { readonly is: 'stuck'; readonly dueAt: MonoMs | undefined };

export interface WakeState {
  readonly phase: Phase;
  /** The agreed channels, in the phone's order of preference. */
  readonly channels: readonly ChannelRecord[];
  /** When the phone was last woken or told, and of which news. */
  readonly lastAt: MonoMs;
  readonly lastNews: number;
  /** A wake-up that is out though nothing waits any more: the poll it brings is still its doing. */
  readonly credit: { readonly method: Method; readonly at: MonoMs } | undefined;
  /** When it last polled without having been woken or told, and how long after the time before that. */
  readonly ownPollAt: MonoMs;
  readonly ownPollAfterMs: number;
}

/** `news`: a number that grows with every urgent thing that arrives. `usable`: the agreed channels that could be tried now. */
export interface Waiting {
  readonly news: number;
  readonly usable: readonly Method[];
}

export type WakeEvent =
  | { readonly kind: 'agreed'; readonly methods: readonly Method[]; readonly worked: readonly Method[] }
  /** Something urgent waits, and no request of the phone is being answered. */
  | ({ readonly kind: 'waiting' } & Waiting)
  /** The answer that leaves says that something waits. `isUnsent` as below. */
  | { readonly kind: 'told'; readonly news: number }
  /** The answer that leaves brings all that waited. */
  | { readonly kind: 'served'; readonly isUnsent: boolean }
  /**
   * A request of the phone is about to be answered; what waits is told by the answer. `isUnsent`: the wake-up that is out has
   * not left us yet, and will not.
   */
  | { readonly kind: 'heard'; readonly isPoll: boolean; readonly isUnsent: boolean }
  /** The phone has opened a channel, or shown that it is there. `waiting`: undefined when nothing does. */
  | { readonly kind: 'opened'; readonly method: Method; readonly waiting: Waiting | undefined }
  /** The wake-up that is out has left only now: it had to keep a distance, or to be fetched. */
  | { readonly kind: 'left'; readonly method: Method; readonly news: number }
  /** A channel of the phone's is gone. */
  | { readonly kind: 'lost'; readonly method: Method }
  /** The wake-up that is out over that channel could not be sent. */
  | { readonly kind: 'unsent'; readonly method: Method; readonly waiting: Waiting | undefined }
  /** The phase's time is over. */
  | { readonly kind: 'due'; readonly waiting: Waiting | undefined };

export type WakeEffect =
  | { readonly do: 'send'; readonly method: Method }
  /** For metrics: a wake-up brought the phone. */
  | { readonly do: 'worked'; readonly method: Method; readonly afterMs: number }
  | { readonly do: 'unanswered'; readonly method: Method }
  | { readonly do: 'fellBack'; readonly from: Method; readonly to: Method };

/** All in milliseconds. */
export interface Terms {
  /** Between two wake-ups over the same channel, at first; twice as long after each that brings nobody. */
  readonly repeatMs: number;
  /** How long a phone may take before another channel is tried. */
  readonly fallbackMs: number;
  /** The same two for what is paid for, and takes its time. */
  readonly smsRepeatMs: number;
  readonly smsFallbackMs: number;
  /** The phone's ServerPollMin. */
  readonly pollMinMs: number;
}

/** A channel that cost nothing is given another chance after this, sooner when it is known to have worked. */
const forgivenMs = 24 * 60 * 60_000;
const forgivenSoonMs = 10 * 60_000;
/** A phone that polls as often as this needs no message that costs money; it may be a little late. */
const ownPaceMsMax = 60_000;
const lateMs = 5000;
/** A poll within this after a wake-up may be its doing. */
const creditMs = 90_000;
/** Doublings of the time between repetitions. */
const doublingsMax = 3;
const smsDoublingsMax = 5;

const resting: Phase = { is: 'resting' };

export const noWakeState: WakeState = {
  phase: resting,
  channels: [],
  lastAt: Number.NEGATIVE_INFINITY,
  lastNews: -1,
  credit: undefined,
  ownPollAt: Number.NEGATIVE_INFINITY,
  ownPollAfterMs: Number.POSITIVE_INFINITY,
};

/** When the event 'due' is wanted. */
export const dueAtOf = ({ phase }: WakeState): MonoMs | undefined => (phase.is === 'resting' ? undefined : phase.dueAt);

type Step = readonly [WakeState, readonly WakeEffect[]];

export const step = (state: WakeState, event: WakeEvent, now: MonoMs, terms: Terms): Step => {
  const { phase } = state;
  switch (event.kind) {
    case 'agreed':
      return [{ ...state, channels: event.methods.map((method) => newRecord(method, event.worked)) }, []];
    case 'waiting':
      // It was woken or told, and has its time.
      if (phase.is === 'out' || phase.is === 'told') return [state, []];
      return attempt(state, event, now, terms);
    case 'told':
      return [
        {
          ...state,
          phase: { is: 'told', dueAt: now + Math.max(terms.fallbackMs, terms.pollMinMs) },
          lastAt: now,
          lastNews: event.news,
        },
        [],
      ];
    case 'served':
      return [served(state, event.isUnsent), []];
    case 'heard':
      return heard(state, event, now, terms);
    case 'opened': {
      const fresh = changed(state, event.method, (one) => ({ ...one, failures: 0, sentAt: Number.NEGATIVE_INFINITY }));
      if (!event.waiting || !fresh.channels.some(({ method }) => method === event.method)) return [fresh, []];
      // Woken or told a moment ago, it will hear of anything newer when it comes.
      const isExpected = phase.is === 'out' || phase.is === 'told';
      const gapEndsAt = isExpected ? state.lastAt + terms.pollMinMs : gapEnd(fresh, event.waiting.news, terms);
      if (gapEndsAt <= now) return attempt(fresh, event.waiting, now, terms);
      return [sooner(fresh, gapEndsAt), []];
    }
    case 'left':
      if (phase.is !== 'out' || phase.method !== event.method) return [state, []];
      return [
        {
          ...changed(state, phase.method, (one) => ({ ...one, sentAt: now })),
          phase: { ...phase, at: now, dueAt: now + phase.dueAt - phase.at },
          lastAt: now,
          lastNews: event.news,
        },
        [],
      ];
    case 'lost':
      if (phase.is !== 'out' || phase.method !== event.method) return [state, []];
      return [sooner(state, Math.max(now, state.lastAt + terms.pollMinMs)), []];
    case 'unsent': {
      const blamed = changed(state, event.method, (one) => ({ ...one, failures: one.failures + 1, failedAt: now }));
      if (phase.is !== 'out' || phase.method !== event.method) return [blamed, []];
      const rest: WakeState = { ...blamed, phase: resting, lastAt: Number.NEGATIVE_INFINITY };
      if (!event.waiting) return [rest, []];
      const [next, effects] = attempt(rest, event.waiting, now, terms);
      return [next, fallback(event.method, effects)];
    }
    case 'due': {
      const from = phase.is === 'out' ? phase.method : undefined;
      const blamed = from
        ? changed(state, from, (one) => ({ ...one, failures: one.failures + 1, failedAt: now }))
        : state;
      const unanswered: readonly WakeEffect[] = from ? [{ do: 'unanswered', method: from }] : [];
      const rest: WakeState = { ...blamed, phase: resting };
      if (!event.waiting) return [rest, unanswered];
      const [next, effects] = attempt(rest, event.waiting, now, terms);
      return [next, [...unanswered, ...(from ? fallback(from, effects) : effects)]];
    }
    default:
      event satisfies never;
      return [state, []];
  }
};

const heard = (
  state: WakeState,
  { isPoll, isUnsent }: { readonly isPoll: boolean; readonly isUnsent: boolean },
  now: MonoMs,
  terms: Terms,
): Step => {
  const { phase } = state;
  const came: Phase = { is: 'came', dueAt: now + Math.max(terms.fallbackMs, terms.pollMinMs) };
  switch (phase.is) {
    case 'resting':
    case 'came':
      if (!isPoll) return [state, []];
      if (state.credit) return credited(state, state.credit, now);
      return [phase.is === 'resting' ? byItself(state, now) : state, []];
    case 'told':
      return [{ ...rested(state), phase: came }, []];
    case 'stuck':
      return [{ ...rested(isPoll ? byItself(state, now) : state), phase: came }, []];
    case 'out':
      if (isUnsent) return [{ ...rested(state), phase: came, lastAt: Number.NEGATIVE_INFINITY }, []];
      // Another request may have been under way already: the wake-up has yet to be heeded.
      return isPoll ? credited({ ...state, phase: came }, phase, now) : [state, []];
  }
};

/** The poll is the wake-up's doing, unless that was too long ago. */
const credited = (
  state: WakeState,
  { method, at }: { readonly method: Method; readonly at: MonoMs },
  now: MonoMs,
): Step => {
  const afterMs = now - at;
  if (afterMs > creditMs) return [{ ...byItself(state, now), credit: undefined }, []];
  const proven = changed(rested(state), method, (one) => ({ ...one, failures: 0, hasWorked: true }));
  return [{ ...proven, credit: undefined }, [{ do: 'worked', method, afterMs }]];
};

/** Nothing waits any more: what comes next is news, whatever is still out. */
const served = (state: WakeState, isUnsent: boolean): WakeState => {
  const { phase } = state;
  if (phase.is !== 'out') return phase.is === 'resting' ? state : { ...state, phase: resting };
  const { method, at } = phase;
  if (isUnsent) return { ...rested(state), phase: resting, lastAt: Number.NEGATIVE_INFINITY };
  return { ...rested(state), phase: resting, credit: { method, at } };
};

/** The phone has come: pauses are for one that does not. */
const rested = (state: WakeState): WakeState => ({
  ...state,
  channels: state.channels.map((one) =>
    one.sentAt === Number.NEGATIVE_INFINITY ? one : { ...one, sentAt: Number.NEGATIVE_INFINITY },
  ),
});

const byItself = (state: WakeState, now: MonoMs): WakeState => ({
  ...state,
  ownPollAt: now,
  ownPollAfterMs: now - state.ownPollAt,
});

/** Sends a wake-up over the best channel that may be used now, or waits for one. */
const attempt = (state: WakeState, { news, usable }: Waiting, now: MonoMs, terms: Terms): Step => {
  const stuck = (dueAt: MonoMs | undefined): Step => [{ ...state, phase: { is: 'stuck', dueAt } }, []];
  const there = state.channels.filter(({ method }) => usable.includes(method));
  if (there.length === 0) {
    // What the phone holds open is heard of when it opens. A carrier that is down, or has had its due, is looked at again.
    return stuck(state.channels.some(({ method }) => isPaid(method)) ? now + terms.repeatMs : undefined);
  }
  const gapEndsAt = gapEnd(state, news, terms);
  if (gapEndsAt > now) return stuck(gapEndsAt);
  const freeAt = (one: ChannelRecord): MonoMs => one.sentAt + pauseMs(one, news > state.lastNews, terms);
  const free = there.filter((one) => freeAt(one) <= now);
  const [best] = free.sort((a, b) => compare(a, b, now) || state.channels.indexOf(a) - state.channels.indexOf(b));
  if (!best) return stuck(Math.min(...there.map(freeAt)));
  const { method } = best;
  // A phone that polls at a pace of its own is not worth paying for.
  const nextPollBy = state.ownPollAfterMs > ownPaceMsMax ? now : state.ownPollAt + state.ownPollAfterMs + lateMs;
  if (isPaid(method) && nextPollBy > now) return stuck(nextPollBy);
  const patienceMs = there.length > 1 ? fallbackMs(method, terms) : pauseMs(best, true, terms);
  return [
    {
      ...changed(state, method, (one) => ({ ...one, sentAt: now })),
      credit: undefined,
      phase: { is: 'out', method, at: now, dueAt: now + Math.max(patienceMs, terms.pollMinMs) },
      lastAt: now,
      lastNews: news,
    },
    [{ do: 'send', method }],
  ];
};

/** Until when these news may not wake (again). */
const gapEnd = ({ lastAt, lastNews }: WakeState, news: number, { pollMinMs }: Terms): MonoMs =>
  news > lastNews ? Number.NEGATIVE_INFINITY : lastAt + pollMinMs;

const isPaid = (method: Method): boolean => rankOf[method] === 3;

const fallbackMs = (method: Method, terms: Terms): number => (isPaid(method) ? terms.smsFallbackMs : terms.fallbackMs);

/** Something new is worth a try at the first pace. */
const pauseMs = ({ method, failures }: ChannelRecord, isNew: boolean, terms: Terms): number => {
  const [firstMs, most] = isPaid(method) ? [terms.smsRepeatMs, smsDoublingsMax] : [terms.repeatMs, doublingsMax];
  return Math.max(terms.pollMinMs, firstMs * 2 ** (isNew ? 0 : Math.min(Math.max(0, failures - 1), most)));
};

/** The better channel first: the one that failed less, is surer and cheaper, has worked. */
const compare = (a: ChannelRecord, b: ChannelRecord, now: MonoMs): number =>
  blame(a, now) - blame(b, now) || rankOf[a.method] - rankOf[b.method] || Number(b.hasWorked) - Number(a.hasWorked);

const blame = ({ failures, failedAt, hasWorked }: ChannelRecord, now: MonoMs): number =>
  now - failedAt > (hasWorked ? forgivenSoonMs : forgivenMs) ? 0 : failures;

const newRecord = (method: Method, worked: readonly Method[]): ChannelRecord => ({
  method,
  sentAt: Number.NEGATIVE_INFINITY,
  failures: 0,
  failedAt: Number.NEGATIVE_INFINITY,
  hasWorked: worked.includes(method),
});

const changed = (state: WakeState, method: Method, change: (one: ChannelRecord) => ChannelRecord): WakeState => ({
  ...state,
  channels: state.channels.map((one) => (one.method === method ? change(one) : one)),
});

/** The phase is over at that time at the latest. */
const sooner = (state: WakeState, at: MonoMs): WakeState =>
  state.phase.is === 'resting'
    ? { ...state, phase: { is: 'stuck', dueAt: at } }
    : { ...state, phase: { ...state.phase, dueAt: Math.min(state.phase.dueAt ?? at, at) } };

const fallback = (from: Method, effects: readonly WakeEffect[]): readonly WakeEffect[] =>
  effects.flatMap((one): readonly WakeEffect[] =>
    one.do === 'send' && one.method !== from ? [{ do: 'fellBack', from, to: one.method }, one] : [one],
  );
