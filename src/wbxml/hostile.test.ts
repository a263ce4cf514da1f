// Octets from strangers: whatever they are, decode() gives a document or a fault, at a cost in proportion.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decode, type Limits } from './index.ts';
import { fromHex, vectorsFrom } from './vectors/format.ts';
import { judge } from './vectors/judge.ts';
import { mutated, seeded } from './vectors/mutate.ts';

const samples = ['messages', 'forms'].flatMap((name) =>
  vectorsFrom(readFileSync(new URL(`./vectors/${name}.txt`, import.meta.url), 'utf8')).map((vector) => vector.bytes),
);
const header = fromHex('03 10 6A 00');
const joined = (...parts: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const reasonOf = (bytes: Uint8Array, limits?: Partial<Limits>): string => {
  const outcome = decode(bytes, { limits });
  return outcome.ok ? 'none' : `${outcome.fault.reason} ${outcome.fault.offset}`;
};

describe('wbxml from strangers', () => {
  it('takes any octets after any beginning of a header', () => {
    const beginning = fc.constantFrom<number[]>([], [0x03], [0x03, 0x10, 0x6a, 0x00], [0x03, 0x12, 0x6a, 0x00, 0xc9]);
    fc.assert(
      fc.property(beginning, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        judge(joined(start, rest));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes 20 000 spoilt samples', () => {
    const seed = 20_260_117;
    const random = seeded(seed);
    const seen = new Set<string | undefined>();
    for (let run = 0; run < 20_000; run++) {
      const bytes = mutated(samples, random);
      try {
        seen.add(judge(bytes));
      } catch (error) {
        throw new Error(`seed ${seed}, run ${run}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
      }
    }
    // The spoiling reaches every kind of fault that does not take a large document, and leaves some samples whole.
    for (const reason of [
      'truncated',
      'trailing',
      'token',
      'unknown-tag',
      'string-table',
      'integer',
      'date',
      undefined,
    ])
      assert(seen.has(reason), String(reason));
  });

  it('holds every limit, to the unit', () => {
    const nested = joined(header, Array(64).fill(0x49), Array(64).fill(0x01));
    assert.equal(reasonOf(nested), 'none');
    assert.equal(reasonOf(nested, { depth: 63 }), 'limit-depth 67');
    const siblings = joined(header, [0x49], Array(99).fill(0x09), [0x01]);
    assert.equal(reasonOf(siblings, { elements: 100 }), 'none');
    assert.equal(reasonOf(siblings, { elements: 99 }), 'limit-elements 103');
    assert.equal(reasonOf(siblings, { bytes: siblings.length }), 'none');
    assert.equal(reasonOf(siblings, { bytes: 20 }), 'limit-bytes 20');
    const attributes = joined(header, [0x89], Array(5).fill(0x05), [0x01]);
    assert.equal(reasonOf(attributes, { attributes: 5 }), 'none');
    assert.equal(reasonOf(attributes, { attributes: 4 }), 'limit-attributes 9');
    const table = joined([0x03, 0x10, 0x6a, 4, 0x61, 0x62, 0x63, 0x00, 0x49], Array(10).fill([0x83, 0x00]).flat(), [1]);
    assert.equal(reasonOf(table, { stringTable: 4, text: 30 }), 'none');
    assert.equal(reasonOf(table, { stringTable: 3 }), 'limit-string-table 3');
    assert.equal(reasonOf(table, { text: 29 }), 'limit-text 29');
  });

  it('stops within its limits at bombs, soon and without memory', () => {
    const bombs: Record<string, Uint8Array> = {
      'a million nested elements': joined(header, Array(1_000_000).fill(0x49)),
      'a million siblings': joined(header, [0x49], Array(1_000_000).fill(0x09)),
      'a string table said over and over': joined(
        [0x03, 0x10, 0x6a, 0x83, 0xff, 0x7f],
        Array(65_534).fill(0x61),
        [0x00, 0x49],
        Array(200_000).fill([0x83, 0x00]).flat(),
        [0x01],
      ),
      'every suffix of the string table': joined(
        [0x03, 0x10, 0x6a, 0x83, 0xff, 0x7f],
        Array(65_534).fill(0x61),
        [0x00, 0x49],
        Array.from({ length: 65_534 }, (_, at) => [
          0x83,
          0x80 | (at >> 14),
          0x80 | ((at >> 7) & 0x7f),
          at & 0x7f,
        ]).flat(),
        [0x01],
      ),
      'an opaque of four gigabytes': joined(header, [0x49, 0xc3, 0x8f, 0xff, 0xff, 0xff, 0x7f]),
      'a string table of four gigabytes': fromHex('03 10 6A 8F FF FF FF 7F 00'),
      'attributes without end': joined(header, [0x89], Array(1_000_000).fill(0x05)),
      'page switches without end': joined(header, [0x49], Array(1_000_000).fill(0x00)),
      'instructions without end': joined(header, Array(300_000).fill([0x43, 0x01]).flat()),
      'entities without end': joined(header, [0x49], Array(500_000).fill([0x02, 0x41]).flat()),
    };
    for (const [name, bytes] of Object.entries(bombs)) {
      const before = process.memoryUsage();
      const began = performance.now();
      const reason = reasonOf(bytes);
      const took = performance.now() - began;
      const after = process.memoryUsage();
      const grown = after.heapUsed + after.external - before.heapUsed - before.external;
      assert.notEqual(reason, 'none', name);
      assert(took < 1000, `${name}: ${took} ms`);
      assert(grown < 64_000_000, `${name}: ${grown} octets`);
    }
  });
});
