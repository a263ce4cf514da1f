import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { loadConfig } from '../config/config.ts';
import type { SessionOverview } from '../gateway/gateway.ts';
import { CspClient } from '../imps/client/client.ts';
import { httpPost } from '../imps/client/node.ts';
import { page } from './phones.ts';
import type { RunningApp } from './serve.ts';
import { Place } from './testing.ts';

test('each phone in a line, the one heard last first; what phones say cannot play with the terminal', () => {
  const phone: SessionOverview = {
    user: 'mila@home.test',
    client: 'url:http://phone.example/1',
    version: '1.2',
    userAgent: 'Nokia6630\u001b[31m',
    remoteAddress: '192.0.2.7',
    lastHeardAt: 1_000_000,
    waiting: 3,
    channels: [
      { method: 'STCP', isUp: true, hasWorked: true },
      { method: 'SUDP', isUp: true, hasWorked: false },
    ],
    hasLink: true,
  };
  assert.equal(
    page(
      [
        phone,
        {
          ...phone,
          userAgent: '',
          channels: [{ method: 'STCP', isUp: false, hasWorked: true }],
          hasLink: false,
          lastHeardAt: 1_050_000,
        },
        { ...phone, channels: [], lastHeardAt: 400_000, waiting: 0 },
      ],
      1_060_000,
    ),
    [
      'address         phone                       CSP  woken by    last heard  from       waiting  server',
      'mila@home.test  url:http://phone.example/1  1.2  (STCP)      10 s ago    192.0.2.7  3        not connected',
      'mila@home.test  Nokia6630\ufffd[31m              1.2  STCP* SUDP  60 s ago    192.0.2.7  3        connected',
      'mila@home.test  Nokia6630\ufffd[31m              1.2  polling     11 min ago  192.0.2.7  0        connected',
    ].join('\n'),
  );
});

test('a phone is seen by the operator, and signed out with a word', async () => {
  using place = new Place().write();
  assert.match((await place.run(['phones'])).err, /no server runs here/);
  assert.match((await place.run(['phones', 'kick', 'mila'])).err, /no server runs here/);
  const { startApp } = (await import(new URL('../app.ts', import.meta.url).href)) as {
    readonly startApp: (config: object, log: object) => Promise<RunningApp>;
  };
  const app = await startApp(loadConfig(place.config), silentLog);
  try {
    assert.equal((await place.run(['phones'])).out, 'no phone is signed in\n');
    assert.match((await place.run(['phones', 'kick', 'mila'])).err, /no phone of mila is signed in/);
    await place.run(['user', 'add', 'mila', '--password-stdin'], 'secret');
    using post = httpPost(`http://${app.listening.http}/imps`);
    const make = (): CspClient =>
      new CspClient({ post, clock: systemClock, random: systemRandom, user: 'wv:mila', password: 'secret' });
    const mila = make();
    await mila.signIn();
    assert.match((await place.run(['phones'])).out, /mila@home\.test {2}url:http.* 1\.1 .*polling .*127\.0\.0\.1/);
    const listed = JSON.parse((await place.run(['phones', 'list', '--address', 'mila', '--json'])).out);
    assert.equal(listed[0].user, 'mila@home.test');
    assert.equal((await place.run(['phones', '--address', 'anna'])).out, 'no phone is signed in\n');

    const kicked = await place.run(['phones', 'kick', 'mila@home.test', '--reason', 'The phone was lost.']);
    assert.equal(kicked.out, 'one phone was signed out\n');
    const arrivals = mila.arrivals();
    await mila.poll();
    const { value } = await arrivals.next();
    assert.deepEqual(value?.content, { name: 'Disconnect', Result: { Code: 601, Description: 'The phone was lost.' } });

    const again = make();
    await again.signIn();
    await place.run(['user', 'password', 'mila', '--password-stdin'], 'another');
    await assert.rejects(
      again.request({ name: 'GetList-Request' }).then(() => again.poll()),
      { code: 601 },
    );
    assert.equal((await place.run(['phones'])).out, 'no phone is signed in\n');
  } finally {
    await app.stop();
  }
});
