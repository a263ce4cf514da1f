// XEP-0185's key, XEP-0220's examples as they are on the wire, and the machine's rows that a wire does not reach.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamElement } from '../../xml/stream-reader.ts';
import { XmlStreamReader } from '../../xml/stream-reader.ts';
import { Dialback, type DialbackEffect, type DialbackOptions, type DialbackStream } from './dialback.ts';
import { dialbackKeys } from './dialback-key.ts';
import { Pairs } from './pairs.ts';
import type { Pair } from './s2s.ts';
import { lenient } from './testing.ts';

const key = 'b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3';
const capuletKeys = dialbackKeys('s3cr3tf0rd14lb4ck');
const montagueKeys = dialbackKeys('d14lb4ck43v3r');
const atCapulet: Pair = { local: 'capulet.example', remote: 'montague.example' };
const atMontague: Pair = { local: 'montague.example', remote: 'capulet.example' };

const read = (text: string): StreamElement => {
  const reader = new XmlStreamReader();
  const head =
    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams'>";
  const [, event] = reader.push(Buffer.from(head + text));
  assert(event?.type === 'element');
  return event.element;
};

const machine = (options: Partial<DialbackOptions> = {}, stream: Partial<DialbackStream> = {}) =>
  new Dialback(
    {
      direction: 'in',
      isOurs: (domain) => domain === 'montague.example',
      policyFor: () => lenient,
      makeKey: montagueKeys.key,
      isOurKey: montagueKeys.isOurs,
      pairsMax: 10,
      verifyingMax: 10,
      ...options,
    },
    { id: 'D60000229F', isSecure: false, isBidi: false, admitted: new Pairs(), proves: () => undefined, ...stream },
  );
const hear = (dialback: Dialback, text: string): readonly DialbackEffect[] =>
  dialback.step({ type: 'element', element: read(text) });
const wire = (effects: readonly DialbackEffect[]): string =>
  effects.map((effect) => (effect.do === 'send' ? effect.text : `[${effect.do}]`)).join('');

describe('XEP-0185 §3', () => {
  test('the key of its example, and of the other direction', () => {
    assert.equal(capuletKeys.key(atCapulet, 'D60000229F'), key);
    assert.equal(
      montagueKeys.key(atMontague, '417GAF25'),
      '225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d',
    );
  });
  test('is known again, and only for the same pair, stream and secret', () => {
    const request = { pair: atCapulet, streamId: 'D60000229F', key };
    assert.equal(capuletKeys.isOurs(request), true);
    assert.equal(montagueKeys.isOurs(request), false);
    assert.equal(capuletKeys.isOurs({ ...request, streamId: 'x' }), false);
    assert.equal(capuletKeys.isOurs({ ...request, pair: atMontague }), false);
    assert.equal(capuletKeys.isOurs({ ...request, key: '' }), false);
  });
});

