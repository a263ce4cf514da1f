// Every vector read whole, cut at every octet and with octets trailing; written and compared; and the documents that are
// none refused with the reason and offset that faults.txt gives.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { decode, encode, type WbxmlElement } from './index.ts';
import { fromHex, vectorsFrom, xmlOf } from './vectors/format.ts';

const text = (name: string): string => readFileSync(new URL(`./vectors/${name}.txt`, import.meta.url), 'utf8');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Only what is there, so that absent and undefined compare alike. */
const plain = (element: WbxmlElement): unknown => ({
  name: element.name,
  ...(element.xmlns === undefined ? {} : { xmlns: element.xmlns }),
  ...(element.attributes === undefined ? {} : { attributes: element.attributes }),
  ...(element.text === undefined ? {} : { text: element.text }),
  ...(element.opaque === undefined ? {} : { opaque: hex(element.opaque) }),
  children: element.children.map(plain),
});

for (const file of ['messages', 'forms'])
  describe(`wbxml vectors: ${file}`, () => {
    const vectors = vectorsFrom(text(file));
    assert(vectors.length > 10);
    for (const vector of vectors)
      it(vector.name, () => {
        const outcome = decode(vector.bytes);
        assert(outcome.ok, JSON.stringify(outcome));
        assert.deepEqual(plain(outcome.value.root), plain(vector.root));
        assert.equal(outcome.value.version, vector.version);
        if (vector.written) assert.equal(hex(encode(outcome.value)), hex(vector.written));

        const again = decode(encode(outcome.value));
        assert(again.ok && xmlOf(again.value.root) === xmlOf(outcome.value.root));

        for (let length = 0; length < vector.bytes.length; length++) {
          const cut = decode(vector.bytes.subarray(0, length));
          // A document that ends in a processing instruction is whole without it.
          if (cut.ok) assert.equal(xmlOf(cut.value.root), xmlOf(outcome.value.root));
          else assert.deepEqual(cut.fault, { reason: 'truncated', offset: length });
        }
        const longer = decode(Uint8Array.of(...vector.bytes, 0x09));
        assert.deepEqual(longer, { ok: false, fault: { reason: 'trailing', offset: vector.bytes.length } });
      });
  });

describe('wbxml vectors: faults', () => {
  const lines = text('faults').matchAll(/^([a-z-]+) (\d+):([ 0-9A-F]*)/gm);
  for (const [line, reason, offset, octets = ''] of lines)
    it(line.trim(), () => {
      const outcome = decode(fromHex(octets));
      assert.deepEqual(outcome, { ok: false, fault: { reason, offset: Number(offset) } });
    });
});
