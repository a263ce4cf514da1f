// Contact lists and access: lists on every client of the user, who is blocked, who is granted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { PrimitiveOf } from '../../imps/primitives.ts';
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

  test('a contact stands in several lists, is called the same in all, and leaves them one by one', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    const address = (name: string) => `wv:${milaJid.local}/${name}@${milaJid.domain}`;
    const [choir, boat] = [address('choir'), address('~pep1.0_privatelist')];
    for (const [list, name] of [
      [choir, 'Tomas'],
      [boat, 'Tompa'],
    ] as const) {
      const made = await mila.csp.request({
        name: 'CreateList-Request',
        ContactList: list,
        NickList: { NickName: [{ Name: name, UserID: wv(tomasJid) }] },
      });
      if (made.name === 'Status') assert.equal(codeOf(made), 200);
    }
    const read = async (list: string) =>
      ((await mila.csp.readList(list)).NickList?.NickName ?? []).map(({ Name, UserID }) => [Name, UserID]);
    // The name that was given last: the roster has one for each contact.
    assert.deepEqual(await read(choir), [['Tompa', wv(tomasJid)]]);
    assert.deepEqual(await read(boat), [['Tompa', wv(tomasJid)]]);
    assert.equal((await mila.csp.contactLists()).length, 3);
    const leave = (list: string) =>
      mila.csp.manageList({
        name: 'ListManage-Request',
        ContactList: list,
        RemoveNickList: { UserID: [wv(tomasJid)] },
        ReceiveList: true,
      });
    assert.deepEqual((await leave(choir)).NickList?.NickName ?? [], []);
    assert.deepEqual(await read(boat), [['Tompa', wv(tomasJid)]]);
    // Emptied lists stay.
    await leave(boat);
    assert.deepEqual(await read(boat), []);
    assert.equal((await mila.csp.contactLists()).length, 3);
    isContent(mila);
  });

  test('contacts come and go, and a change brings back what was asked for', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    const nils = await cast.world.someone('nils');
    const list = await cast.addContact(mila, tomasJid, 'Tomas');
    const change = (ReceiveList: boolean, how: Partial<PrimitiveOf<'ListManage-Request'>>) =>
      mila.csp.manageList({ name: 'ListManage-Request', ContactList: list, ...how, ReceiveList });
    const add = (who: Jid) => ({ AddNickList: { NickName: [{ Name: who.local ?? '', UserID: wv(who) }] } });
    const removal = (who: Jid) => ({ RemoveNickList: { UserID: [wv(who)] } });
    const ids = ({ NickList }: PrimitiveOf<'ListManage-Response'>) => NickList?.NickName?.map(({ UserID }) => UserID);
    const added = await change(true, add(nils));
    assert.equal(added.Result.Code, 200);
    assert.deepEqual(ids(added)?.sort(), [wv(nils), wv(tomasJid)].sort());
    assert.equal(added.ContactListProperties, undefined);
    assert.deepEqual(ids(await change(true, removal(tomasJid))), [wv(nils)]);
    const whole = kind.version === '1.1';
    assert.deepEqual(ids(await change(false, add(tomasJid)))?.length, whole ? 2 : undefined);
    assert.deepEqual(ids(await change(false, removal(nils))), whole ? [wv(tomasJid)] : undefined);
    // Some are none, and the others come in all the same; one's own address is refused.
    const some = await mila.csp.request(
      {
        name: 'ListManage-Request',
        ContactList: list,
        AddNickList: {
          NickName: [
            { Name: 'x', UserID: 'wv:/walkers@home.test' },
            { Name: 'n', UserID: wv(nils) },
            { Name: 'me', UserID: wv(milaJid) },
          ],
        },
        ReceiveList: true,
      },
      'ListManage-Response',
    );
    assert.equal(some.Result.Code, 201);
    assert.deepEqual(
      new Map(some.Result.DetailedResult?.map(({ Code, UserID }) => [Code, UserID])),
      new Map([
        [531, ['wv:/walkers@home.test']],
        [403, [wv(milaJid)]],
      ]),
    );
    assert.deepEqual(ids(some)?.sort(), [wv(nils), wv(tomasJid)].sort());
    isContent(mila);
  });

  test('one list is the default, always', async () => {
    const { mila, milaJid } = await strangers();
    const address = (name: string) => `wv:${milaJid.local}/${name}@${milaJid.domain}`;
    const standard = async () =>
      (await mila.csp.request({ name: 'GetList-Request' }, 'GetList-Response')).DefaultContactList;
    const first = await standard();
    assert.ok(first);
    const create = async (name: string, Property: { Name: string; Value: string }[] = []) => {
      const made = await mila.csp.request({
        name: 'CreateList-Request',
        ContactList: address(name),
        ...(Property.length > 0 && { ContactListProperties: { Property } }),
      });
      if (made.name === 'CreateList-Response') return 200;
      return codeOf(made);
    };
    const set = (list: string, ...Property: { Name: string; Value: string }[]) =>
      mila.csp.codeFor({
        name: 'ListManage-Request',
        ContactList: list,
        ContactListProperties: { Property },
        ReceiveList: false,
      });
    assert.equal(
      await create('choir', [
        { Name: 'Default', Value: 'T' },
        { Name: 'DisplayName', Value: 'Kör och sång' },
      ]),
      200,
    );
    assert.equal(await standard(), address('choir'));
    assert.deepEqual((await mila.csp.readList(address('choir'))).ContactListProperties?.Property, [
      { Name: 'DisplayName', Value: 'Kör och sång' },
      { Name: 'Default', Value: 'T' },
    ]);
    assert.equal(await set(address('choir'), { Name: 'Default', Value: 'F' }), 752);
    assert.equal(await set(address('choir'), { Name: 'Default', Value: 'perhaps' }), 752);
    assert.equal(await create('boat', [{ Name: 'Default', Value: 'perhaps' }]), 752);
    assert.equal(await set(first, { Name: 'Default', Value: 'T' }), 200);
    assert.equal(await standard(), first);
    assert.equal(await set(address('choir'), { Name: 'Default', Value: 'T' }), 200);
    // Deleting it makes another one the default.
    assert.equal(await mila.csp.codeFor({ name: 'DeleteList-Request', ContactList: address('choir') }), 200);
    assert.equal(await standard(), first);
    assert.equal(await mila.csp.codeFor({ name: 'DeleteList-Request', ContactList: first }), 200);
    assert.ok(await standard(), 'there is a list again');
    isContent(mila);
  });

  test('there is an end to lists', async () => {
    const { mila, milaJid } = await strangers();
    const create = async (name: string) => {
      const made = await mila.csp.request({
        name: 'CreateList-Request',
        ContactList: `wv:${milaJid.local}/${name}@${milaJid.domain}`,
      });
      return made.name === 'CreateList-Response' ? 200 : codeOf(made);
    };
    for (let n = 1; n < 50; n++) assert.equal(await create(`list${n}`), 200);
    assert.equal(await create('one-more'), 753);
    assert.equal(await create('list1'), 701);
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
