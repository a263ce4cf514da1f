import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { loadConfig } from '../config/config.ts';
import { macOf } from '../provisioning/push.ts';
import { decode } from '../provisioning/wbxml.ts';
import { KannelBox } from '../sms/testing/kannel-box.ts';
import type { RunningApp } from './serve.ts';
import { Place } from './testing.ts';

const server = ['--server', 'http://chat.test'];

test('settings are shown in the words of a phone', async () => {
  using place = new Place().write();
  const { out } = await place.run(['phones', 'settings', 'ann', '--phone', 'nokia-s60', ...server]);
  assert.match(out, /^in Nokia S60 +type\n/);
  assert.match(out, /\nWeb address +http:\/\/chat\.test\/csp\n/);
  assert.match(out, /\nUser ID +ann\n/);
  const foreign = await place.run(['phones', 'settings', 'mila@other.test', ...server]);
  assert.match(foreign.out, /\nUser ID +wv:mila@other\.test\n/);
});

test('… and where phones reach the server can stand in the configuration', async () => {
  using place = new Place().write();
  assert.match((await place.run(['phones', 'settings', 'ann'])).err, /--server http:\/\/…, or set web\.phone_url/);
  using told = new Place().write({ web: { phone_url: 'http://chat.home.test/' } });
  assert.match((await told.run(['phones', 'settings', 'ann'])).out, /http:\/\/chat\.home\.test\/csp/);
});

test('a file, for its owner only, with the password only when it was given', async () => {
  using place = new Place().write();
  const file = (name: string): string => join(place.directory, name);
  const write = (name: string, more: readonly string[] = [], input = '') =>
    place.run(['phones', 'settings', 'ann', '--file', file(name), ...server, ...more], input);
  assert.equal((await write('ann.prov')).out, 'ann.prov has the settings of ann@home.test\n');
  const read = decode(readFileSync(file('ann.prov')));
  assert.ok(read.ok);
  assert.doesNotMatch(JSON.stringify(read.value), /AAUTHSECRET/);
  assert.equal(statSync(file('ann.prov')).mode & 0o777, 0o600);
  await write('ann.xml', ['--password-stdin', '--apn', 'internet'], 'soup2005\n');
  assert.match(readFileSync(file('ann.xml'), 'utf8'), /internet.*wA.*soup2005/s);
  assert.match((await write('no/where.prov')).err, /^onesoup: cannot write .*where\.prov/);
  assert.match((await write('x.prov', ['--apn', 'a b'])).err, /^onesoup: an access point \(APN\) has letters/);
});

test('a message, by the running server', async () => {
  const kannel = new KannelBox();
  await kannel.listen();
  using place = new Place();
  const secret = (name: string, text: string): string => {
    writeFileSync(join(place.directory, name), text, { mode: 0o600 });
    return join(place.directory, name);
  };
  place.write({
    sms: {
      carrier: 'kannel',
      number: '46700000000',
      kannel: {
        url: kannel.url,
        username: kannel.username,
        password_file: secret('password', kannel.password),
        incoming_secret_file: secret('incoming', kannel.secret),
      },
    },
  });
  const send = (...more: readonly string[]) => place.run(['phones', 'settings', 'ann', ...server, ...more]);
  assert.match((await send('--sms', '+46700000001')).err, /no server runs here/);
  assert.match((await send('--sms', '0700000001')).err, /with its country/);
  assert.match((await send('--sms', '+46700000001', '--pin', '12a')).err, /digits/);
  const { startApp } = (await import(new URL('../app.ts', import.meta.url).href)) as {
    readonly startApp: (config: object, log: object) => Promise<RunningApp>;
  };
  const app = await startApp(loadConfig(place.config), silentLog);
  try {
    const phone = kannel.network.phone('46700000001');
    const { out } = await send('--sms', '+46 700 000 001', '--phone', 'nokia-s60');
    const [, pin = ''] = /on their way to \+46700000001; the phone will ask for the PIN (\d{4})\n$/.exec(out) ?? [];
    assert.match((await send('--sms', '+46700000001', '--imsi', '240010123456789')).out, /to \+46700000001\n$/);
    const [first, second] = phone.inbox.map(({ content, ports }) => {
      assert.equal(ports?.destination, 2948);
      assert.ok(content.coding === 'octets');
      const document = content.octets.subarray(3 + (content.octets[2] ?? 0));
      assert.ok(decode(document).ok);
      return { document, mac: Buffer.from(content.octets.subarray(9, 49)).toString() };
    });
    assert.equal(first?.mac, macOf(first?.document ?? new Uint8Array(), { method: 'userpin', pin }));
    assert.equal(
      second?.mac,
      macOf(second?.document ?? new Uint8Array(), { method: 'netwpin', imsi: '240010123456789' }),
    );
  } finally {
    await app.stop();
    await kannel.close();
  }
});

test('without a carrier the server says so', async () => {
  using place = new Place().write();
  const { startApp } = (await import(new URL('../app.ts', import.meta.url).href)) as {
    readonly startApp: (config: object, log: object) => Promise<RunningApp>;
  };
  const app = await startApp(loadConfig(place.config), silentLog);
  try {
    const { err } = await place.run(['phones', 'settings', 'ann', '--sms', '+46700000001', ...server]);
    assert.equal(err, 'onesoup: sms.carrier is none: nobody carries short messages\n');
  } finally {
    await app.stop();
  }
});
