// What clients, well-behaved and other, get from the responding end of a stream (RFC 6120, XEP-0198).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { bad } from '../../base/outcome.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../jid.ts';
import { Stanza } from '../stanza.ts';
import { bindIq, plainAuth, RawClient, streamHeader } from './raw-client.ts';
import { TestServer, TestSession, until } from './testing.ts';

type Options = ConstructorParameters<typeof TestServer>[0];

const start = (options: Options = {}): { server: TestServer; clock: SimulatedClock } => {
  const clock = new SimulatedClock();
  const server = new TestServer({ clock, ...options });
  return { server, clock };
};
const sessionOf = (server: TestServer): TestSession => {
  const session = server.sessions.at(-1);
  assert.ok(session);
  return session;
};
const turns = async (count = 5): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
const note = (id: string): Stanza =>
  Stanza.make({ kind: 'message', id, from: Jid.from('anna@home.test/x') }, el('body', null, id));
const message = (id: string): string => `<message to='anna@home.test' id='${id}'><body>${id}</body></message>`;
const streamError = (condition: string): string =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'`;

describe('a conversation', () => {
  for (const pieces of [0, 1, 7])
    test(`from the first octet to the last, ${pieces ? `${pieces} octets at a time` : 'in whole writes'}`, async () => {
      const { server } = start();
      const client = new RawClient(server);
      client.pieces = pieces;
      client.send(streamHeader);
      const first = await client.expect('</stream:features>');
      assert.match(
        first,
        /^<\?xml version='1\.0'\?><stream:stream from='home\.test' id='\w{22}' xml:lang='en' version='1\.0' xmlns='jabber:client' xmlns:stream='http:\/\/etherx\.jabber\.org\/streams'><stream:features>/,
      );
      assert.equal(
        first.slice(first.indexOf('<stream:features>')),
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
      );
      client.send(plainAuth());
      assert.equal(await client.expect('/>'), "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
      client.send(streamHeader);
      assert.match(
        await client.expect('</stream:features>'),
        /<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'\/><sm xmlns='urn:xmpp:sm:3'\/><\/stream:features>$/,
      );
      client.send(bindIq());
      assert.equal(
        await client.expect('</iq>'),
        "<iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>mila@home.test/test</jid></bind></iq>",
      );
      const session = sessionOf(server);
      session.handle = (stanza) => void session.stream.send(stanza.with({ to: session.jid }), 5);
      client.send(` ${message('1')}\n${message('2')}`);
      assert.equal(
        (await client.expect('</message><message')) + (await client.expect('</message>')),
        `${message('1')}${message('2')}`.replaceAll('anna@home.test', 'mila@home.test/test'),
      );
      await until('it to have gone', () => session.acks.length === 2);
      client.send('</stream:stream>');
      assert.equal(await client.expect('</stream:stream>'), '</stream:stream>');
      client.socket.end();
      await client.ended();
      await until('the end', () => session.end !== undefined);
      assert.deepEqual(session.end, { reason: 'closed-by-client' });
      assert.deepEqual(session.unacked, []);
      assert.equal(server.disconnections, 1);
    });

  test('stanzas sent while the resource is being bound come after the answer', async () => {
    const { server } = start();
    server.onSession = ({ stream }) => stream.send(note('early'));
    const client = new RawClient(server);
    await client.signIn();
    client.send(bindIq());
    const text = await client.expect('</message>');
    assert.ok(text.indexOf('<iq') < text.indexOf('<message'));
  });

  test('a refused resource can be tried again', async () => {
    let isRefused = true;
    const server = new TestServer({
      bind: async (stream, account, resource) => {
        if (isRefused) return bad({ condition: 'conflict' });
        return { ok: true, value: new TestSession(stream, account.withResource(resource ?? 'x')) };
      },
    });
    const client = new RawClient(server);
    await client.signIn();
    client.send(bindIq());
    assert.match(await client.expect('</iq>'), /type='error' id='b'><error type='cancel'><conflict/);
    isRefused = false;
    client.send(bindIq());
    assert.match(await client.expect('</iq>'), /type='result'/);
    client.socket.destroy();
  });
});

describe('what ends a stream at once', () => {
  const good = { to: 'home.test', version: '1.0', ns: 'jabber:client', stream: 'http://etherx.jabber.org/streams' };
  const header = (change: Partial<typeof good>): string => {
    const { to, version, ns, stream } = { ...good, ...change };
    const attrs = `${to && ` to='${to}'`}${version && ` version='${version}'`}${ns && ` xmlns='${ns}'`}`;
    return `<stream:stream${attrs} xmlns:stream='${stream}'>`;
  };
  const openings: readonly (readonly [string, string])[] = [
    [header({ to: 'other.test' }), 'host-unknown'],
    [header({ to: '' }), 'improper-addressing'],
    [header({ version: '' }), 'unsupported-version'],
    [header({ version: '0.9' }), 'unsupported-version'],
    [header({ ns: 'jabber:server' }), 'invalid-namespace'],
    [header({ stream: 'urn:other' }), 'invalid-namespace'],
    [
      "<stream xmlns='http://etherx.jabber.org/streams' to='home.test' version='1.0' xmlns:c='jabber:client'>",
      'bad-namespace-prefix',
    ],
    ["<?xml version='1.0' encoding='ISO-8859-1'?>", 'unsupported-encoding'],
    ['<!DOCTYPE x>', 'restricted-xml'],
    ['GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
    [`${streamHeader}<message/>`, 'not-authorized'],
    [`${streamHeader}<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>`, 'not-authorized'],
    [`${streamHeader}text`, 'bad-format'],
    [`${streamHeader}<a></b>`, 'not-well-formed'],
    [`${streamHeader}<!-- x -->`, 'restricted-xml'],
    [`${streamHeader}<strange xmlns='urn:strange'/>`, 'unsupported-stanza-type'],
    [`${streamHeader}<message>${'x'.repeat(20_000)}`, 'policy-violation'],
    [`${streamHeader}${'<a>'.repeat(200)}`, 'policy-violation'],
    [`${streamHeader}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><presence/>`, 'policy-violation'],
    [`${streamHeader}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><pre`, 'policy-violation'],
  ];
  for (const [text, condition] of openings)
    test(`${text.slice(0, 100)}: ${condition}`, async () => {
      const { server } = start();
      const client = new RawClient(server);
      client.send(text);
      const answer = await client.expect('</stream:stream>');
      assert.ok(answer.includes(streamError(condition)), answer);
      assert.equal(answer.match(/<stream:stream /g)?.length, 1, 'our own header comes first, once');
      await client.ended();
      client.socket.end();
      await until('the connection to be gone', () => server.disconnections === 1);
      assert.equal(server.sessions.length, 0);
    });

  test('stanzas before a resource is bound', async () => {
    const { server } = start();
    const client = new RawClient(server);
    await client.signIn();
    client.send(message('1'));
    await client.expect(streamError('not-authorized'));
    await client.ended();
  });

  test('too many wrong passwords', async () => {
    const { server } = start({ limits: { authTriesMax: 3 } });
    const client = new RawClient(server);
    client.send(streamHeader);
    await client.expect('</stream:features>');
    for (let i = 0; i < 3; i++) {
      client.send(plainAuth('mila', 'wrong'));
      await client.expect('<not-authorized/></failure>');
    }
    await client.expect(streamError('policy-violation'));
    assert.deepEqual(
      server.attempts.map(({ mechanism, account, outcome }) => [mechanism, String(account), outcome]),
      [
        ['PLAIN', 'mila@home.test', 'not-authorized'],
        ['PLAIN', 'mila@home.test', 'not-authorized'],
        ['PLAIN', 'mila@home.test', 'not-authorized'],
      ],
    );
  });

  test('SASL failures that leave the stream open', async () => {
    const { server } = start({ limits: { authTriesMax: 10 } });
    const client = new RawClient(server);
    client.send(streamHeader);
    await client.expect('</stream:features>');
    const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
    const cases = [
      [`<auth ${sasl} mechanism='SCRAM-SHA-256-PLUS'>biws</auth>`, 'invalid-mechanism'],
      [`<auth ${sasl} mechanism='PLAIN'>*</auth>`, 'incorrect-encoding'],
      [`<auth ${sasl} mechanism='PLAIN'>AAAA</auth>`, 'malformed-request'],
      [`<response ${sasl}>AAAA</response>`, 'malformed-request'],
      [`<abort ${sasl}/>`, 'aborted'],
    ] as const;
    for (const [text, condition] of cases) {
      client.send(text);
      assert.equal(await client.expect('</failure>'), `<failure ${sasl}><${condition}/></failure>`);
    }
    // PLAIN without an initial response: an empty challenge, then the message.
    client.send(`<auth ${sasl} mechanism='PLAIN'/>`);
    await client.expect(`<challenge ${sasl}/>`);
    client.send(plainAuth().replaceAll('auth', 'response').replace(" mechanism='PLAIN'", ''));
    await client.expect('<success');
  });

  test('property: any octets end in a stream error, an orderly close or patience, never in anything else', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets)),
      fc
        .constantFrom(
          streamHeader,
          plainAuth(),
          plainAuth('x', 'y'),
          bindIq(),
          message('1'),
          '</stream:stream>',
          '<',
          '>',
          "<r xmlns='urn:xmpp:sm:3'/>",
          "<a xmlns='urn:xmpp:sm:3' h='4'/>",
          "<enable xmlns='urn:xmpp:sm:3'/>",
          "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
          '<stream:error/>',
        )
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const { server, clock } = start();
        const client = new RawClient(server);
        for (const octets of pieces) {
          client.send(octets);
          await turns(1);
        }
        await turns(2);
        client.socket.end();
        clock.advance(30_000);
        await turns(2);
        clock.advance(20_000);
        await until('the connection to be gone', () => server.disconnections === 1);
        for (const session of server.sessions) {
          clock.advance(700_000);
          await until('the end', () => session.end !== undefined);
        }
        assert.equal(clock.armed, 0, 'no timer is left behind');
      }),
      { numRuns: 60 },
    );
  });
});

