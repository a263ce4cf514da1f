import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementsOf } from '../xml/element.ts';
import { parseElement } from '../xml/reader.ts';
import { extensionsOf, presencePayload } from './payload.ts';

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
    `<presence xml:lang='de' xmlns:caps='http://jabber.org/protocol/caps'><show>away</show><status xml:lang=''>At lunch</status><priority> 5 </priority><caps:c hash='sha-1' node='http://x' ver='q07IKJ'/></presence>`,
    `<presence xmlns:d='urn:xmpp:delay'>\n\t<d:delay from='far.test' stamp='2009-06-12T13:59:00Z'>late</d:delay>${kept}</presence>`,
    `<presence><delay xmlns='urn:xmpp:delay' stamp='2009-06-12T13:59:00Z'/><x xmlns='jabber:x:delay' stamp='20090612T13:59:00'/>${kept}</presence>`,
  ])
    assert.equal(payload(same), kept);
});

test('what extensions say does not change with show, status and priority', () => {
  assert.equal(extensionsOf(payload(away)), caps);
  assert.equal(extensionsOf(payload(`<presence>${caps}</presence>`)), caps);
  assert.equal(extensionsOf(payload('<presence><show>dnd</show><status>a &lt;c> b</status></presence>')), '');
  assert.equal(
    extensionsOf(payload(`<presence><status>a</status><status xml:lang='d&gt;e'>b</status>${caps}</presence>`)),
    caps,
  );
  const inside = payload(
    `<presence><show>away</show><x xmlns='urn:x'><status xmlns='jabber:client'>in</status></x></presence>`,
  );
  assert.equal(extensionsOf(inside), inside.replace('<show>away</show>', ''));
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

test('what is in other extensions counts, known to us or not; how it is laid out does not', () => {
  const room = `<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='visitor'/></x>`;
  const idle = `<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/>`;
  const nick = `<nick xmlns='http://jabber.org/protocol/nick'> Ishmael </nick>`;
  const presence = (...children: string[]): string => payload(`<presence>${children.join('')}</presence>`);
  const all = presence(room, idle, nick);
  assert.equal(presence(nick, idle, room), all);
  assert.equal(
    payload(
      `<presence xmlns:m='http://jabber.org/protocol/muc#user' id='1'>
        <m:x>
          <m:item role='visitor' affiliation='none'/>
        </m:x>${nick}${idle}</presence>`,
    ),
    all,
  );
  for (const other of [
    presence(room, idle),
    presence(room.replace('visitor', 'participant'), idle, nick),
    presence(room, idle.replace('1969', '1970'), nick),
    presence(room, idle, nick.replace(' Ishmael', 'Ishmael')),
    presence(room.replace('muc#user', 'muc'), idle, nick),
    presence(room.replace('<item', `<item xmlns='urn:other'`), idle, nick),
    presence(room.replace(' role', ` xmlns:z='urn:z' z:role`), idle, nick),
  ])
    assert.notEqual(other, all);
});

test('a stamp inside an extension is the extension’s own', () => {
  const x = (stamp: string): string =>
    payload(`<presence><x xmlns='urn:x'><delay xmlns='urn:xmpp:delay' stamp='${stamp}'/></x></presence>`);
  assert.notEqual(x('2009-06-12T13:59:00Z'), x('2010-06-12T13:59:00Z'));
});

test('namespaces written out do not make much out of little', () => {
  const prefixed = `<presence xmlns:a='urn:${'a'.repeat(900)}' xmlns:b='urn:b'><show>dnd</show>${'<a:x/>'.repeat(500)}</presence>`;
  const nested = prefixed.replace(/<a:x\/>/g, '<b:y><a:x/><b:y/></b:y>');
  for (const text of [prefixed, nested]) {
    const result = payload(text);
    assert.ok(result.startsWith('<show>dnd</show>'));
    assert.ok(result.length > 60_000 && result.length < 110_000, `${result.length}`);
  }
});
