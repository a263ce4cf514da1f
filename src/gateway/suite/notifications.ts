// CSP 1.3 "General notification": what a phone is told that changed without its doing: on another phone of its user, by an
// ordinary client, by others in its groups.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnumOf, PrimitiveOf } from '../../imps/primitives.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import { attributeList, blockRequest, wv } from './shapes.ts';
import type { Handset } from './world.ts';

type NotificationType = EnumOf<'NotificationType'>;

export const notificationConversations = (cast: Cast): void => {
  const { kind, strangers, friends, addContact, isContent } = cast;
  if (kind.version !== '1.3') return;
  const second = { ...kind, clientId: { URL: 'http://second.example/imps' } };

  const subscribe = (phone: Handset, ...NotificationType: NotificationType[]) =>
    phone.csp.request({ name: 'SubscribeNotification-Request', NotificationTypeList: { NotificationType } }, 'Status');
  const unsubscribe = (phone: Handset, ...NotificationType: NotificationType[]) =>
    phone.csp.request(
      { name: 'UnsubscribeNotification-Request', NotificationTypeList: { NotificationType } },
      'Status',
    );
  const told = async (phone: Handset, type: NotificationType) => {
    const {
      name: _,
      NotificationType,
      ...content
    } = await phone.receives('Notification-Request', (one) => one.NotificationType === type);
    assert.equal(NotificationType, type);
    return content;
  };
  /** Mila's phone, which has subscribed, and another one of hers. */
  const pair = async (...types: NotificationType[]) => {
    const all = await strangers();
    const other = await cast.world.phone(all.milaJid, second);
    assert.equal((await subscribe(all.mila, ...types)).Result.Code, 200);
    return { ...all, other };
  };
  const lists = (...ContactList: string[]) => ({ ContactListIDList: { ContactList } });

  test('types that nothing makes come true are refused, and unknown ones', async () => {
    const { mila } = await strangers();
    assert.deepEqual((await subscribe(mila, 'SPA', 'AC')).Result, { Code: 405, Description: 'SPA AC' });
    assert.deepEqual((await subscribe(mila, 'XYZ' as NotificationType)).Result, { Code: 402, Description: 'XYZ' });
    assert.deepEqual((await subscribe(mila, 'CLC', 'ANC', 'XYZ' as NotificationType)).Result, {
      Code: 201,
      DetailedResult: [
        { Code: 405, Description: 'ANC' },
        { Code: 402, Description: 'XYZ' },
      ],
    });
    isContent(mila);
  });

  test('contact lists made, changed and deleted on another phone are told, and on one this phone changed itself is not', async () => {
    const { mila, other, milaJid, tomasJid } = await pair('CLCR', 'CLC', 'CLD');
    const choir = `wv:${milaJid.local}/choir@${milaJid.domain}`;
    assert.equal(await other.csp.codeFor({ name: 'CreateList-Request', ContactList: choir }), 200);
    assert.deepEqual(await told(mila, 'CLCR'), lists(choir));
    await other.csp.manageList({
      name: 'ListManage-Request',
      ContactList: choir,
      AddNickList: { NickName: [{ Name: 'Tomas', UserID: wv(tomasJid) }] },
      ReceiveList: false,
    });
    assert.deepEqual(await told(mila, 'CLC'), lists(choir));
    const home = await addContact(mila, tomasJid, 'Tompa');
    await mila.receivesNo('Notification-Request');
    await other.csp.manageList({
      name: 'ListManage-Request',
      ContactList: choir,
      RemoveNickList: { UserID: [wv(tomasJid)] },
      ReceiveList: false,
    });
    assert.deepEqual(await told(mila, 'CLC'), lists(choir));
    assert.equal(await other.csp.codeFor({ name: 'DeleteList-Request', ContactList: choir }), 200);
    assert.deepEqual(await told(mila, 'CLD'), lists(choir));
    assert.notEqual(home, choir);
    isContent(mila, other);
  });

  test('a roster that an ordinary client changes is told, and no more once it was unsubscribed', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    const desk = await cast.world.friend(milaJid, 'desk');
    assert.equal((await subscribe(mila, 'CLC', 'CLCR')).Result.Code, 200);
    const put = (group: string, name: string) =>
      desk.sends(
        `<iq type='set' id='r-${name}'><query xmlns='jabber:iq:roster'><item jid='${tomasJid}' name='${name}'><group>${group}</group></item></query></iq>`,
      );
    await put('Boats', 'T');
    const made = (await told(mila, 'CLCR')).ContactListIDList?.ContactList ?? [];
    assert.equal(made.length, 1);
    await put('Boats', 'Tomas');
    assert.deepEqual(await told(mila, 'CLC'), lists(...made));
    assert.equal((await unsubscribe(mila, 'CLC')).Result.Code, 200);
    await put('Boats', 'Tompa');
    await mila.receivesNo('Notification-Request');
    isContent(mila);
  });

  test('what is subscribed survives a restart of the gateway', async () => {
    const { mila, other, milaJid } = await pair('CLCR');
    await cast.world.restart();
    await mila.csp.poll();
    await cast.world.ground.pass(1000);
    const crew = `wv:${milaJid.local}/crew@${milaJid.domain}`;
    assert.equal(await other.csp.codeFor({ name: 'CreateList-Request', ContactList: crew }), 200);
    assert.deepEqual(await told(mila, 'CLCR'), lists(crew));
    isContent(mila, other);
  });

  test('block and grant lists changed on another phone are told, in use or not', async () => {
    const { mila, other, tomasJid } = await pair('BLC', 'BLUC', 'GLC', 'GLUC');
    const change = (phone: Handset, lists: Parameters<typeof blockRequest>[1]) =>
      phone.csp.codeFor(blockRequest(phone, lists));
    const [AddList, RemoveList] = [{ UserID: [wv(tomasJid)] }, { UserID: [wv(tomasJid)] }];
    assert.equal(await change(other, { block: { inUse: true, AddList } }), 200);
    assert.deepEqual(await told(mila, 'BLC'), {});
    assert.deepEqual(await told(mila, 'BLUC'), { BlockListInUse: true });
    assert.equal(await change(other, { grant: { inUse: true, AddList } }), 200);
    assert.deepEqual(await told(mila, 'GLC'), {});
    assert.deepEqual(await told(mila, 'GLUC'), { GrantListInUse: true });
    // What the phone does itself it knows.
    assert.equal(await change(mila, { block: { inUse: false, RemoveList }, grant: { inUse: false, RemoveList } }), 200);
    await mila.receivesNo('Notification-Request');
    isContent(mila, other);
  });

  test('whom an ordinary client blocks is told', async (t) => {
    if (!cast.world.ground.has.blocking) return t.skip('the server has no blocking');
    const { mila, milaJid, tomasJid } = await strangers();
    const desk = await cast.world.friend(milaJid, 'desk');
    assert.equal((await subscribe(mila, 'BLC')).Result.Code, 200);
    await desk.sends(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='${tomasJid}'/></block></iq>`);
    assert.deepEqual(await told(mila, 'BLC'), {});
    isContent(mila);
  });

  test('attribute lists changed on another phone are told', async () => {
    const { mila, other, tomasJid } = await pair('ATCL');
    assert.equal(await other.csp.codeFor(attributeList(other, { StatusText: true }, [tomasJid])), 200);
    assert.deepEqual(await told(mila, 'ATCL'), {});
    assert.equal(await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true] }, [tomasJid])), 200);
    await mila.receivesNo('Notification-Request');
    isContent(mila, other);
  });

  test('a phone that does not want to be asked who may see its user is not', async () => {
    const { mila, tomas, milaJid } = await strangers();
    // Servers show requests again when the user comes online.
    await mila.csp.publish('AVAILABLE');
    assert.equal((await unsubscribe(mila, 'ANU')).Result.Code, 200);
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await mila.receivesNo('Notification-Request');
    assert.equal((await subscribe(mila, 'ANU')).Result.Code, 200);
    const eva = await cast.world.friend(await cast.world.someone('eva'));
    await eva.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    assert.deepEqual((await told(mila, 'ANU')).UserIDList, { UserID: [wv(eva.link.jid.bare)] });
    isContent(mila);
  });

  test('groups made and deleted on another phone are told', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, other, milaJid } = await pair('GC', 'GD');
    const GroupID = `wv:${milaJid.local}/rowers@${milaJid.domain}`;
    const create: PrimitiveOf<'CreateGroup-Request'> = {
      name: 'CreateGroup-Request',
      GroupID,
      GroupProperties: { Property: [{ Name: 'Name', Value: 'Rowers' }] },
      JoinGroup: false,
      SubscribeNotification: false,
    };
    assert.equal(await other.csp.codeFor(create), 200);
    assert.deepEqual(await told(mila, 'GC'), { GroupID });
    assert.equal(await other.csp.codeFor({ name: 'DeleteGroup-Request', GroupID }), 200);
    assert.deepEqual(await told(mila, 'GD'), { GroupID });
    isContent(mila, other);
  });

  test('who is what in a group of the phone is told', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomasJid, milaJid } = await strangers();
    const tomas = await cast.world.phone(tomasJid, kind);
    assert.equal((await subscribe(tomas, 'GMG', 'GMR', 'GMAU', 'GMU')).Result.Code, 200);
    assert.equal((await subscribe(mila, 'GMU')).Result.Code, 200);
    const GroupID = `wv:${milaJid.local}/divers@${milaJid.domain}`;
    const ScreenName = (SName: string) => ({ SName, GroupID });
    const created = await mila.csp.codeFor({
      name: 'CreateGroup-Request',
      GroupID,
      GroupProperties: { Property: [{ Name: 'Accesstype', Value: 'Open' }] },
      JoinGroup: true,
      ScreenName: ScreenName('Mila'),
      SubscribeNotification: false,
    });
    assert.equal(created, 200);
    await tomas.csp.request(
      {
        name: 'JoinGroup-Request',
        GroupID,
        ScreenName: ScreenName('Tomas'),
        JoinedRequest: false,
        SubscribeNotification: false,
      },
      'JoinGroup-Response',
    );
    const UserIDList = { UserID: [wv(tomasJid)] };
    assert.equal(await mila.csp.codeFor({ name: 'AddGroupMembers-Request', GroupID, UserIDList }), 200);
    assert.deepEqual(await told(tomas, 'GMG'), { GroupID });
    assert.deepEqual(await told(mila, 'GMU'), { GroupID });
    const access = (level: 'Admin' | 'Mod') =>
      mila.csp.codeFor({
        name: 'MemberAccess-Request',
        GroupID,
        [level]: { UserList: { User: [{ UserID: wv(tomasJid) }] } },
      });
    assert.equal(await access('Admin'), 200);
    assert.deepEqual(await told(tomas, 'GMAU'), { GroupID });
    assert.equal(await mila.csp.codeFor({ name: 'RemoveGroupMembers-Request', GroupID, UserIDList }), 200);
    assert.deepEqual(await told(tomas, 'GMR'), { GroupID });
    isContent(mila, tomas);
  });

  const invite = (phone: Handset, who: Jid, InviteID: string) =>
    phone.csp.codeFor({
      name: 'Invite-Request',
      InviteID,
      InviteType: 'IM',
      Sender: { User: { UserID: wv(phone.user) } },
      Recipient: { User: [{ UserID: wv(who) }] },
    });

  test('an invitation that another phone answers is told', async (t) => {
    const { home, provider } = cast.world.ground;
    if (home !== provider.domain) return t.skip('the server gives it to one of the phones only');
    const { mila, other, milaJid, tomasJid } = await pair('IA', 'IR');
    const tomas = await cast.world.phone(tomasJid, kind);
    const respond = (InviteID: string, Acceptance: boolean) =>
      other.csp.codeFor({
        name: 'InviteUser-Response',
        InviteID,
        Acceptance,
        Sender: { User: { UserID: wv(milaJid) } },
        Recipient: { User: [{ UserID: wv(tomasJid) }] },
      });
    await mila.csp.publish('AVAILABLE');
    await other.csp.publish('AVAILABLE');
    for (const [id, isAccepted, type] of [
      ['t1', true, 'IA'],
      ['t2', false, 'IR'],
    ] as const) {
      assert.equal(await invite(tomas, milaJid, id), 200);
      const shown = (await mila.receives('InviteUser-Request')).InviteID;
      assert.equal(await respond((await other.receives('InviteUser-Request')).InviteID, isAccepted), 200);
      assert.deepEqual(await told(mila, type), { InviteID: shown });
    }
    isContent(mila, other, tomas);
  });

  test('an invitation that another phone takes back is told', async () => {
    const { mila, other, milaJid, tomasJid } = await pair('IC');
    assert.equal(await invite(other, tomasJid, 'm1'), 200);
    assert.equal(
      await other.csp.codeFor({
        name: 'CancelInvite-Request',
        InviteID: 'm1',
        Sender: { User: { UserID: wv(milaJid) } },
        Recipient: { User: [{ UserID: wv(tomasJid) }] },
      }),
      200,
    );
    assert.deepEqual(await told(mila, 'IC'), { InviteID: 'm1' });
    isContent(mila, other);
  });

  test('a profile changed on another phone, and that of a contact whose client says so, are told', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    const other = await cast.world.phone(milaJid, second);
    assert.equal((await subscribe(mila, 'PPU')).Result.Code, 200);
    const of = (who: Jid) => ({ UserList: { User: [{ UserID: wv(who) }] } });
    assert.equal(
      await other.csp.codeFor({
        name: 'UpdatePublicProfile-Request',
        PublicProfile: { UserID: wv(milaJid), Property: [{ Name: 'PP_CITY', Value: 'Turku' }] },
      }),
      200,
    );
    assert.deepEqual(await told(mila, 'PPU'), of(milaJid));
    const shows = (hash: string) =>
      tomas.sends(`<presence><x xmlns='vcard-temp:x:update'><photo>${hash}</photo></x></presence>`);
    await shows('aaaa');
    await mila.receivesNo('Notification-Request');
    await shows('bbbb');
    assert.deepEqual(await told(mila, 'PPU'), of(tomasJid));
    isContent(mila, other);
  });

  test('how messages are shared is told when another phone changes it', async () => {
    const { mila, other } = await pair('OEU');
    const choose = (OnlineETEMHandling: 'FORKALL' | 'SERVERLOGIC') =>
      other.csp.request(
        { name: 'ClientCapability-Request', CapabilityList: { OnlineETEMHandling } },
        'ClientCapability-Response',
      );
    for (const handling of ['FORKALL', 'SERVERLOGIC'] as const) {
      await choose(handling);
      assert.deepEqual(await told(mila, 'OEU'), { OnlineETEMHandling: handling });
    }
    isContent(mila, other);
  });
};
