// The phones the suite is run with: every version in every encoding, and the two whose makers' code is known.

import { android, type Personality, plain, strict, strict11, wbxml12, wbxml13 } from '../../imps/client/personality.ts';

const of = (base: Personality, name: string, change: Partial<Personality>): Personality => ({
  ...base,
  ...change,
  name,
});

export const phones: readonly Personality[] = [
  of(plain, 'XML 1.1', {}),
  of(plain, 'XML 1.2', { version: '1.2' }),
  of(plain, 'XML 1.3', { version: '1.3' }),
  of(wbxml12, 'WBXML 1.1', { version: '1.1' }),
  of(wbxml12, 'WBXML 1.2', {}),
  of(wbxml13, 'WBXML 1.3', {}),
  of(strict11, 'Nokia S60, WBXML 1.1', {}),
  of(strict, 'Nokia S60, WBXML 1.2', {}),
  of(android, 'Android, XML 1.2', {}),
  of(android, 'Android, WBXML 1.2', { encoding: 'wbxml' }),
];

/** Phones that say everything in the plain text syntax, with our codes where there are no others. */
export const plainTextPhones: readonly Personality[] = [
  of(plain, 'plain text 1.2', { encoding: 'pts', version: '1.2' }),
  of(plain, 'plain text 1.3', { encoding: 'pts', version: '1.3' }),
];
