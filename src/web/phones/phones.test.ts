import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documented, familyDocument, withFamilyTable } from './document.ts';
import { families, familyOf } from './families.ts';
import { prose } from './prose.ts';

const docs = new URL('../../../docs/', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, docs), 'utf8');

test('the pages of docs/phones are what is known here (npm run generate)', () => {
  for (const family of documented) assert.equal(text(`phones/${family.id}.md`), familyDocument(family), family.id);
  assert.deepEqual(
    readdirSync(new URL('phones/', docs)).sort(),
    [...documented.map(({ id }) => `${id}.md`), 'template.md'].sort(),
  );
  assert.equal(text('phones.md'), withFamilyTable(text('phones.md')));
});

test('every family has an address, a user ID and a password to type, and says how that is known', () => {
  assert.equal(new Set(families.map(({ id }) => id)).size, families.length);
  for (const { id, known, fields } of families) {
    assert.match(id, /^[a-z0-9-]+$/);
    assert.match(known, /\.$/);
    for (const value of ['address', 'user ID', 'password'])
      assert.equal(fields.filter((field) => field.value === value).length, 1, `${id}: ${value}`);
  }
});

test('an id nobody has is that of all other phones', () => {
  assert.equal(familyOf('nokia-s60').name, 'Nokia S60');
  assert.equal(familyOf('../etc').id, 'other');
});

test('prose: code, menus and links, everything else escaped', () => {
  assert.equal(
    prose('*IM* → `a<b>` & [see](https://example.org/x) it ([how](../a.md)). Please [fill in](template.md).').text,
    '<em>IM</em> → <code>a&lt;b&gt;</code> &amp; <a href="https://example.org/x">see</a> it. Please fill in.',
  );
});
