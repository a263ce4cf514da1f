import assert from 'node:assert/strict';
import { test } from 'node:test';
import { child, childrenNamed, childText, el, elementsOf, textOf, write } from './element.ts';

test('children without a namespace take their parent’s, at all levels; what is undefined is left out', () => {
  const query = el(
    'query',
    { xmlns: 'urn:q', ver: undefined },
    el('item', null, el('group', null, 'A & B')),
    undefined,
    null,
    false,
  );
  assert.equal(write(query), `<query xmlns='urn:q'><item><group>A &amp; B</group></item></query>`);
  assert.equal(write(query, 'urn:q'), '<query><item><group>A &amp; B</group></item></query>');
});

test('a namespace is declared where it changes, also back to none', () => {
  const inner = { name: 'none', xmlns: '', attrs: {}, children: [el('b', { xmlns: 'urn:b' })] };
  assert.equal(
    write({ name: 'a', xmlns: 'urn:a', attrs: {}, children: [inner] }),
    `<a xmlns='urn:a'><none xmlns=''><b xmlns='urn:b'/></none></a>`,
  );
});

test('attributes: escaped so that they are read as they were, XML’s own under their prefix, others under a made one', () => {
  assert.equal(
    write(el('a', { b: `<&>'"\t\n\r`, 'xml:lang': 'en', '{urn:x}c': '1', '{urn:y{}}d': '2' })),
    `<a b='&lt;&amp;&gt;&apos;&quot;&#x9;&#xA;&#xD;' xml:lang='en' xmlns:ns0='urn:x' ns0:c='1' xmlns:ns1='urn:y{}' ns1:d='2'/>`,
  );
});

test('looking inside: a name counts with its namespace', () => {
  const message = el(
    'message',
    { xmlns: 'jabber:client' },
    'x',
    el('body', null, 'one'),
    el('body', { xmlns: 'urn:o' }, 'two'),
    el('body', null, 'three'),
    'y',
  );
  assert.equal(textOf(message), 'xy');
  assert.equal(childText(message, 'body'), 'one');
  assert.equal(childText(message, 'body', 'urn:o'), 'two');
  assert.equal(childText(message, 'subject'), undefined);
  assert.deepEqual(childrenNamed(message, 'body').map(textOf), ['one', 'three']);
  assert.equal(elementsOf(message).length, 3);
  assert.equal(child(message, 'message'), undefined);
});
