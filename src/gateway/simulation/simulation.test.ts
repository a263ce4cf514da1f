// What the owner of a phone is promised, lived through: see run.ts. Here some hours with a few phones. Days with two hundred,
// without the weight of a test runner that follows every promise:
//
//   npm run test:soak -- --rounds 0 --lives 1 --hours 48 --seed 7
//
// PHONES, HOURS and SEEDS change what is lived here; SEED=n: the first of the seeds, 1 without it. The same seed lives the same life, as far as the code under test is the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './run.ts';

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const phones = number('PHONES', 13);

for (let at = 0; at < number('SEEDS', 1); at++) {
  const seed = number('SEED', 1) + at;
  test(`phones, people and a network of 2009, seed ${seed}`, { timeout: 4 * 3_600_000 }, async (context) => {
    const { told, wrongs } = await simulate({
      seed,
      phones,
      xmppClients: Math.ceil(phones / 10),
      servers: phones < 100 ? 2 : 3,
      hours: number('HOURS', 2),
    });
    for (const line of told) context.diagnostic(line);
    assert.equal(wrongs.length, 0, wrongs.join('\n'));
  });
}
