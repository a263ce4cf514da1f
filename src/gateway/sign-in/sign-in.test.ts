import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { digestBytes } from '../../imps/digest.ts';
import { Jid } from '../../xmpp/jid.ts';
import { type TestGateway, testGateway } from '../testing/test-gateway.ts';

const cleanups: TestGateway[] = [];
after(async () => {
  for (const one of cleanups) await one.close();
});
const make = async (options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> => {
  const made = await testGateway(options);
  cleanups.push(made);
  return made;
};

for (const version of ['1.1', '1.2', '1.3'] as const)
  for (const encoding of ['xml', 'wbxml'] as const)
    test(`2-way, ${version} ${encoding}: a password gives a session`, async () => {
      const world = await make();
      const phone = world.phone({ user: 'anna', version, encoding });
      const answer = await phone.signIn();
      assert.equal(answer.Result.Code, 200);
      assert.match(answer.SessionID ?? '', /^[A-Za-z0-9-]{22,32}$/);
      assert.equal(answer.KeepAliveTime, 7200);
      assert.equal(answer.CapabilityRequest, true);
      assert.deepEqual(answer.ClientID, { URL: 'http://phone.example/1' });
      assert.equal(phone.poll, undefined, 'Android would poll before it knows its SessionID');
      assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
    });

test('every way to write a UserID finds the account', async () => {
  const world = await make();
  for (const user of [
    'anna',
    'wv:anna',
    'WV:Anna',
    ' anna ',
    'anna@home.test',
    'wv:ANNA@HOME.TEST',
    'wv:anna@home.test.',
  ])
    assert.equal((await world.phone({ user }).signIn()).Result.Code, 200, user);
  assert.equal((await world.phone({ user: 'anna', password: 'secret ' }).signIn()).Result.Code, 200);
});

test('unknown users and wrong passwords are the same to whoever asks', async () => {
  const world = await make();
  const wrong = await world.phone({ user: 'anna', password: 'guess' }).signIn();
  const unknown = await world.phone({ user: 'nobody', password: 'guess' }).signIn();
  assert.deepEqual(wrong, unknown);
  assert.equal(wrong.Result.Code, 409);
  assert.equal(wrong.SessionID, undefined);
  const empty = await world.phone({ user: 'anna', password: '' }).signIn();
  assert.equal(empty.Result.Code, 409);
});

test('a domain without a backend is not served', async () => {
  const world = await make();
  assert.equal((await world.phone({ user: 'anna@elsewhere.test' }).signIn()).Result.Code, 516);
});

for (const scheme of ['MD5', 'SHA'] as const)
  for (const password of ['secret', 'sécret', 'пароль'])
    test(`4-way ${scheme} with '${password}'`, async () => {
      const world = await make();
      await world.server.accounts('home.test').create(Jid.from('vera@home.test'), password);
      await world.vault.keepDevicePassword('vera@home.test', password);
      const phone = world.phone({ user: 'vera' });
      const first = await phone.signIn({ DigestSchema: [scheme] });
      assert.equal(first.Result.Code, 401);
      assert.equal(first.SessionID, undefined);
      assert.equal(first.DigestSchema, scheme);
      const DigestBytes = digestBytes(scheme, first.Nonce ?? '', password);
      const second = await phone.signIn({ DigestBytes });
      assert.equal(second.Result.Code, 200);
      // The nonce was for one use: the phone is asked again, not refused.
      const again = await phone.signIn({ DigestBytes });
      assert.equal(again.Result.Code, 401);
      assert.notEqual(again.Nonce, first.Nonce);
    });

test('4-way: a wrong digest is refused, and an old nonce is no nonce', async () => {
  const world = await make();
  await world.vault.keepDevicePassword('anna@home.test', 'secret');
  const phone = world.phone({ user: 'anna', version: '1.1' });
  const first = await phone.signIn({ DigestSchema: ['PWD,SHA,MD4,MD5,MD6'] });
  assert.equal(first.DigestSchema, 'SHA');
  const wrong = await phone.signIn({ DigestBytes: digestBytes('SHA', first.Nonce ?? '', 'guess') });
  assert.equal(wrong.Result.Code, 409);
  const next = await phone.signIn({ DigestSchema: ['SHA'] });
  world.server.clock.advance(61_000);
  const late = await phone.signIn({ DigestBytes: digestBytes('SHA', next.Nonce ?? '', 'secret') });
  assert.equal(late.Result.Code, 401, 'asked again');
});

test('4-way: a nonce belongs to its user, cookie and client', async () => {
  const world = await make();
  await world.vault.keepDevicePassword('anna@home.test', 'secret');
  const phone = world.phone({ user: 'anna' });
  const first = await phone.signIn({ DigestSchema: ['SHA'] });
  const DigestBytes = digestBytes('SHA', first.Nonce ?? '', 'secret');
  assert.equal((await phone.signIn({ DigestBytes, SessionCookie: 'another' })).Result.Code, 401);
  assert.equal((await phone.signIn({ DigestBytes, ClientID: { URL: 'x' } })).Result.Code, 401);
});

test('4-way without a kept password: the phone is asked for the password itself', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  const first = await phone.signIn({ DigestSchema: ['MD5'] });
  assert.equal(first.Result.Code, 401);
  assert.equal(first.DigestSchema, 'PWD');
  assert.equal((await phone.signIn({ Password: 'secret' })).Result.Code, 200);
  assert.equal((await phone.signIn({ DigestSchema: ['MD6'] })).Result.Code, 543);
});

