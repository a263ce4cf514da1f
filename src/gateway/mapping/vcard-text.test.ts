import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nobody, type Person } from '../../xmpp/person/person.ts';
import { readVcardText, writeVcardText } from './vcard-text.ts';

const some = (person: Person | undefined) =>
  Object.fromEntries(Object.entries(person ?? {}).filter(([, one]) => one !== undefined && one.length !== 0));

test('a vCard 2.1 of a phone: quoted-printable, bare parameters, folded lines', () => {
  const text = [
    'BEGIN:VCARD',
    'VERSION:2.1',
    'N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Nystr=C3=B6m;Maj=',
    'a',
    'TEL;CELL;PREF:+358 40 1',
    'TEL;WORK;FAX:+358 2 9',
    'EMAIL;INTERNET:maja@post.test',
    'ADR;HOME:;;Kuja 1\\; A;Turku;;20100;FI',
    'ORG:Boats;Sails',
    'NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:p=E5 sj=F6n',
    'URL:https://maja.test/',
    'END:VCARD',
    '',
  ].join('\r\n');
  assert.deepEqual(some(readVcardText(text)), {
    first: 'Maja',
    last: 'Nyström',
    emails: ['maja@post.test'],
    phones: [
      { number: '+358 40 1', kind: 'cell' },
      { number: '+358 2 9', kind: 'fax' },
    ],
    street: 'Kuja 1; A',
    city: 'Turku',
    postcode: '20100',
    country: 'FI',
    organisation: 'Boats',
    note: 'på sjön',
    urls: ['https://maja.test/'],
  });
});

test('a vCard 3.0: folded by blanks, types in lists, groups, escapes', () => {
  const text =
    'BEGIN:vcard\nVERSION:3.0\nFN:Nils\n  Ek\nitem1.TEL;TYPE=HOME,CELL:1\nNOTE:one\\, two\\nthree\nNICKNAME:nisse\nEND:VCARD\nBEGIN:VCARD\nFN:Other\nEND:VCARD';
  assert.deepEqual(some(readVcardText(text)), {
    fullName: 'Nils Ek',
    first: 'Nils',
    last: 'Ek',
    nick: 'nisse',
    phones: [{ number: '1', kind: 'cell' }],
    note: 'one, two\nthree',
  });
  assert.equal(readVcardText('hello'), undefined);
  assert.equal(readVcardText(''), undefined);
});

test('what is written is plain where it can be', () => {
  assert.equal(
    writeVcardText({
      ...nobody,
      first: 'Maja',
      last: 'Nyström',
      phones: [{ number: '1', kind: 'cell' }],
      city: 'Turku',
    }),
    'BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8:Nyström;Maja\r\nFN;CHARSET=UTF-8:Maja Nyström\r\nTEL;CELL:1\r\nADR:;;;Turku;;;\r\nEND:VCARD\r\n',
  );
  assert.equal(
    writeVcardText({ ...nobody, nick: 'mi' }),
    'BEGIN:VCARD\r\nVERSION:2.1\r\nN:mi;\r\nFN:mi\r\nX-NICKNAME:mi\r\nEND:VCARD\r\n',
  );
});

test('what is written is read back; any text is read without harm', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .map((text) => text.replace(/[\\\p{C}\p{Z}]/gu, ''))
    .filter((text) => text !== '');
  const maybe = fc.option(word, { nil: undefined });
  const persons = fc.record(
    {
      fullName: word,
      first: word,
      last: word,
      nick: maybe,
      emails: fc.array(word, { maxLength: 3 }),
      phones: fc.array(
        fc.record({ number: word, kind: fc.constantFrom('cell' as const, 'fax', 'voice') }, { noNullPrototype: true }),
        {
          maxLength: 3,
        },
      ),
      street: maybe,
      city: maybe,
      region: maybe,
      postcode: maybe,
      country: maybe,
      organisation: maybe,
      title: maybe,
      birthday: maybe,
      note: maybe,
      urls: fc.array(word, { maxLength: 3 }),
      languages: fc.array(word, { maxLength: 2 }),
      timeZone: maybe,
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(persons, (person) => assert.deepEqual(readVcardText(writeVcardText(person)), person)));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      readVcardText(`BEGIN:VCARD\n${text}`);
    }),
  );
});
