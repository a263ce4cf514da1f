// One probe's life, in the pair's cell: sent, perhaps answered (more answers may follow: one for each resource), and over
// when its time has run out or an answer says it all.

import type { MonoMs } from '../base/clock.ts';
import type { PairId } from './memory/pairs.ts';
import { domainOf, type PresenceState, tenthOf } from './state.ts';
import type { LastProbe } from './view.ts';

/** What the cell holds, plus `running` while the time for answers runs. */
export const outcomes = { none: 0, pending: 1, available: 2, unavailable: 3, error: 4, nothing: 5, void: 6 } as const;
const running = 8;

/** A probe is out, and its time runs. */
export const isProbing = ({ pairs }: PresenceState, pair: PairId): boolean => pairs.probe.get(pair) >= running;

/** Silence would mean something: the domain has been within reach, and this process awake, since the probe was sent. */
export const silenceCounts = (state: PresenceState, pair: PairId): boolean => {
  const { downSince, probesCountFrom } = domainOf(state, pair);
  return downSince === undefined && state.pairs.probedAt.get(pair) >= probesCountFrom;
};

export const probeSent = ({ pairs, probesCounted }: PresenceState, pair: PairId, now: MonoMs): void => {
  probesCounted.sent++;
  pairs.probedAt.set(pair, tenthOf(now));
  pairs.probe.set(pair, running + outcomes.pending);
};

/** News of the contact while a probe is out is an answer; the first one's kind is kept. */
export const answered = ({ pairs }: PresenceState, pair: PairId, kind: 'available' | 'unavailable' | 'error'): void => {
  if (pairs.probe.get(pair) === running + outcomes.pending) pairs.probe.set(pair, running + outcomes[kind]);
};

/** The probe's time is over. */
export const probeOver = (state: PresenceState, pair: PairId): void => {
  const { pairs } = state;
  const outcome = pairs.probe.get(pair) & (running - 1);
  const silence = silenceCounts(state, pair) ? outcomes.nothing : outcomes.void;
  pairs.probe.set(pair, outcome === outcomes.pending ? silence : outcome);
  const { outcome: became, answer } = lastOutcome(state, pair);
  state.probesCounted[answer ?? (became === 'unanswered' ? 'unanswered' : 'void')]++;
};

export const probedAt = ({ pairs }: PresenceState, pair: PairId): MonoMs => pairs.probedAt.get(pair) * 100;

/** For operators: what became of the last probe. */
export const lastOutcome = (state: PresenceState, pair: PairId): Pick<LastProbe, 'outcome' | 'answer'> => {
  switch (state.pairs.probe.get(pair) & (running - 1)) {
    case outcomes.available:
      return { outcome: 'answered', answer: 'available' };
    case outcomes.unavailable:
      return { outcome: 'answered', answer: 'unavailable' };
    case outcomes.error:
      return { outcome: 'answered', answer: 'error' };
    case outcomes.nothing:
      return { outcome: 'unanswered', answer: undefined };
    case outcomes.void:
      return { outcome: 'void', answer: undefined };
    default:
      return { outcome: silenceCounts(state, pair) ? 'pending' : 'void', answer: undefined };
  }
};
