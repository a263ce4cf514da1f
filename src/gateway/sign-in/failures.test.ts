// Every way in which a sign-in can fail: what the phone is told by code, and what the operator reads: in the log, as a metric,
// and in `onesoup signins`.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Log, silentLog } from '../../base/log.ts';
import { type Meter, silentMeter } from '../../base/meter.ts';
import { bad } from '../../base/outcome.ts';
import { digestBytes } from '../../imps/digest.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { LinkFault, LinkProvider } from '../../xmpp/link.ts';
import { defaultSettings } from '../settings.ts';
import { type Phone, type TestGateway, type TestOptions, testGateway } from '../testing/test-gateway.ts';

interface Row {
  readonly what: string;
  /** Makes it happen; resolves with the code the phone got last. */
  readonly fail: (world: TestGateway) => Promise<number>;
  readonly code: number;
  readonly outcome: 'refused' | 'failed' | 'challenged';
  readonly reason: string | RegExp;
  readonly options?: TestOptions;
}

const limits = (change: Partial<typeof defaultSettings.limits>): TestOptions => ({
  settings: { limits: { ...defaultSettings.limits, ...change } },
});
const broken = (open: LinkProvider['open']): TestOptions => ({
  providers: () => [{ domain: 'home.test', open }],
});
const code = async (phone: Phone, more: Parameters<Phone['signIn']>[0] = {}): Promise<number> =>
  (await phone.signIn(more)).Result.Code;
const proof = (nonce: string | undefined, password = 'secret') => ({
  DigestBytes: digestBytes('SHA', nonce ?? '', password),
});
/** The nonce of a first half. */
const nonceFor = async (world: TestGateway, phone: Phone): Promise<string> => {
  await world.vault.keepDevicePassword('anna@home.test', 'secret');
  return (await phone.signIn({ DigestSchema: ['SHA'] })).Nonce ?? assert.fail('no nonce');
};

const faults: Readonly<Record<LinkFault['reason'], Pick<Row, 'code' | 'outcome' | 'reason'>>> = {
  'not-authorized': { code: 409, outcome: 'refused', reason: 'wrong user name or password: its words' },
  'account-disabled': { code: 403, outcome: 'refused', reason: 'the account is disabled: its words' },
  'credentials-needed': {
    code: 500,
    outcome: 'failed',
    reason: 'the server cannot be entered without a password: its words',
  },
  'no-common-mechanism': {
    code: 503,
    outcome: 'failed',
    reason: 'the server offers no SASL mechanism we can use: its words',
  },
  'tls-required': { code: 503, outcome: 'failed', reason: 'the server offers no good TLS: its words' },
  unreachable: { code: 503, outcome: 'failed', reason: 'the server cannot be reached: its words' },
  refused: { code: 503, outcome: 'failed', reason: 'the server refused: its words' },
};

