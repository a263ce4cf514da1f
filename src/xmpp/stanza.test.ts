import assert from 'node:assert/strict';
import { test } from 'node:test';
import { el, textOf } from '../xml/element.ts';
import { type StreamElement, XmlStreamReader } from '../xml/stream-reader.ts';
import { Jid } from './jid.ts';
import { conditionOf, Stanza } from './stanza.ts';
import { elementOf, isStanza, stanzaOf } from './stanza-reader.ts';
import { stanzaFromText } from './stanza-text.ts';

const mila = Jid.from('mila@home.test/phone');
const ben = Jid.from('ben@home.test/laptop');

const received = (text: string, content = 'jabber:client', lang?: string): Stanza => {
  const read = stanzaOf(streamElement(text, content), lang);
  assert(read.ok);
  return read.value;
};
const streamElement = (text: string, content = 'jabber:client'): StreamElement => {
  const reader = new XmlStreamReader();
  const header = `<stream:stream xmlns='${content}' xmlns:stream='http://etherx.jabber.org/streams'>`;
  const event = reader.push(new TextEncoder().encode(header + text))[1];
  assert(event?.type === 'element', text);
  return event.element;
};

test('received, looked into, forwarded as it came', () => {
  const inner = `<body xml:lang="en">Hello &gt;</body><x xmlns='urn:x'><![CDATA[ ]]></x>`;
  const stanza = received(
    `<message from='Mila@home.test/phone' to='ben@home.test' type='chat' id='&apos;1' xml:lang='de'>${inner}</message>`,
  );
  const { kind, type, id, from, to, lang, children } = stanza;
  assert.deepEqual(
    { kind, type, id, from: `${from}`, to: `${to}`, lang, children },
    {
      kind: 'message',
      type: 'chat',
      id: "'1",
      from: 'mila@home.test/phone',
      to: 'ben@home.test',
      lang: 'de',
      children: [
        { name: 'body', xmlns: 'jabber:client' },
        { name: 'x', xmlns: 'urn:x' },
      ],
    },
  );
  assert.equal(
    stanza.toXml(),
    `<message from='mila@home.test/phone' to='ben@home.test' type='chat' id='&apos;1' xml:lang='de'>${inner}</message>`,
  );
  assert.ok(stanza.has('body') && stanza.has('x', 'urn:x') && !stanza.has('x'));
  assert.deepEqual(stanza.child('body'), el('body', { xmlns: 'jabber:client', 'xml:lang': 'en' }, 'Hello >'));
  assert.equal(textOf(stanza.child('x', 'urn:x') ?? el('none')), ' ');
  assert.equal(stanza.child('subject'), undefined);
});

test('made here: children without a namespace are in the stanza’s, and text and tree say the same', () => {
  const stanza = Stanza.make(
    { kind: 'message', to: ben },
    el('body', null, 'A < B'),
    undefined,
    el('x', { xmlns: 'urn:x' }),
  );
  assert.equal(stanza.toXml(), `<message to='ben@home.test/laptop'><body>A &lt; B</body><x xmlns='urn:x'/></message>`);
  assert.deepEqual(received(stanza.toXml()).elements, stanza.elements);
  assert.ok(stanza.has('body'));
  assert.equal(Stanza.make({ kind: 'presence' }).toXml(), '<presence/>');
});

test('with: other addresses, same content; undefined removes; the first stays as it was', () => {
  const stanza = received(`<message id='1' type='chat' xml:lang='en'><body>x</body></message>`);
  assert.equal(
    stanza.with({ from: mila, to: ben, id: undefined, lang: undefined }).toXml(),
    `<message from='mila@home.test/phone' to='ben@home.test/laptop' type='chat'><body>x</body></message>`,
  );
  assert.equal(stanza.toXml(), `<message type='chat' id='1' xml:lang='en'><body>x</body></message>`);
});

test('plus: one more child at the end, of stanzas received and made', () => {
  const delay = el('delay', { xmlns: 'urn:xmpp:delay', stamp: '2009-06-12T13:59:00Z' });
  for (const stanza of [
    received('<message><body>x</body></message>'),
    Stanza.make({ kind: 'message' }, el('body', null, 'x')),
  ]) {
    const more = stanza.plus(delay).plus(el('thread', null, 't'));
    assert.equal(
      more.toXml(),
      `<message><body>x</body><delay xmlns='urn:xmpp:delay' stamp='2009-06-12T13:59:00Z'/><thread>t</thread></message>`,
    );
    assert.deepEqual(
      more.children.map((one) => one.name),
      ['body', 'delay', 'thread'],
    );
    assert.deepEqual(
      more.elements.map((one) => one.xmlns),
      ['jabber:client', 'urn:xmpp:delay', 'jabber:client'],
    );
    assert.equal(stanza.elements.length, 1);
  }
});

