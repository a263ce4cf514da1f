// The promise for pictures: what was acknowledged to the phone that sent it is shown on the other, once and octet by octet,
// however often the process dies between an upload, the message about it, the fetching and the showing.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../base/clock.ts';
import { seededRandom, systemRandom } from '../../../base/random.ts';
import { CspClient } from '../../../imps/client/client.ts';
import { httpPost } from '../../../imps/client/node.ts';
import { type Personality, strict, wbxml12 } from '../../../imps/client/personality.ts';
import { startDoomed } from '../../testing/doomed-process.ts';

/** `npm run test:kill` sets it. `npm test` has no time for it: there each operation is killed by itself (killing/). */
const kills = Number(process.env['KILLS'] ?? 0);
const skip = kills === 0 && 'npm run test:kill';
const picturesEach = 1 * kills;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Person {
  readonly client: CspClient;
  readonly acknowledged: string[];
  readonly shown: string[];
}

test('kill -9 loses no picture that was acknowledged and shows none twice', {
  timeout: 240_000,
  skip,
}, async (context) => {
  const seed = Number(process.env['SEED'] ?? systemRandom.fraction() * 2 ** 31) | 0;
  context.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-kill-'));
  const untilNext = (kill: number): number => (kill < kills ? 5 + Math.floor(random.fraction() * 90) : 0);
  const doom = { directory, users: ['anna', 'mila'], serves: 'everything and files' } as const;
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
        if (content.name === 'NewMessage')
          one.shown.push(`${content.MessageInfo.ContentType} ${Buffer.from(String(content.ContentData), 'base64')}`);
    })();
    return one;
  };
  const patient = { mustHave: [], retry: 'same', retryMsMax: 100, retriesMax: 600 } as const;
  const anna = await person('anna', { ...strict, ...patient });
  const mila = await person('mila', { ...wbxml12, ...patient });

  const send = async (from: Person, to: string, text: string): Promise<void> => {
    const ContentData = Buffer.from(text).toString('base64');
    const answer = await from.client.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport: false,
        MessageInfo: {
          ContentType: 'image/jpeg',
          ContentEncoding: 'BASE64',
          ContentSize: ContentData.length,
          Recipient: { User: [{ UserID: `wv:${to}@home.test` }] },
          Sender: { User: { UserID: 'wv:me' } },
        },
        ContentData,
      },
      'SendMessage-Response',
    );
    assert.equal(answer.Result.Code, 200, answer.Result.Description);
  };
  const chatter = async (from: Person, to: string): Promise<void> => {
    for (let number = 1; number <= picturesEach; number++) {
      const text = `${to} ${number} `.padEnd(9000, `${number}`);
      await send(from, to, text);
      from.acknowledged.push(`image/jpeg ${text}`);
    }
  };
  const chatting = Promise.all([chatter(anna, 'mila'), chatter(mila, 'anna')]);
  chatting.catch(() => {});
  for (let kill = 0; kill < kills; kill++) {
    if (kill === 0) running.child.kill('SIGKILL');
    await running.exited;
    running = await startDoomed({ ...doom, users: [], port, lastMoment: untilNext(kill + 1) });
  }
  await chatting.catch((cause: unknown) => {
    throw new Error(`SEED=${seed}`, { cause });
  });
  // A file that could not be fetched while the process started is fetched again after 5 s, and after 30 more.
  for (let tries = 0; tries < 900; tries++) {
    if (anna.shown.length >= picturesEach && mila.shown.length >= picturesEach) break;
    await pause(100);
  }
  // Time for a second showing, if there were one.
  await pause(1500);
  anna.client.drop();
  mila.client.drop();
  running.child.kill('SIGKILL');
  await running.exited;
  rmSync(directory, { recursive: true });

  for (const [one, other] of [
    [anna, mila],
    [mila, anna],
  ] as const)
    assert.deepEqual(
      one.shown.map((text) => text.slice(0, 30)).sort(),
      other.acknowledged.map((text) => text.slice(0, 30)).sort(),
      `all, and once (SEED=${seed})`,
    );
  for (const text of [...anna.shown, ...mila.shown])
    assert.ok([...anna.acknowledged, ...mila.acknowledged].includes(text), 'octet by octet');
  assert.deepEqual(
    [...anna.client.complaints, ...mila.client.complaints].filter((one) => !/no HTTP answer/.test(one)),
    [],
  );
});
