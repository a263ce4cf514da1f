import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseContent, parseNamed, parseVersions } from './notation.ts';

test('versions as a set', () => {
  const rows: [string, number][] = [
    ['1.1', 1],
    ['1.2', 2],
    ['1.3', 4],
    ['1.2-', 6],
    ['-1.2', 3],
    ['1.1-1.2', 3],
  ];
  for (const [text, versions] of rows) assert.equal(parseVersions(text), versions, text);
  for (const text of ['', '-', '1.4', '1.3-1.1', 'x']) assert.throws(() => parseVersions(text), /no range/, text);
});

test('particles, groups and what follows them', () => {
  const element = (name: string, count = '1', versions = 7, bare = false) => ({
    kind: 'element',
    name,
    bare,
    count,
    versions,
  });
  assert.deepEqual(parseContent(''), []);
  assert.deepEqual(parseContent('A, B?{1.3}, <C>{-1.2}, D-E!'), [
    element('A'),
    element('B', '?', 4),
    element('C', '1', 3, true),
    element('D-E', '!'),
  ]);
  assert.deepEqual(parseContent('((A, B*) | C)+{1.2-}'), [
    {
      kind: 'one',
      parts: [{ kind: 'all', parts: [element('A'), element('B', '*')], count: '1', versions: 7 }, element('C')],
      count: '+',
      versions: 6,
    },
  ]);
  assert.equal(parseContent('(A / B)')[0]?.kind, 'first');
  for (const text of ['A B', 'A, B | C', '(A', 'A)', 'A??', '9', 'A{1.4}'])
    assert.throws(() => parseContent(text), /content model|no range/, text);
});

test('names with versions', () => {
  assert.deepEqual(parseNamed('SHTTP{1.2-}'), { name: 'SHTTP', versions: 6 });
  assert.throws(() => parseNamed('a b'), /no name/);
});
