import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Element, write } from '../../xml/element.ts';
import { parseChildren } from '../../xml/reader.ts';
import { isNobody, joinPersons, nobody, type Person, splitName } from './person.ts';
import { personOfVcardTemp, profileOfVcardTemp } from './vcard-temp.ts';
import { personOfVcard4, vcard4Of } from './vcard4.ts';

const xml = (text: string): Element => {
  const read = parseChildren(text, 'jabber:client');
  assert(read.ok && typeof read.value[0] === 'object', text);
  return read.value[0];
};
const some = (person: Person) =>
  Object.fromEntries(Object.entries(person).filter(([, one]) => one !== undefined && one.length !== 0));

test('a vcard-temp', () => {
  const vcard = xml(
    "<vCard xmlns='vcard-temp'><FN>Mila Maria Ek</FN><N><FAMILY>Ek</FAMILY><GIVEN>Mila</GIVEN></N><NICKNAME>mi</NICKNAME>" +
      '<TEL><HOME/><VOICE/><NUMBER>+358 2 123</NUMBER></TEL><TEL><CELL/><NUMBER>+358 40 1</NUMBER></TEL>' +
      '<EMAIL><INTERNET/><USERID>mila@post.test</USERID></EMAIL><ADR><HOME/><LOCALITY>Turku</LOCALITY><CTRY>FI</CTRY></ADR>' +
      "<URL>https://mila.test/</URL><TZ>+02:00</TZ><profile xmlns='urn:onesoup:imps:profile'><age>42</age></profile></vCard>",
  );
  assert.deepEqual(some(personOfVcardTemp(vcard)), {
    fullName: 'Mila Maria Ek',
    first: 'Mila',
    last: 'Ek',
    nick: 'mi',
    emails: ['mila@post.test'],
    phones: [
      { number: '+358 2 123', kind: 'voice' },
      { number: '+358 40 1', kind: 'cell' },
    ],
    city: 'Turku',
    country: 'FI',
    urls: ['https://mila.test/'],
    timeZone: '+02:00',
  });
  assert.deepEqual([...profileOfVcardTemp(vcard)], [['age', '42']]);
  const { first, last } = personOfVcardTemp(xml("<vCard xmlns='vcard-temp'><FN>Mila Maria Ek</FN></vCard>"));
  assert.deepEqual([first, last], ['Mila Maria', 'Ek']);
});

test('a vCard4: the preferred of several comes first', () => {
  const vcard = xml(
    "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Nils Ek</text></fn>" +
      '<email><text>second@x</text></email><email><parameters><pref><integer>1</integer></pref></parameters><text>first@x</text></email>' +
      '<tel><parameters><type><text>cell</text></type></parameters><uri>tel:+1-303</uri></tel>' +
      '<lang><language-tag>sv</language-tag></lang><url><uri>https://nils.test/</uri></url></vcard>',
  );
  assert.deepEqual(some(personOfVcard4(vcard)), {
    fullName: 'Nils Ek',
    first: 'Nils',
    last: 'Ek',
    emails: ['first@x', 'second@x'],
    phones: [{ number: '+1-303', kind: 'cell' }],
    urls: ['https://nils.test/'],
    languages: ['sv'],
  });
});

test('what is written as a vCard4 is read back', () => {
  const word = fc
    .stringMatching(/^[A-Za-zå-ö0-9 &<'"]{1,12}$/)
    .map((text) => text.trim())
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
        { maxLength: 3 },
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
  fc.assert(
    fc.property(persons, (person) => {
      assert.deepEqual(personOfVcard4(xml(write(vcard4Of(person)))), person);
    }),
  );
});

test('of two vCards, the first counts where it says something', () => {
  const joined = joinPersons({ ...nobody, nick: 'mi' }, { ...nobody, nick: 'mila', city: 'Turku', urls: ['u'] });
  assert.deepEqual(some(joined), { nick: 'mi', city: 'Turku', urls: ['u'] });
  assert.equal(isNobody(joined), false);
  assert.equal(isNobody(joinPersons(nobody, nobody)), true);
  assert.deepEqual(splitName('Mila'), { first: 'Mila', last: undefined });
});
