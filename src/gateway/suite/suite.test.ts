import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { complaintsOf, readShown, shownFile, tableOf } from '../conformance/table.ts';
import { Witness } from '../conformance/witness.ts';
import { inProcess } from './in-process.ts';
import { phones, plainTextPhones } from './personalities.ts';
import { serviceSuite } from './suite.ts';

const witness = new Witness();
serviceSuite('our own server', inProcess, [...phones, ...plainTextPhones], witness);

test('the conformance table tells what the conversations above show (npm run conformance writes it)', () => {
  if (process.env.CONFORMANCE === 'write')
    writeFileSync(shownFile, `${JSON.stringify(tableOf(witness), undefined, 2)}\n`);
  assert.deepEqual(complaintsOf(readShown(), witness), []);
});
