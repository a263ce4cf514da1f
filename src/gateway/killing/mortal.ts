// A onesoup that dies and is started again on what it has left: in memory (in-memory.ts), or as a real process over real files
// that is killed by SIGKILL (real.ts). Phones reach it, and time passes for all of them together.

import type { SimulatedClock } from '../../base/clock.ts';
import type { HttpAnswer } from '../../imps/client/transport.ts';
import type { Store } from '../../store/store.ts';

export interface Mortal {
  readonly domain: string;
  /** The phones' clock. */
  readonly clock: SimulatedClock;
  /** What it keeps, as it is seen from outside. */
  readonly store: Store;
  /** How often it was started. */
  readonly lives: number;
  readonly isUp: boolean;
  /** Moments that have passed in this life since `killAfter`: one is before or after each write, another at each answer. */
  readonly moments: number;
  start(): Promise<void>;
  /** One POST of a phone. Rejects when the process is not there, or goes away before it has answered. */
  post(body: Uint8Array, contentType: string, phone: number): Promise<HttpAnswer>;
  /** Time passes, and what that sets off happens: at most this long, less when somebody has something to do before. */
  pass(atMostMs: number): Promise<void>;
  /** Resolves when nothing is going on that needs no time. */
  quiet(): Promise<void>;
  /** It dies after so many moments; Infinity: it does not. */
  killAfter(moments: number): Promise<void>;
  close(): Promise<void>;
}
