import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromJson, toJson } from './json.ts';

test('values come back as they were, octets anywhere in them', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.uint8Array());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value')),
      fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,6}$/), tie('value')),
    ),
  }));
  fc.assert(
    fc.property(value, (one) => {
      // Objects out of fast-check have no prototype, those out of JSON have.
      assert.deepEqual(fromJson(toJson(one)), structuredClone(one));
    }),
  );
});

test('a text that looks like octets is a text', () => {
  assert.deepEqual(fromJson(toJson({ text: '{"$octets":"AAAA"}' })), { text: '{"$octets":"AAAA"}' });
});