test('guesses wait longer and longer; the right password always gets in', async () => {
  const world = await make();
  const { clock } = world.server;
  const guesser = world.phone({ user: 'anna', password: 'guess', remoteAddress: '198.51.100.7' });
  for (let count = 0; count < 3; count++) assert.equal((await guesser.signIn()).Result.Code, 409);
  let isDone = false;
  const guess = guesser.signIn().finally(() => {
    isDone = true;
  });
  await world.server.settle();
  assert.equal(isDone, false, 'the fourth waits');
  clock.advance(500);
  assert.equal((await guess).Result.Code, 409);
  // The owner, elsewhere, waits a little at most.
  const owner = world.phone({ user: 'anna' });
  const entering = owner.signIn();
  await world.server.settle();
  clock.advance(8000);
  assert.equal((await entering).Result.Code, 200);
  // From where she is known she does not wait at all.
  for (let count = 0; count < 5; count++) {
    const next = guesser.signIn();
    await world.server.settle();
    clock.advance(8000);
    assert.equal((await next).Result.Code, 409);
  }
  assert.equal((await owner.signIn()).Result.Code, 200);
});

test('an owner who comes from elsewhere with a known phone does not wait for a guesser, after a restart neither', async () => {
  const world = await make();
  const { clock } = world.server;
  const clientId = 'http://phone.example/annas';
  const at = (remoteAddress: string) => world.phone({ user: 'anna', clientId, remoteAddress });
  assert.equal((await at('192.0.2.1').signIn()).Result.Code, 200);
  const guess = async (client: string): Promise<boolean> => {
    const guesser = world.phone({ user: 'anna', password: 'guess', clientId: client, remoteAddress: '198.51.100.7' });
    let hasWaited = true;
    const guessing = guesser.signIn().finally(() => {
      hasWaited = clock.mono() > start;
    });
    const start = clock.mono();
    await world.server.settle();
    clock.advance(8000);
    assert.equal((await guessing).Result.Code, 409);
    return hasWaited;
  };
  for (let count = 0; count < 6; count++) await guess('http://phone.example/another');
  assert.equal((await at('203.0.113.5').signIn()).Result.Code, 200, 'at once');
  await world.restart();
  for (let count = 0; count < 6; count++) await guess('http://phone.example/another');
  assert.equal((await at('203.0.113.77').signIn()).Result.Code, 200, 'at once');
  // Whoever knows the phone's name has to wait all the same.
  for (let count = 0; count < 6; count++) await guess(clientId);
  assert.equal(await guess(clientId), true);
});

test('a flood of attempts from one address is turned away, unheard', async () => {
  const world = await make();
  const { clock } = world.server;
  const guesser = world.phone({ user: 'anna', password: 'guess', remoteAddress: '198.51.100.7' });
  for (let count = 0; count < 3; count++) await guesser.signIn();
  const flood = Array.from({ length: 20 }, () => world.phone(guesser.options).signIn());
  await world.server.settle();
  clock.advance(8000);
  const codes = (await Promise.all(flood)).map(({ Result }) => Result.Code);
  assert.equal(codes.filter((code) => code === 503).length, 4);
  assert.equal(codes.filter((code) => code === 409).length, 16);
});

test('every attempt is recorded with the reason in words', async () => {
  const world = await make();
  await world.phone({ user: 'anna', password: 'guess' }).signIn();
  await world.phone({ user: 'anna' }).signIn({ DigestSchema: ['MD5'] });
  await world.phone({ user: 'anna', encoding: 'wbxml', version: '1.3' }).signIn();
  const records = await world.server.store.signIns.list({ limit: 10 });
  assert.deepEqual(
    records.map(({ outcome, code, scheme, version, encoding }) => ({ outcome, code, scheme, version, encoding })),
    [
      { outcome: 'signed-in', code: 200, scheme: 'password', version: '1.3', encoding: 'wbxml' },
      { outcome: 'challenged', code: 401, scheme: 'PWD', version: '1.2', encoding: 'xml' },
      { outcome: 'refused', code: 409, scheme: 'password', version: '1.2', encoding: 'xml' },
    ],
  );
  assert.match(records[2]?.reason ?? '', /wrong user name or password/);
  assert.equal(JSON.stringify(records).includes('guess'), false, 'no secret in a record');
});

