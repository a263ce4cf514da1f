import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { primitiveInfo } from '../../imps/lookup.ts';
import { conformanceDocument } from './document.ts';
import { referencePrimitives } from './reference.ts';
import { readShown } from './table.ts';

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

test('docs/imps-conformance.md is what `npm run generate` writes', () => {
  const written = readFileSync(new URL('../../../docs/imps-conformance.md', import.meta.url), 'utf8');
  assert.equal(written, conformanceDocument(readShown()));
});
