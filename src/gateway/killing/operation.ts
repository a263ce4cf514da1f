// Something that a phone asks for, as it is asked for again and again while the process dies in the middle of it.

import type { World } from './world.ts';

export interface Operation {
  /** What must hold, as a sentence. */
  readonly name: string;
  /** Prepares what all rounds share. */
  readonly begin: (world: World) => Rounds | Promise<Rounds>;
}

/** Rounds are numbered from 0; in the first nobody dies. */
export interface Rounds {
  /** Undisturbed, before it. */
  readonly ready?: (round: number) => Promise<unknown>;
  /** Somewhere in here the process dies and is started again. The phone asks again under the same TransactionID. */
  readonly go: (round: number) => Promise<unknown>;
  /** Undisturbed, after it: it is done, once, and with the answer it has when nobody dies. */
  readonly check?: (round: number) => Promise<unknown>;
  /** After the last of so many rounds. */
  readonly end?: (rounds: number) => Promise<unknown>;
}
