// `npm run test:soak -- --rounds 20`: the crash test again and again, harder than in CI, until the rounds are done or a
// promise is broken.  --seed N: the first round's seed; the others follow.  --kills N: kills of each round.

import { parseArgs } from 'node:util';
import { systemRandom } from '../../src/base/random.ts';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(systemRandom.fraction() * 2 ** 31)) },
    kills: { type: 'string', default: '40' },
  },
});
const [rounds, seed, kills] = [values.rounds, values.seed, values.kills].map(Number) as [number, number, number];
if (![rounds, seed, kills].every((one) => Number.isSafeInteger(one) && one >= 0))
  throw new RangeError('--rounds, --seed and --kills are whole numbers');

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
