import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { primitiveInfo } from '../../imps/lookup.ts';
import { conformanceDocument, encodings } from './document.ts';
import { notShown } from './not-shown.ts';
import { referencePrimitives } from './reference.ts';
import { readShown } from './table.ts';
import { keyOf } from './witness.ts';

test('the content model has the primitives of the reference, with their versions and directions, and no others', () => {
  const model = [...primitiveInfo.values()].map(({ name, versions, from }) => ({
    name,
    versions,
    from: from === 'client' ? ['phone'] : from === 'server' ? ['server'] : ['phone', 'server'],
  }));
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  const reference = referencePrimitives.map(({ name, versions, from }) => ({ name, versions, from }));
  assert.deepEqual(model.sort(byName), [...reference].sort(byName));
});

test('every primitive is shown in every version and encoding, or the reason why not is given', () => {
  const shown = readShown();
  const missing: string[] = [];
  const needless: string[] = [];
  for (const { name, from, versions } of referencePrimitives)
    for (const direction of from) {
      const isExcused = notShown.some((one) => one.primitive === name && one.from === direction);
      for (const version of versions)
        for (const encoding of encodings) {
          const key = keyOf({ primitive: name, version, encoding, from: direction });
          if (isExcused && key in shown) needless.push(key);
          if (!isExcused && !(key in shown)) missing.push(key);
        }
    }
  assert.deepEqual({ missing, needless }, { missing: [], needless: [] });
});

test('docs/imps-conformance.md is what `npm run generate` writes', () => {
  const written = readFileSync(new URL('../../../docs/imps-conformance.md', import.meta.url), 'utf8');
  assert.equal(written, conformanceDocument(readShown()));
});
