// The program from outside: exit codes, lines, and that commands work beside a running server and without one.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '../base/random.ts';
import { keysMatch } from '../server/keys.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';
import { PasswordVault } from '../store/vault.ts';
import { type Ended, listener, Place } from './testing.ts';

const good = ({ code, out, err }: Ended): string => {
  assert.equal(code, 0, err);
  assert.equal(err, '');
  return out;
};
/** Refused: exit code 1, one line on standard error. */
const refused = ({ code, err }: Ended, words: string | RegExp): void => {
  assert.match(err, /^onesoup: [^\n]+\n$/);
  if (typeof words === 'string') assert.equal(err, `onesoup: ${words}\n`);
  else assert.match(err, words);
  assert.equal(code, 1);
};
const inside = async <Value>(place: Place, work: (store: Store) => Promise<Value>): Promise<Value> => {
  const store = openSqliteStore({ file: join(place.directory, 'data/onesoup.db') });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};
const opens = async (place: Place, address: string, password: string): Promise<boolean> =>
  inside(place, async ({ accounts }) => keysMatch((await accounts.get(address))?.keys ?? [], password));
const phonePassword = (place: Place, address: string): Promise<string | undefined> =>
  inside(place, (store) =>
    new PasswordVault(join(place.directory, 'data/keys'), store, systemRandom).devicePassword(address),
  );

/** The life of an account, the same with a server and without. */
const lifeOfAnAccount = async (place: Place): Promise<void> => {
  assert.equal(good(await place.run(['user', 'list'])), 'there are no accounts yet\n');
  const add = ['user', 'add', 'mila@home.test', '--password-stdin', '--phone'];
  assert.equal(good(await place.run(add, 'secret\n')), 'mila@home.test can sign in now, from a phone too\n');
  assert.equal(await opens(place, 'mila@home.test', 'secret'), true);
  assert.equal(await phonePassword(place, 'mila@home.test'), 'secret');
  refused(
    await place.run(add, 'secret\n'),
    'mila@home.test exists already; change its password with: onesoup user password mila@home.test',
  );
  good(await place.run(['user', 'add', 'anna', '--password-stdin'], 'heslo'));
  assert.match(
    good(await place.run(['user', 'list'])),
    /^address +since +phone +directory\nanna@home\.test +\d{4}-\d\d-\d\d +no +no\nmila@home\.test +\d{4}-\d\d-\d\d +yes +no\n$/,
  );
  assert.equal(
    good(await place.run(['user', 'directory', 'mila', 'on'])),
    'mila@home.test can be found by others on this server\n',
  );
  assert.match(good(await place.run(['user', 'list'])), /mila@home\.test .* yes +yes\n$/);
  assert.equal(
    await inside(place, async ({ directory }) => (await directory.get('mila@home.test'))?.fields.user),
    'mila',
  );
  good(await place.run(['user', 'directory', 'mila', 'off']));
  assert.equal(await inside(place, ({ directory }) => directory.get('mila@home.test')), undefined);
  refused(await place.run(['user', 'directory', 'zoe', 'on']), 'there is no account zoe@home.test');

  good(await place.run(['user', 'password', 'mila@home.test', '--password-stdin'], 'novéheslo\r\n'));
  assert.equal(await opens(place, 'mila@home.test', 'novéheslo'), true);
  assert.equal(await opens(place, 'mila@home.test', 'secret'), false);
  assert.equal(await phonePassword(place, 'mila@home.test'), 'novéheslo', 'the one kept for phones follows');
  assert.equal(await phonePassword(place, 'anna@home.test'), undefined);

  good(await place.run(['user', 'remove', 'mila@home.test']));
  assert.equal(await phonePassword(place, 'mila@home.test'), undefined);
  refused(await place.run(['user', 'remove', 'mila@home.test']), 'there is no account mila@home.test');
  refused(
    await place.run(['user', 'password', 'zoe', '--password-stdin'], 'secret'),
    'there is no account zoe@home.test',
  );
  refused(
    await place.run(['user', 'add', 'mila@away.test', '--password-stdin'], 'secret'),
    'mila@away.test is not an address of home.test, such as mila@home.test',
  );
  refused(await place.run(['user', 'add', 'zoe', '--password-stdin'], 'abc'), /the password is too short/);
  refused(await place.run(['user', 'add', 'zoe', '--password-stdin']), 'there is no password on standard input');
  refused(await place.run(['user', 'add', 'zoe']), /no terminal to ask for the password/);
};

test('accounts, while no server runs', async () => {
  using place = new Place().write();
  await lifeOfAnAccount(place);
});

test('accounts, while the server runs; one server per data directory; SIGTERM stops it', async () => {
  using place = new Place().write();
  const server = place.start(['serve']);
  await server.says('Ctrl-C stops it.');
  await lifeOfAnAccount(place);
  refused(await place.run(['serve']), /another onesoup runs over \S+ already \(process \d+\)/);
  server.signal('SIGTERM');
  const { code, out, err } = await server.ended;
  assert.equal(code, 0, err);
  for (const line of out.trimEnd().split('\n')) JSON.parse(line);
  assert.match(err, /onesoup is up for home\.test\n[\s\S]*web page +http:\/\/127\.0\.0\.1:\d+\/\n/);
  assert.match(err, /for the phone +http:\/\/127\.0\.0\.1:\d+\/csp\n/);
  for (const secret of ['secret', 'novéheslo', 'heslo']) assert.ok(!`${out}${err}`.includes(secret));
  assert.equal(existsSync(join(place.directory, 'data/control.sock')), false);
});