const rows: readonly Row[] = [
  {
    what: 'a wrong password',
    fail: (world) => code(world.phone({ user: 'anna', password: 'guess' })),
    ...{ code: 409, outcome: 'refused', reason: 'wrong user name or password: sign-in refused' },
  },
  {
    what: 'an account that does not exist',
    fail: (world) => code(world.phone({ user: 'nobody' })),
    ...{ code: 409, outcome: 'refused', reason: 'wrong user name or password: sign-in refused' },
  },
  {
    what: 'an empty password',
    fail: (world) => code(world.phone({ user: 'anna', password: '' })),
    ...{ code: 409, outcome: 'refused', reason: 'wrong user name or password: empty password' },
  },
  {
    what: 'an account that is disabled',
    async fail(world) {
      await world.server.accounts('home.test').setDisabled(Jid.from('anna@home.test'), true);
      return code(world.phone({ user: 'anna' }));
    },
    ...{ code: 403, outcome: 'refused', reason: 'the account is disabled: sign-in refused' },
  },
  {
    what: 'a name that is no address',
    fail: (world) => code(world.phone({ user: 'wv:@home.test' })),
    ...{ code: 409, outcome: 'refused', reason: 'the user name is no address' },
  },
  {
    what: 'a domain that nobody serves',
    fail: (world) => code(world.phone({ user: 'anna@elsewhere.test' })),
    ...{ code: 516, outcome: 'refused', reason: 'no backend is configured for this domain' },
  },
  {
    what: 'a cookie as long as a book',
    fail: (world) => code(world.phone({ user: 'anna' }), { SessionCookie: 'x'.repeat(600) }),
    ...{ code: 402, outcome: 'refused', reason: 'the SessionCookie or ClientID is too long to be one' },
  },
  {
    what: 'a wrong digest',
    async fail(world) {
      const phone = world.phone({ user: 'anna' });
      return code(phone, proof(await nonceFor(world, phone), 'guess'));
    },
    ...{ code: 409, outcome: 'refused', reason: 'the digest does not prove the password' },
  },
  {
    what: 'a digest scheme that we do not have',
    fail: (world) => code(world.phone({ user: 'anna' }), { DigestSchema: ['MD6'] }),
    ...{ code: 543, outcome: 'refused', reason: 'the phone offers no digest scheme we have' },
  },
  {
    what: 'a digest for an account that keeps no password for it',
    fail: (world) => code(world.phone({ user: 'anna' }), { DigestSchema: ['SHA'] }),
    ...{
      code: 401,
      outcome: 'challenged',
      reason: 'first half of a 4-way sign-in; no password is kept for digests',
    },
  },
  {
    what: 'a nonce that is too old',
    async fail(world) {
      const phone = world.phone({ user: 'anna' });
      const nonce = await nonceFor(world, phone);
      world.server.clock.advance(61_000);
      return code(phone, proof(nonce));
    },
    ...{ code: 401, outcome: 'challenged', reason: 'the nonce was used or is too old: asked again' },
  },
  {
    what: 'a nonce used twice',
    async fail(world) {
      const phone = world.phone({ user: 'anna' });
      const nonce = await nonceFor(world, phone);
      assert.equal(await code(phone, proof(nonce)), 200);
      return code(phone, proof(nonce));
    },
    ...{ code: 401, outcome: 'challenged', reason: 'the nonce was used or is too old: asked again' },
  },
  {
    what: 'a nonce of another phone',
    async fail(world) {
      const nonce = await nonceFor(world, world.phone({ user: 'anna' }));
      return code(world.phone({ user: 'anna', clientId: 'http://phone.example/2' }), proof(nonce));
    },
    ...{ code: 401, outcome: 'challenged', reason: 'the nonce was used or is too old: asked again' },
  },
  {
    what: 'too many attempts at once from one address',
    async fail(world) {
      for (let guess = 0; guess < 5; guess++) await guessed(world, `wrong${guess}`);
      const waiting = Array.from({ length: 16 }, (_, at) => guessed(world, `more${at}`));
      const last = await code(world.phone({ user: 'anna', password: 'one more' }));
      world.server.clock.advance(60_000);
      await Promise.all(waiting.map((one) => one.catch(() => {})));
      return last;
    },
    ...{ code: 503, outcome: 'failed', reason: 'too many attempts wait at once' },
  },
  {
    what: 'a gateway that is full',
    async fail(world) {
      assert.equal(await code(world.phone({ user: 'anna' })), 200);
      return code(world.phone({ user: 'mila' }));
    },
    options: limits({ sessionsMax: 1 }),
    ...{ code: 503, outcome: 'failed', reason: 'the gateway is full' },
  },
  {
    what: 'a session that is gone',
    async fail(world) {
      const phone = world.phone({ user: 'anna', version: '1.3' });
      const { SessionID } = await phone.signIn();
      await phone.ask({ name: 'Logout-Request' });
      return code(phone, { SessionID });
    },
    ...{ code: 502, outcome: 'refused', reason: 'the session to take up again is gone' },
  },
  {
    what: "another user's session",
    async fail(world) {
      const { SessionID } = await world.phone({ user: 'anna', version: '1.3' }).signIn();
      return code(world.phone({ user: 'mila', version: '1.3' }), { SessionID });
    },
    ...{ code: 422, outcome: 'refused', reason: 'the SessionID belongs to another user or phone' },
  },
  {
    what: "another phone's session",
    async fail(world) {
      const { SessionID } = await world.phone({ user: 'anna', version: '1.3' }).signIn();
      return code(world.phone({ user: 'anna', version: '1.3', clientId: 'http://phone.example/2' }), { SessionID });
    },
    ...{ code: 422, outcome: 'refused', reason: 'the SessionID belongs to another user or phone' },
  },
  {
    what: 'a server that does not answer in time',
    async fail(world) {
      const asked = code(world.phone({ user: 'anna' }));
      await world.server.settle();
      world.server.clock.advance(30_000);
      return asked;
    },
    options: broken(() => new Promise(() => {})),
    ...{ code: 503, outcome: 'failed', reason: 'the server cannot be reached: timed out' },
  },
  {
    what: 'a failure of ours',
    fail: (world) => code(world.phone({ user: 'anna' })),
    options: broken(() => Promise.reject(new Error('the disk is full'))),
    ...{ code: 500, outcome: 'failed', reason: 'internal error' },
  },
  ...Object.entries(faults).map(
    ([reason, row]): Row => ({
      what: `a server that says ${reason}`,
      fail: (world) => code(world.phone({ user: 'anna' })),
      options: broken(async () => bad({ reason: reason as LinkFault['reason'], text: 'its words' })),
      ...row,
    }),
  ),
  {
    what: 'a version of CSP that nobody speaks',
    fail: (world) => statusFor(world, 'http://www.openmobilealliance.org/DTD/WV-CSP2.0', ''),
    ...{ code: 505, outcome: 'refused', reason: /^the phone speaks a version of CSP that we do not: .*2\.0/ },
  },
  {
    what: 'a sign-in without a name',
    fail: (world) => statusFor(world, 'http://www.openmobilealliance.org/DTD/WV-CSP1.2', '<TimeToLive>1</TimeToLive>'),
    ...{ code: 400, outcome: 'refused', reason: /^the sign-in cannot be understood: .*UserID/ },
  },
];

