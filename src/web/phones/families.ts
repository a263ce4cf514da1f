// Every family of phones, in the order in which people choose.

import { android } from './android.ts';
import type { Family } from './family.ts';
import { motorola } from './motorola.ts';
import { nokiaS40 } from './nokia-s40.ts';
import { nokiaS60 } from './nokia-s60.ts';
import { other } from './other.ts';
import { samsung } from './samsung.ts';
import { siemens } from './siemens.ts';
import { sonyEricsson } from './sony-ericsson.ts';

export const families: readonly Family[] = [
  nokiaS40,
  nokiaS60,
  sonyEricsson,
  motorola,
  samsung,
  siemens,
  android,
  other,
];

/** Of that id; without one, or with one nobody has, the family of all others. */
export const familyOf = (id: string): Family => families.find((family) => family.id === id) ?? other;
