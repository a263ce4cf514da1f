import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Jid } from '../../xmpp/jid.ts';
import { jidOfUser, listOfText, textOfList, userOfJid } from './address.ts';

const mila = Jid.from('mila@relay.example');

test('a user in every spelling phones use', () => {
  for (const [text, jid] of [
    ['wv:tomas@port.example', 'tomas@port.example'],
    ['WV:Tomas@Port.Example', 'tomas@port.example'],
    ['tomas', 'tomas@relay.example'],
    ['wv:tomas', 'tomas@relay.example'],
    ['wv:+46700000000@relay.example', '+46700000000@relay.example'],
    ['wv:%2B46700000000@relay.example', '+46700000000@relay.example'],
    ['wv:d%27artagnan@relay.example', 'd\\27artagnan@relay.example'],
    ['wv:m%C3%A5rten@relay.example', 'mårten@relay.example'],
    ['wv:tomas%40port.example@gateway.example', 'tomas\\40port.example@gateway.example'],
  ] as const)
    assert.equal(jidOfUser(text, 'relay.example')?.toString(), jid, text);
});

test('what is no user', () => {
  for (const text of ['', 'wv:', '@relay.example', 'wv:mila/buddies@relay.example', 'wv:/walkers@relay.example'])
    assert.equal(jidOfUser(text, 'relay.example'), undefined, text);
});

test('users as phones read them', () => {
  for (const [jid, text] of [
    ['tomas@port.example', 'wv:tomas@port.example'],
    ['+46700000000@relay.example', 'wv:+46700000000@relay.example'],
    ['a+b@relay.example', 'wv:a%2Bb@relay.example'],
    ['d\\27artagnan@relay.example', "wv:d'artagnan@relay.example"],
    ['tomas\\40port.example@gateway.example', 'wv:tomas%40port.example@gateway.example'],
    ['mårten@relay.example', 'wv:m%C3%A5rten@relay.example'],
  ] as const)
    assert.equal(userOfJid(Jid.from(jid)), text);
  assert.equal(userOfJid(Jid.from('relay.example')), undefined);
});

test('lists, with and without owner and domain', () => {
  for (const text of ['wv:mila/buddies@relay.example', 'mila/Buddies', 'wv:/buddies', 'buddies'])
    assert.deepEqual(listOfText(text, mila), { owner: mila, name: 'buddies' }, text);
  assert.equal(listOfText('wv:tomas/buddies@port.example', mila)?.owner.toString(), 'tomas@port.example');
  assert.equal(listOfText('wv:mila/~pep1.0_privatelist@relay.example', mila)?.name, '~pep1.0_privatelist');
  assert.equal(listOfText('wv:mila/@relay.example', mila), undefined);
  assert.equal(textOfList(mila, 'my friends'), 'wv:mila/my%20friends@relay.example');
});

test('every localpart and list name comes back', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(name, (raw) => {
      const jid = jidOfUser(`wv:${encodeURIComponent(raw)}@x.example`, 'relay.example');
      if (!jid) return;
      const text = userOfJid(jid);
      assert.equal(text && jidOfUser(text, 'relay.example')?.toString(), jid.toString());
    }),
  );
  fc.assert(
    fc.property(name, (raw) => {
      const read = listOfText(textOfList(mila, raw.toLowerCase()), mila);
      if (read) assert.equal(read.name, raw.toLowerCase().toLowerCase());
      else assert.match(raw, /[\0-\x1f\x7f]/);
    }),
  );
});
