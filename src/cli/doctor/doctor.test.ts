import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfig } from '../../config/config.ts';
import { ownTlsFiles } from '../../store/tls-files.ts';
import { listener, Place } from '../testing.ts';
import { certificateFindings } from './certificate.ts';
import { clockFindings } from './clock.ts';
import { componentFindings } from './components.ts';
import { type Dns, dnsFindings } from './dns.ts';
import { federationFindings } from './federation.ts';
import { uploadFindings } from './uploads.ts';

const day = 24 * 60 * 60 * 1000;
const marked = (out: string, mark: string): string[] => out.split('\n').filter((line) => line.startsWith(mark));

test('a good place, before the first start and beside the running server', async () => {
  using place = new Place().write();
  const before = await place.run(['doctor']);
  assert.equal(before.code, 0, before.out);
  assert.deepEqual(marked(before.out, 'WRONG'), []);
  assert.match(before.out, /will be made at the first start/);
  assert.deepEqual(readdirSync(place.directory), ['onesoup.yaml'], 'it only looks');

  const server = place.start(['serve']);
  await server.says('Ctrl-C stops it.');
  const beside = await place.run(['doctor']);
  server.signal('SIGTERM');
  await server.ended;
  assert.equal(beside.code, 0, beside.out);
  assert.match(beside.out, new RegExp(`the server runs \\(process ${server.pid}\\)`));
  assert.match(beside.out, /the database is sound; accounts: 0/);
  assert.match(beside.out, /the keys can be read, by their owner only/);
});

test('ports: ours while the server runs, somebody else’s otherwise', async () => {
  await using taken = await listener();
  const off = { c2s: false, c2s_tls: false, s2s: false, cir_tcp: false, cir_udp: false };
  using place = new Place().write({ listen: { http: `127.0.0.1:${taken.port}`, ...off } });
  const { code, out } = await place.run(['doctor']);
  assert.equal(code, 1);
  assert.deepEqual(marked(out, 'WRONG'), [
    `WRONG    127.0.0.1:${taken.port} (listen.http) is in use; stop the program that listens there, or choose another port`,
  ]);
  assert.match(out, /ss -ltnup shows which program it is/);
  assert.match(out, /listen\.c2s is turned off/);
});

test('components: secrets that can be read, by their owner only, and a port for them', () => {
  using place = new Place();
  const file = join(place.directory, 'irc.secret');
  const findings = (listen = ''): readonly unknown[] => {
    const text = `components: [{ domain: irc.home.test, secret_file: ${file} }]\n${listen}`;
    return componentFindings(checkConfig(text, undefined));
  };
  const missing = `cannot read ${file}, the secret of irc.home.test: no such file`;
  assert.deepEqual(findings(), [{ state: 'wrong', text: missing, mend: `openssl rand -hex 24 > ${file}` }]);
  writeFileSync(file, 'swordfish\n', { mode: 0o600 });
  assert.deepEqual(findings(), [{ state: 'good', text: 'the secret of irc.home.test can be read, by its owner only' }]);
  chmodSync(file, 0o644);
  const seen = `${file}, the secret of irc.home.test, can be read by others`;
  assert.deepEqual(findings(), [{ state: 'note', text: seen, mend: `chmod 600 ${file}` }]);
  chmodSync(file, 0o600);
  const [, off] = findings('listen: { component: false }');
  assert.deepEqual(off, {
    state: 'wrong',
    text: 'there are components, and listen.component is turned off',
    mend: 'listen.component: 127.0.0.1:5347',
  });
  assert.deepEqual(componentFindings(checkConfig('', undefined)), []);
});

test('a bad configuration, an unusable data directory, a damaged database, keys others can read', async () => {
  using place = new Place();
  const wrong = async (values: object, words: RegExp): Promise<void> => {
    place.write(values);
    const { code, out, err } = await place.run(['doctor']);
    assert.equal(code, 1, out);
    assert.equal(err, '');
    assert.equal(marked(out, 'WRONG').length, 1, out);
    assert.match(marked(out, 'WRONG')[0] ?? '', words);
  };
  await wrong({ domian: 'x' }, /onesoup\.yaml:\d+: domian is not a key; did you mean domain\?/);
  await wrong({ data: join(place.config, 'below') }, /cannot be used: .*is not a directory/);
  const data = join(place.directory, 'data');
  await place.write().run(['user', 'add', 'mila', '--password-stdin', '--phone'], 'secret');
  const [key = ''] = readdirSync(join(data, 'keys'));
  chmodSync(join(data, 'keys', key), 0o644);
  await wrong({}, /can be read by others than its owner; chmod 600/);
  chmodSync(join(data, 'keys', key), 0o600);
  writeFileSync(join(data, 'onesoup.db'), Buffer.alloc(8192, 0x5a), { flag: 'r+' });
  await wrong({}, /damaged/);
});

