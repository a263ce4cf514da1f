// Servers we connect to that lie, shout, hurry or dawdle, octet by octet.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { RawPeer } from '../stream/raw-client.ts';
import { until } from '../stream/testing.ts';
import { requestText } from './dialback-elements.ts';
import { openS2s } from './open.ts';
import type { KeyRequest, OpenS2sOptions, S2sFault, S2sStream } from './s2s.ts';
import { capuletKeys, capuletOptions, lenient, outPair, strict, TestListener, toRomeo } from './testing.ts';
import { Wire } from './wire.ts';

const header = (
  attrs = "id='417GAF25' from='montague.example' to='capulet.example'",
  version = " version='1.0'",
): string =>
  `<?xml version='1.0'?><stream:stream ${attrs}${version} xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams'>`;
const features = (inner = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"): string =>
  `<stream:features>${inner}</stream:features>`;
const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const bidi = "<bidi xmlns='urn:xmpp:features:bidi'/>";
const valid = "<db:result from='montague.example' to='capulet.example' type='valid'/>";

class Host extends RawPeer {
  readonly listener = new TestListener();
  readonly stream: S2sStream;
  readonly wire: Wire;

  constructor(options: Partial<OpenS2sOptions> = {}) {
    const wire = new Wire();
    const [ours, theirs] = wire.ends;
    super(theirs);
    this.wire = wire;
    this.stream = openS2s(ours, { ...capuletOptions(this.listener), ...options });
    hosts.push(this);
  }

  /** Up to our dialback. */
  async greet(inner?: string): Promise<void> {
    await this.expect("<?xml version='1.0'?><stream:stream from='capulet.example' to='montague.example'");
    this.send(header() + features(inner));
  }

  async accept(inner?: string): Promise<void> {
    await this.greet(inner);
    await this.expect('</db:result>');
    this.send(valid);
    await until('authenticated', () => this.stream.state === 'established');
  }

  async fault(): Promise<S2sFault | undefined> {
    await until('the end', () => this.listener.end !== undefined);
    assert.equal(this.listener.end?.reason, 'failed');
    return this.listener.end?.fault;
  }
}

const hosts: Host[] = [];
afterEach(() => {
  for (const { socket } of hosts.splice(0)) socket.destroy();
});

describe('negotiation', () => {
  const answers: [string, string, Partial<OpenS2sOptions>, Omit<S2sFault, 'text'>][] = [
    [
      'it says it is somebody else',
      header("id='x' from='verona.example'"),
      {},
      { reason: 'protocol', condition: 'remote-server-timeout' },
    ],
    [
      'it does not know the domain',
      `${header()}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
      {},
      { reason: 'refused', condition: 'remote-server-not-found' },
    ],
    [
      'it is not a server stream',
      header().replace('jabber:server', 'jabber:client'),
      {},
      { reason: 'protocol', condition: 'remote-server-timeout' },
    ],
    [
      'it offers no TLS where that is required',
      header() + features(),
      { policy: { ...lenient, tls: 'required' }, hints: { starttls: false } },
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'it is older than TLS where that is required',
      header(undefined, ''),
      { policy: strict, hints: { starttls: false } },
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'it offers nothing that authenticates us',
      header().replace("xmlns:db='jabber:server:dialback'", '') + features(''),
      {},
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'it has no certificate and dialback is not allowed',
      header() + features(),
      { policy: { ...strict, tls: 'off' } },
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'its certificate is agreed on, and it hides behind having no TLS',
      header() + features(),
      { policy: { ...lenient, pins: ['00'] } },
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'the same from before XMPP 1.0',
      header(undefined, ''),
      { policy: { ...lenient, pins: ['00'] } },
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'only a certificate proves it, and it takes ours without showing one',
      `${header() + features("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>")}<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`,
      { policy: { ...lenient, allowsDialback: false } },
      { reason: 'policy', condition: 'policy-violation' },
    ],
    [
      'it sends a stanza first',
      `${header() + features('')}<message from='romeo@montague.example' to='juliet@capulet.example'/>`,
      { isForVerification: true },
      { reason: 'protocol', condition: 'remote-server-timeout' },
    ],
    ['it sends no XML', 'HTTP/1.1 400 Bad Request', {}, { reason: 'unreachable', condition: 'remote-server-timeout' }],
    ['it hangs up', `${header()}</stream:stream>`, {}, { reason: 'unreachable', condition: 'remote-server-timeout' }],
  ];
  for (const [what, text, options, expected] of answers)
    test(`${what}: ${expected.reason}`, async () => {
      const host = new Host(options);
      host.send(text);
      const { text: _, ...fault } = (await host.fault()) ?? {};
      assert.deepEqual(fault, expected);
    });

  test('<failure/> to STARTTLS: the guess was wrong, or TLS is not to be had', async () => {
    const host = new Host({ policy: strict });
    await host.expect(starttls);
    host.send(`${header()}<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>`);
    assert.equal((await host.fault())?.reason, 'policy');
    const hinted = new Host({ hints: { starttls: true } });
    await hinted.expect(starttls);
    hinted.send(`${header()}<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>`);
    assert.equal((await hinted.fault())?.isStaleHint, true);
    assert.equal(hinted.listener.hints?.starttls, false);
  });

  test('a server that hangs up over an early <starttls/> is told later, next time and from then on', async () => {
    const host = new Host({ policy: strict });
    await host.expect(starttls);
    host.socket.end();
    assert.equal((await host.fault())?.isStaleHint, true);
    const { hints } = host.listener;
    const next = new Host({ policy: strict, ...(hints && { hints }) });
    await next.expect('>');
    next.send(header() + features(starttls));
    await next.expect(starttls);
    assert.equal(next.text.split('<starttls').length, 2);
  });

  test('what was slipped in behind <proceed/> in clear text does not count', async () => {
    const host = new Host({ policy: strict });
    await host.expect(starttls);
    host.send(`${header()}${features(starttls)}<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${valid}`);
    assert.equal((await host.fault())?.reason, 'protocol');
  });

  test('silence: after a while it is over, and nothing is left behind', async () => {
    const clock = new SimulatedClock();
    const host = new Host({ clock, limits: { authMs: 10_000, closeMs: 1_000 } });
    await host.expect('>');
    clock.advance(10_000);
    assert.deepEqual((await host.fault())?.condition, 'remote-server-timeout');
    await host.expect('<connection-timeout');
    clock.advance(1_000);
    await until('all timers are gone', () => clock.armed === 0);
  });
});

describe('dialback', () => {
  test('XEP-0220 §2.1.1: the key, and leave to send', async () => {
    const host = new Host();
    await host.greet();
    await host.expect(requestText('result', outPair, capuletKeys.key(outPair, '417GAF25')));
    assert.equal(host.stream.carries(outPair), false);
    host.send(valid);
    await until('authenticated', () => host.stream.carries(outPair));
    host.stream.send(toRomeo('hi'), 1);
    await host.expect('<body>hi</body></message>');
    await until('out of our hands', () => host.listener.acks.length === 1);
  });

  test('a server from before XMPP 1.0', async () => {
    const host = new Host();
    host.send(header(undefined, ''));
    await host.expect('</db:result>');
  });

  test('invalid, and an error', async () => {
    const invalid = new Host();
    await invalid.greet();
    invalid.send("<db:result from='montague.example' to='capulet.example' type='invalid'/>");
    const { text, ...fault } = (await invalid.fault()) ?? {};
    assert.deepEqual(fault, { reason: 'invalid', condition: 'internal-server-error' });
    const broken = new Host();
    await broken.greet();
    broken.send(
      "<db:result from='montague.example' to='capulet.example' type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
    );
    assert.match((await broken.fault())?.text ?? '', /item-not-found/);
  });

  test('leave for another pair is no leave', async () => {
    const host = new Host();
    await host.greet();
    host.send("<db:result from='verona.example' to='capulet.example' type='valid'/>");
    host.send("<db:result from='montague.example' to='tybalt.example' type='valid'/>");
    host.send(valid);
    await until('authenticated', () => host.stream.state === 'established');
    assert.deepEqual(host.listener.happened, ['capulet.example montague.example dialback']);
    assert.equal(host.stream.carries({ local: 'capulet.example', remote: 'verona.example' }), false);
  });

  test('one more pair: valid, refused, never answered', async () => {
    const clock = new SimulatedClock();
    const host = new Host({ clock, limits: { authMs: 10_000 } });
    await host.accept();
    const rooms = { local: 'capulet.example', remote: 'rooms.montague.example' };
    host.stream.authenticate(rooms);
    await host.expect(requestText('result', rooms, capuletKeys.key(rooms, '417GAF25')));
    host.send("<db:result from='rooms.montague.example' to='capulet.example' type='valid'/>");
    await until('authenticated', () => host.stream.carries(rooms));
    const balls = { local: 'capulet.example', remote: 'balls.montague.example' };
    host.stream.authenticate(balls);
    host.send("<db:result from='balls.montague.example' to='capulet.example' type='invalid'/>");
    await until('refused', () => host.listener.happened.length === 3);
    const duels = { local: 'capulet.example', remote: 'duels.montague.example' };
    host.stream.authenticate(duels);
    clock.advance(10_000);
    assert.deepEqual(host.listener.happened.slice(2), [
      'capulet.example balls.montague.example refused: invalid internal-server-error',
      'capulet.example duels.montague.example refused: unreachable remote-server-timeout',
    ]);
    host.send("<db:result from='duels.montague.example' to='capulet.example' type='valid'/>");
    host.send("<r xmlns='urn:xmpp:sm:3'/><db:result from='x' to='y' type='valid'/>");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(host.stream.carries(duels), false);
  });

  test('a request on a stream that is ours alone', async () => {
    const host = new Host();
    await host.accept();
    host.send("<db:result from='verona.example' to='capulet.example'>key</db:result>");
    host.send("<db:verify from='montague.example' to='capulet.example' id='x'>key</db:verify>");
    host.send("<message from='romeo@montague.example' to='juliet@capulet.example'/>");
    await host.expect('<invalid-from');
    assert.doesNotMatch(host.text, /type='/);
    assert.deepEqual(host.listener.received, []);
  });

  test('with XEP-0288 they may ask for more, and are asked to prove it', async () => {
    const asked: KeyRequest[] = [];
    const host = new Host({
      usesBidi: true,
      bidi: {
        isOurs: (domain) => domain === 'capulet.example',
        policyFor: () => lenient,
        isOurKey: () => false,
        verifyKey: async (request) => {
          asked.push(request);
          return { verdict: request.key === 'right' ? 'valid' : 'invalid' };
        },
      },
    });
    await host.greet(`<dialback xmlns='urn:xmpp:features:dialback'/>${bidi}`);
    await host.expect("<bidi xmlns='urn:xmpp:bidi'/>");
    host.send(valid);
    await until('authenticated', () => host.stream.state === 'established');
    assert.deepEqual(host.stream.pairs, [outPair]);
    host.send("<db:result from='rooms.montague.example' to='capulet.example'>right</db:result>");
    await host.expect("to='rooms.montague.example' type='valid'/>");
    assert.equal(host.stream.carries({ local: 'capulet.example', remote: 'rooms.montague.example' }), true);
    host.send("<message from='hall@rooms.montague.example' to='juliet@capulet.example'/>");
    await until('arrived', () => host.listener.received.length === 1);
    host.send("<db:result from='pubs.montague.example' to='capulet.example'>wrong</db:result>");
    await host.expect("to='pubs.montague.example' type='error'");
    // They chose the stream's id: a key of somebody else proves nothing here, right or wrong.
    host.send("<db:result from='verona.example' to='capulet.example'>right</db:result>");
    await host.expect("to='verona.example' type='error'");
    assert.deepEqual(
      asked.map(({ pair }) => pair.remote),
      ['rooms.montague.example', 'pubs.montague.example'],
    );
  });
});

describe('asking about keys', () => {
  const request: KeyRequest = { pair: outPair, streamId: 'D60000229F', key: 'b4835385' };
  const answer = (attrs: string): string => `<db:verify from='montague.example' to='capulet.example' ${attrs}/>`;

  test('before anything is authenticated; answers to other questions do not count', async () => {
    const host = new Host({ isForVerification: true });
    const verdict = host.stream.verify(request);
    await host.greet('');
    await host.expect(requestText('verify', outPair, 'b4835385', 'D60000229F'));
    host.send(answer("id='other' type='valid'"));
    host.send("<db:verify from='verona.example' to='capulet.example' id='D60000229F' type='valid'/>");
    host.send(answer("id='D60000229F' type='invalid'"));
    assert.deepEqual(await verdict, { verdict: 'invalid' });
    assert.equal(host.stream.state, 'negotiating');
    await host.stream.close();
    assert.equal(host.listener.end?.reason, 'closed-by-us');
  });

  test('no answer, too many questions, a broken connection', async () => {
    const clock = new SimulatedClock();
    const host = new Host({ isForVerification: true, clock, limits: { authMs: 10_000, verifyingMax: 2 } });
    await host.greet('');
    const first = host.stream.verify(request);
    const second = host.stream.verify({ ...request, streamId: '2' });
    assert.deepEqual(await host.stream.verify({ ...request, streamId: '3' }), {
      verdict: 'error',
      condition: 'resource-constraint',
    });
    await host.expect("id='2'");
    host.wire.cut();
    const late = { verdict: 'error', condition: 'remote-server-timeout' };
    assert.deepEqual(await Promise.all([first, second]), [late, late]);
    assert.deepEqual(await host.stream.verify(request), late);
  });
});