describe('what the server adds', () => {
  test('features, and an IQ before sign-in', async () => {
    const register = el('register', { xmlns: 'http://jabber.org/features/iq-register' });
    const { server } = start({
      features: ({ account }) => (account ? [el('ver', { xmlns: 'urn:xmpp:features:rosterver' })] : [register]),
      unauthenticatedIq: async (iq) => (iq.has('query', 'jabber:iq:register') ? iq.result() : undefined),
    });
    const client = new RawClient(server);
    client.send(streamHeader);
    assert.ok((await client.expect('</stream:features>')).includes('<register xmlns='));
    client.send("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>");
    assert.equal(await client.expect('/>'), "<iq type='result' id='r1'/>");
    client.send("<iq type='get' id='r2'><query xmlns='jabber:iq:roster'/></iq>");
    await client.expect(streamError('not-authorized'));
  });

  test('a nonza of the session’s own; another ends the stream', async () => {
    const { server } = start();
    const client = new RawClient(server);
    await client.bind();
    const heard: string[] = [];
    Object.assign(sessionOf(server), {
      nonza: ({ name, xmlns }: { name: string; xmlns: string }) => xmlns === 'urn:xmpp:csi:0' && heard.push(name) > 0,
    });
    client.send("<inactive xmlns='urn:xmpp:csi:0'/><strange xmlns='urn:strange'/>");
    await client.expect(streamError('unsupported-stanza-type'));
    assert.deepEqual(heard, ['inactive']);
  });

  test('accounts that cannot be looked up are a temporary failure', async () => {
    const { server } = start({
      authentication: {
        lookup: () => Promise.reject(new Error('the store is away')),
        fakeSaltSecret: new Uint8Array(16),
        iterations: 4096,
        allowsPlainWithoutTls: true,
      },
    });
    const client = new RawClient(server);
    client.send(streamHeader);
    await client.expect('</stream:features>');
    client.send(plainAuth());
    await client.expect('<temporary-auth-failure/></failure>');
  });
});

