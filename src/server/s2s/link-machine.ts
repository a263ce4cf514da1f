// One link: from a domain of ours to one of another server. What it does when, and nothing about how.
//
//   idle ──wanted──► dialling ──connected──► authenticating ──established──► up ──idle, closed──► idle
//                       │                        │                           │ ▲
//                       └────────failed──────────┘                 detached  ▼ │ resumed
//                                  ▼                                      detached
//                               waiting ──until, if anything waits──► dialling
//
// A link that was lost is tried again for a while though nothing waits: whoever is interested in the domain learns that it
// is back. `up` covers every stream that carries the pair, ours or (XEP-0288) theirs.

import type { MonoMs } from '../../base/clock.ts';
import { type StanzaCondition, stanzaErrorTypes } from '../../xmpp/stanza.ts';

export interface LinkFault {
  /** For operators. */
  readonly text: string;
  /** For senders. */
  readonly condition: StanzaCondition;
}

export type LinkPhase =
  | { readonly name: 'idle' }
  | { readonly name: 'dialling' | 'authenticating'; readonly since: MonoMs }
  | Up
  | { readonly name: 'detached'; readonly since: MonoMs; readonly up: Up; readonly isAbandoned: boolean }
  | { readonly name: 'waiting'; readonly until: MonoMs; readonly fault: LinkFault };

interface Up {
  readonly name: 'up';
  readonly since: MonoMs;
  /** When a stanza last went out, and when one last came in. */
  readonly usedAt: MonoMs;
  readonly heardAt: MonoMs;
  /** Something went out that nothing was heard after. */
  readonly asksSince: MonoMs | undefined;
  readonly pingedAt: MonoMs | undefined;
}

export interface LinkState {
  readonly phase: LinkPhase;
  /** Attempts in a row that came to nothing. */
  readonly failures: number;
  /** The domain cannot be reached, as far as we know and have told. */
  readonly isLost: boolean;
  readonly lastFault: (LinkFault & { readonly at: MonoMs }) | undefined;
}

export const idleLink: LinkState = { phase: { name: 'idle' }, failures: 0, isLost: false, lastFault: undefined };

export type LinkEvent =
  /** Something waits to be sent, or the link is one to be kept open. */
  | { readonly type: 'wanted' }
  | { readonly type: 'connected' }
  /** A stream carries the pair. */
  | { readonly type: 'established' }
  /** Every way was tried. `lot`: a random number from 0 to 1. */
  | { readonly type: 'failed'; readonly fault: LinkFault; readonly lot: number }
  /** The stream may be resumed, by either side. */
  | { readonly type: 'detached' }
  | { readonly type: 'resumed' }
  /** The connection is there again, but the other server had forgotten what was before: it may have been started anew. */
  | { readonly type: 'renewed' }
  /** The stream is over: in good order, or lost. */
  | { readonly type: 'closed' }
  | { readonly type: 'lost'; readonly fault: LinkFault }
  /** Their stream to us broke off. */
  | { readonly type: 'incoming-lost'; readonly fault: LinkFault }
  | { readonly type: 'sent' }
  /** A stanza of the pair came in, or a stream of theirs was authenticated for it. */
  | { readonly type: 'heard' }
  /** The ping was answered. */
  | { readonly type: 'pong' }
  /** `waits`: something is queued. */
  | { readonly type: 'tick'; readonly waits: boolean; readonly stream: StreamNow };

/** What the stream is like at the moment. */
export interface StreamNow {
  /** Acknowledgements come from the other server (XEP-0198), which then also shows that it lives. */
  readonly isManaged: boolean;
  /** Something went out that no acknowledgement comes for, since then. */
  readonly unprovenSince: MonoMs | undefined;
}

export type LinkEffect =
  | { readonly type: 'dial' }
  | { readonly type: 'flush' }
  /** What is not known to have arrived goes to the front of the queue. */
  | { readonly type: 'restore' }
  /** 'hasty': what cannot wait; 'all'. */
  | { readonly type: 'give-back'; readonly what: 'hasty' | 'all'; readonly fault: LinkFault }
  | { readonly type: 'reach'; readonly isReachable: boolean }
  | { readonly type: 'ping' }
  /** The other server is dead: end the stream. */
  | { readonly type: 'abandon'; readonly fault: LinkFault }
  /** Nothing went over the link for long: close the stream if nobody else uses it. */
  | { readonly type: 'release' };

export interface LinkRules {
  readonly isKeptOpen: boolean;
  readonly idleMs: number;
  /** Between attempts: the first, doubling up to the last, and up to half of it more by lot. */
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  /** Attempts to get a lost link back though nothing waits. */
  readonly retriesMax: number;
  /** Without acknowledgements: what went out is asked after with a ping after so long, … */
  readonly proofMs: number;
  /** … other things when nothing was heard for so long, … */
  readonly quietMs: number;
  /** … and the answer has so long. */
  readonly answerMs: number;
  /** A detached link is told to be lost after so long, … */
  readonly detachedMs: number;
  /** … and one that the other server has to resume is not waited for any longer than this. */
  readonly resumeMs: number;
}

