import assert from 'node:assert/strict';
import { test } from 'node:test';
import { el } from '../../../xml/element.ts';
import { capsHash, discoInfo } from './caps.ts';

const field = (name: string, ...values: string[]) =>
  el('field', { var: name }, ...values.map((value) => el('value', null, value)));

test('XEP-0115 §5.2: the simple example', () => {
  const query = el(
    'query',
    { xmlns: discoInfo },
    el('identity', { category: 'client', name: 'Exodus 0.9.1', type: 'pc' }),
    ...[
      'http://jabber.org/protocol/muc',
      'http://jabber.org/protocol/disco#info',
      'http://jabber.org/protocol/disco#items',
      'http://jabber.org/protocol/caps',
    ].map((v) => el('feature', { var: v })),
  );
  assert.equal(capsHash(query), 'QgayPKawpkPSDYmwT/WM94uAlu0=');
});

test('XEP-0115 §5.3: the complex example', () => {
  const query = el(
    'query',
    { xmlns: discoInfo },
    el('identity', { 'xml:lang': 'en', category: 'client', name: 'Psi 0.11', type: 'pc' }),
    el('identity', { 'xml:lang': 'el', category: 'client', name: 'Ψ 0.11', type: 'pc' }),
    ...[
      'http://jabber.org/protocol/caps',
      'http://jabber.org/protocol/disco#info',
      'http://jabber.org/protocol/disco#items',
      'http://jabber.org/protocol/muc',
    ].map((v) => el('feature', { var: v })),
    el(
      'x',
      { xmlns: 'jabber:x:data', type: 'result' },
      field('FORM_TYPE', 'urn:xmpp:dataforms:softwareinfo'),
      field('ip_version', 'ipv4', 'ipv6'),
      field('os', 'Mac'),
      field('os_version', '10.5.1'),
      field('software', 'Psi'),
      field('software_version', '0.11'),
    ),
  );
  assert.equal(capsHash(query), 'q07IKJEyjvHSyhy//CH0CxmKi8w=');
});
