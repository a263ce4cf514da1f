// The promise of the whole gateway: killed at any instant, it loses no message that was acknowledged to its sender, and shows
// none twice. Two phones exchange numbered messages while the process dies at moments of its own choice, between any two
// writes, and is started again under them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { seededRandom, systemRandom } from '../base/random.ts';
import { CspClient } from '../imps/client/client.ts';
import { httpPost } from '../imps/client/node.ts';
import { type Personality, strict, wbxml12 } from '../imps/client/personality.ts';
import { startDoomed } from './testing/doomed-process.ts';

/** `npm run test:kill` sets it. `npm test` has no time for it: there each operation is killed by itself (killing/). */
const kills = Number(process.env['KILLS'] ?? 0);
const skip = kills === 0 && 'npm run test:kill';
const messagesEach = 5 * kills;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Person {
  readonly client: CspClient;
  /** Texts the server said 200 to. */
  readonly acknowledged: string[];
  readonly shown: string[];
}

test('kill -9 loses nothing that was acknowledged and shows nothing twice', {
  timeout: 240_000,
  skip,
}, async (context) => {
  const seed = Number(process.env['SEED'] ?? systemRandom.fraction() * 2 ** 31) | 0;
  context.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-kill-'));
  const untilNext = (kill: number): number => (kill < kills ? 5 + Math.floor(random.fraction() * 90) : 0);
  const doom = { directory, users: ['anna', 'mila'], serves: 'messages' } as const;
  let running = await startDoomed(doom);
  context.after(() => running.child.kill('SIGKILL'));
  const { port } = running;

  const person = async (user: string, personality: Personality): Promise<Person> => {
    const post = httpPost(`http://127.0.0.1:${port}/csp`, { timeoutMs: 5000 });
    const client = new CspClient({
      post,
      clock: systemClock,
      random: systemRandom,
      user,
      password: 'secret',
      personality,
    });
    await client.start();
    const one: Person = { client, acknowledged: [], shown: [] };
    void (async () => {
      for await (const { content } of client.arrivals())
        if (content.name === 'NewMessage') one.shown.push(String(content.ContentData));
    })();
    return one;
  };
  const patient = { mustHave: [], retry: 'same', retryMsMax: 100, retriesMax: 600 } as const;
  const anna = await person('anna', { ...strict, ...patient });
  const mila = await person('mila', { ...wbxml12, ...patient });

  const chatter = async (from: Person, to: string): Promise<void> => {
    for (let number = 1; number <= messagesEach; number++) {
      const text = `${to} ${number}`;
      await from.client.sendText(to, text);
      from.acknowledged.push(text);
    }
  };
  const chatting = Promise.all([chatter(anna, 'mila'), chatter(mila, 'anna')]);

  for (let kill = 0; kill < kills; kill++) {
    if (kill === 0) running.child.kill('SIGKILL');
    await running.exited;
    running = await startDoomed({ ...doom, users: [], port, lastMoment: untilNext(kill + 1) });
  }
  await chatting.catch((cause: unknown) => {
    throw new Error(`SEED=${seed}`, { cause });
  });
  for (let tries = 0; tries < 200; tries++) {
    if (anna.shown.length >= messagesEach && mila.shown.length >= messagesEach) break;
    await pause(100);
  }
  // Time for a second showing, if there were one.
  await pause(1500);
  anna.client.drop();
  mila.client.drop();
  running.child.kill('SIGKILL');
  await running.exited;
  rmSync(directory, { recursive: true });

  assert.equal(anna.acknowledged.length, messagesEach);
  for (const [one, other] of [
    [anna, mila],
    [mila, anna],
  ] as const)
    assert.deepEqual(one.shown, other.acknowledged, `all, once and in order (SEED=${seed})`);
  assert.deepEqual(
    [...anna.client.complaints, ...mila.client.complaints].filter((one) => !/no HTTP answer/.test(one)),
    [],
  );
});
