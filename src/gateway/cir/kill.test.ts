// Killed between any two writes, the process wakes the phone after it has come back: a phone that polls only when it is woken
// gets everything that was acknowledged to its sender, and nothing twice.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { seededRandom, systemRandom } from '../../base/random.ts';
import { CspClient } from '../../imps/client/client.ts';
import { httpPost, udpCir } from '../../imps/client/node.ts';
import { wbxml12 } from '../../imps/client/personality.ts';
import { startDoomed } from '../testing/doomed-process.ts';

const kills = 4;
const messages = 18;

test('a phone that waits to be woken loses nothing to kill -9', { timeout: 240_000 }, async (context) => {
  const seed = Number(process.env['SEED'] ?? systemRandom.fraction() * 2 ** 31) | 0;
  context.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-cir-kill-'));
  const doom = { directory, users: ['anna', 'mila'], serves: 'messages' } as const;
  let running = await startDoomed(doom);
  const { port } = running;
  const phone = async (user: string, isWoken: boolean): Promise<CspClient> => {
    const client = new CspClient({
      post: httpPost(`http://127.0.0.1:${port}/csp`, { timeoutMs: 5000 }),
      clock: systemClock,
      random: systemRandom,
      user,
      password: 'secret',
      personality: { ...wbxml12, mustHave: [], retry: 'same', retryMsMax: 500, retriesMax: 60 },
      ...(isWoken && { cir: { udp: udpCir() } }),
    });
    await client.start();
    return client;
  };
  const anna = await phone('anna', true);
  const mila = await phone('mila', false);
  assert.deepEqual(anna.cirMethods, ['SUDP']);
  const shown: string[] = [];
  void (async () => {
    for await (const { content } of anna.arrivals())
      if (content.name === 'NewMessage') shown.push(String(content.ContentData));
  })();

  // From here on it is killed and started again and again.
  let isOver = false;
  const reaper = (async () => {
    running.child.kill('SIGKILL');
    await running.exited;
    for (let kill = 0; !isOver; kill++) {
      const lastMoment = kill < kills ? 5 + Math.floor(random.fraction() * 60) : 0;
      running = await startDoomed({ ...doom, users: [], port, lastMoment });
      if (lastMoment === 0) return;
      await running.exited;
    }
  })();
  try {
    const sent: string[] = [];
    for (let number = 1; number <= messages; number++) {
      const text = `nr ${number}`;
      await mila.sendText('wv:anna', text);
      sent.push(text);
      // The last ones come when nobody writes or kills any more: nothing but a wake-up brings them.
      if (number % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const end = performance.now() + 60_000;
    while (shown.length < sent.length && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(shown, sent);
  } finally {
    isOver = true;
    anna.drop();
    mila.drop();
    running.child.kill('SIGKILL');
    await reaper;
    running.child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});