describe('XEP-0220, example by example', () => {
  const result = `<db:result from='capulet.example' to='montague.example'>${key}</db:result>`;
  const verify = "<db:verify from='capulet.example' id='417GAF25' to='montague.example'>";

  test('1: the initiating server sends its key', () => {
    const dialback = machine({ direction: 'out', makeKey: capuletKeys.key });
    assert.equal(wire(dialback.step({ type: 'ask', pair: atCapulet })), result);
    assert.deepEqual(dialback.step({ type: 'ask', pair: atCapulet }), []);
  });
  const outcomes: [string, string, string][] = [
    ['2', "type='valid'/>", '[grant]'],
    ['3', "type='invalid'/>", '[refuse]'],
    [
      '4',
      "type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
      '[refuse]',
    ],
  ];
  for (const [example, rest, expected] of outcomes)
    test(`${example}: the receiving server reports`, () => {
      const dialback = machine({ direction: 'out', makeKey: capuletKeys.key });
      dialback.step({ type: 'ask', pair: atCapulet });
      const answer = `<db:result from='montague.example' to='capulet.example' ${rest}`;
      assert.equal(wire(hear(dialback, answer)), expected);
      assert.equal(wire(hear(dialback, answer)), '[note]');
    });

  test('5 to 8: the receiving server asks the authoritative one', () => {
    const answers: [string, unknown][] = [
      ["type='valid'/>", { verdict: 'valid' }],
      ["type='invalid'/>", { verdict: 'invalid' }],
      [
        "type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>",
        { verdict: 'error', condition: 'item-not-found' },
      ],
      ["type='error'/>", { verdict: 'error', condition: 'undefined-condition' }],
      ["type='perhaps'/>", { verdict: 'error', condition: 'undefined-condition' }],
    ];
    for (const [rest, verdict] of answers) {
      const dialback = machine({ direction: 'out' });
      const request = { pair: atCapulet, streamId: '417GAF25', key: 'k' };
      const asked = "<db:verify from='capulet.example' to='montague.example' id='417GAF25'>k</db:verify>";
      assert.equal(wire(dialback.step({ type: 'verify', request })), asked);
      const answer = `<db:verify from='montague.example' id='417GAF25' to='capulet.example' ${rest}`;
      const settled = { do: 'settle', key: 'capulet.example montague.example 417GAF25', verdict };
      assert.deepEqual(hear(dialback, answer), [settled]);
      assert.equal(wire(hear(dialback, answer)), '[note]');
    }
  });

  test('9 to 12: the receiving server answers', () => {
    const request = { pair: atMontague, streamId: 'D60000229F', key };
    const expected: [Parameters<Dialback['step']>[0] & { type: 'found-out' }, string][] = [
      [
        { type: 'found-out', request, verdict: { verdict: 'valid' } },
        "<db:result from='montague.example' to='capulet.example' type='valid'/>[admit]",
      ],
      [
        { type: 'found-out', request, verdict: { verdict: 'invalid' } },
        "[note]<db:result from='montague.example' to='capulet.example' type='invalid'/>[fail]",
      ],
      [
        { type: 'found-out', request, verdict: { verdict: 'error', condition: 'remote-server-not-found' } },
        "[note]<db:result from='montague.example' to='capulet.example' type='error'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
      ],
    ];
    for (const [event, text] of expected) {
      const dialback = machine();
      assert.deepEqual(hear(dialback, result), [{ do: 'find-out', request }]);
      assert.deepEqual(hear(dialback, result), []);
      assert.equal(wire(dialback.step(event)), text);
      assert.deepEqual(dialback.step(event), []);
    }
  });

  test('13 to 16: the authoritative server answers', () => {
    const own = montagueKeys.key(atMontague, '417GAF25');
    const answered = "<db:verify from='montague.example' to='capulet.example' id='417GAF25' type=";
    assert.equal(wire(hear(machine(), `${verify}${own}</db:verify>`)), `${answered}'valid'/>`);
    assert.equal(wire(hear(machine(), `${verify}x</db:verify>`)), `[note]${answered}'invalid'/>`);
    assert.equal(
      wire(hear(machine({ isOurs: () => false }), `${verify}x</db:verify>`)),
      `${answered}'error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>`,
    );
  });

  test('an answer for a stream that has begun anew since counts for nothing', () => {
    const stream = { id: 'old' };
    const dialback = machine({}, stream);
    const [asked] = hear(dialback, result);
    assert(asked?.do === 'find-out');
    const later = machine({}, { id: 'new' });
    assert.deepEqual(later.step({ type: 'found-out', request: asked.request, verdict: { verdict: 'valid' } }), []);
  });

  test('on a stream that we opened, whose id the other side chose, a key proves only domains below its own', () => {
    const admitted = new Pairs();
    admitted.add({ local: 'montague.example', remote: 'capulet.example' });
    const asks = (remote: string) => {
      const dialback = machine({ direction: 'out' }, { isBidi: true, admitted });
      return wire(hear(dialback, `<db:result from='${remote}' to='montague.example'>x</db:result>`));
    };
    assert.equal(asks('rooms.capulet.example'), '[find-out]');
    for (const stranger of ['escalus.example', 'xcapulet.example', 'example'])
      assert.match(asks(stranger), /^\[note\]<db:result .*not-authorized/);
  });

  test('no key, an endless key, names that are none', () => {
    const texts = [
      "<db:result from='capulet.example' to='montague.example'/>",
      `<db:result from='capulet.example' to='montague.example'>${'x'.repeat(2000)}</db:result>`,
      "<db:result from='a b' to='montague.example'>x</db:result>",
      "<db:verify from='capulet.example' to='montague.example'>x</db:verify>",
      "<db:other from='capulet.example' to='montague.example'>x</db:other>",
    ];
    for (const text of texts) assert.equal(wire(hear(machine(), text)), '[fail]');
  });
});
