import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementsOf } from '../xml/element.ts';
import { parseElement } from '../xml/reader.ts';
import { presencePayload } from './payload.ts';

const payload = (text: string): string => {
  const read = parseElement(text.replace('<presence', `<presence xmlns='jabber:client'`));
  assert(read.ok);
  const elements = elementsOf(read.value);
  return presencePayload({ elements, children: elements, lang: read.value.attrs['xml:lang'] });
};

const caps = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://x' ver='q07IKJ'/>`;
const away = `<presence><show>away</show><status>At lunch</status><priority>5</priority>${caps}</presence>`;
const kept = `<show>away</show><status>At lunch</status><priority>5</priority>${caps}`;

test('what says the same is the same text', () => {
  for (const same of [
    away,
    `<presence id='7'>${caps}<priority>+5</priority>\n  <status>At lunch</status> <show> away </show></presence>`,
    `<presence><show>away</show><status>At lunch</status><priority>5</priority><c ver="q07IKJ" node="http://x" xmlns="http://jabber.org/protocol/caps" hash="sha-1"></c></presence>`,
    `<presence><delay xmlns='urn:xmpp:delay' stamp='2009-06-12T13:59:00Z'/><x xmlns='jabber:x:delay' stamp='20090612T13:59:00'/>${kept}</presence>`,
  ])
    assert.equal(payload(same), kept);
});

test('what says something else is another text', () => {
  const texts = [
    away,
    away.replace('away', 'dnd'),
    away.replace('>5<', '>6<'),
    away.replace('At lunch', 'at lunch'),
    away.replace('<status>', `<status xml:lang='de'>`),
    away.replace('q07IKJ', 'other'),
    away.replace('</presence>', `<x xmlns='vcard-temp:x:update'><photo>aa</photo></x></presence>`),
    away.replace('</presence>', `<x xmlns='vcard-temp:x:update'><photo>ab</photo></x></presence>`),
    away.replace('</presence>', `<x xmlns='vcard-temp:x:update'/></presence>`),
    '<presence/>',
  ].map(payload);
  assert.equal(new Set(texts).size, texts.length);
});

test('defaults are not said', () => {
  for (const text of [
    '<presence/>',
    '<presence> </presence>',
    '<presence><show/><priority>0</priority><status/></presence>',
    '<presence><priority>999</priority></presence>',
  ])
    assert.equal(payload(text), '');
});

test('a status has the language of the presence unless it says another; the first of a language counts', () => {
  assert.equal(
    payload(
      `<presence xml:lang='en'><status xml:lang='de'>Essen</status><status>Lunch</status><status xml:lang='en'>Dinner</status></presence>`,
    ),
    `<status xml:lang='de'>Essen</status><status xml:lang='en'>Lunch</status>`,
  );
});