describe('time', () => {
  test('runs out for a client that does not sign in, however slowly it keeps talking', async () => {
    const { server, clock } = start();
    const client = new RawClient(server);
    for (let i = 0; i < 29; i++) {
      client.send(streamHeader[i] ?? '');
      await turns(2);
      clock.advance(1_000);
    }
    assert.equal(client.text, '');
    clock.advance(1_000);
    await client.expect(streamError('connection-timeout'));
    await client.expect('</stream:stream>');
    // … and it does not have to close its side.
    await turns();
    clock.advance(5_000);
    await until('the connection to be gone', () => server.disconnections === 1);
    assert.equal(clock.armed, 0);
  });

  test('a quiet client is asked, and given up when it does not answer', async () => {
    const { server, clock } = start();
    const client = new RawClient(server);
    await client.bind();
    clock.advance(300_000);
    const ping = await client.expect('</iq>');
    const id = /id='([^']+)'/.exec(ping)?.[1];
    clock.advance(30_000);
    client.send(`<iq type='result' id='${id}' to='home.test'/>`);
    await turns();
    clock.advance(300_000);
    await client.expect('</iq>');
    assert.deepEqual(sessionOf(server).received, []); // the answer was ours, not the session's
    clock.advance(60_000);
    await client.expect(streamError('connection-timeout'));
    client.socket.end();
    await until('the end', () => sessionOf(server).end !== undefined);
    assert.equal(sessionOf(server).end?.reason, 'lost');
  });

  test('runs out in the middle of a TLS handshake, too', async () => {
    const { server, clock } = start({ isDirectTls: true });
    const client = new RawClient(server);
    client.send(Buffer.from([22, 3, 1, 2, 0]));
    await turns();
    clock.advance(30_000);
    await until('the connection to be gone', () => server.disconnections === 1);
    assert.equal(clock.armed, 0);
  });

  test('what is no TLS on a TLS port is gone at once', async () => {
    const { server, clock } = start({ isDirectTls: true });
    const client = new RawClient(server);
    client.send('GET / HTTP/1.1\r\n\r\n');
    await until('the connection to be gone', () => server.disconnections === 1);
    assert.equal(clock.armed, 0);
  });

  test('white space keeps a quiet connection alive, where it is asked for', async () => {
    const { server, clock } = start({ limits: { keepaliveMs: 50_000 } });
    const client = new RawClient(server);
    await client.bind();
    const before = client.text.length;
    clock.advance(49_000);
    sessionOf(server).stream.send(note('1'));
    await client.expect('</message>');
    clock.advance(49_000);
    await turns();
    assert.match(client.text.slice(before), /<\/message>$/);
    clock.advance(1_000);
    await turns();
    assert.match(client.text.slice(before), /<\/message> $/);
  });

  test('a fast client is slowed down', async () => {
    const { server, clock } = start({ limits: { bytesPerSecond: 1_000, burstBytes: 1_000 } });
    const client = new RawClient(server);
    await client.bind();
    for (let i = 0; i < 100; i++) {
      client.send(message(`${i}`.padStart(40, 'x')));
      await turns(1);
    }
    const { received } = sessionOf(server);
    await turns();
    assert.ok(received.length < 50, `${received.length} stanzas came at once`);
    for (let i = 0; i < 60; i++) {
      clock.advance(1_000);
      await turns(2);
    }
    assert.equal(received.length, 100);
  });

  test('a client that sends many small stanzas is slowed down', async () => {
    const { server, clock } = start({ limits: { elementsPerSecond: 10, burstElements: 20 } });
    const client = new RawClient(server);
    await client.bind();
    client.send('<presence/>'.repeat(100));
    await turns();
    const { received } = sessionOf(server);
    assert.equal(received.length, 21);
    clock.advance(1_000);
    await turns();
    assert.ok(received.length >= 30 && received.length <= 32, `${received.length} after a second`);
    for (let i = 0; i < 80; i++) {
      clock.advance(100);
      await turns(2);
    }
    assert.equal(received.length, 100);
  });

  test('a close that the client does not answer', async () => {
    const { server, clock } = start();
    const client = new RawClient(server);
    await client.bind();
    const session = sessionOf(server);
    session.stream.send(note('last'));
    const closed = session.stream.close();
    await client.expect('</message></stream:stream>');
    client.send(message('after')); // RFC 6120 §4.4: what comes before the other's end still counts
    await until('the stanza', () => session.received.length === 1);
    clock.advance(5_000);
    await turns();
    clock.advance(5_000);
    await closed;
    assert.deepEqual(session.end, { reason: 'closed-by-server' });
    assert.equal(session.stream.send(note('too late')), false);
    assert.equal(clock.armed, 0);
  });
});

