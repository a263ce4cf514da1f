// What individual families of phones need beside the rule, as far as no other conversation shows it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cast } from './cast.ts';

export const compatConversations = (cast: Cast): void => {
  const { kind, strangers, isContent } = cast;

  test('the default list is named once from 1.2 on, and among the others before', async () => {
    const { mila } = await strangers();
    const answer = await mila.csp.request({ name: 'GetList-Request' }, 'GetList-Response');
    const others = [...(answer.ContactList ?? []), ...(answer.ContactListIDList?.ContactList ?? [])];
    assert.equal(others.includes(answer.DefaultContactList ?? ''), kind.version === '1.1');
    isContent(mila);
  });

  test('every contact has a name and an address, however it was added', async () => {
    const { mila, milaJid } = await strangers();
    const [list = ''] = await mila.csp.contactLists();
    const [vera, nils] = [`wv:vera@${milaJid.domain}`, `wv:nils@${milaJid.domain}`];
    await mila.csp.manageList({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { UserID: [vera], NickName: [{ Name: 'Nisse', UserID: nils }] },
      ReceiveList: true,
    });
    const { NickList } = await mila.csp.readList(list);
    assert.deepEqual(NickList?.UserID ?? [], []);
    const names = new Map(NickList?.NickName?.map(({ Name, UserID }) => [UserID, Name]));
    assert.deepEqual([...names.keys()].sort(), [nils, vera]);
    assert.equal(names.get(nils), 'Nisse');
    assert.notEqual(names.get(vera) ?? '', '');
    isContent(mila);
  });

  test('a contact that nobody knows is no reason to take it out of the list', async () => {
    const { mila, milaJid } = await strangers();
    assert.equal(await mila.csp.subscribe({ users: [`wv:nobody.here@${milaJid.domain}`] }), 200);
    isContent(mila);
  });

  test('the size of a text is its characters', async () => {
    const { mila, tomas, milaJid } = await strangers();
    await tomas.sends(`<message to='${milaJid}' type='chat' id='s1'><body>åäö €</body></message>`);
    const { MessageInfo, ContentData } = await mila.receives('NewMessage');
    assert.deepEqual([ContentData, MessageInfo.ContentSize], ['åäö €', 5]);
    assert.equal(MessageInfo.ContentEncoding ?? 'None', 'None');
    isContent(mila);
  });
};
