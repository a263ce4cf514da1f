// What the content model allows is written and comes back the same, in every version and both encodings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { primitiveInfo } from './lookup.ts';
import { type CspMessage, isRefused } from './message.ts';
import { samplePrimitive } from './model/sample.ts';
import { readMessage } from './read-message.ts';
import { cspVersions } from './version.ts';
import { writeMessage } from './write-message.ts';

/** Without undefined properties, octets as arrays. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

for (const version of cspVersions)
  for (const encoding of ['xml', 'wbxml'] as const)
    test(`CSP ${version} in ${encoding}: any value of any primitive comes back`, () => {
      const names = [...primitiveInfo.values()]
        .filter(({ versions }) => versions.includes(version))
        .map(({ name }) => name);
      for (const name of names)
        fc.assert(
          fc.property(fc.integer({ min: 0 }), (seed) => {
            const content = samplePrimitive(name, version, seed);
            const message: CspMessage = {
              version,
              sessionType: 'Inband',
              sessionId: 's-42',
              transactions: [{ mode: 'Request', id: 'nok1', content }],
              poll: seed % 2 === 0,
            };
            const read = readMessage(writeMessage(message, encoding));
            assert.ok(read.ok, JSON.stringify(read));
            assert.equal(read.value.encoding, encoding);
            assert.ok(!read.value.message.transactions.some(isRefused), JSON.stringify(read.value.message));
            assert.deepEqual(plain(read.value.message), plain(message));
            assert.deepEqual(read.value.notes, []);
          }),
          { numRuns: 12 },
        );
    });