test('certificates: missing, of another name, expired, about to', async () => {
  using place = new Place();
  const config = (domain: string, files: { certificateFile: string; keyFile: string } | undefined) =>
    checkConfig(
      JSON.stringify({ domain, tls: files && { certificate: files.certificateFile, key: files.keyFile } }),
      join(place.directory, 'onesoup.yaml'),
    );
  const now = Date.UTC(2026, 0, 10);
  const states = (...given: Parameters<typeof certificateFindings>): string[] =>
    certificateFindings(...given).map(({ state, text }) => `${state} ${text}`);
  const selfSigned = 'note the certificate is self-signed: XMPP clients will ask whether to trust it';
  const files = await ownTlsFiles(join(place.directory, 'mine'), 'home.test', now);
  assert.deepEqual(states(config('home.test', files), now), [
    'good the certificate is for home.test, valid until 2029-01-09',
    selfSigned,
  ]);
  assert.deepEqual(states(config('away.test', files), now), [
    `wrong the certificate ${files.certificateFile} is not for away.test`,
    selfSigned,
  ]);
  assert.deepEqual(
    states(config('home.test', files), files.expiresAt + 1)[0],
    'wrong the certificate expired on 2029-01-09',
  );
  assert.deepEqual(
    states(config('home.test', files), files.expiresAt - day)[0],
    'note the certificate expires on 2029-01-09',
  );
  assert.deepEqual(states(config('home.test', files), now - 8 * day)[0], 'wrong the certificate is not valid yet');
  assert.match(states(config('home.test', { ...files, keyFile: 'none' }), now)[0] ?? '', /^wrong cannot read \S+none/);
  const directory = join(place.directory, 'data/tls');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'home.test.crt'), 'Dear diary');
  writeFileSync(join(directory, 'home.test.key'), 'Dear diary');
  assert.match(states(config('home.test', undefined), now)[0] ?? '', /^wrong \S+home\.test\.crt is not PEM/);
});

test('a clock before the program was installed is wrong', () => {
  assert.equal(clockFindings(1000 * day, 1000 * day)[0]?.state, 'good');
  assert.equal(clockFindings(999 * day, 1000 * day)[0]?.state, 'wrong');
});

test('backends: one that answers, one that is away, one that speaks something else, one without STARTTLS', async () => {
  const stream = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'><stream:features>";
  await using xmpp = await listener(`${stream}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`);
  await using plain = await listener(`${stream}</stream:features>`);
  await using web = await listener('HTTP/1.1 400 Bad Request\r\n\r\n');
  const gone = await listener();
  await gone[Symbol.asyncDispose]();
  const at = (domain: string, { port }: { port: number }) => ({ domain, host: '127.0.0.1', port });
  const backends = [
    at('a.test', xmpp),
    at('b.test', gone),
    at('c.test', web),
    at('d.test', plain),
    { ...at('e.test', plain), tls: 'off' },
    { ...at('f.test', xmpp), ca: 'none.pem' },
  ];
  using place = new Place().write({ gateway: { backends } });
  const { out } = await place.run(['doctor']);
  assert.deepEqual(
    out.split('\n').filter((line) => /the server of|none\.pem/.test(line)),
    [
      `ok       the server of a.test at 127.0.0.1:${xmpp.port} answers`,
      `WRONG    the server of b.test at 127.0.0.1:${gone.port} does not answer: connect ECONNREFUSED 127.0.0.1:${gone.port}`,
      `WRONG    the server of c.test at 127.0.0.1:${web.port} does not speak XMPP`,
      `WRONG    the server of d.test at 127.0.0.1:${plain.port} offers no STARTTLS`,
      `ok       the server of e.test at 127.0.0.1:${plain.port} answers`,
      `WRONG    cannot read ${place.directory}/none.pem: no such file or directory`,
    ],
  );
});

