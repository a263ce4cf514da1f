// Parts of the server that are no features of its domains, for the support table (docs/xmpp-support.md): federation,
// components, rooms. Each says in a `specs.ts` of its own what it implements, and has its line here.

import { specs as components } from './component/specs.ts';
import type { Spec } from './features/feature.ts';
import { specs as rooms } from './rooms/specs.ts';
import { specs as federation } from './s2s/specs.ts';
import { specs as uploads } from './uploads/specs.ts';

export interface Part {
  /** Heading of its table. */
  readonly title: string;
  /** From src/: where its specs are implemented, unless they say otherwise. */
  readonly where: string;
  readonly specs: readonly Spec[];
}

export const parts: readonly Part[] = [
  { title: 'Federation', where: 'server/s2s', specs: federation },
  { title: 'Components', where: 'server/component', specs: components },
  { title: 'Rooms', where: 'server/rooms', specs: rooms },
  { title: 'Uploads', where: 'server/uploads', specs: uploads },
];
