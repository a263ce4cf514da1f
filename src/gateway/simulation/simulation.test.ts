// What the owner of a phone is promised, lived through: see run.ts. As part of the tests a few hours with some phones; for days
// with two hundred of them: SEEDS=5 HOURS=48 PHONES=200 node --test src/gateway/simulation/simulation.test.ts
// SEED=n: that seed, the first of SEEDS.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './run.ts';

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const phones = number('PHONES', 22);

for (let at = 0; at < number('SEEDS', 1); at++)
  test(`phones, people and a network of 2009, seed ${number('SEED', 1) + at}`, {
    timeout: 3_600_000,
  }, async (context) => {
    const { told, wrongs } = await simulate({
      seed: number('SEED', 1) + at,
      phones,
      xmppClients: number('DESKS', Math.ceil(phones / 10)),
      servers: 2,
      hours: number('HOURS', 4),
      badness: number('BADNESS', 1),
      restarts: number('RESTARTS', 1) === 1,
    });
    for (const line of told) context.diagnostic(line);
    assert.equal(wrongs.length, 0, wrongs.join('\n'));
  });
