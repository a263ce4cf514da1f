// What a session remembers of the ways to its phone. Survives a restart with it.

import type { Method } from './method.ts';

export interface Reach {
  /** Where its last datagram came from, and where its HTTP requests came from then. */
  readonly heard?: { readonly address: string; readonly port: number; readonly httpAddress: string };
  /** Its telephone number in digits, and how we know: see number.ts. */
  readonly number?: { readonly digits: string; readonly isProven: boolean };
  /** The unguessable part of its URL for SHTTP. */
  readonly token?: string;
  /** Channels that have brought it at least once. */
  readonly worked?: readonly Method[];
}
