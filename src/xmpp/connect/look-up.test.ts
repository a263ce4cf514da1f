// Where a domain's servers are found: RFC 6120 §3.2, XEP-0368, RFC 2782.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { lookUp } from './look-up.ts';
import { CachedResolver, type DnsAnswer, type Resolver } from './resolver.ts';
import { isOwnMachine } from './special-addresses.ts';
import { inOrder, type SrvRecord, serversOf } from './srv.ts';

/** 'srv _xmpp-server._tcp.x: 10 0 5269 host, …' or 'ip4 host: address, …'; 'failed' and 'silent' are what they say. */
const resolverOf = (...lines: readonly string[]): Resolver & { readonly asked: string[] } => {
  const asked: string[] = [];
  const answers = new Map(lines.map((line) => line.split(': ') as [string, string]));
  const ask = <Value>(kind: string, name: string, read: (text: string) => Value): Promise<DnsAnswer<Value>> => {
    asked.push(`${kind} ${name}`);
    const text = answers.get(`${kind} ${name}`);
    if (text === 'silent') return new Promise(() => {});
    if (text === 'failed') return Promise.resolve({ kind: 'failed', text: 'SERVFAIL' });
    return Promise.resolve(
      text === undefined ? { kind: 'absent' } : { kind: 'found', values: text.split(', ').map(read), ttlS: 60 },
    );
  };
  const srvOf = (text: string): SrvRecord => {
    const [priority, weight, port, target = ''] = text.split(' ');
    return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
  };
  return {
    asked,
    srv: (name) => ask('srv', name, srvOf),
    ip6: (name) => ask('ip6', name, (text) => text),
    ip4: (name) => ask('ip4', name, (text) => text),
  };
};

const find = async (domain: string, resolver: Resolver, more: Partial<Parameters<typeof lookUp>[1]> = {}) => {
  const found = await lookUp(domain, {
    resolver,
    clock: new SimulatedClock(),
    fraction: () => 0,
    allowsOwnMachine: false,
    ...more,
  });
  if (!found.ok) return `${found.fault.reason} ${found.fault.condition}`;
  return found.value.map((endpoints) =>
    endpoints.map(({ address, port, isDirectTls }) => `${address} ${port}${isDirectTls ? ' tls' : ''}`).join(', '),
  );
};

test('both kinds of record are one list, by priority; the families take turns', async () => {
  const resolver = resolverOf(
    'srv _xmpp-server._tcp.a.example: 10 0 5269 one.example, 30 0 5269 three.example',
    'srv _xmpps-server._tcp.a.example: 20 0 5270 two.example.',
    'ip4 one.example: 192.0.2.1, 192.0.2.2',
    'ip6 one.example: 2001:db8::1',
    'ip4 two.example: 192.0.2.3',
    'ip4 three.example: 192.0.2.4',
  );
  assert.deepEqual(await find('a.example', resolver), [
    '2001:db8::1 5269, 192.0.2.1 5269, 192.0.2.2 5269',
    '192.0.2.3 5270 tls',
    '192.0.2.4 5269',
  ]);
});

test('without records, the domain itself on port 5269; in ASCII for DNS', async () => {
  const resolver = resolverOf('ip4 xn--bcher-kva.example: 192.0.2.1');
  assert.deepEqual(await find('bücher.example', resolver), ['192.0.2.1 5269']);
  assert.ok(resolver.asked.includes('srv _xmpp-server._tcp.xn--bcher-kva.example'));
  assert.deepEqual(await find('[2001:db8::1]', resolver), ['2001:db8::1 5269']);
});

