import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressOfJid,
  addressOfRoom,
  canonicalAddress,
  formatAddress,
  isSameAddress,
  jidOfAddress,
  parseAddress,
} from './address.ts';

test('every way phones write a user comes out as one', () => {
  for (const text of [
    'anna',
    'wv:anna',
    'WV:Anna',
    ' anna@home.test ',
    'wv:anna@',
    'wv:anna@HOME.test',
    'wv:%61nna@home.test',
  ])
    assert.equal(canonicalAddress(text, 'home.test'), 'wv:anna@home.test', text);
});

test('forms: user, number, list, group', () => {
  const rows: [string, string][] = [
    ['wv:+4670@d', 'wv:+4670@d'],
    ['wv:%2B4670@d', 'wv:+4670@d'],
    ['wv:mila/My Buddies@d', 'wv:mila/my%20buddies@d'],
    ['mila/~PEP1.0_subscriptions', 'wv:mila/~pep1.0_subscriptions@home.test'],
    ['wv:/walkers@relay.example', 'wv:/walkers@relay.example'],
    ['/walkers', 'wv:/walkers@home.test'],
    ['wv:a%2Fb@d', 'wv:a%2Fb@d'],
    ['wv:a@b@d', 'wv:a%40b@d'],
    ['wv:50%@d', 'wv:50%25@d'],
    ['wv:%ff@d', 'wv:%25ff@d'],
    ['wv:Jos%C3%89@d', 'wv:jos%C3%A9@d'],
    ['wv:José@d', 'wv:jos%C3%A9@d'],
  ];
  for (const [text, canonical] of rows) assert.equal(canonicalAddress(text, 'home.test'), canonical, text);
});

test('what is no address', () => {
  for (const text of ['', 'wv:', '@home.test', 'wv:/', 'wv:anna/', 'wv:anna@home.test/phone', 'x'.repeat(5000)])
    assert.equal(parseAddress(text, 'home.test'), undefined, text);
});

test('comparing is without case and with the default domain', () => {
  assert.ok(isSameAddress('Anna', 'wv:anna@home.test', 'home.test'));
  assert.ok(!isSameAddress('anna', 'wv:anna@home.test', 'other.test'));
  assert.ok(!isSameAddress('', '', 'home.test'));
});

test('JIDs and rooms', () => {
  const wv = (address: ReturnType<typeof addressOfJid>) => address && formatAddress(address);
  assert.equal(wv(addressOfJid('d\\27artagnan@d')), "wv:d'artagnan@d");
  assert.equal(wv(addressOfJid('space\\20cadet@d')), 'wv:space%20cadet@d');
  assert.equal(wv(addressOfJid('home.test')), undefined);
  assert.equal(wv(addressOfRoom('den@rooms.d')), 'wv:/den@rooms.d');
  assert.deepEqual(jidOfAddress({ user: 'Space Cadet', domain: 'D' }), { kind: 'user', jid: 'space\\20cadet@d' });
  assert.deepEqual(jidOfAddress({ user: '', resource: 'den', domain: 'd' }), { kind: 'room', jid: 'den@d' });
  assert.equal(jidOfAddress({ user: 'mila', resource: 'list', domain: 'd' }), undefined);
});

/** What the local part of a prepared JID can be, roughly: no upper case, none of the characters RFC 7622 excludes. */
const local = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .map((text) =>
    text
      .toLowerCase()
      .replace(/["&'/:<>@\s\p{C}]/gu, '')
      .toLowerCase(),
  )
  .filter((text) => text !== '' && text === text.toLowerCase() && text.trim() === text);
const escaped = fc
  .array(fc.oneof(local, fc.constantFrom('\\20', '\\2f', '\\40', '\\5c', '\\5c20', '%41', '%', '+')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''))
  .filter((text) => text === text.toLowerCase());

test('every JID comes back from its address', () => {
  fc.assert(
    fc.property(escaped, fc.constantFrom('home.test', 'münchen.example'), fc.boolean(), (name, domain, isRoom) => {
      const jid = `${name}@${domain}`;
      const address = isRoom ? addressOfRoom(jid) : addressOfJid(jid);
      assert.ok(address);
      const read = parseAddress(formatAddress(address));
      assert.ok(read);
      assert.equal(jidOfAddress(read)?.jid, jid);
      assert.equal(jidOfAddress(read)?.kind, isRoom ? 'room' : 'user');
    }),
  );
});

test('the canonical form is stable, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const canonical = canonicalAddress(text, 'home.test');
      if (canonical !== undefined) assert.equal(canonicalAddress(canonical), canonical);
    }),
  );
});
