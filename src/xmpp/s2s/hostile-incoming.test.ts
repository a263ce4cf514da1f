// Servers that connect to us and lie, shout, hurry or dawdle, octet by octet.

import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { afterEach, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { SimulatedClock } from '../../base/clock.ts';
import { RawPeer } from '../stream/raw-client.ts';
import { until } from '../stream/testing.ts';
import { acceptS2s } from './accept.ts';
import { requestText } from './dialback-elements.ts';
import type { AcceptS2sOptions, KeyRequest, S2sStream } from './s2s.ts';
import {
  bodies,
  capuletKeys,
  capuletTls,
  contextOf,
  impostor,
  lenient,
  montagueKeys,
  montagueOptions,
  strict,
  TestListener,
  verifyAtCapulet,
} from './testing.ts';

const header = (attrs = "from='capulet.example' to='montague.example'", version = " version='1.0'"): string =>
  `<?xml version='1.0'?><stream:stream ${attrs}${version} xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams'>`;
const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const auth = (text = 'Y2FwdWxldC5leGFtcGxl'): string =>
  `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>${text}</auth>`;
const chat = (from = 'juliet@capulet.example', to = 'romeo@montague.example'): string =>
  `<message from='${from}' to='${to}'><body>hi</body></message>`;

class Stranger extends RawPeer {
  readonly listener = new TestListener();
  readonly asked: KeyRequest[] = [];
  readonly stream: S2sStream;

  constructor(options: Partial<AcceptS2sOptions> = {}) {
    const [ours, theirs] = duplexPair();
    super(ours);
    this.stream = acceptS2s(theirs, {
      ...montagueOptions(this.listener),
      verifyKey: (request) => {
        this.asked.push(request);
        return verifyAtCapulet(request);
      },
      ...options,
    });
    strangers.push(this);
  }

  /** Sends a header and returns the stream's id. */
  async open(attrs?: string): Promise<string> {
    this.send(header(attrs));
    return /id='([^']+)'/.exec(await this.expect('</stream:features>'))?.[1] ?? '';
  }

  /** Asks for leave to send, with the right key unless told otherwise. */
  ask(id: string, from = 'capulet.example', to = 'montague.example', key?: string): void {
    const pair = { local: from, remote: to };
    this.send(requestText('result', pair, key ?? capuletKeys.key(pair, id)));
  }

  async authenticate(): Promise<string> {
    const id = await this.open();
    this.ask(id);
    await this.expect("type='valid'/>");
    return id;
  }

  async refusedWith(condition: string): Promise<void> {
    await this.expect(`<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'`);
    await this.ended();
    this.socket.end();
    await until('the end is told', () => this.listener.end !== undefined);
  }
}

const strangers: Stranger[] = [];
afterEach(() => {
  for (const { socket } of strangers.splice(0)) socket.destroy();
});

describe('stream headers', () => {
  const wrong: [string, string, string][] = [
    ['a domain that is not ours', "from='capulet.example' to='verona.example'", 'host-unknown'],
    ["no 'to'", "from='capulet.example'", 'improper-addressing'],
    ["a 'from' that is no domain", "from='juliet@capulet.example' to='montague.example'", 'improper-addressing'],
    ["our own domain as 'from'", "from='montague.example' to='montague.example'", 'invalid-from'],
  ];
  for (const [what, attrs, condition] of wrong)
    test(`${what}: ${condition}`, async () => {
      const stranger = new Stranger();
      stranger.send(header(attrs));
      await stranger.refusedWith(condition);
      assert.equal(stranger.listener.end?.reason, 'failed');
    });

  test('a domain we do not speak to', async () => {
    const stranger = new Stranger({ policyFor: () => 'not on the list' });
    stranger.send(header());
    await stranger.refusedWith('policy-violation');
  });

  test('no version: only where dialback is spoken, and then without features', async () => {
    const old = new Stranger();
    old.send(header(undefined, ''));
    const answer = await old.expect("xmlns:stream='http://etherx.jabber.org/streams'>");
    old.ask(/id='([^']+)'/.exec(answer)?.[1] ?? '');
    assert.doesNotMatch(await old.expect("type='valid'/>"), /features/);
    old.send(chat());
    await until('arrived', () => old.listener.received.length === 1);
    const older = new Stranger();
    older.send(header(undefined, '').replace(" xmlns:db='jabber:server:dialback'", ''));
    await older.refusedWith('unsupported-version');
  });

  test('the pair is announced before anything is proven', async () => {
    const announced: unknown[] = [];
    const stranger = new Stranger({ announced: (pair) => announced.push(pair) });
    await stranger.open();
    assert.deepEqual(announced, [{ local: 'montague.example', remote: 'capulet.example' }]);
  });
});

