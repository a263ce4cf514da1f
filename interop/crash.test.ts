// The promise under everything else: nothing acknowledged is lost, nothing is shown twice to a phone. Twenty phones and
// twenty XMPP clients exchange numbered messages with real parts while onesoup is killed (SIGKILL) at random instants.
// SEED=n repeats the kills of a run; `npm run test:soak` goes on for many rounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../src/base/random.ts';
import { run } from './crash/run.ts';

test('kill -9 under 20 phones and 20 XMPP clients', { timeout: 150_000 }, async (context) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(systemRandom.fraction() * 2 ** 31));
  context.diagnostic(`SEED=${seed}`);
  const { told, wrongs } = await run({
    seed,
    kills: 6,
    upMs: [300, 3000],
    whileStarting: 0.2,
    people: { phones: 20, xmpp: 20 },
    pauseMs: 500,
    settleMs: 70_000,
  });
  for (const line of told) context.diagnostic(line);
  assert.deepEqual(wrongs, [], `SEED=${seed}`);
});
