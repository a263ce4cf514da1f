// One line for the many features that answer something and say so in disco#info.

import { add, type Tap } from '../../base/hooks.ts';
import { type DiscoTarget, discoFeatures } from '../points.ts';

export const advertise = (target: DiscoTarget['kind'], ...namespaces: readonly string[]): Tap =>
  add(discoFeatures, 'any', (known, { kind }) => (kind === target ? [...known, ...namespaces] : known));