describe('before authentication', () => {
  test('a stanza: not-authorized, and nobody hears of it', async () => {
    const stranger = new Stranger();
    await stranger.open();
    stranger.send(chat());
    await stranger.refusedWith('not-authorized');
    assert.deepEqual(stranger.listener.received, []);
  });

  const forbidden: [string, string, string][] = [
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]>', 'not-well-formed'],
    ['a processing instruction', '<?php ?>', 'restricted-xml'],
    ['a comment', '<!-- -->', 'restricted-xml'],
    ['an entity', '<message>&lol;</message>', 'restricted-xml'],
    ['no XML', '<a></b>', 'not-well-formed'],
    ['text between elements', 'hello', 'bad-format'],
    ['an element as large as a house', `<message>${'x'.repeat(20_000)}</message>`, 'policy-violation'],
    ['nothing we know', "<hello xmlns='urn:example'/>", 'unsupported-stanza-type'],
  ];
  for (const [what, text, condition] of forbidden)
    test(`${what}: ${condition}`, async () => {
      const stranger = new Stranger();
      await stranger.open();
      stranger.send(text);
      await stranger.refusedWith(condition);
    });

  test('octets that dawdle: after a while it is over, and nothing is left behind', async () => {
    const clock = new SimulatedClock();
    const stranger = new Stranger({ clock, limits: { authMs: 10_000, closeMs: 1_000 } });
    for (const c of header().slice(0, 60)) {
      stranger.send(c);
      clock.advance(150);
    }
    clock.advance(1_000);
    await stranger.refusedWith('connection-timeout');
    clock.advance(1_000);
    await until('all timers are gone', () => clock.armed === 0);
  });

  test('silence during the TLS handshake', async () => {
    const clock = new SimulatedClock();
    const stranger = new Stranger({ clock, isDirectTls: true, limits: { authMs: 10_000, closeMs: 1_000 } });
    clock.advance(10_000);
    await stranger.ended();
    clock.advance(1_000);
    await until('all timers are gone', () => clock.armed === 0);
    assert.equal(stranger.listener.end?.reason, 'failed');
  });

  test('<bidi/> where it was not offered', async () => {
    const stranger = new Stranger({ offersBidi: false });
    await stranger.open();
    stranger.send("<bidi xmlns='urn:xmpp:bidi'/>");
    await stranger.refusedWith('unsupported-stanza-type');
  });

  test('stream management comes later', async () => {
    const stranger = new Stranger();
    await stranger.open();
    stranger.send("<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>");
    await stranger.expect('<unexpected-request');
  });
});

