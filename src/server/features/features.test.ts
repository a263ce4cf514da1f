// What is advertised is there, and what is there is advertised; XEP-0115's own example.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenNamed, elementsOf } from '../../xml/element.ts';
import { testServer } from '../testing/server.ts';
import { capsVersion } from './disco/caps.ts';
import { serverCapsVersion } from './disco/index.ts';
import { features } from './index.ts';

const info = 'http://jabber.org/protocol/disco#info';

test('disco#info of the server shows the namespaces of the features, all of them and no other', async () => {
  const server = testServer();
  const anna = await server.signIn('anna');
  await anna.sends(`<iq type='get' id='1' to='home.test'><query xmlns='${info}'/></iq>`);
  const query = anna.received[0]?.child('query', info);
  assert(query);
  const advertised = childrenNamed(query, 'feature').map(({ attrs }) => attrs.var ?? '');
  const declared = features.flatMap(({ specs }) => specs.flatMap(({ namespaces = [] }) => namespaces));
  assert.deepEqual(advertised, [...new Set(declared)].sort());
  assert.deepEqual(elementsOf(query)[0]?.attrs, { category: 'server', type: 'im', name: 'onesoup' });
  await server.close();
});

test('without a feature nothing of it is advertised, and its requests find nobody', async () => {
  const server = testServer({ features: features.filter(({ specs }) => specs[0]?.id !== 'XEP-0199') });
  const anna = await server.signIn('anna');
  await anna.sends(`<iq type='get' id='1' to='home.test'><query xmlns='${info}'/></iq>`);
  assert(!anna.received[0]?.toXml().includes('urn:xmpp:ping'));
  await anna.sends(`<iq type='get' id='2' to='home.test'><ping xmlns='urn:xmpp:ping'/></iq>`);
  assert(anna.received[1]?.toXml().includes('service-unavailable'));
  await server.close();
});

test('every namespace that is advertised for requests has an owner for get', async () => {
  const server = testServer();
  const text = server.hosts.get('home.test')?.hooks.describe() ?? '';
  for (const namespace of ['jabber:iq:last', 'urn:xmpp:ping', 'vcard-temp', 'jabber:iq:private', 'urn:xmpp:blocking'])
    assert(text.includes(`get {${namespace}}`), namespace);
  await server.close();
});

test('XEP-0115 §5.2: the simple generation example', () => {
  const version = capsVersion(
    [{ category: 'client', type: 'pc', name: 'Exodus 0.9.1' }],
    [
      'http://jabber.org/protocol/disco#info',
      'http://jabber.org/protocol/disco#items',
      'http://jabber.org/protocol/muc',
      'http://jabber.org/protocol/caps',
    ],
  );
  assert.equal(version, 'QgayPKawpkPSDYmwT/WM94uAlu0=');
});

test('XEP-0115: disco#info with the node that was advertised says the same, another node is not found', async () => {
  const server = testServer();
  const host = server.hosts.get('home.test');
  assert(host);
  const anna = await server.signIn('anna');
  const node = `urn:onesoup:server#${serverCapsVersion(host)}`;
  await anna.sends(`<iq type='get' id='1' to='home.test'><query xmlns='${info}' node='${node}'/></iq>`);
  assert.equal(anna.received[0]?.type, 'result');
  assert.equal(anna.received[0]?.child('query', info)?.attrs.node, node);
  await anna.sends(`<iq type='get' id='2' to='home.test'><query xmlns='${info}' node='other'/></iq>`);
  assert(anna.received[1]?.toXml().includes('item-not-found'));
  await server.close();
});

test('XEP-0030 §8: an account answers those who may see it; a stranger cannot tell it from nobody', async () => {
  const server = testServer();
  await server.addAccount('mila');
  const anna = await server.signIn('anna');
  for (const [id, to] of [
    ['1', 'mila@home.test'],
    ['2', 'nobody@home.test'],
  ] as const)
    await anna.sends(`<iq type='get' id='${id}' to='${to}'><query xmlns='${info}'/></iq>`);
  const [mila = '', nobody = ''] = anna.received.map((one) => one.toXml());
  assert.equal(
    mila.replaceAll('mila', 'x').replace("id='1'", ''),
    nobody.replaceAll('nobody', 'x').replace("id='2'", ''),
  );
  await anna.sends(`<iq type='get' id='3'><query xmlns='${info}'/></iq>`);
  assert(anna.received[2]?.toXml().includes("category='account'"));
  await server.close();
});
