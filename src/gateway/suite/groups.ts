// Groups: rooms of the user's server, with the phone and ordinary clients in them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Primitive, PrimitiveOf } from '../../imps/primitives.ts';
import type { Cast } from './cast.ts';
import type { Friend } from './friend.ts';
import { wv } from './shapes.ts';
import type { Handset } from './world.ts';

const muc = 'http://jabber.org/protocol/muc';

export const groupConversations = (cast: Cast): void => {
  const { kind, strangers, isContent } = cast;

  const name = (SName: string, GroupID: string) => ({ SName, GroupID });
  const create = (phone: Handset, GroupID: string, properties: Record<string, string> = {}, JoinGroup = true) =>
    phone.csp.codeFor({
      name: 'CreateGroup-Request',
      GroupID,
      GroupProperties: {
        Property: Object.entries({ Name: 'Boats', Accesstype: 'Open', Type: 'Public', ...properties }).map(
          ([Name, Value]) => ({ Name, Value }),
        ),
        WelcomeNote: { ContentType: 'text/plain', ContentData: 'Boots on!' },
      },
      JoinGroup,
      ScreenName: name('Mila', GroupID),
      SubscribeNotification: true,
    });
  const join = (phone: Handset, GroupID: string, as: string, SubscribeNotification = true) =>
    phone.csp.request({
      name: 'JoinGroup-Request',
      GroupID,
      ScreenName: name(as, GroupID),
      JoinedRequest: true,
      SubscribeNotification,
    });
  /** The members that a JoinGroup-Response lists, by screen name, in whatever form the version has. */
  const listed = (answer: Primitive): string[] | undefined => {
    if (answer.name !== 'JoinGroup-Response') return assert.fail(`${answer.name} ${JSON.stringify(answer)}`);
    const map = answer.UserMapList ?? answer.Joined?.UserMapList;
    const names = answer.UserList?.ScreenName ?? map?.UserMapping?.Mapping;
    return names?.map(({ SName }) => SName).sort();
  };
  const property = (answer: PrimitiveOf<'GetGroupProps-Response'>, which: 'Group' | 'Own', wanted: string) =>
    answer[`${which}Properties`]?.Property.find(({ Name }) => Name === wanted)?.Value;
  const say = (phone: Handset, text: string, group: { GroupID: string } | { ScreenName: object }, report = false) =>
    phone.csp.request({
      name: 'SendMessage-Request',
      DeliveryReport: report,
      MessageInfo: {
        ContentType: 'text/plain',
        ContentSize: text.length,
        Recipient: { Group: [group as { GroupID: string }] },
        Sender: { User: { UserID: wv(phone.user) } },
      },
      ContentData: text,
    });
  const enter = async (friend: Friend, room: string, nick: string) => {
    await friend.sends(`<presence to='${room}/${nick}'><x xmlns='${muc}'/></presence>`);
    await friend.receives('itself in the room', (one) => one.kind === 'presence' && one.toXml().includes("code='110'"));
  };
  /** Mila has made the group and is in it. */
  const made = async (properties: Record<string, string> = {}) => {
    const all = await strangers();
    const id = `wv:${all.milaJid.local}/boats@${all.milaJid.domain}`;
    assert.equal(await create(all.mila, id, properties), 200);
    const room = `${all.milaJid.local}\\2fboats@rooms.${all.milaJid.domain}`;
    return { ...all, id, room };
  };

  test('a group is made, somebody comes in, both speak, one whispers, one leaves', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, id, room } = await made({ Topic: 'Sunday' });
    assert.equal(await create(mila, id), 801);
    await enter(tomas, room, 'Tompa');
    if (!kind.name.startsWith('Android')) {
      const notice = await mila.receives('GroupChangeNotice', (one) => one.Joined !== undefined);
      assert.equal(notice.GroupID, id);
      const who = notice.Joined?.UserList?.ScreenName ?? notice.Joined?.UserMapList?.UserMapping?.Mapping;
      assert.deepEqual(
        who?.map(({ SName }) => SName),
        ['Tompa'],
      );
    }
    await tomas.receives('the topic', (one) => one.toXml().includes('<subject>Sunday</subject>'));
    const sent = await say(mila, 'Hej allihop <3', { GroupID: id }, true);
    assert(sent.name === 'SendMessage-Response' && sent.Result.Code === 200);
    assert.equal((await tomas.receivesText('Hej allihop <3')).from?.resource, 'Mila');
    const report = await mila.receives('DeliveryReport-Request');
    assert.deepEqual([report.Result.Code, report.MessageInfo.MessageID], [200, sent.MessageID]);
    assert.equal(report.MessageInfo.Recipient.Group?.[0]?.GroupID, id);

    await tomas.sends(`<message to='${room}' type='groupchat' id='g1'><body>Hej Mila</body></message>`);
    const heard = await mila.receives('NewMessage');
    assert.equal(heard.ContentData, 'Hej Mila');
    assert.deepEqual(heard.MessageInfo.Sender?.Group?.ScreenName, name('Tompa', id));
    assert.deepEqual(heard.MessageInfo.Recipient.Group?.[0]?.GroupID, id);
    await mila.receivesNo('NewMessage');

    await say(mila, 'psst', { ScreenName: name('Tompa', id) });
    const whispered = await tomas.receivesText('psst');
    assert.deepEqual([whispered.type, whispered.from?.resource], ['chat', 'Mila']);
    await tomas.sends(`<message to='${room}/Mila' type='chat' id='w1'><body>ja?</body></message>`);
    const whisper = await mila.receives('NewMessage');
    assert.equal(whisper.ContentData, 'ja?');
    assert.deepEqual(whisper.MessageInfo.Recipient.Group?.[0]?.ScreenName, name('Mila', id));

    await tomas.sends(`<presence to='${room}/Tompa' type='unavailable'/>`);
    const left = await mila.receives('GroupChangeNotice', (one) => one.Left !== undefined);
    assert.deepEqual(
      left.Left?.UserList?.ScreenName?.map(({ SName }) => SName),
      ['Tompa'],
    );
    const answer = await mila.csp.request({ name: 'LeaveGroup-Request', GroupID: id }, 'LeaveGroup-Response');
    assert.equal(answer.Result.Code, 200);
    assert.equal(
      (await mila.csp.request({ name: 'LeaveGroup-Request', GroupID: id }, 'LeaveGroup-Response')).Result.Code,
      808,
    );
    isContent(mila);
  });

  test('a phone comes into a room that others made, and sees who is there', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, milaJid } = await strangers();
    const room = `club-${milaJid.local}@rooms.${milaJid.domain}`;
    const id = `wv:/${room}`;
    assert.equal(
      await mila.csp.codeFor({
        name: 'JoinGroup-Request',
        GroupID: id,
        JoinedRequest: true,
        SubscribeNotification: false,
      }),
      800,
    );
    await enter(tomas, room, 'Tompa');
    await tomas.sends(
      `<iq type='set' id='c' to='${room}'><query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>` +
        `<message to='${room}' type='groupchat' id='s'><subject>Nets</subject></message>`,
    );
    const before = await join(mila, id, 'Tompa');
    assert(before.name === 'Status' && before.Result.Code === 811, 'the name is taken');
    const names = listed(await join(mila, id, 'Mila'));
    if (!kind.name.startsWith('Android')) assert.deepEqual(names, ['Mila', 'Tompa']);
    if (kind.version !== '1.1') {
      const joined = await mila.csp.request({ name: 'GetJoinedUsers-Request', GroupID: id }, 'GetJoinedUsers-Response');
      const seen = joined.UserMapList?.UserMapping?.Mapping.map(({ SName }) => SName) ?? [];
      assert.deepEqual(seen.sort(), ['Mila', 'Tompa']);
    }
    // A lost answer makes phones ask again.
    assert.equal((await join(mila, id, 'Mila')).name, 'JoinGroup-Response');
    const properties = await mila.csp.request({ name: 'GetGroupProps-Request', GroupID: id }, 'GetGroupProps-Response');
    assert.equal(property(properties, 'Group', 'Topic'), 'Nets');
    assert.equal(property(properties, 'Group', 'ActiveUsers'), '2');
    assert.equal(property(properties, 'Own', 'PrivilegeLevel'), 'User');
    assert.equal(
      await mila.csp.codeFor({
        name: 'SetGroupProps-Request',
        GroupID: id,
        GroupProperties: { Property: [{ Name: 'Name', Value: 'Mine' }] },
      }),
      816,
    );
    // Put out of it.
    await tomas.sends(
      `<iq type='set' id='k' to='${room}'><query xmlns='${muc}#admin'><item nick='Mila' role='none'><reason>Enough</reason></item></query></iq>`,
    );
    const out = await mila.receives('LeaveGroup-Response');
    assert.deepEqual([out.GroupID, out.Result.Code, out.Result.Description], [id, 809, 'Enough']);
    assert.equal(
      ((await say(mila, 'still here?', { GroupID: id })) as PrimitiveOf<'SendMessage-Response'>).Result.Code,
      808,
    );
    isContent(mila);
  });

  test('groups are found by name, address and topic; one’s own by being in them', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, milaJid, tomasJid, id } = await made({ Topic: 'Low tide' });
    const room = `club-${tomasJid.local}@rooms.${milaJid.domain}`;
    await enter(tomas, room, 'Tompa');
    const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
    await tomas.sends(
      `<iq type='set' id='c' to='${room}'><query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'>` +
        field('FORM_TYPE', `${muc}#roomconfig`) +
        field('muc#roomconfig_roomname', 'Nets and knots') +
        field('muc#roomconfig_publicroom', '1') +
        '</x></query></iq>' +
        `<message to='${room}' type='groupchat' id='s'><subject>Bowline</subject></message>`,
    );
    const find = async (element: string, SearchString: string): Promise<readonly string[]> => {
      const answer = await mila.csp.request(
        {
          name: 'Search-Request',
          SearchPairList: [{ SearchPair: [{ SearchElement: element as 'GROUP_ID', SearchString }] }],
          SearchLimit: 50,
        },
        'Search-Response',
      );
      return answer.SearchResult?.GroupList?.GroupID ?? [];
    };
    assert((await find('GROUP_NAME', 'AND KNOTS')).includes(`wv:/${room}`));
    assert.deepEqual(await find('GROUP_ID', `club-${tomasJid.local}`), [`wv:/${room}`]);
    assert.deepEqual(await find('GROUP_USER_ID_JOINED', wv(milaJid)), [id]);
    assert.deepEqual(await find('GROUP_USER_ID_OWNER', wv(milaJid)), [id]);
    if (kind.version !== '1.1') assert.deepEqual(await find('GROUP_USER_ID_AUTOJOIN', wv(milaJid)), []);
    assert.deepEqual(await find('GROUP_TOPIC', 'low tide'), [id]);
    assert.deepEqual(await find('GROUP_NAME', 'no such group at all'), []);
    isContent(mila);
  });

  test('members, rejected people and properties of a group of one’s own', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, tomasJid, id, room } = await made({ Accesstype: 'Restricted', AutoDelete: 'F' });
    const users = (...who: string[]) => ({ User: who.map((UserID) => ({ UserID })) });
    await tomas.sends(`<presence to='${room}/Tompa'><x xmlns='${muc}'/></presence>`);
    await tomas.receives('a refusal', (one) => one.type === 'error' && one.toXml().includes('registration-required'));
    const add = (): Primitive =>
      kind.version === '1.3'
        ? { name: 'AddGroupMembers-Request', GroupID: id, UserIDList: { UserID: [wv(tomasJid)] } }
        : { name: 'AddGroupMembers-Request', GroupID: id, UserList: users(wv(tomasJid)) };
    assert.equal(await mila.csp.codeFor(add()), 200);
    await enter(tomas, room, 'Tompa');
    const members = await mila.csp.request(
      { name: 'GetGroupMembers-Request', GroupID: id },
      'GetGroupMembers-Response',
    );
    assert.deepEqual(
      members.Admin?.UserList.User?.map(({ UserID }) => UserID),
      [wv(mila.user)],
    );
    assert.deepEqual(
      (members.Users?.UserList ?? members.UserList)?.User?.map(({ UserID }) => UserID),
      [wv(tomasJid)],
    );
    const properties = await mila.csp.request({ name: 'GetGroupProps-Request', GroupID: id }, 'GetGroupProps-Response');
    assert.equal(property(properties, 'Group', 'Name'), 'Boats');
    assert.equal(property(properties, 'Group', 'Accesstype'), 'Restricted');
    assert.equal(properties.GroupProperties?.WelcomeNote?.ContentData, 'Boots on!');
    assert.equal(property(properties, 'Own', 'PrivilegeLevel'), 'Admin');
    const rejected = await mila.csp.request(
      { name: 'RejectList-Request', GroupID: id, AddList: { UserID: [wv(tomasJid)] } },
      'RejectList-Response',
    );
    assert.deepEqual(
      rejected.UserList?.User?.map(({ UserID }) => UserID),
      [wv(tomasJid)],
    );
    await tomas.receives('being banned', (one) => one.kind === 'presence' && one.toXml().includes("code='301'"));
    const pardoned = await mila.csp.request(
      { name: 'RejectList-Request', GroupID: id, RemoveList: { UserID: [wv(tomasJid)] } },
      'RejectList-Response',
    );
    assert.equal(pardoned.UserList, undefined);
    assert.equal(
      await mila.csp.codeFor({
        name: 'SetGroupProps-Request',
        GroupID: id,
        GroupProperties: {
          Property: [
            { Name: 'Name', Value: 'Big boats' },
            { Name: 'Accesstype', Value: 'Open' },
          ],
        },
        OwnProperties: { Property: [{ Name: 'AutoJoin', Value: 'T' }] },
      }),
      200,
    );
    await enter(tomas, room, 'Tompa');
    const again = await mila.csp.request({ name: 'GetGroupProps-Request', GroupID: id }, 'GetGroupProps-Response');
    assert.deepEqual(
      [property(again, 'Group', 'Name'), property(again, 'Group', 'Accesstype'), property(again, 'Own', 'AutoJoin')],
      ['Big boats', 'Open', 'T'],
    );
    assert.equal(await mila.csp.codeFor({ name: 'DeleteGroup-Request', GroupID: id }), 200);
    await tomas.receives('the end of the room', (one) => one.kind === 'presence' && one.toXml().includes('<destroy'));
    assert.equal(await mila.csp.codeFor({ name: 'GetGroupProps-Request', GroupID: id }), 800);
    isContent(mila);
  });

  test('people of a group are raised, lowered and taken off its list', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, tomasJid, id, room } = await made({ AutoDelete: 'F' });
    await enter(tomas, room, 'Tompa');
    const people = { UserList: { User: [{ UserID: wv(tomasJid) }] } };
    const access = (lists: object): Promise<number> =>
      mila.csp.codeFor({ name: 'MemberAccess-Request', GroupID: id, ...lists });
    const isSeen = (affiliation: string) =>
      tomas.receives(
        `itself as ${affiliation}`,
        (one) => one.kind === 'presence' && one.toXml().includes(`affiliation='${affiliation}'`),
      );
    assert.equal(await access({ Mod: people }), 200);
    await isSeen('admin');
    const members = await mila.csp.request(
      { name: 'GetGroupMembers-Request', GroupID: id },
      'GetGroupMembers-Response',
    );
    assert.deepEqual(members.Mod, people);
    assert.equal(await access(kind.version === '1.3' ? people : { Users: people }), 200);
    await isSeen('member');
    assert.equal(await access({ Admin: people }), 200);
    await isSeen('owner');
    assert.equal(
      await mila.csp.codeFor({
        name: 'RemoveGroupMembers-Request',
        GroupID: id,
        ...(kind.version === '1.3' ? { UserIDList: { UserID: [wv(tomasJid)] } } : people),
      }),
      200,
    );
    await isSeen('none');
    assert.equal(await access({}), 402);
    isContent(mila);
  });

  test('changes of a group are told to whom subscribed to them', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, id, room } = await made();
    const ask = (SubscribeType: 'G' | 'S' | 'U') =>
      mila.csp.request({ name: 'SubscribeGroupNotice-Request', GroupID: id, SubscribeType });
    assert.deepEqual(await ask('G'), { name: 'SubscribeGroupNotice-Response', Value: true });
    assert.equal(((await ask('U')) as PrimitiveOf<'Status'>).Result.Code, 200);
    assert.deepEqual(await ask('G'), { name: 'SubscribeGroupNotice-Response', Value: false });
    await enter(tomas, room, 'Tompa');
    await mila.receivesNo('GroupChangeNotice');
    assert.equal(((await ask('S')) as PrimitiveOf<'Status'>).Result.Code, 200);
    await tomas.sends(`<presence to='${room}/Tompa' type='unavailable'/>`);
    if (!kind.name.startsWith('Android')) {
      const notice = await mila.receives('GroupChangeNotice', (one) => one.Left !== undefined);
      assert.deepEqual(
        notice.Left?.UserList?.ScreenName?.map(({ SName }) => SName),
        ['Tompa'],
      );
    }
    // The room is set up anew by another owner, who then takes the phone's user down a step and puts somebody out.
    if (kind.name.startsWith('Android')) return isContent(mila);
    const people = { UserList: { User: [{ UserID: wv(tomas.link.jid) }] } };
    assert.equal(await mila.csp.codeFor({ name: 'MemberAccess-Request', GroupID: id, Admin: people }), 200);
    await enter(tomas, room, 'Tompa');
    const vera = await cast.world.friend(await cast.world.someone('vera'));
    await enter(vera, room, 'Vera');
    await tomas.sends(
      `<iq type='set' id='cf' to='${room}'><query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'>` +
        `<field var='FORM_TYPE'><value>${muc}#roomconfig</value></field>` +
        "<field var='muc#roomconfig_roomname'><value>Big boats</value></field></x></query></iq>",
    );
    const renamed = await mila.receives('GroupChangeNotice', (one) => one.GroupProperties !== undefined);
    assert.equal(renamed.GroupProperties?.Property.find(({ Name }) => Name === 'Name')?.Value, 'Big boats');
    const admin = (item: string) =>
      tomas.sends(`<iq type='set' id='ad' to='${room}'><query xmlns='${muc}#admin'>${item}</query></iq>`);
    await admin("<item nick='Vera' role='none'/>");
    const put = await mila.receives('GroupChangeNotice', (one) => (one.LeftBlocked ?? one.Left) !== undefined);
    assert.deepEqual(
      (kind.version === '1.3' ? put.LeftBlocked : put.Left)?.UserList?.ScreenName?.map(({ SName }) => SName),
      ['Vera'],
    );
    await admin(`<item jid='${mila.user}' affiliation='member'/>`);
    const lowered = await mila.receives('GroupChangeNotice', (one) => one.OwnProperties !== undefined);
    assert.equal(lowered.OwnProperties?.Property.find(({ Name }) => Name === 'IsMember')?.Value, 'T');
    isContent(mila);
  });

  test('a group is there again after a restart of the gateway, and at the next sign-in', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, milaJid, id, room } = await made({ AutoDelete: 'F' });
    await enter(tomas, room, 'Tompa');
    await cast.world.restart();
    await cast.world.until('the phone is in the room again', async () => {
      const answer = await say(mila, 'back', { GroupID: id });
      return (answer.name === 'SendMessage-Response' && answer.Result.Code === 200) || undefined;
    });
    await tomas.receivesText('back');
    const chosen = { Property: [{ Name: 'AutoJoin', Value: 'T' }] };
    assert.equal(await mila.csp.codeFor({ name: 'SetGroupProps-Request', GroupID: id, OwnProperties: chosen }), 200);
    await mila.csp.signOut();
    const again = await cast.world.phone(milaJid, kind);
    await cast.world.until('the phone is in the room by itself', async () => {
      const answer = await say(again, 'and again', { GroupID: id });
      return (answer.name === 'SendMessage-Response' && answer.Result.Code === 200) || undefined;
    });
    await tomas.receivesText('and again');
    isContent(mila, again);
  });
};