test('DNS: records that lead here, elsewhere, nowhere; and no network', async () => {
  const no = (code: string) => async (): Promise<never> => {
    throw Object.assign(new Error(code), { code });
  };
  const nothing: Dns = { resolveSrv: no('ENODATA'), resolve4: no('ENODATA'), resolve6: no('ENODATA') };
  const told = async (dns: Partial<Dns>, values: object = {}): Promise<string[]> => {
    const config = checkConfig(JSON.stringify({ domain: 'soup.im', ...values }), 'onesoup.yaml');
    return (await dnsFindings(config, { ...nothing, ...dns })).map(({ state, text }) => `${state} ${text}`);
  };
  const leads = (port: number) => async () => [{ name: 'xmpp.soup.im', port }];
  assert.deepEqual(await told({ resolveSrv: async (name) => leads(name.startsWith('_xmpps') ? 5223 : 5222)() }), [
    'good DNS sends XMPP clients with STARTTLS to xmpp.soup.im:5222',
    'good DNS sends XMPP clients with TLS at once to xmpp.soup.im:5223',
  ]);
  assert.deepEqual(await told({ resolveSrv: leads(443) }, { listen: { c2s_tls: false } }), [
    'note DNS sends XMPP clients with STARTTLS to xmpp.soup.im:443; we listen on port 5222',
    'wrong DNS sends XMPP clients with TLS at once to xmpp.soup.im:443, but listen.c2s_tls is turned off',
  ]);
  const noRecords = [
    'note DNS has no record _xmpp-client._tcp.soup.im',
    'note DNS has no record _xmpps-client._tcp.soup.im',
  ];
  assert.deepEqual(await told({}), [...noRecords, 'wrong DNS does not know soup.im']);
  assert.deepEqual(await told({ resolve6: async () => ['2001:db8::7'] }), [
    ...noRecords,
    'good without SRV records, clients use soup.im itself (2001:db8::7), port 5222',
  ]);
  assert.deepEqual(await told({ resolve4: async () => ['192.0.2.7'] }, { listen: { c2s: '0.0.0.0:6222' } }), [
    ...noRecords,
    'wrong without SRV records, clients try port 5222 of soup.im, where we do not listen',
  ]);
  assert.deepEqual(await told({ resolveSrv: no('ETIMEOUT') }), [
    'note DNS could not be asked about _xmpp-client._tcp.soup.im (ETIMEOUT)',
    'note DNS could not be asked about _xmpps-client._tcp.soup.im (ETIMEOUT)',
  ]);
  assert.deepEqual(await told({ resolveSrv: no('ETIMEOUT') }, { domain: 'soup.test' }), [
    'note soup.test is a name for a local network: public DNS is not asked about it',
  ]);
});

test('other servers: what they find in DNS, whether anybody answers there, and what our certificate is worth to them', async () => {
  const no = (code: string) => async (): Promise<never> => {
    throw Object.assign(new Error(code), { code });
  };
  const nothing: Dns = { resolveSrv: no('ENODATA'), resolve4: no('ENODATA'), resolve6: no('ENODATA') };
  const told = async (dns: Partial<Dns>, values: object = {}, reach?: string, isRunning = true): Promise<string[]> => {
    const config = checkConfig(JSON.stringify({ domain: 'soup.im', ...values }), 'onesoup.yaml');
    const surroundings = { dns: { ...nothing, ...dns }, reach: async () => reach };
    return (await federationFindings(config, isRunning, surroundings)).map(({ state, text }) => `${state} ${text}`);
  };
  const selfSigned = 'note with a self-signed certificate, other servers can prove us by dialback only';
  const leads: Dns['resolveSrv'] = async (name) =>
    name.startsWith('_xmpps') ? no('ENODATA')() : [{ name: 'chat.soup.im', port: 5269 }];
  assert.deepEqual(await told({ resolveSrv: leads }), [
    selfSigned,
    'good DNS sends other servers to chat.soup.im:5269',
    'good DNS has no record _xmpps-server._tcp.soup.im, and listen.s2s_tls is off',
    'good chat.soup.im:5269, where other servers look for us, answers',
  ]);
  assert.deepEqual(await told({ resolve4: async () => ['192.0.2.1'] }, {}, 'no answer'), [
    selfSigned,
    'note DNS has no record _xmpp-server._tcp.soup.im',
    'good DNS has no record _xmpps-server._tcp.soup.im, and listen.s2s_tls is off',
    'good without SRV records, other servers use soup.im itself (192.0.2.1), port 5269',
    'note soup.im:5269, where other servers look for us, does not answer this machine: no answer',
  ]);
  assert.deepEqual(await told({}, { federation: { enabled: false } }), [
    'good federation.enabled is false: no other servers',
  ]);
  assert.deepEqual(await told({}, { listen: { s2s: false } }), [
    'note no other server can connect: listen.s2s and listen.s2s_tls are both turned off',
  ]);
  assert.deepEqual(await told({}, { domain: 'home.test', federation: { ca: '/none.pem' } }), [
    selfSigned,
    'wrong cannot use /none.pem: no such file or directory',
  ]);
});

test('uploads: at the address that apps are told', async () => {
  let said = 'There is no such file, or its time is over.\n';
  const server = createServer((_, response) => response.writeHead(404).end(said));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const states = async (text: string, isRunning = true): Promise<readonly string[]> =>
    (await uploadFindings(checkConfig(text, undefined), isRunning)).map(({ state }) => state);
  const here = `uploads: { url: 'http://127.0.0.1:${port}' }`;
  assert.deepEqual(await states(here), ['note', 'good'], 'it is not https');
  said = 'Welcome to nginx!';
  assert.deepEqual(await states(here), ['note', 'wrong']);
  server.close();
  assert.deepEqual(await states("uploads: { url: 'https://127.0.0.1:1' }"), ['note']);
  assert.deepEqual(await states("uploads: { url: 'https://127.0.0.1:1' }", false), []);
  assert.deepEqual(await states('uploads: { enabled: false }'), ['note']);
});