describe('dialback', () => {
  test('XEP-0220 §2.1: key, verification, and what the pair lets through', async () => {
    const stranger = new Stranger();
    const id = await stranger.authenticate();
    const pair = { local: 'montague.example', remote: 'capulet.example' };
    const key = capuletKeys.key({ local: pair.remote, remote: pair.local }, id);
    assert.deepEqual(stranger.asked, [{ pair, streamId: id, key }]);
    stranger.send(chat());
    await until('arrived', () => stranger.listener.received.length === 1);
  });

  const lies: [string, string, string][] = [
    ["another server's domain", chat('juliet@verona.example'), 'invalid-from'],
    [
      'to a domain of ours that was not asked for',
      chat(undefined, 'hall@rooms.montague.example'),
      'improper-addressing',
    ],
    ['to nobody', "<message from='juliet@capulet.example'/>", 'improper-addressing'],
    ['from nobody', "<message to='romeo@montague.example'/>", 'improper-addressing'],
  ];
  for (const [what, text, condition] of lies)
    test(`a stanza ${what}: ${condition}`, async () => {
      const stranger = new Stranger();
      await stranger.authenticate();
      stranger.send(text);
      await stranger.refusedWith(condition);
      assert.deepEqual(stranger.listener.received, []);
    });

  test('an address that only we find wrong costs the stanza, not the stream', async () => {
    const stranger = new Stranger();
    await stranger.authenticate();
    stranger.send(chat('juliet@capulet.example/\u0007'.replace('\u0007', '&#x9;')) + chat());
    await until('the other one arrived', () => stranger.listener.received.length === 1);
    assert.deepEqual(bodies(stranger.listener.received), ['hi']);
  });

  test('a wrong key: invalid, and the end', async () => {
    const stranger = new Stranger();
    stranger.ask(await stranger.open(), undefined, undefined, 'deadbeef');
    await stranger.expect("<db:result from='montague.example' to='capulet.example' type='invalid'/>");
    await stranger.refusedWith('not-authorized');
  });

  test('a wrong key for a second domain: forbidden, and the first goes on', async () => {
    const stranger = new Stranger();
    const id = await stranger.authenticate();
    stranger.ask(id, 'verona.example', 'montague.example', 'deadbeef');
    await stranger.expect("to='verona.example' type='error'><error type='auth'><forbidden");
    stranger.send(chat());
    await until('arrived', () => stranger.listener.received.length === 1);
  });

  const denied: [string, Partial<AcceptS2sOptions>, { to?: string; from?: string }, string][] = [
    ['a domain that is not ours', {}, { to: 'verona.example' }, 'item-not-found'],
    ['from a domain of ours', {}, { from: 'rooms.montague.example' }, 'not-authorized'],
    [
      'without TLS where that is required',
      { policyFor: () => ({ ...lenient, tls: 'required' }) },
      {},
      'policy-violation',
    ],
    ['where only a certificate will do', { policyFor: () => ({ ...strict, tls: 'off' }) }, {}, 'not-authorized'],
    ['where a certificate is pinned', { policyFor: () => ({ ...lenient, pins: ['ab'] }) }, {}, 'not-authorized'],
  ];
  for (const [what, options, { from, to }, condition] of denied)
    test(`${what}: ${condition}, and the stream lives`, async () => {
      const stranger = new Stranger(options);
      const id = await stranger.open();
      stranger.ask(id, from, to);
      await stranger.expect(`<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>`);
      assert.deepEqual([stranger.asked, stranger.stream.state], [[], 'negotiating']);
    });

  test('when it cannot be found out', async () => {
    const stranger = new Stranger({
      verifyKey: async () => ({ verdict: 'error', condition: 'remote-server-timeout' }),
    });
    stranger.ask(await stranger.open());
    await stranger.expect("type='error'><error type='wait'><remote-server-timeout");
    const broken = new Stranger({ verifyKey: () => Promise.reject(new Error('no')) });
    broken.ask(await broken.open());
    await broken.expect('<internal-server-error');
  });

  test('a storm of keys: only so many are looked into, each pair once', async () => {
    const asked: KeyRequest[] = [];
    const stranger = new Stranger({
      verifyKey: (request) => {
        asked.push(request);
        return new Promise(() => {});
      },
      limits: { verifyingMax: 10, bytesPerSecondBeforeAuth: 1e9 },
    });
    const id = await stranger.open();
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 50; i++) stranger.ask(id, `v${i}.example`, undefined, 'x');
    await until('all are answered', () => stranger.text.split('<resource-constraint').length === 81);
    assert.deepEqual([asked.length, new Set(asked.map(({ pair }) => pair.remote)).size], [10, 10]);
  });

  test('so many pairs, and no more', async () => {
    const stranger = new Stranger({ verifyKey: async () => ({ verdict: 'valid' }), limits: { pairsMax: 3 } });
    const id = await stranger.authenticate();
    for (let i = 0; i < 4; i++) stranger.ask(id, `v${i}.example`, undefined, 'x');
    await until('two are refused', () => stranger.text.split('<resource-constraint').length === 3);
    assert.equal(stranger.stream.pairs.length, 3);
    stranger.ask(id);
    await stranger.expect("to='capulet.example' type='valid'/>");
  });

  test('answers nobody asked for change nothing', async () => {
    const stranger = new Stranger();
    const id = await stranger.open();
    stranger.send(
      `<db:result from='capulet.example' to='montague.example' type='valid'/><db:verify from='capulet.example' to='montague.example' id='${id}' type='valid'/>`,
    );
    stranger.send(chat());
    await stranger.refusedWith('not-authorized');
    assert.deepEqual(stranger.listener.received, []);
  });

  test('our keys are known again, others are not, and other domains not here', async () => {
    const stranger = new Stranger();
    await stranger.open();
    const pair = { local: 'capulet.example', remote: 'montague.example' };
    const key = montagueKeys.key({ local: pair.remote, remote: pair.local }, 'D60000229F');
    stranger.send(requestText('verify', pair, key, 'D60000229F'));
    await stranger.expect("<db:verify from='montague.example' to='capulet.example' id='D60000229F' type='valid'/>");
    stranger.send(requestText('verify', pair, key, 'another'));
    await stranger.expect("id='another' type='invalid'/>");
    stranger.send(requestText('verify', { ...pair, remote: 'verona.example' }, key, 'x'));
    await stranger.expect("<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>");
  });

  test('no addresses', async () => {
    const stranger = new Stranger();
    await stranger.open();
    stranger.send("<db:result from='capulet.example'>x</db:result>");
    await stranger.refusedWith('improper-addressing');
  });
});

