// What strangers may cost: half-open streams by the thousand, dialback in others' names, floods, servers that never speak.

import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import type { Log } from '../../base/log.ts';
import { silentLog } from '../../base/log.ts';
import type { DnsAnswer } from '../../xmpp/connect/resolver.ts';
import { TestNetwork } from './testing.ts';

const header = (from: string, to = 'home.test'): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' version='1.0' from='${from}' to='${to}'>`;

/** The stranger's end of a connection, and what was written to it. */
const stranger = (accept: (socket: Duplex) => void): { readonly socket: Duplex; readonly heard: () => string } => {
  const [ours, theirs] = duplexPair();
  let heard = '';
  ours.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  ours.on('error', () => {});
  // The ends of such a pair do not hear of each other's breaking off.
  ours.once('close', () => theirs.destroy());
  accept(theirs);
  return { socket: ours, heard: () => heard };
};

const counting = (): { readonly log: Log; readonly warnings: string[]; readonly lines: string[] } => {
  const warnings: string[] = [];
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    info: (_fields, message) => void lines.push(message),
    warn: (_fields, message) => void warnings.push(message),
    child: () => log,
  };
  return { log, warnings, lines };
};

test('whoever comes again and again, under any number of names, does not fill the log', async () => {
  const network = new TestNetwork();
  const { log, warnings, lines } = counting();
  const home = network.start(['home.test'], { options: { log } });
  network.start(['away.example']);
  for (let n = 0; n < 200; n++) {
    const { socket } = stranger((theirs) => home.federation.accept(theirs, '198.51.100.1', false));
    socket.write(`${header(`x${n}.evil.example`)}<message from='x${n}.evil.example' to='home.test'/>`);
    await network.settle(2);
    socket.destroy();
  }
  const anna = await home.signIn('anna@home.test');
  for (let n = 0; n < 100; n++)
    await network.says(anna, `<message type='chat' to='x@x${n}.evil.example'><body>x</body></message>`);
  await network.settle();
  assert.ok(lines.length + warnings.length < 80, `${lines.length} lines and ${warnings.length} warnings`);
  lines.length = 0;
  await network.says(anna, `<message type='chat' to='x@away.example'><body>x</body></message>`);
  await network.until('a line', () => lines.includes('server authenticated'));
  await network.close();
});

test('thousands of connections that never say who they are: so many stay open, and the door stays open for others', async () => {
  const network = new TestNetwork();
  const { log, warnings } = counting();
  const home = network.start(['home.test'], { settings: { strangersMax: 100 }, options: { log } });
  const away = network.start(['away.example']);
  const anna = await home.signIn('anna@home.test');
  const mila = await away.signIn('mila@away.example');
  await anna.sends('<presence/>');
  const sockets: Duplex[] = [];
  for (let n = 0; n < 3_000; n++) {
    const { socket } = stranger((theirs) => home.federation.accept(theirs, `198.51.${n >> 8}.${n & 255}`, false));
    sockets.push(socket);
    if (n % 3 === 0) socket.write(header(`x${n}.example`));
    if (n % 100 === 0) await network.settle(1);
  }
  await network.settle();
  assert.ok(home.federation.streams.size <= 110, `${home.federation.streams.size} streams`);
  assert.equal(home.federation.links.size, 0);
  assert.ok(warnings.length < 5, `${warnings.length} lines`);
  await network.says(mila, `<message to='anna@home.test' type='chat' id='m'><body>through</body></message>`);
  await network.until('the message', () => anna.received.some(({ id }) => id === 'm'));
  await network.pass(120_000);
  assert.equal(home.federation.report().strangers, 0, 'they had their time');
  for (const socket of sockets) socket.destroy();
  await network.close();
});

test('one address has so many connections, and no more', async () => {
  const network = new TestNetwork();
  const home = network.start(['home.test'], { settings: { connectionsPerAddressMax: 10 } });
  const all = Array.from({ length: 30 }, () =>
    stranger((theirs) => home.federation.accept(theirs, '2001:db8::1', false)),
  );
  const other = stranger((theirs) => home.federation.accept(theirs, '2001:db8:0:1::1', false));
  await network.settle();
  assert.equal(home.federation.streams.size, 11);
  for (const { socket } of [...all, other]) socket.destroy();
  await network.settle();
  assert.equal(home.federation.streams.size, 0);
  await network.close();
});