test('result and error go back where the request came from', () => {
  const request = received(
    `<iq type='get' id='7' from='mila@home.test/phone' to='ben@home.test/laptop'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  assert.equal(
    request.result().toXml(),
    `<iq from='ben@home.test/laptop' to='mila@home.test/phone' type='result' id='7'/>`,
  );
  assert.equal(request.result(el('x', { xmlns: 'urn:x' })).inner, `<x xmlns='urn:x'/>`);
  const error = request.error('service-unavailable', { text: 'not here', by: ben.bare });
  assert.equal(
    error.toXml(),
    `<iq from='ben@home.test/laptop' to='mila@home.test/phone' type='error' id='7'><error type='cancel' by='ben@home.test'>` +
      `<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>` +
      `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>not here</text></error></iq>`,
  );
  assert.deepEqual(conditionOf(received(error.toXml())), { condition: 'service-unavailable', text: 'not here' });
  assert.equal(request.error('not-allowed', { type: 'auth' }).child('error')?.attrs.type, 'auth');
  assert.equal(conditionOf(request), undefined);
});

test('a stanza inherits the language of its stream', () => {
  assert.equal(received('<message/>', 'jabber:client', 'fr').lang, 'fr');
  assert.equal(received(`<message xml:lang=''/>`, 'jabber:client', 'fr').lang, '');
});

test('a stanza of a server stream is one of ours', () => {
  const plain = received(
    `<message><body>x</body><fwd xmlns='urn:f'><message xmlns='jabber:client'/></fwd></message>`,
    'jabber:server',
  );
  assert.equal(plain.inner, `<body>x</body><fwd xmlns='urn:f'><message xmlns='jabber:client'/></fwd>`);
  assert.deepEqual(plain.children[0], { name: 'body', xmlns: 'jabber:client' });
  assert.equal(plain.child('body')?.xmlns, 'jabber:client');
  const named = received(
    `<message><body xmlns='jabber:server'>x</body><s:subject xmlns:s='jabber:server'>y</s:subject>&lt;</message>`,
    'jabber:server',
  );
  assert.equal(named.inner, '<body>x</body><subject>y</subject>&lt;');
  assert.deepEqual(
    named.elements.map((one) => one.xmlns),
    ['jabber:client', 'jabber:client'],
  );
});

test('a bad address is a fault that names the attribute and keeps the rest', () => {
  const read = stanzaOf(streamElement(`<iq type='get' id='1' to='@' from='mila@home.test'><x xmlns='urn:x'/></iq>`));
  assert(!read.ok);
  assert.deepEqual(
    [read.fault.reason, read.fault.attribute, read.fault.stanza.id, `${read.fault.stanza.from}`],
    ['jid-malformed', 'to', '1', 'mila@home.test'],
  );
});

test('what is no stanza comes as an element', () => {
  for (const text of [`<r xmlns='urn:xmpp:sm:3'/>`, `<message xmlns='urn:other'/>`, '<body/>'])
    assert.equal(isStanza(streamElement(text)), false);
  assert.deepEqual(
    elementOf(
      streamElement(
        `<stream:features><mechanisms xmlns='urn:m'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`,
      ),
    ),
    el(
      'features',
      { xmlns: 'http://etherx.jabber.org/streams' },
      el('mechanisms', { xmlns: 'urn:m' }, el('mechanism', null, 'PLAIN')),
    ),
  );
});

test('kept as text and read back: the same stanza, however many attributes stand in it', () => {
  const attrs = Array.from({ length: 100 }, (_, i) => ` a${i}='${i}'`).join('');
  const text = `<iq from='mila@home.test/phone' to='ben@home.test' type='get' id='1' xml:lang='de'><x xmlns='urn:x'${attrs}>&amp;</x></iq>`;
  assert.equal(stanzaFromText(text).toXml(), text);
  for (const wrong of ['', 'text', '<iq>', "<iq to='@'/>"]) assert.throws(() => stanzaFromText(wrong), wrong);
});
