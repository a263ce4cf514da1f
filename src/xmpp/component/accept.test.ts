// XEP-0114: the stream from header to end, and what hostile, dead and slow components get.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { bad, good } from '../../base/outcome.ts';
import { seededRandom } from '../../base/random.ts';
import { Jid } from '../jid.ts';
import type { Stanza } from '../stanza.ts';
import { stanzaFromText } from '../stanza-text.ts';
import { acceptComponent } from './accept.ts';
import type { ComponentEnd, ComponentOptions, ComponentSession, ComponentStream } from './component.ts';
import { handshakeOf } from './handshake.ts';
import type { ComponentLimits } from './limits.ts';
import { quiet, ScriptedComponent } from './scripted-component.ts';

const domain = 'irc.home.test';
const message = (id: string, to = 'mila@home.test'): string =>
  `<message from='nick@${domain}' to='${to}' id='${id}'><body>hello</body></message>`;
const forIt = (id: string): Stanza =>
  stanzaFromText(`<message from='mila@home.test/phone' to='nick@${domain}' id='${id}'><body>hi</body></message>`);

interface Made {
  handle: (stanza: Stanza) => void | Promise<void>;
  end: ComponentEnd | undefined;
}

const scraps = [
  "<?xml version='1.0'?>",
  `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  '<handshake>',
  '</handshake>',
  '<handshake/>',
  message('1'),
  `<iq from='${domain}' to='home.test' type='result' id='x'/>`,
  '<stream:error/>',
  '</stream:stream>',
  '<',
  ' ',
  '&lt;',
  '\u{1f372}',
];

const start = (limits: Partial<ComponentLimits> = {}, options: Partial<ComponentOptions> = {}) => {
  const clock = new SimulatedClock();
  const peer = new ScriptedComponent();
  const received: Stanza[] = [];
  const happened: string[] = [];
  const made: Made = { handle: () => {}, end: undefined };
  const session: ComponentSession = {
    opened: () => void happened.push('opened'),
    stanza(stanza) {
      received.push(stanza);
      return made.handle(stanza);
    },
    ended(end) {
      happened.push(`ended: ${end.reason}`);
      made.end = end;
    },
  };
  const stream: ComponentStream = acceptComponent(peer.far, {
    server: Jid.from('home.test'),
    clock,
    random: seededRandom(1),
    log: silentLog,
    limits,
    knows: (name) => name === domain,
    admit: async (_, { proves }) => (proves('secret') ? good(session) : bad({ condition: 'not-authorized' })),
    disconnected: () => void happened.push('gone'),
    ...options,
  });
  return { clock, peer, stream, received, happened, made };
};

const endsWith = async (peer: ScriptedComponent, condition: string): Promise<void> => {
  const text = await peer.takes(/<stream:error>.*<\/stream:error><\/stream:stream>/);
  assert.match(text, new RegExp(`<stream:error><${condition} `), text);
  await quiet();
  assert(peer.isClosed, 'the connection is closed');
};

test('XEP-0114 §3: header, handshake, stanzas both ways', async () => {
  const { peer, stream, received, happened } = start();
  peer.opens(domain);
  const header = await peer.takes(/<stream:stream [^>]*>/);
  assert.match(header, / from='irc\.home\.test' id='[A-Za-z0-9]{22}' xmlns='jabber:component:accept'/);
  assert.doesNotMatch(header, /<stream:stream[^>]* version=/);
  const id = /\bid='([^']+)'/.exec(header)?.[1] ?? '';
  // Some write it in capitals, as Prosody lets them.
  peer.says(`<handshake>${handshakeOf(id, 'secret').toUpperCase()}</handshake>`);
  await peer.takes(/<handshake\/>/);
  peer.says(message('1'));
  await quiet();
  assert.deepEqual(
    received.map((one) => one.toXml()),
    [message('1')],
  );
  const sent = stream.send(forIt('2'));
  await peer.takes(/<message from='mila@home.test\/phone' to='nick@irc.home.test' id='2'><body>hi<\/body><\/message>/);
  assert.equal(await sent, true);
  peer.says('</stream:stream>');
  await peer.takes(/<\/stream:stream>/);
  await quiet();
  assert.deepEqual(happened, ['opened', 'ended: closed-by-component', 'gone']);
});

test('it may all come octet by octet, or all at once', async () => {
  const { peer, received } = start({ bytesPerSecondBeforeAuth: 1_000_000 });
  const slowly = async (text: string): Promise<void> => {
    for (const octet of Buffer.from(text)) peer.saysOctets(Uint8Array.of(octet));
    await quiet(3);
  };
  await slowly(
    `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  );
  const id = /\bid='([^']+)'/.exec(await peer.takes(/<stream:stream [^>]*>/))?.[1] ?? '';
  await slowly(`<handshake>${handshakeOf(id, 'secret')}</handshake>${message('grüße')}`);
  await peer.takes(/<handshake\/>/);
  assert.deepEqual(
    received.map((one) => one.id),
    ['grüße'],
  );
});