test('a disabled account is told so, a backend that is away is a failure', async () => {
  const world = await make({
    providers: (own) => [
      ...own.filter(({ domain }) => domain === 'home.test'),
      { domain: 'away.test', open: async () => ({ ok: false, fault: { reason: 'unreachable', text: 'no route' } }) },
    ],
  });
  await world.server.accounts('home.test').setDisabled(Jid.from('anna@home.test'), true);
  assert.equal((await world.phone({ user: 'anna' }).signIn()).Result.Code, 403);
  const refused = async (version: '1.2' | '1.3') =>
    (await world.phone({ user: 'otto@away.test', version }).signIn()).Result;
  assert.deepEqual(await refused('1.2'), { Code: 503, Description: 'The server cannot be reached.' });
  // 1.3 has an element for when to try again.
  assert.deepEqual(await refused('1.3'), {
    Code: 503,
    Description: 'The server cannot be reached.',
    TryAgainTimeout: 60,
  });
  const [record] = await world.server.store.signIns.list({ limit: 1 });
  assert.deepEqual([record?.outcome, record?.reason], ['failed', 'the server cannot be reached: no route']);
});

test('1.3: capabilities and functions may come with the sign-in', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna', version: '1.3' });
  const answer = await phone.signIn({
    Password: 'secret',
    CapabilityList: {
      ClientType: 'MOBILE_PHONE',
      SupportedBearer: ['HTTP'],
      SupportedCIRMethod: ['STCP'],
      ServerPollMin: 20,
    },
    Functions: { WVCSPFeat: { IMFeat: { IMReceiveFunc: { NEWM: true, SETD: true } } } },
  });
  assert.deepEqual(
    answer.AgreedCapabilityList,
    { SupportedBearer: ['HTTP'], ServerPollMin: 20, UserSessionLimit: 8 },
    'no channel that is not up',
  );
  assert.deepEqual(answer.Functions, { WVCSPFeat: { IMFeat: { IMReceiveFunc: { SETD: true } } } });
  assert.equal(answer.CapabilityRequest, false);
});

test('1.3: a session is taken up again by its SessionID', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna', version: '1.3' });
  const { SessionID = '' } = await phone.signIn();
  assert.equal((await phone.signIn({ SessionID })).SessionID, SessionID);
  assert.equal((await phone.signIn({ SessionID, ClientID: { URL: 'x' } })).Result.Code, 422);
  assert.equal((await phone.signIn({ SessionID: 'A'.repeat(26) })).Result.Code, 502);
});

test('an empty Password beside a digest, or the wish for one, is none', async () => {
  const world = await make();
  await world.vault.keepDevicePassword('anna@home.test', 'secret');
  const phone = world.phone({ user: 'anna' });
  const first = await phone.signIn({ Password: '', DigestSchema: ['MD5'] });
  assert.equal(first.Result.Code, 401);
  const DigestBytes = digestBytes('MD5', first.Nonce ?? '', 'secret');
  assert.equal((await phone.signIn({ Password: '', DigestBytes })).Result.Code, 200);
  assert.equal((await phone.signIn({ Password: '' })).Result.Code, 409);
});

test('a cookie or ClientID of any length is not taken in', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  const long = 'x'.repeat(513);
  assert.equal((await phone.signIn({ Password: 'secret', SessionCookie: long })).Result.Code, 402);
  assert.equal((await phone.signIn({ Password: 'secret', ClientID: { URL: long } })).Result.Code, 402);
  assert.equal((await phone.signIn({ DigestSchema: ['MD5'], SessionCookie: long })).Result.Code, 402);
  assert.equal((await phone.signIn({ Password: 'secret', SessionCookie: long.slice(1) })).Result.Code, 200);
});

test('4-way: a first half that comes twice, or that a proxy sends again later, spoils nothing', async () => {
  const world = await make();
  await world.vault.keepDevicePassword('anna@home.test', 'secret');
  const phone = world.phone({ user: 'anna' });
  const first = await phone.signIn({ DigestSchema: ['SHA'] });
  const answer = { DigestBytes: digestBytes('SHA', first.Nonce ?? '', 'secret') };
  assert.equal((await phone.signIn({ DigestSchema: ['SHA'] })).Nonce, first.Nonce, 'the same nonce');
  world.server.clock.advance(40_000);
  assert.notEqual((await phone.signIn({ DigestSchema: ['SHA'] })).Nonce, first.Nonce, 'it gets old');
  assert.equal((await phone.signIn(answer)).Result.Code, 200);
  assert.equal((await phone.signIn(answer)).Result.Code, 401, 'good for one use');
});