describe('TLS and EXTERNAL', () => {
  /** The stranger inside of TLS, with a certificate. */
  const secure = async (stranger: Stranger, secureContext = capuletTls): Promise<RawPeer> => {
    stranger.socket.removeAllListeners('data');
    const tls = connectTls({ socket: stranger.socket, secureContext, rejectUnauthorized: false });
    tls.on('error', () => {});
    await new Promise((resolve) => tls.once('secureConnect', resolve));
    return new RawPeer(tls);
  };
  const direct = async (secureContext = capuletTls, options: Partial<AcceptS2sOptions> = {}) => {
    const stranger = new Stranger({ isDirectTls: true, ...options });
    return { stranger, raw: await secure(stranger, secureContext) };
  };
  const isOver = async (stranger: Stranger) => {
    await until('it is closed', () => stranger.socket.readableEnded || stranger.socket.destroyed);
    stranger.socket.destroy();
    await until('the end is told', () => stranger.listener.end !== undefined);
  };

  test('what was slipped in behind <starttls/> in clear text does not count', async () => {
    const stranger = new Stranger();
    const id = await stranger.open();
    stranger.send(starttls + requestText('result', { local: 'capulet.example', remote: 'montague.example' }, id));
    await stranger.refusedWith('policy-violation');
    assert.deepEqual(stranger.asked, []);
  });

  test("a 'from' that changes with TLS", async () => {
    const stranger = new Stranger();
    await stranger.open("from='verona.example' to='montague.example'");
    stranger.send(starttls);
    await stranger.expect('<proceed');
    const raw = await secure(stranger);
    raw.send(header());
    await raw.expect('<invalid-from');
    await isOver(stranger);
  });

  test("a 'from' that is not told before TLS", async () => {
    const stranger = new Stranger();
    await stranger.open("to='montague.example'");
    stranger.send(starttls);
    await stranger.expect('<proceed');
    const raw = await secure(stranger);
    raw.send(header());
    await raw.expect('<mechanism>EXTERNAL</mechanism>');
  });

  test("a 'from' that changes with SASL", async () => {
    const { stranger, raw } = await direct();
    raw.send(header());
    await raw.expect('</stream:features>');
    raw.send(auth());
    await raw.expect('<success');
    raw.send(header("from='verona.example' to='montague.example'"));
    await raw.expect('<invalid-from');
    await isOver(stranger);
    assert.deepEqual(stranger.listener.happened, ['ended: failed']);
  });

  test('authorization identities: none, empty, the right one, another', async () => {
    for (const good of ['=', 'Y2FwdWxldC5leGFtcGxl']) {
      const { raw } = await direct();
      raw.send(header());
      await raw.expect('</stream:features>');
      raw.send(auth(good));
      await raw.expect('<success');
    }
    const { raw } = await direct();
    raw.send(header());
    await raw.expect('</stream:features>');
    raw.send(auth(''));
    await raw.expect('<challenge');
    raw.send("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    await raw.expect('<success');
    const { stranger, raw: liar } = await direct();
    liar.send(header());
    await liar.expect('</stream:features>');
    for (let i = 0; i < 3; i++) {
      liar.send(auth(Buffer.from('verona.example').toString('base64')));
      await liar.expect('<invalid-authzid');
    }
    await liar.expect('<policy-violation');
    await isOver(stranger);
  });

  test('a certificate nobody vouches for: EXTERNAL is not offered, and fails; dialback goes on', async () => {
    const { stranger, raw } = await direct(contextOf(impostor));
    raw.send(header());
    const features = await raw.expect('</stream:features>');
    assert.doesNotMatch(features, /EXTERNAL/);
    const id = /id='([^']+)'/.exec(features)?.[1] ?? '';
    raw.send(auth());
    await raw.expect('<not-authorized');
    const pair = { local: 'capulet.example', remote: 'montague.example' };
    raw.send(requestText('result', pair, capuletKeys.key(pair, id)));
    await raw.expect("type='valid'/>");
    assert.deepEqual(stranger.listener.happened, ['montague.example capulet.example dialback']);
  });

  test('a certificate for another domain does not help', async () => {
    const { raw } = await direct();
    raw.send(header("from='verona.example' to='montague.example'"));
    assert.doesNotMatch(await raw.expect('</stream:features>'), /EXTERNAL/);
    raw.send(auth('='));
    await raw.expect('<not-authorized');
  });

  test('XEP-0344: a certificate makes dialling back unnecessary', async () => {
    const { stranger, raw } = await direct();
    raw.send(header());
    await raw.expect('</stream:features>');
    raw.send(requestText('result', { local: 'capulet.example', remote: 'montague.example' }, 'any'));
    await raw.expect("type='valid'/>");
    assert.deepEqual(stranger.listener.happened, ['montague.example capulet.example certificate']);
    assert.deepEqual(stranger.asked, []);
  });

  test('stanzas wait for the header after SASL', async () => {
    const { stranger, raw } = await direct();
    raw.send(header());
    await raw.expect('</stream:features>');
    raw.send(auth());
    await raw.expect('<success');
    raw.send(chat());
    await isOver(stranger);
    assert.deepEqual(stranger.listener.received, []);
  });

  test('a whole login in one packet, octet by octet as well', async () => {
    for (const pieces of [0, 1, 7]) {
      const { stranger, raw } = await direct();
      raw.pieces = pieces;
      raw.send(`${header()}${auth()}${header()}<enable xmlns='urn:xmpp:sm:3'/>${chat()}<r xmlns='urn:xmpp:sm:3'/>`);
      await raw.expect("<a xmlns='urn:xmpp:sm:3' h='1'/>");
      assert.equal(stranger.listener.received.length, 1);
    }
  });

  test('a login in one packet with a certificate that is refused lets nothing through', async () => {
    const { stranger, raw } = await direct(contextOf(impostor));
    raw.send(`${header()}${auth()}${header()}<enable xmlns='urn:xmpp:sm:3'/>${chat()}`);
    await isOver(stranger);
    assert.deepEqual(stranger.listener.received, []);
  });

  test('acknowledging what was never sent', async () => {
    const { stranger, raw } = await direct();
    raw.send(`${header()}${auth()}${header()}<enable xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='5'/>`);
    await raw.expect('<handled-count-too-high');
    await isOver(stranger);
  });

  test('a handler that fails: internal-server-error, and the stanza is not counted', async () => {
    const { stranger, raw } = await direct();
    stranger.listener.handle = () => Promise.reject(new Error('the disk is full'));
    raw.send(`${header()}${auth()}${header()}<enable xmlns='urn:xmpp:sm:3'/>${chat()}`);
    const last = await raw.expect('<internal-server-error');
    assert.match(last, /<a xmlns='urn:xmpp:sm:3' h='0'\/><stream:error>/);
    await isOver(stranger);
  });
});
