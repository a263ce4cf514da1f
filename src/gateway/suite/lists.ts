// Contact lists and access: lists on every client of the user, who is blocked, who is granted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import { blockRequest, wv } from './shapes.ts';

export const listConversations = (cast: Cast): void => {
  const { kind, strangers, friends, isContent } = cast;

  test('lists are made, renamed, filled, emptied and deleted, and other clients see it', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    const desk = await cast.world.friend(milaJid, 'desk');
    const choir = `wv:${milaJid.local}/choir@${milaJid.domain}`;
    const made = await mila.csp.request({
      name: 'CreateList-Request',
      ContactList: choir,
      NickList: { NickName: [{ Name: 'Tomas', UserID: wv(tomasJid) }] },
      ContactListProperties: { Property: [{ Name: 'DisplayName', Value: 'Kören' }] },
    });
    assert.equal(made.name, kind.version === '1.3' ? 'CreateList-Response' : 'Status');
    if (made.name === 'Status') assert.equal(codeOf(made), 200);
    const inRoster = (groups: string, name = 'Tomas') =>
      desk.receives(`a push for ${groups || 'no group'}`, (one) => {
        const item = one.child('query', 'jabber:iq:roster')?.children[0];
        if (one.type !== 'set' || !item || typeof item === 'string' || item.attrs.jid !== tomasJid.toString())
          return false;
        const found = item.children.map((group) => (typeof group === 'string' ? '' : group.children.join('')));
        return item.attrs.subscription !== 'remove' && found.join() === groups && item.attrs.name === name;
      });
    await inRoster('Kören');
    assert.equal(await mila.csp.codeFor({ name: 'CreateList-Request', ContactList: choir }), 701);
    assert.equal(
      await mila.csp.codeFor({ name: 'CreateList-Request', ContactList: `wv:somebody/choir@${milaJid.domain}` }),
      752,
    );

    const renamed = await mila.csp.manageList({
      name: 'ListManage-Request',
      ContactList: choir,
      ContactListProperties: {
        Property: [
          { Name: 'DisplayName', Value: 'Chorus' },
          { Name: 'Default', Value: 'T' },
        ],
      },
      ReceiveList: true,
    });
    assert.deepEqual(renamed.ContactListProperties?.Property, [
      { Name: 'DisplayName', Value: 'Chorus' },
      { Name: 'Default', Value: 'T' },
    ]);
    await inRoster('Chorus');
    const list = await mila.csp.request({ name: 'GetList-Request' }, 'GetList-Response');
    assert.equal(list.DefaultContactList, choir);
    const listed = [...(list.ContactList ?? []), ...(list.ContactListIDList?.ContactList ?? [])];
    assert.equal(listed.includes(choir), kind.version === '1.1');
    assert.equal(listed.length, kind.version === '1.1' ? 2 : 1);

    // Another client gives the contact a name and a second group.
    await desk.sends(
      `<iq type='set' id='r1'><query xmlns='jabber:iq:roster'><item jid='${tomasJid}' name='Tompa'><group>Chorus</group><group>Båten</group></item></query></iq>`,
    );
    const named = async () => (await mila.csp.readList(choir)).NickList?.NickName?.[0];
    const renamedTo = await cast.world.until('the name arrives', async () => {
      const one = await named();
      return one?.Name === 'Tompa' ? one : undefined;
    });
    assert.equal(renamedTo.UserID, wv(tomasJid));
    const boat = (await mila.csp.contactLists()).find((one) => /b_c3_a5ten|_42/.test(one));
    assert.ok(boat, 'a list for the group made elsewhere');
    assert.equal((await mila.csp.readList(boat)).ContactListProperties?.Property[0]?.Value, 'Båten');

    const remove = (from: string) =>
      mila.csp.manageList({
        name: 'ListManage-Request',
        ContactList: from,
        RemoveNickList: { UserID: [wv(tomasJid)] },
        ReceiveList: true,
      });
    const emptied = await remove(choir);
    assert.deepEqual(emptied.NickList?.NickName ?? [], []);
    await inRoster('Båten', 'Tompa');
    assert.equal(await mila.csp.codeFor({ name: 'DeleteList-Request', ContactList: choir }), 200);
    assert.equal(await mila.csp.codeFor({ name: 'DeleteList-Request', ContactList: choir }), 700);
    assert.equal(await mila.csp.codeFor({ name: 'ListManage-Request', ContactList: choir, ReceiveList: true }), 700);
    await remove(boat);
    await desk.receives('a removal', (one) => {
      const item = one.child('query', 'jabber:iq:roster')?.children[0];
      return one.type === 'set' && typeof item === 'object' && item.attrs.subscription === 'remove';
    });
    isContent(mila);
  });

  test('who is blocked does not get through, and does again afterwards', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    const change = (AddList: Jid[], RemoveList: Jid[], inUse: boolean) =>
      mila.csp.request(
        blockRequest(mila, {
          block: { inUse, AddList: { UserID: AddList.map(wv) }, RemoveList: { UserID: RemoveList.map(wv) } },
        }),
        'Status',
      );
    const blocked = await change([tomasJid], [], true);
    assert.equal(blocked.Result.Code, 200);
    const listed = async () => {
      const answer = await mila.csp.request({ name: 'GetBlockedList-Request' }, 'GetBlockedList-Response');
      return [answer.BlockListInUse ?? answer.BlockList?.InUse, answer.BlockList?.EntityList?.UserID ?? []];
    };
    assert.deepEqual(await listed(), [true, [wv(tomasJid)]]);
    await tomas.sends(`<message to='${milaJid}' type='chat' id='b1'><body>släpp in mig</body></message>`);
    await tomas.receives('a refusal', (one) => one.type === 'error' && one.id === 'b1');
    await mila.receivesNo('NewMessage');
    assert.equal((await change([], [], false)).Result.Code, 200);
    assert.deepEqual(await listed(), [false, [wv(tomasJid)]]);
    await tomas.sends(`<message to='${milaJid}' type='chat' id='b2'><body>tack</body></message>`);
    assert.equal((await mila.receives('NewMessage')).ContentData, 'tack');
    assert.equal((await change([], [tomasJid], true)).Result.Code, 200);
    assert.deepEqual(((await listed())[1] as string[]).length, 0);
    isContent(mila);
  });

  test('a grant list in use keeps out all who are not on it', async () => {
    const { mila, tomas, milaJid } = await friends();
    const other = await cast.world.someone('nils');
    assert.equal(
      await mila.csp.codeFor(blockRequest(mila, { grant: { inUse: true, AddList: { UserID: [wv(other)] } } })),
      200,
    );
    await tomas.sends(`<message to='${milaJid}' type='chat' id='g1'><body>hej</body></message>`);
    await tomas.receives('a refusal', (one) => one.type === 'error' && one.id === 'g1');
    assert.equal(await mila.csp.codeFor(blockRequest(mila, { grant: { inUse: false } })), 200);
    await tomas.sends(`<message to='${milaJid}' type='chat' id='g2'><body>hej igen</body></message>`);
    assert.equal((await mila.receives('NewMessage')).ContentData, 'hej igen');
    isContent(mila);
  });
};
