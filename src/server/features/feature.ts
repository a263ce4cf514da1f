// A feature as plain data: what it implements and what it listens to.

import type { Tap } from '../../base/hooks.ts';
import type { Host } from '../host.ts';

export interface Spec {
  /** 'XEP-0199', 'RFC 6121 §4'. */
  readonly id: string;
  readonly name: string;
  /** The version implemented; RFCs have none. */
  readonly version?: string;
  /** How far, in words. */
  readonly scope: string;
  /** What disco#info shows for it, if anything. */
  readonly namespaces?: readonly string[];
  /** Where in the tree it is done, from src/; undefined: beside the spec. */
  readonly where?: string;
}

export interface Feature {
  readonly specs: readonly Spec[];
  taps(host: Host): readonly Tap[];
}
