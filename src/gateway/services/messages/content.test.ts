import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfContent } from './content.ts';

const read = (
  ContentType: string | undefined,
  ContentEncoding: string | undefined,
  data: string | Uint8Array | undefined,
) => {
  const read = textOfContent({ ContentType, ContentEncoding, Recipient: {} }, data);
  return read.ok ? read.value : read.fault.code;
};
const base64 = (octets: readonly number[]) => Buffer.from(octets).toString('base64');

test('text in every dress', () => {
  assert.equal(read(undefined, undefined, 'Hej Tomas'), 'Hej Tomas');
  assert.equal(read('text/plain; charset=utf-8', 'NONE', 'Åke'), 'Åke');
  assert.equal(read('text/plain', 'BASE64', Buffer.from('Åke').toString('base64')), 'Åke');
  assert.equal(read('Text/Plain;charset="ISO-8859-1"', 'base64', base64([0xc5, 0x6b, 0x65])), 'Åke');
  assert.equal(read('text/plain;charset=106', 'BASE64', Buffer.from('Åke').toString('base64')), 'Åke');
  assert.equal(read('text/plain;charset=1015', 'BASE64', base64([0x00, 0xc5, 0x00, 0x6b])), 'Åk');
  assert.equal(read('text/plain;charset=utf-16', 'BASE64', base64([0xff, 0xfe, 0xc5, 0x00])), 'Å');
  assert.equal(read('text/plain;charset=koi8-r', undefined, Uint8Array.of(0xd0, 0xd2)), 'пр');
});

test('what XML cannot carry is marked', () => {
  assert.equal(read(undefined, undefined, 'a\u0000b\u000bc\ud800'), 'a\ufffdb\ufffdc\ufffd');
});

test('what cannot be carried is refused with the reason', () => {
  assert.equal(read('image/jpeg', 'BASE64', '/9j/'), 415);
  assert.equal(read('text/x-vCard', undefined, 'BEGIN:VCARD'), 415);
  assert.equal(read('text/plain; charset=ebcdic-martian', 'BASE64', 'AAAA'), 415);
  assert.equal(read('text/plain', 'BASE64', 'not base64!'), 400);
  assert.equal(read('text/plain', undefined, undefined), 400);
  assert.equal(read('text/plain', undefined, 'x'.repeat(65_537)), 432);
});