test('a killed server leaves a socket behind, which bothers nobody', async () => {
  using place = new Place().write();
  const server = place.start(['serve']);
  await server.says('Ctrl-C stops it.');
  server.signal('SIGKILL');
  await server.ended;
  assert.equal(existsSync(join(place.directory, 'data/control.sock')), true);
  good(await place.run(['user', 'add', 'mila', '--password-stdin'], 'secret'));
  const again = place.start(['serve']);
  await again.says('Ctrl-C stops it.');
  again.signal('SIGINT');
  assert.equal((await again.ended).code, 0);
});

const loopback = {
  http: '127.0.0.1:0',
  c2s: '127.0.0.1:0',
  c2s_tls: '127.0.0.1:0',
  s2s: false,
  cir_tcp: false,
  cir_udp: false,
};

test('what keeps the server from starting is one line', async () => {
  await using taken = await listener();
  const cases: readonly (readonly [object, RegExp])[] = [
    [
      { listen: { ...loopback, http: `127.0.0.1:${taken.port}` } },
      new RegExp(`127\\.0\\.0\\.1:${taken.port} \\(listen\\.http\\) is in use; stop the program`),
    ],
    [
      { listen: { ...loopback, http: '203.0.113.7:5280' } },
      /cannot listen on 203\.0\.113\.7:5280 \(listen\.http\): this machine has no such address/,
    ],
    [{ data: '/proc/onesoup' }, /cannot write the data directory \/proc\/onesoup: no such file or directory/],
    [{ data: `/tmp/${'x'.repeat(120)}` }, /path of the data directory is too long/],
    [{ tls: { certificate: 'none.pem', key: 'none.key' } }, /cannot read \S+none\.pem: no such file/],
    [{ bouncer: true }, /onesoup\.yaml:\d+: bouncer is not a key; allowed here/],
  ];
  for (const [values, words] of cases) {
    using place = new Place().write({ listen: { ...loopback }, ...values });
    refused(await place.run(['serve']), words);
  }
});

test('a damaged database and keys that others can read are one line', async () => {
  using place = new Place().write();
  mkdirSync(join(place.directory, 'data'));
  writeFileSync(join(place.directory, 'data/onesoup.db'), 'Dear diary. '.repeat(1000));
  refused(await place.run(['user', 'list']), /onesoup\.db is damaged or no SQLite file/);
});

test('sign-ins are a table, and what strangers put in cannot play with the terminal', async () => {
  using place = new Place().write();
  assert.equal(good(await place.run(['signins'])), 'there are no sign-ins to show\n');
  const record = {
    at: Date.UTC(2009, 5, 12, 13, 59),
    address: 'mila@home.test',
    remote: '192.0.2.7',
    userAgent: 'Nokia6600\u001b[2J',
    clientId: 'IMEI',
    version: '1.2',
    encoding: 'wbxml',
    scheme: 'MD5',
    outcome: 'signed-in',
    code: 200,
    reason: 'signed in',
  } as const;
  await inside(place, async ({ signIns }) => {
    await signIns.add(record);
    await signIns.add({
      ...record,
      outcome: 'refused',
      code: 409,
      reason: 'the password is wrong',
      at: record.at + 1000,
    });
    await signIns.add({ ...record, outcome: 'failed', code: 500, reason: 'no answer', address: 'anna@home.test' });
  });
  assert.equal(
    good(await place.run(['signins', '--failed', '--address', 'mila@home.test'])),
    `${[
      'time (UTC)           address         outcome  code  reason                 scheme  CSP        phone          from',
      '2009-06-12 13:59:01  mila@home.test  refused  409   the password is wrong  MD5     1.2 wbxml  Nokia6600\ufffd[2J  192.0.2.7',
    ].join('\n')}\n`,
  );
  assert.equal(good(await place.run(['signins', '--failed'])).split('\n').length, 4);
  assert.equal(good(await place.run(['signins', '--limit', '2'])).split('\n').length, 4);
});

test('config prints what is in force, in a form that can be read again', async () => {
  using place = new Place().write({ limits: { offline_messages: 7 } });
  const printed = good(await place.run(['config']));
  assert.match(printed, /^# \S+onesoup\.yaml\ndomain: home\.test\n/);
  assert.match(printed, /offline_messages: 7\n/);
  writeFileSync(place.config, printed);
  assert.equal(good(await place.run(['config'])), printed);
});

test('rotating keys keeps every password', async () => {
  using place = new Place().write();
  good(await place.run(['user', 'add', 'mila', '--password-stdin', '--phone'], 'secret'));
  assert.match(good(await place.run(['rotate-keys'])), /^1 password is sealed under a new key/);
  assert.equal(readdirSync(join(place.directory, 'data/keys')).length, 2);
  assert.equal(await phonePassword(place, 'mila@home.test'), 'secret');
});

test('under an older Node.js, the one that came with the package runs it', async () => {
  using place = new Place().write();
  const older = `--import=data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`;
  assert.match(good(await place.start(['config'], '', [older]).ended), /domain: home\.test/);
  const server = place.start(['serve'], '', [older]);
  await server.says('Ctrl-C stops it.');
  const child = (await place.run(['doctor'])).out.match(/the server runs \(process (\d+)\)/)?.[1];
  assert.ok(child !== undefined && Number(child) !== server.pid, 'it is a process of its own');
  server.signal('SIGTERM');
  assert.equal((await server.ended).code, 0);
  assert.equal((await place.start(['user', 'remove', 'zoe'], '', [older]).ended).code, 1);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.equal(good(await place.start(['--version']).ended), `${version}\n`);
});
