// The whole program wakes phones, over what they are told in its own words; the operator sees by what.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { loadConfig } from '../config/config.ts';
import { CspClient } from '../imps/client/client.ts';
import { httpPost, tcpCir, udpCir } from '../imps/client/node.ts';
import { wbxml12, wbxml13 } from '../imps/client/personality.ts';
import type { CirOpener } from '../imps/client/transport.ts';
import type { RunningApp } from './serve.ts';
import { Place } from './testing.ts';

test('an account has a number, or none', async () => {
  using place = new Place().write();
  await place.run(['user', 'add', 'mila', '--password-stdin'], 'secret');
  const number = async (...args: readonly string[]) => {
    const { out, err } = await place.run(['user', 'number', ...args]);
    return (out || err).trim();
  };
  assert.match(await number('mila', '+46 70-123 45 67'), /phones of mila@home\.test .* may be woken by short message/);
  assert.match(await number('mila', 'off'), /phones of mila@home\.test are not sent short messages any more/);
  assert.match(await number('mila', '112'), /112 is not an international telephone number/);
  assert.match(await number('nobody', '+46701234567'), /there is no account nobody@home\.test/);
  assert.match(await number('otto@other.test', '+46701234567'), /phones of otto@other\.test/);
});

test('a message wakes phones over TCP, UDP and HTTP, each as the server told it to', async () => {
  using place = new Place().write({
    cir: { methods: ['STCP', 'SUDP', 'SHTTP'], datagram_networks: ['127.0.0.0/8'] },
    gateway: { poll_hold_seconds: 0 },
  });
  const { startApp } = (await import(new URL('../app.ts', import.meta.url).href)) as {
    readonly startApp: (config: object, log: object) => Promise<RunningApp>;
  };
  const app = await startApp(loadConfig(place.config), silentLog);
  const phones: CspClient[] = [];
  try {
    using post = httpPost(`http://${app.listening.http}/csp`);
    const signIn = async (name: string, cir: CirOpener, personality = wbxml12): Promise<CspClient> => {
      await place.run(['user', 'add', name, '--password-stdin'], 'secret');
      const user = `wv:${name}`;
      const phone = new CspClient({
        post,
        clock: systemClock,
        random: systemRandom,
        user,
        password: 'secret',
        cir,
        personality,
      });
      phones.push(phone);
      await phone.start();
      return phone;
    };
    const asked: string[] = [];
    const get = async (url: string): Promise<number> => {
      asked.push(url);
      return (await fetch(url)).status;
    };
    const tomas = await signIn('tomas', {});
    const mila = await signIn('mila', { tcp: tcpCir() });
    const anna = await signIn('anna', { udp: udpCir() });
    const otto = await signIn('otto', { get }, wbxml13);
    await otto.askCir();
    for (const phone of [mila, anna, otto]) assert.equal(phone.hasCir, true);
    for (const name of ['mila', 'anna', 'otto']) await tomas.sendText(`wv:${name}`, `till ${name}`);
    assert.equal((await mila.next('NewMessage')).ContentData, 'till mila');
    assert.equal((await anna.next('NewMessage')).ContentData, 'till anna');
    let isThere = false;
    const arrival = otto.next('NewMessage').finally(() => {
      isThere = true;
    });
    // It does so by itself every ten seconds.
    while (!isThere) {
      await otto.askCir();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal((await arrival).ContentData, 'till otto');
    assert.match(asked[0] ?? '', new RegExp(`^http://${app.listening.http}/cir/\\w{26}$`));
    assert.equal(new Set(asked).size, 1);
    for (const phone of phones) assert.deepEqual(phone.complaints, []);

    const { out } = await place.run(['phones']);
    assert.match(out, /mila@home\.test .* STCP\* /);
    assert.match(out, /anna@home\.test .* SUDP\* /);
    assert.match(out, /otto@home\.test .* SHTTP\* /);
    assert.match(out, /tomas@home\.test .* polling /);
    const metrics = await (await fetch(`http://${app.listening.http}/metrics`)).text();
    for (const channel of ['STCP', 'SUDP', 'SHTTP'])
      assert.match(metrics, new RegExp(`onesoup_csp_wakeups_worked_total\\{channel="${channel}"\\} 1\n`));
    assert.match(metrics, /onesoup_csp_cir_connections 1\n/);
  } finally {
    for (const phone of phones) phone.drop();
    await app.stop();
  }
});
