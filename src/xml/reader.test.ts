import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyElement } from './element.arbitrary.ts';
import { el, write } from './element.ts';
import { parseChildren, parseElement } from './reader.ts';
import { sampleLines } from './samples.ts';

const fault = (text: string, limits = {}, allowances = {}): string | undefined => {
  const read = parseElement(text, limits, allowances);
  return read.ok ? undefined : read.fault.reason;
};

test('one element, its namespaces resolved', () => {
  assert.deepEqual(
    parseElement(
      `<?xml version='1.0'?>\n<a:x xmlns:a='urn:a' b='1&#10;2' a:c='3' xml:lang='en'>t<![CDATA[<]]>&gt;<y/></a:x>\n`,
    ),
    {
      ok: true,
      value: {
        name: 'x',
        xmlns: 'urn:a',
        attrs: { b: '1\n2', '{urn:a}c': '3', 'xml:lang': 'en' },
        children: ['t<>', { name: 'y', xmlns: '', attrs: {}, children: [] }],
      },
    },
  );
});

test('what is written is read again as the same element', () => {
  fc.assert(
    fc.property(anyElement, fc.constantFrom('', 'jabber:client', 'urn:a'), (element, scope) => {
      const read = parseChildren(write(element, scope), scope);
      assert(read.ok);
      assert.deepEqual(read.value, [element]);
    }),
    { numRuns: 500 },
  );
});

test('what XML cannot carry is replaced when it is written, whatever the string', () => {
  assert.equal(
    write(el('b', { a: '\u0001\n' }, 'x\u0000\uD800y\uFFFE')),
    `<b a='\uFFFD&#xA;'>x\uFFFD\uFFFDy\uFFFD</b>`,
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })), (some, units) => {
      const text = some + String.fromCharCode(...units);
      const read = parseElement(write(el('b', { a: text }, text)));
      assert.ok(read.ok);
    }),
  );
});

test('the same texts are refused here as in a stream', () => {
  for (const line of sampleLines(new URL('samples/streams-bad.txt', import.meta.url))) {
    const [reason, text = ''] = line.split('\t');
    // Text beside elements is nothing wrong inside of an element.
    if (reason !== 'bad-format') assert.equal(fault(`<s xmlns='jabber:client'>${text}</s>`), reason, text);
  }
  for (const text of ['', ' ', 'a', '<a>', '<a/><b/>', '</a>', '<a', '<a/>b'])
    assert.equal(fault(text), 'not-well-formed', text);
  assert.equal(fault('<a>\uD800</a>'), 'unsupported-encoding');
});

test('limits', () => {
  assert.equal(fault('<a>é</a>', { bytesMax: 9 }), undefined);
  assert.equal(fault('<a>é</a>', { bytesMax: 8 }), 'policy-violation');
  assert.equal(fault('<a><b/></a>', { depthMax: 2 }), undefined);
  assert.equal(fault('<a><b><c/></b></a>', { depthMax: 2 }), 'policy-violation');
  assert.equal(fault('<a><b/><b/></a>', { elementsMax: 2 }), undefined);
  assert.equal(fault('<a><b/><b><c/></b></a>', { elementsMax: 2 }), 'policy-violation');
  assert.equal(fault(`<a b='' c=''/>`, { attributesMax: 1 }), 'policy-violation');
  assert.equal(fault('<abcd/>', { nameMax: 3 }), 'policy-violation');
});

test('a document may have a DOCTYPE without a subset, comments and instructions, but no entities of its own', () => {
  const file = `<?xml version="1.0"?><!DOCTYPE a PUBLIC "-//X//DTD A//EN" "http://x/a.dtd"><!-- c --><?p i?><a><!-- d -->t</a>`;
  assert.deepEqual(parseElement(file, {}, { document: true }), { ok: true, value: el('a', null, 't') });
  assert.equal(fault(file), 'restricted-xml');
  assert.equal(fault(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, {}, { document: true }), 'restricted-xml');
  assert.equal(fault(`<!DOCTYPE a><a>&b;</a>`, {}, { document: true }), 'restricted-xml');
});

test('random text: an element or a fault, never a throw', () => {
  const bits = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    '=',
    "'",
    '"',
    '&',
    ';',
    '!',
    '?',
    '[',
    ']',
    '-',
    ':',
    'x',
    ' ',
    'xmlns',
    'CDATA',
  );
  fc.assert(
    fc.property(
      fc.array(bits).map((parts) => parts.join('')),
      (text) => void parseElement(text),
    ),
    { numRuns: 2_000 },
  );
});
