// Any tree of elements comes back as it was: through the tables of every version, and through literals.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CspVersion, cspVersions, decode, encode, namespaces, type WbxmlElement } from './index.ts';
import { tablesFor } from './tables.ts';
import { xmlOf } from './vectors/format.ts';

const names = (version: CspVersion): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...tablesFor(version).byName.keys()) },
    { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z][\w.-]{0,12}$/) },
  );
const values = [...tablesFor('1.3').values].filter((value) => value !== undefined);
const texts = fc.oneof(
  fc.constantFrom('T', 'F', '0', '200', '4294967295', '4294967296', '007', 'T ', ...values),
  fc.nat().map(String),
  fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0')),
  fc.string({ minLength: 1, maxLength: 300 }).filter((text) => !text.includes('\0')),
);
const uris = (version: CspVersion): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...Object.values(namespaces[version])), fc.constant('urn:x'), fc.constant(''));

function trees(version: CspVersion): fc.Arbitrary<WbxmlElement> {
  const attribute = fc.record({ name: fc.stringMatching(/^[a-w]{1,6}$/), value: texts });
  const withChildren = (children: fc.Arbitrary<WbxmlElement[]>): fc.Arbitrary<WbxmlElement> =>
    fc.record(
      {
        name: names(version),
        xmlns: uris(version),
        attributes: fc.array(attribute, { minLength: 1, maxLength: 3 }),
        text: texts,
        children,
      },
      { requiredKeys: ['name', 'children'] },
    );
  let tree = withChildren(fc.constant([]));
  for (let depth = 0; depth < 4; depth++) tree = withChildren(fc.array(tree, { maxLength: 3 }));
  return tree;
}

describe('wbxml round trip', () => {
  for (const version of cspVersions)
    it(`any tree, CSP ${version}`, () => {
      fc.assert(
        fc.property(trees(version), (root) => {
          // A root in a namespace of another version would be read by that version's tables.
          const { xmlns: _, ...rest } = root;
          const outcome = decode(encode({ version, root: rest }));
          assert(outcome.ok, JSON.stringify(outcome));
          assert.equal(outcome.value.version, version);
          assert.equal(xmlOf(outcome.value.root), xmlOf(rest));
        }),
        { numRuns: 300 },
      );
    });

  it('every element and every value of every version', () => {
    for (const version of cspVersions) {
      const { byName, values } = tablesFor(version);
      for (const name of byName.keys())
        for (const text of [undefined, '5', 'T', ...(name === 'Cap' || name === 'ContentData' ? values : [])]) {
          const outcome = decode(encode({ version, root: { name, children: [], text } }));
          assert(outcome.ok && outcome.value.root.name === name && outcome.value.root.text === text, `${name} ${text}`);
        }
    }
  });

  it('octets, and text of every length', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (opaque) => {
        const outcome = decode(encode({ version: '1.2', root: { name: 'ContentData', children: [], opaque } }));
        assert(outcome.ok);
        assert.deepEqual([...(outcome.value.root.opaque ?? [])], [...opaque]);
      }),
    );
    for (const unit of ['a', 'é', '雪', '😀'])
      for (let length = 1; length < 70; length++) {
        const text = 'x'.repeat(length % 7) + unit.repeat(length);
        const outcome = decode(encode({ version: '1.2', root: { name: 'ContentData', children: [], text } }));
        assert(outcome.ok && outcome.value.root.text === text);
      }
    const long = 'long é '.repeat(20_000);
    const outcome = decode(encode({ version: '1.2', root: { name: 'ContentData', children: [], text: long } }));
    assert(outcome.ok && outcome.value.root.text === long);
  });

  it('leaves out what a WBXML string cannot hold', () => {
    const outcome = decode(encode({ version: '1.2', root: { name: 'Note', children: [], text: 'a\0b\ud800\0é' } }));
    assert(outcome.ok);
    assert.equal(outcome.value.root.text, 'ab\ufffdé');
  });
});
