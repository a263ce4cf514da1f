// A server under measurement: the home of the users, or where only links are set up, either end of one.

import type { Network } from '../../../../interop/peers/network.ts';
import type { Proof } from '../keys.ts';
import type { S2sAddress } from '../links.ts';
import type { Contact } from '../people.ts';

export const homeNames = ['onesoup', 'prosody', 'ejabberd'] as const;
export type HomeName = (typeof homeNames)[number];

export interface Home extends S2sAddress {
  readonly name: HomeName;
  /** Where it takes clients. */
  readonly c2s: { readonly host: string; readonly port: number };
  /** Whether it keeps, over its restarts, what it knows of contacts. */
  readonly remembers: boolean;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** While stopped: back to what it was before anybody signed in for the first time. Only `user` will sign in. */
  forget(user: string): Promise<void>;
  /** Closes its streams with other servers in order; it may take a while. Where there is no such order, they close when idle. */
  closeStreams?(): Promise<void>;
  /** What it has to say for itself when a run fails. */
  output(): string;
  remove(): Promise<void>;
}

export interface HomeOptions {
  readonly domain: string;
  readonly network: Network;
  readonly contacts: readonly Contact[];
  readonly users: readonly string[];
  readonly proof: Proof;
  readonly isBidi: boolean;
  /** Further keys of onesoup's configuration, beside its section \`federation\`. */
  readonly onesoup?: object;
  /** … and in that. */
  readonly onesoupFederation?: object;
}

/** Prepared, its users and their contact lists in place, not started. */
export type PrepareHome = (options: HomeOptions) => Promise<Home>;
