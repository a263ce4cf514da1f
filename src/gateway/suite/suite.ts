// The gateway's services in conversation: Mila has a phone, Tomas an ordinary XMPP client. One script for every server and
// every kind of phone; the server is behind `makeGround`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Personality } from '../../imps/client/personality.ts';
import { codeOf } from '../../imps/client/strict.ts';
import type { Primitive } from '../../imps/primitives.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Friend } from './friend.ts';
import { phones } from './personalities.ts';
import { attributeList, blockRequest, getPresence, seen, subscribeTo, wv } from './shapes.ts';
import { type Ground, type Handset, World } from './world.ts';

export const serviceSuite = (
  title: string,
  makeGround: () => Promise<Ground>,
  kinds: readonly Personality[] = phones,
): void => {
  for (const kind of kinds) describe(`${title}: ${kind.name}`, () => conversations(makeGround, kind));
};

const conversations = (makeGround: () => Promise<Ground>, kind: Personality): void => {
  let world: World;
  before(async () => {
    world = new World(await makeGround());
    await world.gateway.start();
  });
  after(() => world.close());

  /** Mila's phone and Tomas' client, strangers to each other. */
  const strangers = async (
    functions = kind.functions,
  ): Promise<{ mila: Handset; tomas: Friend; milaJid: Jid; tomasJid: Jid }> => {
    const [milaJid, tomasJid] = [await world.someone('mila'), await world.someone('tomas')];
    const tomas = await world.friend(tomasJid);
    const mila = await world.phone(milaJid, kind, functions);
    return { mila, tomas, milaJid, tomasJid };
  };
  /** The same two, each in the other's list and let see the other. */
  const friends = async () => {
    const all = await strangers();
    const { mila, tomas, milaJid, tomasJid } = all;
    const list = await addContact(mila, tomasJid, 'Tomas');
    await mila.csp.subscribe({ lists: [list] });
    await tomas.receivesPresence('subscribe');
    await tomas.sends(`<presence type='subscribed' to='${milaJid}'/><presence type='subscribe' to='${milaJid}'/>`);
    assert.equal(
      await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true], StatusText: true }, [tomasJid])),
      200,
    );
    await tomas.receivesPresence('subscribed');
    await tomas.receivesPresence(undefined, ({ from }) => from?.local === milaJid.local);
    await mila.receives('PresenceNotification-Request', (one) => seen(one, tomasJid)?.OnlineStatus === true);
    return { ...all, list };
  };
  const addContact = async (mila: Handset, who: Jid, Name: string): Promise<string> => {
    const list = (await mila.csp.contactLists()).at(-1) ?? '';
    await mila.csp.manageList({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { NickName: [{ Name, UserID: wv(who) }] },
      ReceiveList: true,
    });
    return list;
  };
  const presence = (mila: Handset, who: Jid, wanted: Record<string, unknown>) =>
    mila.receives('PresenceNotification-Request', (one) => {
      const values = seen(one, who);
      return values !== undefined && Object.entries(wanted).every(([name, value]) => values[name] === value);
    });
  /** No phone of this kind had anything to complain of, and the gateway logged no trouble. */
  const isContent = (...handsets: Handset[]): void => {
    for (const { csp } of handsets) assert.deepEqual(csp.complaints, []);
    assert.deepEqual(world.troubles, []);
  };

  test('a contact is added, lets herself be seen, comes, goes away and leaves', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const lists = await mila.csp.contactLists();
    assert.deepEqual(lists, [`wv:${milaJid.local}/contacts@${milaJid.domain}`]);
    const [list = ''] = lists;
    const added = await mila.csp.manageList({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { NickName: [{ Name: 'Tompa', UserID: wv(tomasJid) }] },
      ReceiveList: true,
    });
    assert.deepEqual(added.NickList?.NickName, [{ Name: 'Tompa', UserID: wv(tomasJid) }]);
    assert.equal(await mila.csp.subscribe({ lists: [list] }), 200);
    await tomas.receivesPresence('subscribe', ({ from }) => from?.equals(milaJid) ?? false);
    await presence(mila, tomasJid, {});
    await tomas.sends(`<presence type='subscribed' to='${milaJid}'/>`);
    const here = await presence(mila, tomasJid, { OnlineStatus: true, UserAvailability: 'AVAILABLE', CommCap: true });
    assert.equal(seen(here, tomasJid)?.StatusText, undefined);
    await tomas.sends('<presence><show>away</show><status>mending nets</status></presence>');
    await presence(mila, tomasJid, {
      OnlineStatus: true,
      UserAvailability: kind.name.startsWith('Android') ? 'NOT_AVAILABLE' : 'DISCREET',
      StatusText: 'mending nets',
    });
    await tomas.sends("<presence type='unavailable'/>");
    await presence(mila, tomasJid, { OnlineStatus: false, UserAvailability: 'NOT_AVAILABLE' });
    isContent(mila);
  });

  test('presence is told once, and only the latest waits', async () => {
    const { mila, tomas, tomasJid } = await friends();
    await tomas.sends('<presence><status>one</status></presence>');
    await tomas.sends('<presence><status>two</status></presence>');
    await tomas.sends('<presence><status>three</status></presence>');
    await tomas.sends('<presence><status>three</status></presence>');
    await presence(mila, tomasJid, { StatusText: 'three' });
    await mila.receivesNo('PresenceNotification-Request');
    isContent(mila);
  });

  test('messages both ways, with a report and a receipt', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    const id = await mila.csp.sendText(wv(tomasJid), 'Kommer du? <åtta & halv>', { report: true });
    const out = await tomas.receivesText('Kommer du? <åtta & halv>');
    assert.equal(out.type, 'chat');
    assert.ok(out.has('request', 'urn:xmpp:receipts'));
    await tomas.sends(
      `<message to='${out.from}' id='r1'><received xmlns='urn:xmpp:receipts' id='${out.id}'/></message>` +
        `<message to='${out.from}' type='chat' id='t1'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>` +
        `<message to='${out.from}' type='chat' id='t2'><body>Ja</body><request xmlns='urn:xmpp:receipts'/></message>`,
    );
    const report = await mila.receives('DeliveryReport-Request');
    assert.equal(report.Result.Code, 200);
    assert.equal(report.MessageInfo.MessageID, id);
    assert.equal(report.MessageInfo.Recipient.User?.[0]?.UserID, wv(tomasJid));
    const back = await mila.receives('NewMessage');
    assert.equal(back.ContentData, 'Ja');
    assert.equal(back.MessageInfo.Sender?.User?.UserID, wv(tomasJid));
    assert.equal(back.MessageInfo.Recipient.User?.[0]?.UserID, wv(milaJid));
    assert.equal(back.MessageInfo.ContentSize, 2);
    await mila.csp.poll();
    await tomas.receives('a receipt', (one) => one.child('received', 'urn:xmpp:receipts')?.attrs.id === 't2');
    await mila.receivesNo('NewMessage');
    // The conversation goes on with the client that spoke last.
    await mila.csp.sendText(wv(tomasJid), 'Bra');
    assert.equal((await tomas.receivesText('Bra')).to?.resource, 'desk');
    isContent(mila);
  });

  test('what was written while the phone was away arrives with its time', async () => {
    const { mila, tomas, milaJid } = await friends();
    await mila.csp.signOut();
    await tomas.receivesPresence('unavailable');
    const before = Math.floor(world.ground.clock.wall() / 1000) * 1000;
    await tomas.sends(`<message to='${milaJid}' type='chat' id='o1'><body>sov gott</body></message>`);
    await world.ground.pass(3000);
    const again = await world.phone(milaJid, kind);
    const message = await again.receives('NewMessage');
    assert.equal(message.ContentData, 'sov gott');
    const at = Date.parse(
      (message.MessageInfo.DateTime ?? '').replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
    );
    assert.ok(at >= before && at <= before + 2500, message.MessageInfo.DateTime);
    isContent(mila, again);
  });

  test('a message to nobody comes back as a report', async () => {
    const { mila, milaJid } = await strangers();
    const nobody = `wv:nobody.at.all@${milaJid.domain}`;
    const id = await mila.csp.sendText(nobody, 'hallo?');
    const report = await mila.receives('DeliveryReport-Request');
    assert.ok([531, 533].includes(report.Result.Code), `code ${report.Result.Code}`);
    assert.equal(report.MessageInfo.MessageID, id);
    assert.equal(report.MessageInfo.Recipient.User?.[0]?.UserID, nobody);
    isContent(mila);
  });

  test('what cannot be sent is refused with the reason, the rest is sent', async () => {
    const { mila, tomas, tomasJid, milaJid } = await strangers();
    const ask = (Recipient: object, ContentType: string | undefined, ContentData: string) =>
      mila.csp.request(
        {
          name: 'SendMessage-Request',
          DeliveryReport: false,
          MessageInfo: {
            ContentType,
            ContentSize: ContentData.length,
            Recipient,
            Sender: { User: { UserID: wv(milaJid) } },
          },
          ContentData,
        },
        'SendMessage-Response',
      );
    const to = { User: [{ UserID: wv(tomasJid) }] };
    assert.equal(codeOf(await ask(to, 'image/jpeg', 'AAAA')), 415);
    assert.equal(codeOf(await ask({ Group: [{ GroupID: `wv:/walkers@${milaJid.domain}` }] }, 'text/plain', 'x')), 800);
    const partly = await ask(
      { ...to, ContactList: [`wv:${milaJid.local}/gone@${milaJid.domain}`] },
      undefined,
      'to those there are',
    );
    assert.equal(codeOf(partly), 201);
    assert.equal(partly.Result.DetailedResult?.[0]?.Code, 700);
    assert.ok(partly.MessageID && partly.MessageID.length <= 50);
    await tomas.receivesText('to those there are');
    isContent(mila);
  });

  test('a contact list is written to as a whole', async () => {
    const { mila, tomas, tomasJid, milaJid } = await strangers();
    const list = await addContact(mila, tomasJid, 'Tomas');
    const answer = await mila.csp.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport: false,
        MessageInfo: { ContentSize: 4, Recipient: { ContactList: [list] }, Sender: { User: { UserID: wv(milaJid) } } },
        ContentData: 'alla',
      },
      'SendMessage-Response',
    );
    assert.equal(codeOf(answer), 200);
    await tomas.receivesText('alla');
    isContent(mila);
  });

  test('the user publishes presence, and it is remembered', async () => {
    const { mila, tomas, milaJid } = await friends();
    assert.equal(await mila.csp.publish('DISCREET', 'på sjön'), 200);
    const show = kind.name.startsWith('Android') ? 'dnd' : 'away';
    const away = await tomas.receivesPresence(undefined, (one) => one.child('show')?.children[0] === show);
    assert.equal(away.child('status')?.children[0], 'på sjön');
    assert.ok(away.has('c', 'http://jabber.org/protocol/caps'));
    await mila.csp.signOut();
    await tomas.receivesPresence('unavailable');
    const again = await world.phone(milaJid, kind);
    const own = await again.csp.request(getPresence(again, milaJid), 'GetPresence-Response');
    assert.equal(codeOf(own), 200);
    assert.equal(seen(own, milaJid)?.OnlineStatus, true);
    assert.equal(seen(own, milaJid)?.StatusText, 'på sjön');
    // Without a word of the phone the user is there again after a while, as before.
    await world.ground.pass(2500);
    await tomas.receivesPresence(undefined, (one) => one.child('show')?.children[0] === show);
    isContent(mila, again);
  });

  test('moods travel both ways as personal events', async (t) => {
    if (!world.ground.has.pep) return t.skip('the server has no personal eventing');
    const mood = 'http://jabber.org/protocol/mood';
    const { mila, tomas, milaJid, tomasJid } = await friends();
    await tomas.wants(mood);
    assert.equal(
      await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true], StatusMood: true }, [tomasJid])),
      200,
    );
    const happy: Primitive = {
      name: 'UpdatePresence-Request',
      PresenceSubList: { StatusMood: { Qualifier: true, PresenceValue: 'HAPPY' } },
    };
    assert.equal(await mila.csp.codeFor(happy), 200);
    const event = await tomas.receives(
      'the mood',
      (one) => (one.from?.equals(milaJid) ?? false) && one.toXml().includes('<happy/>'),
    );
    assert.equal(event.child('event', 'http://jabber.org/protocol/pubsub#event') !== undefined, true);

    const subscribed = await mila.csp.codeFor(subscribeTo(mila, { OnlineStatus: [true], StatusMood: true }, tomasJid));
    assert.equal(subscribed, 200);
    const item = `<item id='current'><mood xmlns='${mood}'><angry/></mood></item>`;
    await tomas.sends(
      `<iq type='set' id='mood'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='${mood}'>${item}</publish></pubsub></iq>`,
    );
    await presence(mila, tomasJid, { StatusMood: 'ANGRY' });
    // A phone that signs in later is told as well.
    await mila.csp.signOut();
    const again = await world.phone(milaJid, kind);
    await world.until('the mood is known', async () => {
      const answer = await again.csp.request(getPresence(again, tomasJid), 'GetPresence-Response');
      return seen(answer, tomasJid)?.StatusMood === 'ANGRY' || undefined;
    });
    isContent(mila, again);
  });

  test('presence is read once, also of strangers', async () => {
    const { mila, milaJid, tomasJid } = await friends();
    const stranger = await world.someone('nils');
    const answer = await mila.csp.request(getPresence(mila, tomasJid, stranger, milaJid), 'GetPresence-Response');
    assert.equal(codeOf(answer), 200);
    assert.equal(seen(answer, tomasJid)?.OnlineStatus, true);
    assert.equal(seen(answer, stranger)?.OnlineStatus, undefined);
    assert.equal(seen(answer, milaJid)?.OnlineStatus, true);
    isContent(mila);
  });

  test('somebody asks to see the user, and the user decides', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers({ ...kind.functions, PresenceFeat: true });
    await world.ground.pass(2500);
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    if (kind.version === '1.3') {
      const asked = await mila.receives('Notification-Request');
      assert.equal(asked.NotificationType, 'ANU');
      assert.deepEqual(asked.UserIDList?.UserID, [wv(tomasJid)]);
      assert.equal(await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true] }, [tomasJid])), 200);
    } else {
      const asked = await mila.receives('PresenceAuth-Request');
      assert.equal(asked.UserID, wv(tomasJid));
      assert.equal(await mila.csp.codeFor({ name: 'PresenceAuth-User', UserID: wv(tomasJid), Acceptance: true }), 200);
    }
    await tomas.receivesPresence('subscribed');
    await tomas.receivesPresence(undefined, ({ from }) => from?.local === milaJid.local);
    const watchers = await mila.csp.request({ name: 'GetWatcherList-Request' }, 'GetWatcherList-Response');
    const ids = [
      ...(watchers.User ?? []),
      ...(watchers.Watcher ?? []).map((one) => one.User ?? { UserID: one.UserID }),
    ];
    assert.deepEqual(
      ids.map(({ UserID }) => UserID),
      [wv(tomasJid)],
    );
    if (kind.version === '1.2') {
      const states = await mila.csp.request(
        { name: 'GetReactiveAuthStatus-Request' },
        'GetReactiveAuthStatus-Response',
      );
      assert.deepEqual(states.ReactiveAuthStatusList.ReactiveAuthStatus, [
        { UserID: wv(tomasJid), ReactiveAuthState: 'GRANTED' },
      ]);
    }
    if (kind.version !== '1.3') {
      assert.equal(await mila.csp.codeFor({ name: 'CancelAuth-Request', UserID: wv(tomasJid) }), 200);
      await tomas.receivesPresence('unsubscribed');
    }
    isContent(mila);
  });

  test('a refusal is told, and a question nobody answered is put again at the next sign-in', async () => {
    if (kind.version === '1.3') return;
    const functions = { ...kind.functions, PresenceFeat: true } as const;
    const { mila, tomas, milaJid, tomasJid } = await strangers(functions);
    await world.ground.pass(2500);
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await mila.receives('PresenceAuth-Request');
    await mila.csp.poll();
    await mila.csp.signOut();
    const again = await world.phone(milaJid, kind, functions);
    await world.ground.pass(2500);
    assert.equal((await again.receives('PresenceAuth-Request')).UserID, wv(tomasJid));
    assert.equal(await again.csp.codeFor({ name: 'PresenceAuth-User', UserID: wv(tomasJid), Acceptance: false }), 200);
    await tomas.receivesPresence('unsubscribed');
    isContent(mila, again);
  });

  test('a default attribute list lets everybody see the user without asking', async () => {
    const { mila, tomas, milaJid } = await strangers();
    assert.equal(
      await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true], UserAvailability: true }, [], true)),
      200,
    );
    assert.equal(await mila.csp.publish('AVAILABLE', 'only for some'), 200);
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await tomas.receivesPresence('subscribed');
    const shown = await tomas.receivesPresence(undefined, ({ from }) => from?.local === milaJid.local);
    // StatusText is in no list.
    assert.equal(shown.child('status'), undefined);
    const kept = await mila.csp.request(
      { name: 'GetAttributeList-Request', DefaultList: true },
      'GetAttributeList-Response',
    );
    assert.deepEqual(kept.DefaultAttributeList?.PresenceSubList, [{ OnlineStatus: [true], UserAvailability: true }]);
    assert.equal(await mila.csp.codeFor({ name: 'DeleteAttributeList-Request', DefaultList: true }), 200);
    await tomas.receivesPresence(undefined, (one) => one.child('status')?.children[0] === 'only for some');
    isContent(mila);
  });

  test('lists are made, renamed, filled, emptied and deleted, and other clients see it', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    const desk = await world.friend(milaJid, 'desk');
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
    const read = await mila.csp.readList(choir);
    assert.deepEqual(read.NickList?.NickName, [{ Name: 'Tompa', UserID: wv(tomasJid) }]);
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
    const other = await world.someone('nils');
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

  test('a phone that is told of messages fetches, rejects and forwards them', async () => {
    if (kind.name.startsWith('Nokia') || kind.name.startsWith('Android')) return;
    const { mila, tomas, milaJid, tomasJid } = await friends();
    assert.equal(await mila.csp.codeFor({ name: 'SetDeliveryMethod-Request', DeliveryMethod: 'N' }), 200);
    const write = (id: string, text: string) =>
      tomas.sends(`<message to='${milaJid}' type='chat' id='${id}'><body>${text}</body></message>`);
    await write('n1', 'ett');
    const told = await mila.receives('MessageNotification');
    const id = told.MessageInfo.MessageID ?? '';
    assert.equal(told.MessageInfo.Sender?.User?.UserID, wv(tomasJid));
    const list = await mila.csp.request({ name: 'GetMessageList-Request' }, 'GetMessageList-Response');
    assert.deepEqual(
      [...(list.MessageInfo ?? []), ...(list.MessageInfoList?.MessageInfo ?? [])].map(({ MessageID }) => MessageID),
      [id],
    );
    assert.equal((await mila.csp.fetchMessage(id)).ContentData, 'ett');
    assert.equal(await mila.csp.codeFor({ name: 'GetMessage-Request', MessageID: id }), 426);

    await write('n2', 'två');
    const second = (await mila.receives('MessageNotification')).MessageInfo.MessageID ?? '';
    assert.equal(await mila.csp.codeFor({ name: 'RejectMessage-Request', MessageID: [second] }), 200);
    await tomas.receives('a refusal', (one) => one.type === 'error' && one.id === 'n2');
    assert.equal(await mila.csp.codeFor({ name: 'RejectMessage-Request', MessageID: [second] }), 426);

    await write('n3', 'tre');
    const third = (await mila.receives('MessageNotification')).MessageInfo.MessageID ?? '';
    const nils = await world.friend(await world.someone('nils'));
    const Recipient = { User: [{ UserID: wv(nils.link.jid) }] };
    const forwarded = await mila.csp.request({ name: 'ForwardMessage-Request', MessageID: third, Recipient });
    assert.equal(forwarded.name, kind.version === '1.3' ? 'ForwardMessage-Response' : 'Status');
    assert.equal((await nils.receivesText('tre')).from?.local, milaJid.local);

    await write('n4', 'fyra');
    assert.equal(await mila.csp.codeFor({ name: 'SetDeliveryMethod-Request', DeliveryMethod: 'P' }), 200);
    assert.equal((await mila.receives('NewMessage')).ContentData, 'fyra');
    isContent(mila);
  });

  test('subscriptions and what waits survive a restart of the gateway', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    await tomas.sends(`<message to='${milaJid}' type='chat' id='k1'><body>före</body></message>`);
    await world.restart();
    assert.equal((await mila.receives('NewMessage')).ContentData, 'före');
    await tomas.sends('<presence><status>efter</status></presence>');
    await presence(mila, tomasJid, { StatusText: 'efter' });
    await mila.receivesNo('NewMessage');
    isContent(mila);
  });
};
