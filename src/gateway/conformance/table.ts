// The conformance table: for each primitive, version, encoding and direction the test that shows it. `shown.json` keeps it
// between runs of the suite; a run proves it again.

import { readFileSync } from 'node:fs';
import type { Witness } from './witness.ts';

/** By cell (see keyOf) the title of the test. */
export type Shown = Readonly<Record<string, string>>;

const file = new URL('./shown.json', import.meta.url);
export const shownFile = file;
export const readShown = (): Shown => JSON.parse(readFileSync(file, 'utf8')) as Shown;

/** Of the tests that show a cell the one that shows the least else, so that it is about this; then the first by title. */
export const tableOf = (witness: Witness): Shown => {
  const best = new Map<string, { readonly test: string; readonly size: number }>();
  for (const [test, cells] of witness.shown) {
    const size = new Set([...cells.values()].map(({ primitive }) => primitive)).size;
    for (const key of cells.keys()) {
      const known = best.get(key);
      if (!known || size < known.size || (size === known.size && test < known.test)) best.set(key, { test, size });
    }
  }
  return Object.fromEntries([...best].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { test }]) => [key, test]));
};

/** What is wrong with the table as it was kept, in words; empty when a run bears it out. */
export const complaintsOf = (kept: Shown, witness: Witness): readonly string[] => {
  const complaints: string[] = [];
  for (const [key, test] of Object.entries(kept))
    if (!witness.shown.get(test)?.has(key)) complaints.push(`'${test}' is said to show ${key}, and does not`);
  for (const key of Object.keys(tableOf(witness)))
    if (!(key in kept)) complaints.push(`${key} is shown, and the table does not say so`);
  return complaints;
};
