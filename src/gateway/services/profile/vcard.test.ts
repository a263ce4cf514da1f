import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Element, write } from '../../../xml/element.ts';
import { parseChildren } from '../../../xml/reader.ts';
import { type PropertyName, propertyNames, readProfile, writeProfile } from './vcard.ts';

const vcard = (text: string): Element => {
  const read = parseChildren(text, 'jabber:client');
  assert(read.ok && typeof read.value[0] === 'object', text);
  return read.value[0];
};
const text = (element: Element): string => write(element, 'jabber:client');

test('a vCard of an ordinary client is read, and keeps what is no part of a profile', () => {
  const before = vcard(
    "<vCard xmlns='vcard-temp'><FN>Mila Ek</FN><NICKNAME>mila</NICKNAME><ADR><HOME/><LOCALITY>Turku</LOCALITY></ADR>" +
      '<PHOTO><TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO></vCard>',
  );
  assert.deepEqual(
    [...readProfile(before)],
    [
      ['PP_FRIENDLY_NAME', 'mila'],
      ['PP_CITY', 'Turku'],
    ],
  );
  const after = writeProfile(
    before,
    new Map<PropertyName, string>([
      ['PP_CITY', 'Åbo'],
      ['PP_GENDER', 'F'],
    ]),
  );
  assert.equal(
    text(after),
    "<vCard xmlns='vcard-temp'><FN>Mila Ek</FN><ADR><HOME/><LOCALITY>Åbo</LOCALITY></ADR>" +
      "<PHOTO><TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO><profile xmlns='urn:onesoup:imps:profile'><gender>F</gender></profile></vCard>",
  );
});

test('what is written is read back, whatever it was before', () => {
  const profiles = fc
    .uniqueArray(fc.constantFrom(...propertyNames))
    .map((names) => new Map(names.map((name, n) => [name, `text ${n} of ${name}`])));
  fc.assert(
    fc.property(profiles, profiles, (first, second) => {
      const once = writeProfile(undefined, first);
      assert.deepEqual(readProfile(once), sorted(first));
      assert.deepEqual(readProfile(vcard(text(writeProfile(once, second)))), sorted(second));
    }),
  );
});
const sorted = (profile: ReadonlyMap<PropertyName, string>) =>
  new Map(propertyNames.flatMap((name) => (profile.has(name) ? [[name, profile.get(name) ?? ''] as const] : [])));