/** Rejects when the phone never hears of it. */
const guessed = async (world: TestGateway, password: string): Promise<number> => {
  const asked = code(world.phone({ user: 'anna', password }));
  world.server.clock.advance(10_000);
  return asked;
};

/** A Login-Request in XML of its own making; resolves with the code of the Status. */
const statusFor = async (world: TestGateway, xmlns: string, inside: string): Promise<number> => {
  const body =
    `<?xml version="1.0"?><WV-CSP-Message xmlns="${xmlns}"><Session><SessionDescriptor><SessionType>Outband</SessionType>` +
    `</SessionDescriptor><Transaction><TransactionDescriptor><TransactionMode>Request</TransactionMode>` +
    `<TransactionID>1</TransactionID></TransactionDescriptor><TransactionContent xmlns="${xmlns.replace('CSP', 'TRC')}">` +
    `<Login-Request>${inside}</Login-Request></TransactionContent></Transaction></Session></WV-CSP-Message>`;
  const phone = world.phone({ user: '', userAgent: 'Future/9' });
  const answer = await phone.post(new TextEncoder().encode(body));
  return Number(/<Code>(\d+)<\/Code>/.exec(new TextDecoder().decode(answer.body))?.[1]);
};

const worlds: TestGateway[] = [];
after(async () => {
  for (const world of worlds) await world.close();
});

for (const row of rows)
  test(`${row.what}: ${row.code}`, async () => {
    const lines: string[] = [];
    const counted: string[] = [];
    const log: Log = { ...silentLog, info: (_, message) => void lines.push(message), child: () => log };
    const meter: Meter = {
      ...silentMeter,
      counter: (name) => ({ add: (labels) => void counted.push(`${name} ${JSON.stringify(labels)}`) }),
    };
    const world = await testGateway({ ...row.options, log, meter });
    worlds.push(world);
    assert.equal(await row.fail(world), row.code);
    const isIt = (text: string): boolean =>
      typeof row.reason === 'string' ? text === row.reason : row.reason.test(text);
    const records = await world.server.store.signIns.list({ limit: 100 });
    const record = records.find(({ reason }) => isIt(reason));
    assert.ok(record, `recorded: ${records.map(({ reason }) => reason).join(' · ')}`);
    assert.deepEqual([record.code, record.outcome], [row.code, row.outcome]);
    assert.ok(record.remote && record.userAgent && record.version && record.encoding);
    assert.ok(
      lines.some((line) => line === `sign-in ${row.outcome}: ${record.reason}`),
      `logged: ${lines.join(' · ')}`,
    );
    const { outcome, scheme } = record;
    const labels = { outcome, scheme, code: String(row.code) };
    assert.ok(counted.includes(`onesoup_csp_sign_ins_total ${JSON.stringify(labels)}`), counted.join(' · '));
    // A password never gets anywhere, right or wrong.
    assert.doesNotMatch(JSON.stringify([lines, records]), /secret|guess|wrong\d/);
  });
