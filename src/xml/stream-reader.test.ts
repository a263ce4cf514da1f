import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyElement } from './element.arbitrary.ts';
import { type Element, write } from './element.ts';
import { parseChildren } from './reader.ts';
import { sampleGroups, sampleLines } from './samples.ts';
import { type XmlStreamEvent, XmlStreamReader } from './stream-reader.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Everything a reader says of chunks, in the notation of the samples. */
const heard = (chunks: readonly Uint8Array[], reader = new XmlStreamReader()): string[] => {
  const lines: string[] = [];
  for (const chunk of chunks) for (const event of reader.push(chunk)) lines.push(inWords(event));
  if (reader.whitespaceOctets > 0) lines.push(`whitespace ${reader.whitespaceOctets}`);
  return lines;
};
const inWords = (event: XmlStreamEvent): string => {
  if (event.type === 'open') return `open {${event.header.xmlns}}${event.header.name} ${event.header.defaultNamespace}`;
  if (event.type === 'close') return 'close';
  if (event.type === 'fault') return `fault ${event.fault.reason}`;
  const { name, xmlns, children, inner } = event.element;
  return `element {${xmlns}}${name} [${children.map((one) => `{${one.xmlns}}${one.name}`).join(' ')}] ${inner}`.trim();
};

/** The chunk whole, octet by octet, and cut in two at every place. */
const everyWay = function* (all: Uint8Array): Generator<Uint8Array[]> {
  yield [all];
  yield Array.from(all, (octet) => Uint8Array.of(octet));
  for (let at = 1; at < all.length; at++) yield [all.subarray(0, at), all.subarray(at)];
};

test('good streams, however they are cut', () => {
  for (const lines of sampleGroups(new URL('samples/streams-good.txt', import.meta.url))) {
    const received = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
    const expected = lines.filter((line) => line.startsWith('< ')).map((line) => line.slice(2));
    for (const chunks of everyWay(octets(received.join('')))) assert.deepEqual(heard(chunks), expected);
  }
});

test('bad streams are refused for the right reason, however they are cut', () => {
  for (const line of sampleLines(new URL('samples/streams-bad.txt', import.meta.url))) {
    const [reason, text = ''] = line.split('\t');
    for (const chunks of everyWay(octets(`<s xmlns='jabber:client'>${text}`)))
      assert.deepEqual(heard(chunks), ['open {jabber:client}s jabber:client', `fault ${reason}`], text);
  }
});

test('text between elements is noticed at once and after what was good', () => {
  const reader = new XmlStreamReader();
  reader.push(octets(`<s xmlns='jabber:client'>`));
  assert.deepEqual(heard([octets('<message/>h'), octets('ello</s>')], reader), [
    'element {jabber:client}message []',
    'fault bad-format',
  ]);
});

test('before the stream header: no DTD, no other encoding, no XML 1.1, no text', () => {
  for (const [text, reason] of [
    [`<!DOCTYPE s><s>`, 'restricted-xml'],
    [`<!DOCTYPE s [<!ENTITY a "b">]><s>`, 'restricted-xml'],
    [`<!-- --><s>`, 'restricted-xml'],
    [`<?xml version='1.0' encoding='ISO-8859-1'?><s>`, 'unsupported-encoding'],
    [`<?xml version='1.1'?><s>`, 'not-well-formed'],
    [` <?xml version='1.0'?><s>`, 'not-well-formed'],
    ['hello<s>', 'not-well-formed'],
    ['GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
  ] as const)
    for (const chunks of everyWay(octets(text))) assert.deepEqual(heard(chunks), [`fault ${reason}`], text);
});

test('octets that are not UTF-8 end the stream after what was good', () => {
  const good = octets(`<s xmlns='jabber:client'><presence/><message><body>`);
  for (const wrong of [
    [0xff],
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0x80],
    [0xc3, 0x28],
  ]) {
    const all = Uint8Array.from([...good, ...wrong, ...octets('</body></message>')]);
    for (const chunks of everyWay(all))
      assert.deepEqual(heard(chunks), [
        'open {jabber:client}s jabber:client',
        'element {jabber:client}presence []',
        'fault unsupported-encoding',
      ]);
  }
});

test('after a fault nothing is looked at', () => {
  const reader = new XmlStreamReader();
  assert.equal(reader.push(octets('<s><a></b>')).at(-1)?.type, 'fault');
  assert.deepEqual(reader.push(octets('<presence/>')), []);
});