export const defaultRules: LinkRules = {
  isKeptOpen: false,
  idleMs: 900_000,
  firstRetryMs: 2_000,
  lastRetryMs: 300_000,
  retriesMax: 6,
  proofMs: 2_000,
  quietMs: 60_000,
  answerMs: 60_000,
  detachedMs: 10_000,
  resumeMs: 30_000,
};

type Step = readonly [LinkState, readonly LinkEffect[]];

/** Pure. Effects are performed in order. */
export const step = (state: LinkState, event: LinkEvent, now: MonoMs, rules: LinkRules): Step => {
  const { phase } = state;
  switch (event.type) {
    case 'wanted':
      if (phase.name === 'up') return [state, [{ type: 'flush' }]];
      return phase.name === 'idle' ? dial(state, now) : [state, []];
    case 'connected':
      return phase.name === 'dialling'
        ? [{ ...state, phase: { name: 'authenticating', since: now } }, []]
        : [state, []];
    case 'established':
      return established(state, now);
    case 'failed':
      // A stream of theirs may carry the pair by now: then our own attempt does not matter.
      return phase.name === 'dialling' || phase.name === 'authenticating'
        ? failed(state, event.fault, event.lot, now, rules)
        : [state, []];
    case 'detached':
      return phase.name === 'up'
        ? [{ ...state, phase: { name: 'detached', since: now, up: phase, isAbandoned: false } }, []]
        : [state, []];
    case 'resumed':
      if (phase.name !== 'detached') return [state, []];
      return found({ ...state, phase: { ...phase.up, heardAt: now, pingedAt: undefined } }, [{ type: 'flush' }]);
    case 'renewed': {
      if (phase.name !== 'detached') return [state, []];
      const [missed, lost] = losing(state, []);
      const up: Up = { ...phase.up, usedAt: now, heardAt: now, asksSince: undefined, pingedAt: undefined };
      const [next, back] = found({ ...missed, phase: up }, [{ type: 'restore' }, { type: 'flush' }]);
      return [next, [...lost, ...back]];
    }
    case 'closed':
      if (phase.name !== 'up' && phase.name !== 'detached') return [state, []];
      return [{ ...state, phase: { name: 'idle' } }, [{ type: 'restore' }]];
    case 'lost':
      return phase.name === 'up' || phase.name === 'detached' ? lost(state, event.fault, now) : [state, []];
    case 'incoming-lost':
      return incomingLost(state, event.fault, now);
    case 'sent':
      return phase.name === 'up'
        ? [{ ...state, phase: { ...phase, usedAt: now, asksSince: phase.asksSince ?? now } }, []]
        : [state, []];
    case 'heard':
      // A stream that broke off has its own end: resumed, renewed or lost.
      return phase.name === 'detached' ? [state, []] : found(heard(state, now), []);
    case 'pong':
      return found(
        phase.name === 'up'
          ? { ...state, phase: { ...phase, heardAt: now, asksSince: undefined, pingedAt: undefined } }
          : state,
        [],
      );
    case 'tick':
      return tick(state, event, now, rules);
    default:
      return event satisfies never;
  }
};

/** When to tick next, if nothing happens before. */
export const nextTick = (state: LinkState, stream: StreamNow, rules: LinkRules): MonoMs | undefined => {
  const { phase } = state;
  switch (phase.name) {
    case 'idle':
    case 'dialling':
    case 'authenticating':
      return undefined;
    case 'waiting':
      return phase.until;
    case 'detached':
      if (phase.isAbandoned) return undefined;
      return phase.since + (state.isLost ? rules.resumeMs : rules.detachedMs);
    case 'up': {
      const idle = rules.isKeptOpen ? Number.POSITIVE_INFINITY : lastUse(phase) + rules.idleMs;
      return Math.min(
        idle,
        phase.pingedAt === undefined ? pingAt(phase, stream, rules) : phase.pingedAt + rules.answerMs,
      );
    }
    default:
      return phase satisfies never;
  }
};

/** Should a stanza not even be queued? The fault to give it back with. `isHasty`: it cannot wait. */
export const refusalOf = ({ phase }: LinkState, isHasty: boolean, now: MonoMs): LinkFault | undefined => {
  if (phase.name !== 'waiting') return undefined;
  if (isFinal(phase.fault)) return phase.fault;
  return isHasty && phase.until - now > 3_000 ? phase.fault : undefined;
};

/** Will trying again later not help? */
export const isFinal = ({ condition }: LinkFault): boolean => stanzaErrorTypes[condition] !== 'wait';

const dial = (state: LinkState, now: MonoMs): Step => [
  { ...state, phase: { name: 'dialling', since: now } },
  [{ type: 'dial' }],
];

const established = (state: LinkState, now: MonoMs): Step => {
  if (state.phase.name === 'up' || state.phase.name === 'detached') return [state, []];
  const up: Up = {
    name: 'up',
    since: now,
    usedAt: now,
    heardAt: now,
    asksSince: undefined,
    pingedAt: undefined,
  };
  return found({ ...state, phase: up, failures: 0 }, [{ type: 'flush' }]);
};

