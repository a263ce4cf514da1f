// XEP-0055: what keeps the directory from being a list of everybody's address.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { el, write } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { nobody } from '../../../xmpp/person/person.ts';
import { vcard4Node, vcard4Of } from '../../../xmpp/person/vcard4.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import { defaultSettings } from '../pubsub/settings.ts';
import { canonical, entryOf } from './entry.ts';
import { setListed } from './listed.ts';
import { queryOf, searchNs } from './query.ts';

const found = async (server: TestServer, fields: Record<string, string>, name = 'anna') => {
  const anna = await server.signIn(name);
  await anna.sends(
    `<iq type='set' id='s' to='home.test'><query xmlns='jabber:iq:search'>${Object.entries(fields)
      .map(([name, text]) => `<${name}>${text}</${name}>`)
      .join('')}</query></iq>`,
  );
  const answer = anna.received.pop();
  await anna.link.close();
  if (answer?.type === 'error') return answer.toXml();
  return [...(answer?.toXml() ?? '').matchAll(/jid='([^']+)'/g)].map(([, jid]) => jid);
};
const listed = async (server: TestServer, ...names: string[]): Promise<void> => {
  await server.addAccount(...names);
  for (const name of names) await setListed(server, Jid.from(`${name}@home.test`), true);
};

test('more than a hundred people are nobody: the search has to say more', async () => {
  const server = testServer();
  await server.addAccount('anna');
  for (let n = 0; n < 101; n++)
    await server.store.directory.set(entryOf(`okafor${String(n).padStart(3, '0')}@home.test`, nobody, new Map()));
  assert.match(String(await found(server, { user: 'okafor' })), /<too-many xmlns='urn:onesoup:directory'\/>/);
  // Without an account behind it an entry is not shown.
  assert.deepEqual(await found(server, { user: 'okafor05' }), []);
  await server.close();
});

test('twenty searches a minute', async () => {
  const server = testServer();
  await listed(server, 'mila');
  for (let n = 0; n < 20; n++) assert.deepEqual(await found(server, { user: 'mila' }), ['mila@home.test']);
  assert.match(String(await found(server, { user: 'mila' })), /resource-constraint/);
  assert.deepEqual(await found(server, { user: 'mila' }, 'ines'), ['mila@home.test'], 'each account for itself');
  server.clock.advance(60_000);
  assert.deepEqual(await found(server, { user: 'mila' }), ['mila@home.test']);
  await server.close();
});

test('not found: oneself, who has blocked the searcher, who is disabled, who was removed', async () => {
  const server = testServer();
  await listed(server, 'okafor1', 'okafor2', 'okafor3', 'okafor4', 'okafor5', 'okafor6');
  await server.store.blocks.add('okafor2@home.test', ['anna@home.test']);
  await server.store.blocks.add('okafor3@home.test', ['home.test']);
  await server.accounts('home.test').setDisabled(Jid.from('okafor4@home.test'), true);
  await server.accounts('home.test').remove(Jid.from('okafor5@home.test'));
  assert.deepEqual(await found(server, { user: 'okafor' }), ['okafor1@home.test', 'okafor6@home.test']);
  assert.deepEqual(
    await found(server, { user: 'okafor' }, 'okafor6'),
    ['okafor1@home.test', 'okafor2@home.test'],
    'blocking concerns who is blocked',
  );
  await server.close();
});

test('a vCard4 counts when everybody may read it, and not when contacts only may', async () => {
  const server = testServer();
  await listed(server, 'mila');
  const mila = await server.signIn('mila');
  const publish = async (accessModel: string, city: string): Promise<void> => {
    const settings = JSON.stringify({ ...defaultSettings, accessModel });
    await server.store.pubsub.putNode('mila@home.test', vcard4Node, settings);
    const vcard = el('item', { id: 'current' }, vcard4Of({ ...nobody, fullName: 'Mila Ek', city }));
    const pubsub = el(
      'pubsub',
      { xmlns: 'http://jabber.org/protocol/pubsub' },
      el('publish', { node: vcard4Node }, vcard),
    );
    await mila.sends(`<iq type='set' id='p'>${write(pubsub)}</iq>`);
    assert.equal(mila.received.pop()?.type, 'result');
  };
  await publish('presence', 'Turku');
  assert.deepEqual(await found(server, { locality: 'turku' }), []);
  await publish('open', 'Turku');
  assert.deepEqual(await found(server, { locality: 'turku' }), ['mila@home.test']);
  await publish('open', 'Oulu');
  assert.deepEqual(await found(server, { locality: 'turku' }), []);
  await server.close();
});

test('a piece of an address or of a number finds nobody; the whole does, however it is written', () => {
  const matches = (stored: string, field: 'email' | 'tel', text: string): boolean => {
    const person = {
      ...nobody,
      ...(field === 'email' ? { emails: [stored] } : { phones: [{ number: stored, kind: 'cell' as const }] }),
    };
    const entry = entryOf('mila@home.test', person, new Map());
    const query = queryOf(el('query', { xmlns: searchNs }, el(field, null, text)), 'home.test');
    return query.ok && query.value.parts.every((part) => entry.fields[part.field]?.includes(part.text));
  };
  assert.equal(matches('Mila.Ek@Post.test', 'email', 'mila.ek@post.TEST'), true);
  assert.equal(matches('+358 40 123 456', 'tel', '00358-40-123456'), true);
  assert.equal(matches('+358 40 123 456', 'tel', '040 123 456'), true);
  assert.equal(matches('+358 40 123 456', 'tel', '358 40 123'), false);
  const address = fc.stringMatching(/^[a-z]{3,8}@[a-z]{3,8}\.test$/);
  fc.assert(
    fc.property(address, fc.nat(20), fc.nat(20), (whole, from, length) => {
      const piece = whole.slice(from, from + length);
      assert.equal(matches(whole, 'email', piece), piece === whole);
    }),
  );
});

test('a search needs something to go by', () => {
  const isEnough = (fields: Record<string, string>): boolean =>
    queryOf(
      el(
        'query',
        { xmlns: searchNs },
        Object.entries(fields).map(([name, text]) => el(name, null, text)),
      ),
      'home.test',
    ).ok;
  assert.deepEqual(
    [
      {},
      { first: '' },
      { first: '***' },
      { first: 'ab' },
      { first: 'ab', last: 'cd' },
      { 'x-gender': 'female', 'x-age-min': '18' },
      { tel: '12345' },
      { shoes: 'large' },
    ].map(isEnough),
    Array.from({ length: 8 }, () => false),
  );
  assert.deepEqual([{ first: 'abc' }, { nick: '米拉' }, { first: 'åb', 'x-gender': 'female' }].map(isEnough), [
    true,
    true,
    true,
  ]);
  assert.equal(canonical('gender', ' F '), 'female');
});