test('RFC 2782: a target of "." says that there is no such service, and nothing else is tried', async () => {
  const own = 'ip4 a.example: 192.0.2.1';
  assert.equal(
    await find('a.example', resolverOf('srv _xmpp-server._tcp.a.example: 0 0 0 .', own)),
    'not-found remote-server-not-found',
  );
  assert.deepEqual(
    await find(
      'a.example',
      resolverOf(
        'srv _xmpps-server._tcp.a.example: 0 0 0 ',
        'srv _xmpp-server._tcp.a.example: 0 0 5269 a.example',
        own,
      ),
    ),
    ['192.0.2.1 5269'],
    'XEP-0368: only direct TLS is not offered',
  );
});

test('what there is not, and what could not be found out', async () => {
  assert.equal(await find('a.example', resolverOf()), 'not-found remote-server-not-found');
  assert.equal(
    await find('a.example', resolverOf('srv _xmpp-server._tcp.a.example: 0 0 1 b.example')),
    'not-found remote-server-not-found',
  );
  assert.equal(
    await find('a.example', resolverOf('srv _xmpp-server._tcp.a.example: failed')),
    'no-name-server remote-server-timeout',
  );
  const clock = new SimulatedClock();
  const silent = find('a.example', resolverOf('srv _xmpp-server._tcp.a.example: silent'), { clock });
  clock.advance(10_000);
  assert.equal(await silent, 'no-name-server remote-server-timeout');
});

test('DNS does not lead to this machine, unless that is allowed; a route may', async () => {
  const resolver = resolverOf('ip4 a.example: 127.0.0.1, 192.0.2.1', 'ip4 b.example: 127.0.0.1');
  assert.deepEqual(await find('a.example', resolver), ['192.0.2.1 5269']);
  assert.equal(await find('b.example', resolver), 'forbidden remote-server-not-found');
  assert.deepEqual(await find('b.example', resolver, { allowsOwnMachine: true }), ['127.0.0.1 5269']);
  const route = { host: '127.0.0.1', port: 7, isDirectTls: true };
  assert.deepEqual(await find('b.example', resolver, { route }), ['127.0.0.1 7 tls']);
  for (const own of [
    '127.9.9.9',
    '0.0.0.0',
    '169.254.1.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    '::ffff:127.0.0.1',
  ])
    assert.ok(isOwnMachine(own), own);
  for (const other of ['10.0.0.1', '192.168.1.1', '2001:db8::1', 'fd00::1', '::ffff:192.0.2.1'])
    assert.ok(!isOwnMachine(other), other);
});

test('RFC 2782: among equals the lot falls in proportion to weight, and 0 has a small chance', () => {
  const records = [
    { priority: 1, weight: 0 },
    { priority: 1, weight: 1 },
    { priority: 1, weight: 3 },
    { priority: 0, weight: 9 },
  ];
  const firsts = new Map<number, number>();
  for (let n = 0; n < 1000; n++) {
    const [least, first] = inOrder(records, () => ((n * 7919) % 1000) / 1000);
    assert.equal(least?.priority, 0);
    firsts.set(first?.weight ?? -1, (firsts.get(first?.weight ?? -1) ?? 0) + 1);
  }
  assert.deepEqual([firsts.get(0), firsts.get(1), firsts.get(3)], [200, 200, 600]);
  assert.equal(
    serversOf([], [], () => 0),
    undefined,
  );
});

test('answers are remembered as long as they are good, asked for once, and forgotten when there are many', async () => {
  const clock = new SimulatedClock();
  const inner = resolverOf('ip4 a.example: 192.0.2.1', 'ip4 b.example: failed');
  const cached = new CachedResolver(inner, clock, 2);
  await Promise.all([cached.ip4('a.example'), cached.ip4('a.example')]);
  clock.advance(59_000);
  await cached.ip4('a.example');
  assert.deepEqual(inner.asked, ['ip4 a.example']);
  clock.advance(2_000);
  await cached.ip4('a.example');
  assert.equal(inner.asked.length, 2);
  cached.forget('a.example');
  await cached.ip4('a.example');
  assert.equal(inner.asked.length, 3);
  for (const name of ['b', 'c', 'd']) await cached.ip4(`${name}.example`);
  assert.equal(cached.size, 2);
});