test('each limit, at it and one past it', () => {
  const inside = (text: string, limits: object): string[] =>
    heard([octets(`<s xmlns='urn:s'>${text}`)], new XmlStreamReader(limits)).slice(1);
  const refused = ['fault policy-violation'];
  assert.equal(inside('<m>12345</m>', { bytesMax: 17 }).length, 1);
  assert.deepEqual(inside('<m>123456789012</m>', { bytesMax: 18 }), refused);
  assert.deepEqual(inside('<m>ééééééé</m>', { bytesMax: 20 }), refused);
  assert.deepEqual(inside('<m><a><b/></a></m>', { depthMax: 4 }), ['element {urn:s}m [{urn:s}a] <a><b/></a>']);
  assert.deepEqual(inside('<m><a><b/></a></m>', { depthMax: 3 }), refused);
  assert.equal(inside(`<m a='' b=''/>`, { attributesMax: 2 })[0], 'element {urn:s}m []');
  assert.deepEqual(inside(`<m a='' b='' c=''/>`, { attributesMax: 2 }), refused);
  assert.equal(inside('<m><a/><b/></m>', { elementsMax: 2 }).length, 1);
  assert.deepEqual(inside('<m><a/><b><c/></b></m>', { elementsMax: 2 }), refused);
  assert.deepEqual(inside('<abcdefgh/>', { nameMax: 7 }), refused);
  assert.deepEqual(inside(`<m abcdefgh=''/>`, { nameMax: 7 }), refused);
  assert.deepEqual(inside(`<m xmlns='urn:toolong'/>`, { nameMax: 7 }), refused);
});

test('a flood without an end is cut off near the limit', () => {
  for (const start of [
    '',
    '<s>',
    '<s><m>',
    '<s><',
    `<s><m a='`,
    '<s><m ',
    '<s><m>&',
    '<s><![CDATA[',
    '<s></',
    '<s><!--',
    '<s><?p ',
    '<!DOCTYPE ',
  ]) {
    const reader = new XmlStreamReader({ bytesMax: 5_000 });
    reader.push(octets(start));
    const flood = octets(start === '' ? `<${'a'.repeat(999)}` : 'a'.repeat(1_000));
    let taken = 0;
    let fault: string | undefined;
    while (!fault && taken < 100_000) {
      for (const event of reader.push(flood)) if (event.type === 'fault') fault = event.fault.reason;
      taken += flood.length;
    }
    assert.ok(taken <= 7_000, `${start} took ${taken}`);
  }
});

test('white space between elements is never kept', () => {
  const reader = new XmlStreamReader({ bytesMax: 100 });
  reader.push(octets('<s>'));
  for (let i = 0; i < 1_000; i++) assert.deepEqual(reader.push(octets('          ')), []);
  assert.equal(reader.isPending, false);
  assert.equal(reader.whitespaceOctets, 10_000);
  reader.push(octets(' <'));
  assert.equal(reader.isPending, true);
});

test('a short prefix for a long namespace does not make a small stanza enormous', () => {
  const text = `<s xmlns='urn:s'><m xmlns:p='${'n'.repeat(1_000)}'>${'<p:a/>'.repeat(5_000)}</m>`;
  assert.deepEqual(heard([octets(text)]).slice(1), ['fault policy-violation']);
});

test('random elements in a stream: forwarded text means what was sent', () => {
  fc.assert(
    fc.property(anyElement, fc.integer({ min: 1, max: 40 }), (element, step) => {
      const reader = new XmlStreamReader();
      reader.push(octets(`<s:s xmlns='jabber:client' xmlns:s='urn:s'>`));
      const all = octets(write(element, 'jabber:client'));
      const events: XmlStreamEvent[] = [];
      for (let at = 0; at < all.length; at += step) events.push(...reader.push(all.subarray(at, at + step)));
      assert.equal(events.length, 1);
      const event = events[0];
      assert(event?.type === 'element');
      const { name, xmlns, attrs, inner, children } = event.element;
      const read = parseChildren(inner, xmlns);
      assert(read.ok);
      assert.deepEqual({ name, xmlns, attrs, children: read.value }, element);
      assert.deepEqual(
        children,
        element.children
          .filter((one): one is Element => typeof one !== 'string')
          .map((one) => ({ name: one.name, xmlns: one.xmlns })),
      );
    }),
    { numRuns: 200 },
  );
});

test('random octets: never a throw, at most one fault, and it is the last word', () => {
  const bits = fc.constantFrom(
    '<s>',
    '<a',
    '</a>',
    '>',
    '/>',
    `x='`,
    `'`,
    ' ',
    '&amp;',
    '&',
    ';',
    '<!',
    '--',
    '[CDATA[',
    ']]>',
    '<?',
    'é',
    ':',
    '=',
  );
  const noise = fc.array(fc.oneof(bits.map(octets), fc.uint8Array({ maxLength: 6 })), { maxLength: 40 });
  fc.assert(
    fc.property(noise, (chunks) => {
      const reader = new XmlStreamReader({ bytesMax: 200 });
      reader.push(octets('<s>'));
      const said = chunks.flatMap((chunk) => reader.push(chunk).map((event) => event.type));
      const end = said.findIndex((type) => type === 'fault' || type === 'close');
      assert.ok(end < 0 || end === said.length - 1);
      const whole = new XmlStreamReader({ bytesMax: 200 });
      whole.push(octets('<s>'));
      assert.deepEqual(
        whole
          .push(Buffer.concat(chunks))
          .map((event) => event.type)
          .slice(0, said.length),
        said,
      );
    }),
    { numRuns: 500 },
  );
});
