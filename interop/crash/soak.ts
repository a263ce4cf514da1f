// `npm run test:soak -- --rounds 20`: the crash test again and again, harder than in CI, until the rounds are done or a
// promise is broken.  --seed N: the first round's seed; the others follow.  --kills N: kills of each round.
// Then days in the life of 200 phones, out of the same seeds:  --lives N: how many.  --hours N: simulated hours of each.

import { parseArgs } from 'node:util';
import { systemRandom } from '../../src/base/random.ts';
import { simulate } from '../../src/gateway/simulation/run.ts';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(systemRandom.fraction() * 2 ** 31)) },
    kills: { type: 'string', default: '40' },
    lives: { type: 'string', default: '3' },
    hours: { type: 'string', default: '48' },
  },
});
const whole = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} is a whole number`);
  return value;
};
const [rounds, seed, kills, lives, hours] = [
  whole('rounds'),
  whole('seed'),
  whole('kills'),
  whole('lives'),
  whole('hours'),
];

for (let round = 0; round < rounds; round++) {
  const { told, wrongs } = await run({
    seed: seed + round,
    kills,
    upMs: [200, 2000],
    whileStarting: 0.25,
    people: { phones: 20, xmpp: 20 },
    pauseMs: 250,
    settleMs: 150_000,
  });
  console.log(`round ${round + 1} of ${rounds}: ${wrongs.length === 0 ? 'good' : 'BROKEN'}`);
  for (const line of [...told, ...wrongs]) console.log(`  ${line}`);
  if (wrongs.length > 0) process.exit(1);
}

for (let life = 0; life < lives; life++) {
  const { told, wrongs } = await simulate({ seed: seed + life, phones: 200, xmppClients: 20, servers: 3, hours });
  console.log(`life ${life + 1} of ${lives}: ${wrongs.length === 0 ? 'good' : 'BROKEN'}`);
  for (const line of [...told, ...wrongs]) console.log(`  ${line}`);
  if (wrongs.length > 0) process.exit(1);
}
