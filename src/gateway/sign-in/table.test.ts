// A correct password is never refused: every scheme in every version and encoding, however the address is written.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestBytes } from '../../imps/digest.ts';
import type { Encoding } from '../../imps/message.ts';
import type { PrimitiveOf } from '../../imps/primitives.ts';
import { type CspVersion, cspVersions } from '../../imps/version.ts';
import { Jid } from '../../xmpp/jid.ts';
import { defaultSettings } from '../settings.ts';
import { type Phone, type TestGateway, testGateway } from '../testing/test-gateway.ts';

/** How people write wv:ann@home.test. */
const addresses = [
  'wv:ann@home.test',
  'wv:ann',
  'ann',
  'ann@home.test',
  'ANN',
  'WV:ANN@HOME.TEST',
  'Wv:Ann@Home.Test',
  'ann ',
  ' wv:ann',
  'wv:ann@home.test ',
  'wv:ann@home.test.',
  'wv:%61nn@home.test',
];

/** The schemes by which phones sign in, each as the exchange it is. */
const schemes: Readonly<Record<string, (phone: Phone) => Promise<PrimitiveOf<'Login-Response'>>>> = {
  '2-way': (phone) => phone.signIn(),
  '4-way PWD': async (phone) => {
    const first = await phone.signIn({ DigestSchema: ['PWD'] });
    assert.deepEqual([first.Result.Code, first.DigestSchema, first.SessionID], [401, 'PWD', undefined]);
    return phone.signIn({ Password: phone.options.password });
  },
  '4-way MD5': (phone) => byDigest(phone, ['MD5']),
  '4-way SHA': (phone) => byDigest(phone, ['SHA']),
  '4-way, what the phone has': (phone) => byDigest(phone, ['PWD', 'SHA', 'MD4', 'MD5', 'MD6']),
  '4-way MD5, hexadecimal': (phone) =>
    byDigest(phone, ['MD5'], (proof) => Buffer.from(proof, 'base64').toString('hex')),
};

const byDigest = async (
  phone: Phone,
  offered: readonly string[],
  written: (proof: string) => string = (proof) => proof,
): Promise<PrimitiveOf<'Login-Response'>> => {
  // 1.1 writes one element with commas in it, later versions repeat it.
  const first = await phone.signIn({
    DigestSchema: phone.options.version === '1.1' ? [offered.join(',')] : offered,
  });
  assert.equal(first.Result.Code, 401);
  const scheme = first.DigestSchema === 'SHA' ? 'SHA' : 'MD5';
  assert.equal(first.DigestSchema, scheme);
  const proof = digestBytes(scheme, first.Nonce ?? '', phone.options.password);
  return phone.signIn({ DigestBytes: written(proof) });
};

let world: TestGateway;
before(async () => {
  world = await testGateway({
    settings: { domain: 'home.test', limits: { ...defaultSettings.limits, sessionsPerAccountMax: 1000 } },
  });
  await world.server.addAccount('ann');
  await world.vault.keepDevicePassword('ann@home.test', 'secret');
});
after(() => world.close());

const cases: readonly { readonly version: CspVersion; readonly encoding: Encoding; readonly scheme: string }[] =
  cspVersions.flatMap((version) =>
    (['xml', 'wbxml'] as const).flatMap((encoding) =>
      Object.keys(schemes).map((scheme) => ({ version, encoding, scheme })),
    ),
  );

for (const { version, encoding, scheme } of cases)
  test(`${scheme}, CSP ${version}, ${encoding === 'xml' ? 'XML' : 'WBXML'}: every way to write the address`, async () => {
    for (const user of addresses) {
      const phone = world.phone({ user, version, encoding });
      const answer = await schemes[scheme]?.(phone);
      assert.deepEqual([answer?.Result.Code, answer?.SessionID === undefined], [200, false], `'${user}'`);
      assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
      assert.equal(await phone.code({ name: 'Logout-Request' }), 200);
    }
    assert.deepEqual(world.troubles, []);
  });

test('passwords of every kind', async () => {
  const passwords = [
    '12345678',
    'sécret',
    'пароль',
    'two words',
    'a tail ',
    ' a head',
    '<&>"\' ;',
    '%41%20+',
    'x'.repeat(50),
  ];
  for (const [at, password] of passwords.entries()) {
    const user = `kind${at}`;
    const made = await world.server.accounts('home.test').create(Jid.from(`${user}@home.test`), password);
    assert(made.ok, password);
    await world.vault.keepDevicePassword(`${user}@home.test`, password);
    for (const encoding of ['xml', 'wbxml'] as const)
      for (const [scheme, signIn] of Object.entries(schemes)) {
        const answer = await signIn(world.phone({ user, password, encoding }));
        assert.equal(answer.Result.Code, 200, `'${password}' by ${scheme} in ${encoding}`);
      }
  }
});