test('whatever a stranger or a component says, nothing but XML comes back, and the connection ends or goes on', () =>
  fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.oneof(fc.constantFrom(...scraps), fc.uint8Array({ maxLength: 12 })), { maxLength: 12 }),
      async (isConnected, said) => {
        const { peer, clock, happened } = start({ keepaliveMs: 0 });
        if (isConnected) await peer.connects(domain, 'secret');
        for (const one of said)
          if (typeof one === 'string') peer.says(one);
          else peer.saysOctets(one);
        await quiet(5);
        clock.advance(600_000);
        await quiet(5);
        clock.advance(600_000);
        await quiet(5);
        assert.equal(happened.filter((one) => one === 'gone').length, isConnected && !peer.isClosed ? 0 : 1, peer.text);
        peer.drop();
        await quiet(5);
        assert.equal(happened.filter((one) => one === 'gone').length, 1);
        assert.equal(clock.armed, 0);
      },
    ),
    { numRuns: 150 },
  ));

test('§3: the example of the specification', () => {
  // SHA1("3BF96D32" + "secret"), from sha1sum.
  assert.equal(handshakeOf('3BF96D32', 'secret'), 'b09ea9b3b7f586be8a08d0a3dd7466f110aeb136');
});

test('stanzas of the component are read into jabber:client, and keep what they forward', async () => {
  const { peer, received } = start();
  await peer.connects(domain, 'secret');
  peer.says(
    `<message from='${domain}' to='mila@home.test'><body>x</body><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='a@b'><body>y</body></message></forwarded></message>`,
  );
  await quiet();
  const forwarded = received[0]?.child('forwarded', 'urn:xmpp:forward:0');
  assert.equal(received[0]?.child('body')?.children[0], 'x');
  assert.equal(typeof forwarded?.children[0] === 'object' && forwarded.children[0].xmlns, 'jabber:client');
});

for (const [what, header, condition] of [
  ['an unknown domain', { to: 'other.test' }, 'host-unknown'],
  ['an address that is no domain', { to: `x@${domain}` }, 'host-unknown'],
  ['a client’s namespace', { namespace: 'jabber:client' }, 'invalid-namespace'],
  ['the other method', { namespace: 'jabber:component:connect' }, 'invalid-namespace'],
] as const)
  test(`a header with ${what} is answered with a header and <${condition}/>`, async () => {
    const { peer } = start();
    peer.opens('to' in header ? header.to : domain, 'namespace' in header ? header.namespace : undefined);
    await peer.takes(/<stream:stream [^>]*>/);
    await endsWith(peer, condition);
  });

test('a header without an address, and what is no XML, get their errors after a header', async () => {
  const nameless = start();
  nameless.peer.says(
    "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
  );
  await endsWith(nameless.peer, 'improper-addressing');
  const web = start();
  web.peer.says('GET / HTTP/1.1\r\n\r\n');
  assert.match(await web.peer.takes(/<stream:error>/), /<stream:stream /);
});

test('a wrong handshake, a stanza instead of one, and a second element in one end the stream', async () => {
  for (const text of [
    '<handshake>b09ea9b3b7f586be8a08d0a3dd7466f110aeb136</handshake>',
    '<handshake/>',
    message('1'),
    '<handshake><x/></handshake>',
  ]) {
    const { peer, received, happened } = start();
    peer.opens(domain);
    await peer.takes(/<stream:stream [^>]*>/);
    peer.says(text);
    await endsWith(peer, 'not-authorized');
    assert.deepEqual(received, []);
    assert.deepEqual(happened, ['gone']);
  }
});

test('whoever says nothing is not waited for, before and after the header', async () => {
  for (const says of ['', `<stream:stream xmlns='jabber:component:accept' `]) {
    const { peer, clock } = start({ authMs: 15_000 });
    peer.says(says);
    await quiet();
    clock.advance(15_000);
    await endsWith(peer, 'connection-timeout');
  }
});

for (const [what, text] of [
  ['another domain', message('1').replace(domain, 'home.test')],
  ['a subdomain', message('1').replace(domain, `sub.${domain}`)],
  ['no address', message('1').replace(`nick@${domain}`, 'a@b@c')],
] as const)
  test(`from ${what}: <invalid-from/>, and nothing is routed`, async () => {
    const { peer, received, made } = start();
    await peer.connects(domain, 'secret');
    peer.says(text);
    await endsWith(peer, 'invalid-from');
    assert.deepEqual(received, []);
    assert.equal(made.end?.error?.condition, 'invalid-from');
  });

