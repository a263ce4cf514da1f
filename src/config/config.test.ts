import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, checkConfig, loadConfig } from './config.ts';
import { configurationReference } from './reference.ts';

const root = mkdtempSync(join(tmpdir(), 'onesoup-config-'));
after(() => rmSync(root, { recursive: true, force: true }));

const samples = readFileSync(new URL('faults.txt', import.meta.url), 'utf8')
  .replace(/^#.*\n\n/, '')
  .split('\n---\n')
  .map((sample) => sample.trimEnd().split('\n=> '));

for (const [text = '', expected = ''] of samples)
  test(`refused: ${text.split('\n').at(-1)}`, () => {
    assert.throws(
      () => checkConfig(text, 'onesoup.yaml'),
      (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.message, expected);
        return true;
      },
    );
  });

test('nothing at all is the default configuration', () => {
  for (const text of ['', '# only a comment\n', 'listen: {}\n', '{}']) {
    const config = checkConfig(text, undefined, '/srv');
    assert.equal(config.domain, 'localhost');
    assert.equal(config.data, '/srv/data');
    assert.deepEqual(config.listen.http, { host: '127.0.0.1', port: 5280 });
    assert.equal(config.listen.https, false);
    assert.equal(config.tls.required, true);
    assert.equal(config.registration, 'open');
  }
});

test('values are read, paths are relative to the file', () => {
  const config = checkConfig(
    `
domain: Home.Test
data: ../data
listen: { http: '[::1]:8080', c2s: localhost:0, c2s_tls: false }
tls: { certificate: /etc/cert.pem, key: key.pem, required: false }
gateway: { backends: [{ domain: example.org, host: 127.0.0.1, port: 5322, ca: ca.pem }] }
federation:
  routes: { Example.org: 'relay:5269', ship.test: { to: '[2001:db8::7]:443', tls: direct } }
  dns: [127.0.0.1, '127.0.0.1:5353', '[::1]:53', '::1']
  ca: authorities.pem
  deny: [spam.test, '*.spam.test']
  peers: [{ domain: ship.test, keep_open: true, pins: ['${'AB:'.repeat(31)}cd'] }]
`,
    'etc/onesoup.yaml',
    '/srv',
  );
  assert.equal(config.domain, 'home.test');
  assert.equal(config.data, '/srv/data');
  assert.deepEqual(config.listen.http, { host: '::1', port: 8080 });
  assert.deepEqual(config.listen.c2s, { host: 'localhost', port: 0 });
  assert.equal(config.listen.c2s_tls, false);
  assert.deepEqual(config.tls, { certificate: '/etc/cert.pem', key: '/srv/etc/key.pem', required: false });
  assert.deepEqual(config.gateway.backends, [
    { domain: 'example.org', host: '127.0.0.1', port: 5322, tls: 'required', ca: '/srv/etc/ca.pem' },
  ]);
  assert.deepEqual(config.federation.routes, {
    'example.org': { host: 'relay', port: 5269, isDirectTls: false },
    'ship.test': { host: '2001:db8::7', port: 443, isDirectTls: true },
  });
  assert.equal(config.federation.ca, '/srv/etc/authorities.pem');
  assert.deepEqual(config.federation.peers[0]?.pins, [`${'ab'.repeat(31)}cd`]);
  assert.equal(config.file, '/srv/etc/onesoup.yaml');
});

test('the option names the file, else the environment, else there is none', () => {
  writeFileSync(join(root, 'a.yaml'), 'domain: a.test');
  writeFileSync(join(root, 'b.yaml'), 'domain: b.test');
  assert.equal(loadConfig('a.yaml', { ONESOUP_CONFIG: 'b.yaml' }, root).domain, 'a.test');
  assert.equal(loadConfig(undefined, { ONESOUP_CONFIG: join(root, 'b.yaml') }, root).domain, 'b.test');
  assert.equal(loadConfig(undefined, {}, root).domain, 'localhost');
  assert.throws(() => loadConfig('none.yaml', {}, root), {
    name: 'ConfigError',
    message: 'cannot read the configuration none.yaml: no such file',
  });
  assert.throws(() => loadConfig(undefined, { ONESOUP_CONFIG: '.' }, root), {
    message: 'cannot read the configuration . (named by ONESOUP_CONFIG): it is a directory',
  });
});

test('docs/configuration.md is what the schema says', () => {
  const written = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  assert.equal(written, configurationReference(), 'stale: run node scripts/generate-config-reference.ts');
});
