// What a run found: the JSON file.

import type { SignIn } from '../cases/sign-in.ts';
import type { CaseName } from '../options.ts';
import type { HomeName } from '../world/homes/home.ts';

export interface SignInRow extends SignIn {
  readonly home: HomeName;
  readonly case: CaseName;
  readonly rttMs: number;
  readonly contacts: number;
}

export interface DeadRow {
  readonly home: HomeName;
  /** `killed`: its process ended, its connections broke. `lost`: it fell silent, as a machine without power does. */
  readonly how: 'killed' | 'lost';
  readonly rttMs: number;
  readonly contacts: number;
  /** Milliseconds until the first and the last of its contacts were shown offline; undefined: not while we waited. */
  readonly firstGoneMs: number | undefined;
  readonly allGoneMs: number | undefined;
  readonly stillOnline: number;
  readonly waitedMs: number;
}

export interface SetUpRow {
  readonly from: HomeName;
  readonly to: HomeName;
  readonly reach: 'starttls' | 'direct';
  readonly proof: 'certificate' | 'dialback';
  readonly isBidi: boolean;
  /** Round trips until the first stanza was answered: between servers that never met, and when they meet again. */
  readonly first: number | undefined;
  readonly again: number | undefined;
}

export interface Results {
  readonly at: string;
  /** Where it ran: processors, their load at the start and at the end. */
  readonly machine: { readonly cpus: number; readonly loadBefore: number; readonly loadAfter: number };
  readonly domains: number;
  readonly rate: number | null;
  readonly loss: number;
  readonly proof: string;
  readonly isBidi: boolean;
  readonly signIns: readonly SignInRow[];
  readonly dead: readonly DeadRow[];
  readonly setUp: readonly SetUpRow[];
}