test('without from it is from the component; without or with a bad to it is answered, and the stream goes on', async () => {
  const { peer, received } = start();
  await peer.connects(domain, 'secret');
  peer.says("<presence to='mila@home.test'/>");
  peer.says(`<message from='${domain}' id='1'><body>x</body></message>`);
  await peer.takes(
    /<message from='home.test' to='irc.home.test' type='error' id='1'><error type='modify'><bad-request/,
  );
  peer.says(`<iq from='${domain}' to='a@b@c' id='2' type='get'><x xmlns='y'/></iq>`);
  await peer.takes(/<iq from='home.test' to='irc.home.test' type='error' id='2'><error type='modify'><jid-malformed/);
  peer.says(`<iq from='${domain}' to='a@b@c' id='3' type='result'/>${message('4')}`);
  await quiet();
  assert.deepEqual(
    received.map(({ kind, from }) => `${kind} ${from}`),
    ['presence irc.home.test', `message nick@${domain}`],
  );
  assert.doesNotMatch(peer.text, /id='[34]'/);
});

test('anything but stanzas, oversized and malformed ones, and comments end the stream', async () => {
  for (const [text, condition] of [
    ['<x xmlns="y"/>', 'unsupported-stanza-type'],
    [`<message from='${domain}' to='mila@home.test'><body>${'x'.repeat(20_000)}</body></message>`, 'policy-violation'],
    ['<message></presence>', 'not-well-formed'],
    ['<!-- x -->', 'restricted-xml'],
    ["<!DOCTYPE x [<!ENTITY a 'b'>]>", 'not-well-formed'],
    ['<message><body>&a;</body></message>', 'restricted-xml'],
  ] as const) {
    const { peer } = start({ xml: { bytesMax: 10_000 } });
    await peer.connects(domain, 'secret');
    peer.says(text);
    await endsWith(peer, condition);
  }
});

test('a flood is read at the rate allowed', async () => {
  const { peer, received, clock } = start({ elementsPerSecond: 10, burstElements: 20 });
  await peer.connects(domain, 'secret');
  for (let n = 0; n < 100; n++) peer.says(message(String(n)));
  await quiet(50);
  assert(received.length <= 22, `${received.length} at once`);
  const before = received.length;
  for (let second = 0; second < 2; second++)
    for (let step = 0; step < 10; step++) {
      clock.advance(100);
      await quiet(3);
    }
  assert(Math.abs(received.length - before - 20) <= 2, `${received.length - before} in two seconds`);
});

test('before the handshake octets are few', async () => {
  const { peer } = start();
  peer.opens(domain);
  await peer.takes(/<stream:stream [^>]*>/);
  let pushed = 0;
  for (let n = 0; n < 200; n++) {
    pushed += 10_000;
    peer.says(`<handshake>`.padEnd(10_000, 'x'));
    await quiet(2);
    if (peer.far.isPaused()) break;
  }
  assert(pushed < 300_000, `read ${pushed} octets of a stranger`);
});

test('while too many stanzas are being routed nothing more is read; order holds', async () => {
  const { peer, received, made } = start({ handlingMax: 3 });
  await peer.connects(domain, 'secret');
  const done: (() => void)[] = [];
  made.handle = () => new Promise((resolve) => done.push(resolve));
  for (let n = 0; n < 10; n++) peer.says(message(String(n)));
  await quiet();
  assert.equal(received.length, 3);
  for (let n = 0; n < 10; n++) {
    done[n]?.();
    await quiet(3);
  }
  assert.deepEqual(
    received.map(({ id }) => id),
    [...'0123456789'],
  );
});

