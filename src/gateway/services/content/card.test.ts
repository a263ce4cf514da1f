import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readable } from './card.ts';

test('cards of every age are readable', () => {
  assert.equal(
    readable(
      'BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=96berg;Tomas\r\nTEL;CELL:+4670\r\nEND:VCARD\r\n',
    ),
    'Tomas Öberg\nTel. +4670',
  );
  assert.equal(
    readable(
      'BEGIN:VCARD\nVERSION:3.0\nFN:Tomas\n  Öberg\nN:Öberg;Tomas;;;\nitem1.EMAIL;TYPE=home:t@home.test\nORG:Havet\\, AB;Fiske\nPHOTO;ENCODING=b:AAAA\nEND:VCARD',
    ),
    'Tomas Öberg\nt@home.test\nHavet, AB, Fiske',
  );
  assert.equal(
    readable('BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Fika\nDTSTART:20090612T140000Z\nEND:VEVENT'),
    'Fika\n20090612T140000Z',
  );
  assert.equal(readable('no card at all'), '');
  assert.equal(readable('FN;QUOTED-PRINTABLE;CHARSET=constructor:=41'), '=41');
  assert.ok(readable(`FN:${'x'.repeat(100_000)}\n${'TEL:1\n'.repeat(1000)}`).length < 2000);
});
