import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowances, compatDocument } from './compat-document.ts';

test('every allowance for a phone, a client or a server names a test that is there', () => {
  const bare = allowances().filter((one) => one.test === undefined);
  assert.deepEqual(
    bare.map(({ file, line, text }) => `${file}:${line} ${text}`),
    [],
  );
});

test('docs/compat.md is what `npm run generate` writes', () => {
  assert.equal(readFileSync(new URL('../docs/compat.md', import.meta.url), 'utf8'), compatDocument());
});