test('what was read is known from the answer to one ping for all of it', async () => {
  const { peer, stream } = start();
  await peer.connects(domain, 'secret');
  peer.answersPings = false;
  const read: string[] = [];
  for (const id of ['a', 'b', 'c']) void stream.send(forIt(id)).then((isRead) => read.push(`${id} ${isRead}`));
  const text = await peer.takes(/<ping xmlns='urn:xmpp:ping'\/><\/iq>/);
  assert.equal(text.match(/<ping /g)?.length, 1);
  // Another one, after the ping: its own must follow it.
  void stream.send(forIt('d')).then((isRead) => read.push(`d ${isRead}`));
  await quiet();
  assert.deepEqual(read, []);
  assert.equal(stream.unconfirmedCount, 4);
  const id = /type='get' id='([^']+)'/.exec(text)?.[1];
  peer.says(
    `<iq from='${domain}' to='home.test' type='error' id='${id}'><error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
  );
  await peer.takes(/id='d'.*<ping /);
  assert.deepEqual(read, ['a true', 'b true', 'c true']);
  peer.drop();
  await quiet();
  assert.deepEqual(read, ['a true', 'b true', 'c true', 'd false']);
  assert.equal(await stream.send(forIt('e')), false);
});

test('answers to pings are not routed; other answers are', async () => {
  const { peer, stream, received } = start();
  await peer.connects(domain, 'secret');
  await stream.send(forIt('a'));
  peer.says(`<iq from='${domain}' to='home.test' type='result' id='x'/>`);
  await quiet();
  assert.deepEqual(
    received.map(({ id }) => id),
    ['x'],
  );
});

test('a silent component is asked, and given up when it answers nothing', async () => {
  const { peer, clock, made, stream, happened } = start({ idleMs: 120_000, answerMs: 60_000, keepaliveMs: 0 });
  await peer.connects(domain, 'secret');
  for (let n = 0; n < 5; n++) {
    clock.advance(120_000);
    await quiet();
    assert(clock.armed <= 2, 'one look ahead, and at most one question');
  }
  assert.deepEqual(happened, ['opened'], 'it answers');
  peer.answersPings = false;
  clock.advance(120_000);
  await peer.takes(/<ping /);
  const sent = stream.send(forIt('a'));
  clock.advance(60_000);
  await endsWith(peer, 'connection-timeout');
  assert.equal(await sent, false);
  assert.equal(made.end?.error?.condition, 'connection-timeout');
});

test('a component that lives but answers no pings is believed to read what the socket took', async () => {
  const { peer, clock, made, stream } = start({ answerMs: 60_000 });
  await peer.connects(domain, 'secret');
  peer.answersPings = false;
  const first = stream.send(forIt('a'));
  await peer.takes(/<ping /);
  clock.advance(30_000);
  peer.says(message('1'));
  await quiet();
  clock.advance(30_000);
  assert.equal(await first, true);
  assert.equal(made.end, undefined);
  assert.equal(await stream.send(forIt('b')), true);
  assert.doesNotMatch(peer.text, /id='b'.*<ping /);
});

test('a component that does not read is ended before the queue grows without bound', async () => {
  const { peer, made, stream } = start({ unconfirmedMax: 50 });
  await peer.connects(domain, 'secret');
  peer.sleeps();
  const fates: boolean[] = [];
  for (let n = 0; n < 60; n++) void stream.send(forIt(String(n))).then((isRead) => fates.push(isRead));
  await quiet();
  peer.wakesUp();
  await endsWith(peer, 'policy-violation');
  assert.equal(made.end?.reason, 'closed-by-server');
  assert.deepEqual(
    fates,
    Array.from({ length: 60 }, () => false),
  );
});

test('white space keeps the connection alive', async () => {
  const { peer, clock } = start({ keepaliveMs: 30_000 });
  await peer.connects(domain, 'secret');
  peer.text = '';
  clock.advance(30_000);
  await quiet();
  assert.equal(peer.text, ' ');
});

test('closing: with an error or without, once, and no timer is left', async () => {
  for (const error of [undefined, { condition: 'system-shutdown' } as const]) {
    const { peer, clock, stream, happened } = start();
    await peer.connects(domain, 'secret');
    const sent = stream.send(forIt('last'));
    const closed = stream.close(error);
    const text = await peer.takes(/<\/stream:stream>/);
    assert.match(text, /id='last'/);
    assert.equal(text.includes('<system-shutdown'), error !== undefined);
    peer.says('</stream:stream>');
    clock.advance(5_000);
    await quiet();
    clock.advance(5_000);
    await closed;
    await sent;
    assert.deepEqual(happened, ['opened', 'ended: closed-by-server', 'gone']);
    assert.equal(clock.armed, 0);
  }
});

test('a connection that goes while its handshake is looked at is told of', async () => {
  let admit: () => void = () => {};
  const ended: ComponentEnd[] = [];
  const { peer } = start(
    {},
    {
      admit: () =>
        new Promise((resolve) => {
          admit = () => resolve(good({ opened() {}, stanza() {}, ended: (end) => void ended.push(end) }));
        }),
    },
  );
  peer.opens(domain);
  await peer.takes(/<stream:stream [^>]*>/);
  peer.says('<handshake>x</handshake>');
  await quiet();
  peer.drop();
  await quiet();
  admit();
  await quiet();
  assert.deepEqual(ended, [{ reason: 'lost' }]);
});
