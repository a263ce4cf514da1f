import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sampleLines } from '../xml/samples.ts';
import { toAsciiDomain } from './idna.ts';
import { Jid } from './jid.ts';
import { derivedProperty } from './precis.ts';

const jidOf = (text: string): Jid => {
  const read = Jid.parse(text);
  assert(read.ok, `${JSON.stringify(text)} is refused`);
  return read.value;
};

test('valid addresses, and what they become', () => {
  for (const line of sampleLines(new URL('jid-samples/valid.txt', import.meta.url))) {
    const [given = '', expected = given] = line.split('\t');
    assert.equal(jidOf(given).toString(), expected);
    assert.equal(jidOf(expected).toString(), expected);
  }
});

test('invalid addresses, and which part is wrong', () => {
  for (const line of sampleLines(new URL('jid-samples/invalid.txt', import.meta.url))) {
    const [part, text = ''] = line.split('\t');
    assert.deepEqual(Jid.parse(text), { ok: false, fault: { reason: 'jid-malformed', part } }, JSON.stringify(text));
  }
});

test('a part has at most 1023 octets once prepared', () => {
  for (const [part, made] of [
    ['local', (text: string) => Jid.of(text, 'home.test')],
    ['resource', (text: string) => Jid.of('mila', 'home.test', text)],
  ] as const) {
    assert.ok(made('a'.repeat(1023)).ok);
    assert.deepEqual(made('a'.repeat(1024)), { ok: false, fault: { reason: 'jid-malformed', part } });
    assert.ok(made('é'.repeat(511)).ok);
    assert.equal(made('é'.repeat(512)).ok, false);
    assert.ok(made('e\u0301'.repeat(511)).ok, 'the length counts after composition');
    assert.equal(made('a'.repeat(1_000_000)).ok, false);
  }
  assert.equal(Jid.of('mila', `${'a.'.repeat(200)}test`).ok, false);
  assert.equal(Jid.of('mila', `${'ü.'.repeat(20_000)}test`).ok, false);
});

test('lone surrogates are in no address', () => {
  for (const text of ['\uD800@home.test', 'mila@\uDC00.test', 'mila@home.test/\uD800'])
    assert.equal(Jid.parse(text).ok, false);
});

test('parts, bare, resource, equality', () => {
  const full = jidOf('Mila@home.test/Phone');
  assert.deepEqual([full.local, full.domain, full.resource, full.isBare], ['mila', 'home.test', 'Phone', false]);
  assert.equal(`${full.bare}`, 'mila@home.test');
  assert.equal(full.bare.isBare, true);
  assert.equal(full.bare, full.bare);
  assert.ok(full.bare.withResource('Phone').equals(full));
  assert.ok(!full.equals(full.bare) && !full.equals(undefined));
  assert.equal(JSON.stringify({ full }), '{"full":"mila@home.test/Phone"}');
  assert.throws(() => full.withResource(''), TypeError);
  assert.throws(() => Jid.from('@'), TypeError);
});

test('random addresses: prepared once is prepared for good, and parts make the whole', () => {
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(part, fc.constantFrom('home.test', 'Bücher.example'), part, (local, domain, resource) => {
      const made = Jid.of(local, domain, resource);
      if (!made.ok) return;
      const again = Jid.parse(made.value.toString());
      assert(again.ok);
      assert.deepEqual(
        [again.value.local, again.value.domain, again.value.resource],
        [made.value.local, made.value.domain, made.value.resource],
      );
    }),
    { numRuns: 1_000 },
  );
});

test('any text is an address or a fault', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => void Jid.parse(text)),
    { numRuns: 1_000 },
  );
});

test('derived properties of RFC 8264 §8, one code point for each rule', () => {
  const expected = {
    ß: 'valid',
    '\u0640': 'disallowed',
    '\u0660': 'context',
    '\u0378': 'unassigned',
    '~': 'valid',
    ' ': 'free',
    '\u200D': 'context',
    '\u1160': 'disallowed',
    '\u00AD': 'disallowed',
    '\uFDD0': 'disallowed',
    '\u0085': 'disallowed',
    ﬁ: 'free',
    Ж: 'valid',
    '\u0301': 'valid',
    ǅ: 'free',
    '\u20DD': 'free',
    '€': 'free',
    '…': 'free',
    '–': 'free',
    '\uE000': 'disallowed',
    '\u2028': 'disallowed',
  };
  for (const [c, property] of Object.entries(expected)) assert.equal(derivedProperty(c), property, JSON.stringify(c));
});

test('a domain in ASCII', () => {
  assert.equal(toAsciiDomain('bücher.example'), 'xn--bcher-kva.example');
  assert.equal(toAsciiDomain('home.test'), 'home.test');
  assert.equal(toAsciiDomain('[::1]'), '[::1]');
});