describe('stream management', () => {
  test('acknowledges what is handled, in order, and not before', async () => {
    const { server } = start({ limits: { handlingMax: 3 } });
    const client = new RawClient(server);
    await client.manage();
    const gates: (() => void)[] = [];
    sessionOf(server).handle = () => new Promise<void>((resolve) => gates.push(resolve));
    client.send(`${message('1')}${message('2')}<r xmlns='urn:xmpp:sm:3'/>${message('3')}${message('4')}`);
    await until('three of them', () => gates.length === 3);
    await turns();
    assert.equal(gates.length, 3, 'the fourth waits for room');
    gates[1]?.();
    await turns();
    assert.equal(client.text.includes('<a '), false, 'the first is not safe yet');
    gates[0]?.();
    await client.expect("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    await until('the fourth', () => gates.length === 4);
    client.socket.destroy();
  });

  test('asks once, and tells the session what the client has', async () => {
    const { server, clock } = start();
    const client = new RawClient(server);
    await client.manage();
    const session = sessionOf(server);
    for (let i = 1; i <= 3; i++) session.stream.send(note(`${i}`), 10 + i);
    await client.expect("id='3'");
    await turns();
    assert.equal(client.text.includes('<r '), false);
    clock.advance(200);
    await client.expect("<r xmlns='urn:xmpp:sm:3'/>");
    client.send("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    await until('the acknowledgement', () => session.acks.length === 2);
    assert.deepEqual(session.acks, [11, 12]);
    assert.equal(session.stream.unackedCount, 1);
    client.send("<a xmlns='urn:xmpp:sm:3' h='4'/>");
    assert.match(
      await client.expect('</stream:error>'),
      /<undefined-condition [^>]*\/><text [^>]*>[^<]*<\/text><handled-count-too-high xmlns='urn:xmpp:sm:3' h='4' send-count='3'\/>/,
    );
    client.socket.end();
    await until('the end', () => session.end !== undefined);
    assert.deepEqual(
      session.unacked.map(({ tag }) => tag),
      [13],
    );
  });

  test('a session that waits for its client gives everything back, in order, when time is up', async () => {
    const { server, clock } = start();
    const client = new RawClient(server);
    await client.manage();
    const session = sessionOf(server);
    session.stream.send(note('1'), 1);
    client.socket.end();
    await until('the detachment', () => session.happened.length === 1);
    assert.equal(session.stream.state, 'detached');
    session.stream.send(note('2'), 2);
    session.stream.send(note('3'));
    clock.advance(599_000);
    assert.equal(session.end, undefined);
    clock.advance(1_000);
    assert.deepEqual(session.happened, ['detached', 'ended: lost']);
    assert.deepEqual(
      session.unacked.map(({ stanza, tag }) => [stanza.id, tag]),
      [
        ['1', 1],
        ['2', 2],
        ['3', undefined],
      ],
    );
    assert.equal(server.resumables.size, 0);
    assert.equal(clock.armed, 0);
  });

  test('resumption: from another connection, with the old one still there', async () => {
    const { server } = start();
    const first = new RawClient(server);
    const id = await first.manage();
    const session = sessionOf(server);
    first.send(message('a'));
    await until('the stanza', () => session.received.length === 1);
    for (let i = 1; i <= 3; i++) session.stream.send(note(`${i}`), i);
    await first.expect("id='3'");

    const second = new RawClient(server);
    await second.signIn();
    second.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='2'/>`);
    const text = await second.expect("id='3'");
    assert.ok(text.startsWith(`<resumed xmlns='urn:xmpp:sm:3' previd='${id}' h='1'/><message`), text);
    assert.equal(text.includes("id='2'"), false);
    await first.expect(streamError('conflict'));
    await first.ended();
    assert.deepEqual(session.acks, [1, 2]);
    assert.deepEqual(session.happened, ['detached', 'resumed']);
    second.send(`${message('b')}<r xmlns='urn:xmpp:sm:3'/>`);
    await second.expect("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    assert.equal(server.sessions.length, 1);
    first.socket.end();
    assert.equal(second.stream.state, 'ended'); // the new connection went on with the old stream
    assert.equal(session.stream.state, 'established');
    second.send('</stream:stream>');
    await second.expect("<a xmlns='urn:xmpp:sm:3' h='2'/></stream:stream>");
    second.socket.end();
    await until('the end', () => session.end !== undefined);

    const third = new RawClient(server);
    await third.signIn();
    third.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='2'/>`);
    await third.expect(
      "<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    );
    third.send(bindIq());
    await third.expect("type='result'");
    third.send("<enable xmlns='urn:xmpp:sm:3'/><enable xmlns='urn:xmpp:sm:3'/>");
    await third.expect("<enabled xmlns='urn:xmpp:sm:3'/><failed xmlns='urn:xmpp:sm:3'><unexpected-request");
  });

  test('whoever closes the stream of a connection that was resumed closes what goes on over it', async () => {
    const { server } = start();
    const first = new RawClient(server);
    const id = await first.manage();
    first.socket.end();
    await until('the detachment', () => sessionOf(server).happened.length === 1);
    const second = new RawClient(server);
    await second.signIn();
    second.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`);
    await second.expect('<resumed');
    const closed = second.stream.close({ condition: 'system-shutdown' });
    await second.expect(streamError('system-shutdown'));
    second.socket.end();
    await closed;
    assert.deepEqual(sessionOf(server).end?.error, { condition: 'system-shutdown' });
  });

  test('a resumption waits for what the old connection has brought, however it ends', async () => {
    const { server } = start({ limits: { handlingMax: 8 } });
    const first = new RawClient(server);
    const id = await first.manage();
    const session = sessionOf(server);
    const gates: (() => void)[] = [];
    session.handle = () => new Promise<void>((resolve) => gates.push(resolve));
    first.send(message('1') + message('2'));
    await until('both', () => gates.length === 2);
    first.socket.end();
    await until('the detachment', () => session.happened.length === 1);
    const second = new RawClient(server);
    await second.signIn();
    second.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`);
    gates[1]?.();
    await turns();
    assert.equal(second.text.includes('<resumed'), false);
    gates[0]?.();
    await second.expect(`<resumed xmlns='urn:xmpp:sm:3' previd='${id}' h='2'/>`);
  });

  test('a client that does not acknowledge has an end', async () => {
    const { server } = start({ limits: { unackedMax: 10 } });
    const client = new RawClient(server);
    await client.manage();
    const session = sessionOf(server);
    for (let i = 0; i <= 10; i++) session.stream.send(note(`${i}`), i);
    await client.expect(streamError('resource-constraint'));
    client.socket.end();
    await until('the end', () => session.end !== undefined);
    assert.equal(session.end?.reason, 'overrun');
    assert.equal(session.unacked.length, 11);
  });

  test('a client that does not read has an end, also without stream management', async () => {
    const { server } = start({ limits: { unackedCharsMax: 100_000 } });
    const client = new RawClient(server);
    await client.bind();
    client.socket.pause();
    const session = sessionOf(server);
    const large = Stanza.make({ kind: 'message', id: 'x' }, el('body', null, 'x'.repeat(10_000)));
    let sent = 0;
    while (sent < 1_000 && session.stream.send(large, sent)) {
      sent++;
      await turns(1);
    }
    assert.ok(sent < 100, `${sent} stanzas of 10 kB were taken`);
    client.socket.resume();
    client.socket.end();
    await until('the end', () => session.end !== undefined);
    assert.equal(session.end?.reason, 'overrun');
    // Each stanza is told of once: it went out of our hands, or it comes back.
    const tags = [...session.acks, ...session.unacked.map(({ tag }) => tag)];
    assert.deepEqual(
      tags,
      Array.from({ length: tags.length }, (_, i) => i),
    );
    assert.ok(tags.length >= sent);
  });

  test('a stanza that cannot be handled is not acknowledged', async () => {
    const { server } = start();
    const client = new RawClient(server);
    await client.manage();
    const session = sessionOf(server);
    session.handle = async (stanza) => {
      if (stanza.id === '2') throw new Error('the disk is full');
    };
    client.send(`${message('1')}${message('2')}${message('3')}<r xmlns='urn:xmpp:sm:3'/>`);
    const text = await client.expect(streamError('internal-server-error'));
    assert.ok(text.includes("<a xmlns='urn:xmpp:sm:3' h='1'/>"));
    client.socket.end();
    await until('the end', () => session.end !== undefined);
    assert.equal(session.received.length, 2);
    assert.equal(server.resumables.size, 0);
  });
});

test('a bad address is answered, a bad sender ends the stream', async () => {
  const { server } = start();
  const client = new RawClient(server);
  await client.bind();
  client.send("<message to='@@' id='1'/>");
  assert.match(await client.expect('</message>'), /type='error'.*<jid-malformed/);
  client.send("<message from='@@' id='2'/>");
  await client.expect(streamError('invalid-from'));
});
