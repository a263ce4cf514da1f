import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf } from './content.ts';

const read = (
  ContentType: string | undefined,
  ContentEncoding: string | undefined,
  data: string | Uint8Array | undefined,
) => {
  const read = contentOf({ ContentType, ContentEncoding, Recipient: {} }, data);
  if (!read.ok) return read.fault.code;
  if (read.value.kind === 'text') return read.value.text;
  const { type, octets, name } = read.value.file;
  return { type, octets: [...octets], name };
};
const base64 = (octets: readonly number[] | string) => Buffer.from(octets as string).toString('base64');
const file = (type: string, octets: readonly number[] | string, name: string) => ({
  type,
  octets: [...Buffer.from(octets as string)],
  name,
});

test('text in every dress', () => {
  assert.equal(read(undefined, undefined, 'Hej Tomas'), 'Hej Tomas');
  assert.equal(read('text/plain; charset=utf-8', 'NONE', 'Åke'), 'Åke');
  assert.equal(read('text/plain', 'BASE64', base64('Åke')), 'Åke');
  assert.equal(read('Text/Plain;charset="ISO-8859-1"', 'base64', base64([0xc5, 0x6b, 0x65])), 'Åke');
  assert.equal(read('text/plain;charset=106', 'BASE64', base64('Åke')), 'Åke');
  assert.equal(read('text/plain;charset=1015', 'BASE64', base64([0x00, 0xc5, 0x00, 0x6b])), 'Åk');
  assert.equal(read('text/plain;charset=utf-16', 'BASE64', base64([0xff, 0xfe, 0xc5, 0x00])), 'Å');
  assert.equal(read('text/plain;charset=koi8-r', undefined, Uint8Array.of(0xd0, 0xd2)), 'пр');
});

test('what XML cannot carry is marked', () => {
  assert.equal(read(undefined, undefined, 'a\u0000b\u000bc\ud800'), 'a\ufffdb\ufffdc\ufffd');
});

test('other contents keep every octet', () => {
  assert.deepEqual(read('image/jpeg', 'BASE64', '/9j/\n'), file('image/jpeg', [0xff, 0xd8, 0xff], 'picture.jpg'));
  assert.deepEqual(
    read('application/vnd.wap.mms-message', undefined, Uint8Array.of(0x8c, 0x00)),
    file('application/vnd.wap.mms-message', [0x8c, 0], 'file.mms'),
  );
  assert.deepEqual(
    read('text/x-vCard', undefined, 'BEGIN:VCARD\r\nN:Å\r\n'),
    file('text/x-vCard', 'BEGIN:VCARD\r\nN:Å\r\n', 'card.vcf'),
  );
  assert.deepEqual(read('text/x-vCard', 'BASE64', base64([0xc5])), file('text/x-vCard', [0xc5], 'card.vcf'));
});

test('other texts with a charset go out in UTF-8 and say so', () => {
  assert.deepEqual(
    read('text/x-vCalendar; charset=ISO-8859-1', 'BASE64', base64([0xc5])),
    file('text/x-vCalendar; charset=utf-8', 'Å', 'card.vcs'),
  );
  assert.deepEqual(
    read('text/x-vCard;charset=UTF-8', 'BASE64', base64('Å')),
    file('text/x-vCard;charset=UTF-8', 'Å', 'card.vcf'),
  );
});

test('what cannot be carried is refused with the reason', () => {
  assert.equal(read('picture', 'BASE64', '/9j/'), 415);
  assert.equal(read('text/plain; charset=ebcdic-martian', 'BASE64', 'AAAA'), 415);
  assert.equal(read('text/x-vCard; charset=ebcdic-martian', 'BASE64', 'AAAA'), 415);
  assert.equal(read('image/jpeg', 'uuencode', 'begin'), 415);
  assert.equal(read('text/plain', 'BASE64', 'not base64!'), 400);
  assert.equal(read('text/plain', undefined, undefined), 400);
  assert.equal(read('image/jpeg', 'BASE64', ''), 400);
  assert.equal(read('text/plain', undefined, 'x'.repeat(65_537)), 432);
});