test('a storm of dialback keys makes few connections, one for each domain, and none to servers just found dead', async () => {
  const network = new TestNetwork();
  const home = network.start(['home.test']);
  for (let n = 0; n < 300; n++) network.start([`victim${n}.example`]);
  for (let n = 0; n < 300; n++) network.silent.add(`victim${n}.example`);
  const strangers = [];
  for (let n = 0; n < 600; n++) {
    const domain = `victim${n % 300}.example`;
    const one = stranger((theirs) => home.federation.accept(theirs, `198.51.${n >> 8}.${n & 255}`, false));
    one.socket.write(`${header(domain)}<db:result from='${domain}' to='home.test'>no such key</db:result>`);
    strangers.push(one);
    if (n % 50 === 0) await network.settle(1);
  }
  await network.settle(4);
  const dialled = network.dialled.filter((one) => one.startsWith('home.test'));
  assert.ok(dialled.length <= 100, `${dialled.length} connections`);
  assert.equal(new Set(dialled).size, dialled.length, 'one for each domain');
  for (let n = 0; n < 12; n++) {
    network.clock.advance(5_000);
    await network.settle(1);
  }
  assert.ok(
    strangers.some(({ heard }) => /resource-constraint|remote-server-timeout|remote-connection-failed/.test(heard())),
    'those beyond it are told',
  );
  for (const { socket } of strangers) socket.destroy();
  await network.settle();
  assert.ok(home.federation.links.size === 0);
  for (const name of network.peers.keys()) if (name !== 'home.test') network.peers.delete(name);
  await network.close();
});

test('a server that takes the connection and never speaks is given up, and the message comes back in time', async () => {
  const network = new TestNetwork();
  const home = network.start(['home.test'], {
    settings: { queueMs: 300_000 },
    options: {
      net: {
        connect(_endpoint, then) {
          const [ours] = duplexPair();
          setImmediate(() => then({ ok: true, value: ours }));
          return { [Symbol.dispose]() {} };
        },
      },
    },
  });
  network.start(['mute.example']);
  const anna = await home.signIn('anna@home.test');
  await network.says(
    anna,
    `<message to='x@mute.example' type='chat' id='m'><body>hello?</body></message><iq type='get' id='q' to='mute.example'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  await network.pass(70_000);
  assert.deepEqual(
    anna.received.map(({ id, type }) => `${id} ${type}`),
    ['q error'],
  );
  await network.pass(300_000);
  assert.deepEqual(
    anna.received.map(({ id, type }) => `${id} ${type}`),
    ['q error', 'm error'],
  );
  await network.close();
});

test('what waits for a dead server is bounded, and what is too much comes back', async () => {
  const network = new TestNetwork();
  const home = network.start(['home.test'], { settings: { linkMax: { stanzas: 50, chars: 1_000_000 } } });
  network.start(['dead.example']);
  network.silent.add('dead.example');
  const anna = await home.signIn('anna@home.test');
  const many = Array.from(
    { length: 80 },
    (_, n) => `<message to='x@dead.example' type='chat' id='m${n}'><body>x</body></message>`,
  );
  await network.says(anna, many.join(''));
  await network.settle();
  assert.equal(home.federation.links.get('home.test dead.example')?.outbox.size, 50);
  assert.equal((await home.store.federation.underWay(0, 100)).length, 50);
  assert.equal(anna.received.length, 30);
  assert.ok(
    anna.received[0]
      ?.child('error')
      ?.children.some((one) => typeof one !== 'string' && one.name === 'resource-constraint'),
  );
  await network.close();
});

test('presence that later presence takes the place of does not pile up', async () => {
  const network = new TestNetwork();
  const home = network.start(['home.test']);
  network.start(['dead.example']);
  network.silent.add('dead.example');
  const anna = await home.signIn('anna@home.test');
  for (let n = 0; n < 50; n++)
    await network.says(anna, `<presence to='x@dead.example'><status>${n}</status></presence>`);
  const outbox = home.federation.links.get('home.test dead.example')?.outbox;
  assert.equal(outbox?.size, 1);
  assert.match(outbox?.waiting[0]?.stanza.toXml() ?? '', /49/);
  await network.close();
});

test('one domain with thousands of names that lead nowhere does not keep others from being reached', async () => {
  const network = new TestNetwork();
  const leads = async (name: string): Promise<DnsAnswer<string>> =>
    name.endsWith('evil.example') || name === 'away.example'
      ? { kind: 'found', values: [name === 'away.example' ? '192.0.2.2' : '198.51.100.1'] }
      : { kind: 'absent' };
  const home = network.start(['home.test'], {
    options: { resolver: { srv: async () => ({ kind: 'absent' }), ip4: leads, ip6: async () => ({ kind: 'absent' }) } },
  });
  network.start(['away.example']);
  // Where nobody is, there is no answer.
  network.silent.add('');
  const anna = await home.signIn('anna@home.test');
  const asks = (id: string, to: string): string =>
    `<iq type='get' id='${id}' to='${to}'><ping xmlns='urn:xmpp:ping'/></iq>`;
  await network.says(anna, Array.from({ length: 2_100 }, (_, n) => asks(`x${n}`, `x${n}.evil.example`)).join(''));
  await network.settle();
  assert.equal(home.federation.links.size, 2_000);
  assert.equal(network.dialled.length, 50);
  await network.says(anna, asks('q', 'away.example'));
  await network.until('an answer', () => anna.received.some(({ id, type }) => id === 'q' && type === 'result'));
  await network.close();
});