/** The domain is there: told if it was lost before. */
const found = (state: LinkState, effects: readonly LinkEffect[]): Step =>
  state.isLost ? [{ ...state, isLost: false }, [{ type: 'reach', isReachable: true }, ...effects]] : [state, effects];

const losing = (state: LinkState, effects: readonly LinkEffect[]): Step =>
  state.isLost ? [state, effects] : [{ ...state, isLost: true }, [{ type: 'reach', isReachable: false }, ...effects]];

const failed = (state: LinkState, fault: LinkFault, lot: number, now: MonoMs, rules: LinkRules): Step => {
  const failures = state.failures + 1;
  const pause = Math.min(rules.firstRetryMs * 2 ** (failures - 1), rules.lastRetryMs);
  const until = now + pause * (1 + lot / 2);
  return losing({ ...state, failures, lastFault: { ...fault, at: now }, phase: { name: 'waiting', until, fault } }, [
    { type: 'give-back', what: isFinal(fault) ? 'all' : 'hasty', fault },
  ]);
};

const lost = (state: LinkState, fault: LinkFault, now: MonoMs): Step => {
  const [next, told] = losing({ ...state, lastFault: { ...fault, at: now } }, [{ type: 'restore' }]);
  const [dialling, effects] = dial(next, now);
  return [dialling, [...told, ...effects]];
};

const incomingLost = (state: LinkState, fault: LinkFault, now: MonoMs): Step => {
  const faulty: LinkState = { ...state, lastFault: { ...fault, at: now } };
  switch (state.phase.name) {
    case 'idle': {
      const [next, told] = losing(faulty, []);
      const [dialling, effects] = dial(next, now);
      return [dialling, [...told, ...effects]];
    }
    case 'up':
      // Ours still stands; whether anybody is there, a ping tells.
      return state.phase.pingedAt === undefined
        ? losing({ ...faulty, phase: { ...state.phase, pingedAt: now } }, [{ type: 'ping' }])
        : losing(faulty, []);
    default:
      return [faulty, []];
  }
};

const heard = (state: LinkState, now: MonoMs): LinkState => {
  const { phase } = state;
  // What was heard shows that somebody is there, not that what we sent has arrived: a ping stays open.
  if (phase.name === 'up') return { ...state, phase: { ...phase, heardAt: now, asksSince: undefined } };
  // Whoever speaks to us can probably be spoken to: no need to wait as long as after many failures.
  if (phase.name === 'waiting')
    return { ...state, failures: 0, phase: { ...phase, until: Math.min(phase.until, now) } };
  return state;
};

const tick = (
  state: LinkState,
  { waits, stream }: Extract<LinkEvent, { type: 'tick' }>,
  now: MonoMs,
  rules: LinkRules,
): Step => {
  const { phase } = state;
  switch (phase.name) {
    case 'idle':
      return waits || rules.isKeptOpen ? dial(state, now) : [state, []];
    case 'dialling':
    case 'authenticating':
      return [state, []];
    case 'waiting':
      if (now < phase.until) return [state, []];
      if (waits || rules.isKeptOpen || (!isFinal(phase.fault) && state.failures < rules.retriesMax))
        return dial(state, now);
      return [{ ...state, phase: { name: 'idle' }, failures: 0 }, []];
    case 'detached':
      if (!phase.isAbandoned && now >= phase.since + rules.resumeMs) {
        const fault: LinkFault = { text: 'the stream was not resumed', condition: 'remote-server-timeout' };
        return losing({ ...state, phase: { ...phase, isAbandoned: true } }, [{ type: 'abandon', fault }]);
      }
      return now >= phase.since + rules.detachedMs ? losing(state, []) : [state, []];
    case 'up': {
      if (phase.pingedAt !== undefined) {
        if (now < phase.pingedAt + rules.answerMs) return [state, []];
        const fault: LinkFault = { text: 'no sign of life for too long', condition: 'remote-server-timeout' };
        return [state, [{ type: 'abandon', fault }]];
      }
      if (now >= pingAt(phase, stream, rules))
        return [{ ...state, phase: { ...phase, pingedAt: now } }, [{ type: 'ping' }]];
      if (rules.isKeptOpen || now < lastUse(phase) + rules.idleMs) return [state, []];
      // Whatever waits is in use.
      if (waits) return [{ ...state, phase: { ...phase, usedAt: now } }, []];
      return [{ ...state, phase: { name: 'idle' } }, [{ type: 'release' }]];
    }
    default:
      return phase satisfies never;
  }
};

const lastUse = ({ usedAt, heardAt }: Up): MonoMs => Math.max(usedAt, heardAt);

/** When to ask whether anybody is there. Where XEP-0198 is on, the stream itself sees to it. */
const pingAt = ({ asksSince }: Up, { isManaged, unprovenSince }: StreamNow, rules: LinkRules): MonoMs => {
  if (isManaged) return Number.POSITIVE_INFINITY;
  const proof = unprovenSince === undefined ? Number.POSITIVE_INFINITY : unprovenSince + rules.proofMs;
  const quiet = asksSince === undefined ? Number.POSITIVE_INFINITY : asksSince + rules.quietMs;
  return Math.min(proof, quiet);
};
