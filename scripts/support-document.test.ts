import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parts } from '../src/server/parts.ts';
import { gatewayRows, partRows, serverRows, supportDocument } from './support-document.ts';

test('docs/xmpp-support.md is what scripts/generate-support.ts writes', async () => {
  const kept = readFileSync(new URL('../docs/xmpp-support.md', import.meta.url), 'utf8');
  assert.equal(kept, await supportDocument(), 'stale: run node scripts/generate-support.ts');
});

test('every place it names is there, every extension has its version, and none stands twice', async () => {
  const tables = [await serverRows(), ...parts.map(partRows)];
  for (const { where, spec } of [...tables.flat(), ...(await gatewayRows())])
    assert.ok(existsSync(new URL(`../src/${where}`, import.meta.url)), `${spec.id}: src/${where}`);
  for (const rows of tables) {
    const ids = rows.map(({ spec }) => spec.id);
    assert.deepEqual(ids, [...new Set(ids)]);
    for (const { spec } of rows)
      if (spec.id.startsWith('XEP')) assert.match(spec.version ?? '', /^\d+\.\d+/, `${spec.id} has no version`);
  }
});
