// The whole program, reached by short message: two phones chat through an SMSC over SMPP, kill -9 in between; and through Kannel.
// The doctor tells whether the carrier lets us in.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SmsPhone } from '../gateway/sms/testing/sms-phone.ts';
import { KannelBox } from '../sms/testing/kannel-box.ts';
import type { PhoneNetwork } from '../sms/testing/phones.ts';
import { Smsc } from '../sms/testing/smsc.ts';
import { listener, Place } from './testing.ts';

const ours = '46700000000';
const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 50));
const phoneOf = (network: PhoneNetwork, number: string): SmsPhone =>
  new SmsPhone({ phone: network.phone(number), server: ours, port: 3590, settle });

/** Signed in, and with our codes. */
const signIn = async (phone: SmsPhone, user: string): Promise<SmsPhone> => {
  assert.equal((await phone.signIn(user)).Result.Code, 200);
  await phone.askFor(
    { name: 'ClientCapability-Request', CapabilityList: { AnyContent: true, SupportedBearer: ['SMS'] } },
    'ClientCapability-Response',
  );
  await phone.askFor(
    {
      name: 'Service-Request',
      Functions: { WVCSPFeat: { PresenceFeat: true, IMFeat: true } },
      AllFunctionsRequest: false,
    },
    'Service-Response',
  );
  return phone;
};

const saidBy = async (phone: SmsPhone, to: string, text: string): Promise<void> =>
  assert.equal((await phone.askFor(phone.message(to, text), 'SendMessage-Response')).Result.Code, 200);

test('two phones chat by short message over SMPP, though the program is killed in between', async () => {
  const smsc = new Smsc();
  await smsc.listen();
  using place = new Place();
  writeFileSync(join(place.directory, 'smsc.password'), `${smsc.password}\n`);
  const smpp = { host: '127.0.0.1', port: smsc.port, password_file: 'smsc.password' };
  place.write({ sms: { carrier: 'smpp', number: ours, messages_per_second: 1000, smpp } });
  for (const name of ['mila', 'anna']) await place.run(['user', 'add', name, '--password-stdin'], 'secret');
  assert.match((await place.run(['doctor'])).out, /the SMSC at 127\.0\.0\.1:\d+ lets us in/);

  const start = async () => {
    const program = place.start(['serve']);
    for (let n = 0; !smsc.isBound; n++) {
      assert.ok(n < 600, 'bound to the SMSC');
      await settle();
    }
    return program;
  };
  let program = await start();
  try {
    const mila = await signIn(phoneOf(smsc.network, '46701111111'), 'mila');
    const anna = await signIn(phoneOf(smsc.network, '46702222222'), 'anna');
    await saidBy(mila, 'wv:anna', 'are you by the sea?');
    const first = await anna.next('NewMessage');
    assert.equal(first.content.ContentData, 'are you by the sea?');
    assert.match((await place.run(['phones'])).out, /mila@home\.test .* is sent SMS .* \+46701111111 /);
    await anna.acknowledge(first);

    program.signal('SIGKILL');
    await program.ended;
    assert.equal(smsc.isBound, false);
    // What a phone says meanwhile is kept by the SMSC.
    const said = saidBy(anna, 'wv:mila', 'I am, and it is cold');
    program = await start();
    await said;
    const second = await mila.next('NewMessage');
    assert.equal(second.content.ContentData, 'I am, and it is cold');
    await mila.acknowledge(second);
    assert.deepEqual([anna.requests, mila.requests], [[], []]);
  } finally {
    program.signal('SIGTERM');
    await program.ended;
    await smsc.close();
  }
});

test('the same through Kannel, in one exchange', async () => {
  const box = new KannelBox();
  await box.listen();
  using place = new Place();
  writeFileSync(join(place.directory, 'password'), box.password);
  writeFileSync(join(place.directory, 'secret'), box.secret);
  const { port } = await listener().then(async (free) => {
    await free[Symbol.asyncDispose]();
    return free;
  });
  const kannel = { url: box.url, method: 'post', password_file: 'password', incoming_secret_file: 'secret' };
  place.write({
    listen: { http: `127.0.0.1:${port}`, c2s: false, c2s_tls: false, s2s: false, cir_tcp: false, cir_udp: false },
    sms: { carrier: 'kannel', number: ours, messages_per_second: 1000, kannel },
  });
  await place.run(['user', 'add', 'mila', '--password-stdin'], 'secret');
  assert.match((await place.run(['doctor'])).out, /Kannel answers at http/);
  box.server = `http://127.0.0.1:${port}/sms/incoming`;
  const program = place.start(['serve']);
  try {
    const mila = await signIn(phoneOf(box.network, '46701111111'), 'mila');
    assert.equal((await mila.askFor({ name: 'GetList-Request' }, 'GetList-Response')).name, 'GetList-Response');
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(metrics, /onesoup_csp_sms_sessions 1\n/);
    assert.match(metrics, /onesoup_sms_up 1\n/);
    assert.equal((await fetch(`${box.server}?secret=wrong&from=1&to=2&text=a`)).status, 403);
    box.method = 'POST';
    assert.equal((await mila.ask({ name: 'Logout-Request' })).name, 'Status');
  } finally {
    program.signal('SIGTERM');
    const { err, out } = await program.ended;
    assert.ok(!`${out}${err}`.includes(box.password) && !`${out}${err}`.includes('secret='), 'secrets are not logged');
    await box.close();
  }
});

test('the doctor says why the SMSC does not let us in', async () => {
  const smsc = new Smsc();
  await smsc.listen();
  using place = new Place();
  const smpp = { host: '127.0.0.1', port: smsc.port, password_file: 'smsc.password' };
  place.write({ sms: { carrier: 'smpp', number: ours, smpp } });
  assert.match((await place.run(['doctor'])).out, /cannot read .*smsc\.password/);
  writeFileSync(join(place.directory, 'smsc.password'), 'wrong');
  assert.match((await place.run(['doctor'])).out, /WRONG.*the SMSC refuses us: ESME_RINVPASWD/);
  await smsc.close();
  assert.match((await place.run(['doctor'])).out, /WRONG.*ECONNREFUSED/);
});
