// A phone whose parser is too small for its user's contacts gets as many as it can hold, of each answer that lists them.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { plain } from '../../imps/client/personality.ts';
import { codeOf } from '../../imps/client/strict.ts';
import type { Primitive } from '../../imps/primitives.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { ScriptedServer } from '../suite/scripted.ts';
import { World } from '../suite/world.ts';

const contactsMany = 800;
const server = new ScriptedServer();
for (let n = 0; n < contactsMany; n++)
  server.roster.push(el('item', { jid: `contact-${n}@home.test`, name: `Contact ${n}`, subscription: 'both' }));
const world = new World(await server.open());
after(() => world.close());
const phone = await world.phone(Jid.from('mila@home.test'), plain);

const ask = async (request: Primitive): Promise<Primitive> => {
  await world.ground.pass(10);
  return phone.csp.request(request);
};

test('a list is read as far as the phone takes it, and its read succeeds', async () => {
  const [list = ''] = await phone.csp.contactLists();
  const answer = await ask({ name: 'ListManage-Request', ContactList: list });
  assert.equal(answer.name, 'ListManage-Response');
  // S60 takes a list as missing when the code is not 200.
  assert.equal(codeOf(answer), 200);
  const { length } = (answer.name === 'ListManage-Response' && answer.NickList?.NickName) || [];
  assert.ok(length > 250 && length < contactsMany, `${length} contacts`);
});

test('a change of a list takes effect though the list is not told in whole', async () => {
  const [list = ''] = await phone.csp.contactLists();
  const DisplayName = { Name: 'DisplayName', Value: 'Everybody' };
  const change = { name: 'ListManage-Request', ContactList: list, ContactListProperties: { Property: [DisplayName] } };
  assert.equal(codeOf(await ask(change as Primitive)), 200);
  const answer = await ask({ name: 'ListManage-Request', ContactList: list });
  assert.deepEqual(answer.name === 'ListManage-Response' && answer.ContactListProperties?.Property?.[0], DisplayName);
});

test('presence and watchers are told as far as the phone takes them', async () => {
  const [list = ''] = await phone.csp.contactLists();
  const presence = await ask({ name: 'GetPresence-Request', ContactList: [list] });
  assert(presence.name === 'GetPresence-Response');
  assert.equal(presence.Result.Code, 201);
  assert.ok((presence.Presence?.length ?? 0) > 50);
  const watchers = await ask({ name: 'GetWatcherList-Request' });
  assert(watchers.name === 'GetWatcherList-Response');
  assert.ok((watchers.User?.length ?? 0) > 300);
});
