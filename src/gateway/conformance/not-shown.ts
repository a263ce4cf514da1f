// Primitives of the reference that no phone and no test will see, each with the reason. A test fails when one of them is
// seen after all, and when one is missing that is not here.

import type { Direction } from './reference.ts';

export interface NotShown {
  readonly primitive: string;
  readonly from: Direction;
  readonly reason: string;
}

export const notShown: readonly NotShown[] = [
  {
    primitive: 'Extended-Request',
    from: 'server',
    reason: 'onesoup has no extension of its own to ask a phone for',
  },
  {
    primitive: 'Extended-Response',
    from: 'phone',
    reason: 'it would answer the above',
  },
];
