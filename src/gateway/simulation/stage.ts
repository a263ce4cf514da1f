// What everybody in a simulation shares.

import type { SimulatedClock } from '../../base/clock.ts';
import type { Chance } from './chance.ts';
import type { Ledger } from './ledger.ts';

export interface Stage {
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly ledger: Ledger;
  /** A line of the trace. */
  readonly tell: (who: string, text: string) => void;
  /** Between two things one person does, on average. */
  readonly paceMs: number;
  /** From 0, everything arrives, to 1. */
  readonly badness: number;
  /** People do things; otherwise they only keep their phones alive. */
  readonly isBusy: boolean;
  /** Whoever is away comes back. */
  readonly isHomecoming: boolean;
  /** Everybody goes home. */
  readonly isOver: boolean;
  /** Groups, by address: the devices that are in. */
  readonly clubs: ReadonlyMap<string, Set<string>>;
  /** Bare JIDs of accounts, known or not. */
  readonly strangers: () => readonly string[];
  /** How much people did, by what. */
  readonly counts: Map<string, number>;
}

export const count = ({ counts }: Stage, what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);

export const sleep = ({ clock }: Stage, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));
