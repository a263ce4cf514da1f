import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../config/config.ts';
import { configuredSettings } from './configured.ts';
import { defaultSettings, type FederationSettings, policyOf, refusalOf } from './settings.ts';

const settings = (change: Partial<FederationSettings>): FederationSettings => ({ ...defaultSettings, ...change });

test('whom we speak with: allowed, denied, and those agreed on', () => {
  const closed = settings({
    allow: ['hq.example', '*.fleet.example'],
    deny: ['bad.fleet.example'],
    peers: new Map([['ship.test', {}]]),
  });
  for (const domain of ['hq.example', 'one.fleet.example', 'a.b.fleet.example', 'ship.test'])
    assert.equal(refusalOf(domain, closed), undefined, domain);
  for (const domain of ['fleet.example', 'xfleet.example', 'bad.fleet.example', 'other.example'])
    assert.notEqual(refusalOf(domain, closed), undefined, domain);
  assert.equal(refusalOf('anybody.example', defaultSettings), undefined);
});

test('what is asked of a server: as of everybody, unless something else was agreed on', () => {
  const some = settings({ peers: new Map([['ship.test', { tls: 'off', allowsDialback: false, pins: ['ab'] }]]) });
  assert.deepEqual(policyOf('ship.test', some), { tls: 'off', allowsDialback: false, pins: ['ab'] });
  assert.deepEqual(policyOf('other.example', some), { tls: 'required', allowsDialback: true, pins: undefined });
});

test('the configuration in those words; domains as stanzas have them', () => {
  const { federation } = checkConfig(
    `
federation:
  routes: { xn--bcher-kva.example: { to: '10.0.0.1:5270', tls: direct } }
  allow: ['*.XN--BCHER-KVA.example']
  dialback: never
  queue_seconds: 60
  peers: [{ domain: ship.test, keep_open: true, keep_alive_seconds: 30, queue_seconds: 3600, bidi: false }]
`,
    'onesoup.yaml',
  );
  const read = configuredSettings(federation);
  assert.deepEqual(read.routes?.get('bücher.example'), { host: '10.0.0.1', port: 5270, isDirectTls: true });
  assert.deepEqual(read.allow, ['*.bücher.example']);
  assert.equal(read.allowsDialback, false);
  assert.equal(read.queueMs, 60_000);
  assert.deepEqual(read.peers?.get('ship.test'), {
    pins: [],
    keepAliveMs: 30_000,
    queueMs: 3_600_000,
    isKeptOpen: true,
    usesBidi: false,
  });
  const nothing = configuredSettings(checkConfig('', undefined).federation);
  for (const key of ['tls', 'allowsDialback', 'queueMs', 'idleMs', 'stanzasPerSecond', 'stanzaBytesMax'] as const)
    assert.equal(nothing[key], defaultSettings[key], key);
});
