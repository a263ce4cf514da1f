// Attribute lists: who may see what of a phone's user, and that they see no more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { Primitive, PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import type { Friend } from './friend.ts';
import { attributeList, wv } from './shapes.ts';
import type { Handset } from './world.ts';

type Names = StructureOf<'PresenceSubList'>;
const mood = 'http://jabber.org/protocol/mood';

const is13 = (phone: Handset): boolean => phone.csp.personality.version === '1.3';
const forLists = (phone: Handset, names: Names, ...lists: string[]): PrimitiveOf<'CreateAttributeList-Request'> => ({
  name: 'CreateAttributeList-Request',
  PresenceSubList: names,
  ...(is13(phone) ? { ContactListIDList: { ContactList: lists } } : { ContactList: lists }),
  DefaultList: false,
});
const remove = (phone: Handset, users: readonly Jid[], isDefault = false): Primitive => ({
  name: 'DeleteAttributeList-Request',
  ...(is13(phone) ? { UserIDList: { UserID: users.map(wv) } } : { UserID: users.map(wv) }),
  DefaultList: isDefault,
});
const status =
  (wanted: string | undefined) =>
  (one: { child(name: string): { readonly children: readonly unknown[] } | undefined }) =>
    one.child('status')?.children[0] === wanted;
const readMood = async (friend: Friend, of: Jid): Promise<string> => {
  await friend.sends(
    `<iq type='get' id='mood' to='${of}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${mood}'/></pubsub></iq>`,
  );
  const answer = await friend.receives('the answer', (one) => one.id === 'mood');
  return answer.type === 'error' ? 'error' : (/<(happy|sad|bored)\/>/.exec(answer.toXml())?.[1] ?? 'none');
};

export const attributeListConversations = (cast: Cast): void => {
  const { kind, strangers, isContent } = cast;

  /** Mila with two who watch her, each let in by the lists there are. */
  const watched = async (phone: Handset, who: Jid, ...friends: Friend[]): Promise<void> => {
    await phone.csp.publish('AVAILABLE', 'quiet');
    for (const friend of friends) {
      await friend.sends(`<presence type='subscribe' to='${who}'/>`);
      await friend.receivesPresence('subscribed');
    }
  };

  test('each watcher sees what the lists let them see, and no more', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.friend(nilsJid);
    const ask = (request: Primitive) => mila.csp.codeFor(request);
    assert.equal(await ask(attributeList(mila, { OnlineStatus: [true] }, [], true)), 200);
    const more: Names = { OnlineStatus: [true], StatusText: true, StatusMood: true };
    assert.equal(await ask(attributeList(mila, more, [tomasJid])), 200);
    await watched(mila, milaJid, tomas, nils);
    assert.equal(
      await ask({
        name: 'UpdatePresence-Request',
        PresenceSubList: { StatusMood: { Qualifier: true, PresenceValue: 'HAPPY' } },
      }),
      200,
    );
    assert.equal(await mila.csp.publish('DISCREET', 'for some'), 200);
    await tomas.receivesPresence(undefined, status('for some'));
    // It was broadcast without.
    const shown = await nils.receivesPresence(undefined, (one) => one.has('show'));
    assert.equal(shown.child('status'), undefined);
    for (const { received } of [nils])
      assert.ok(!received.some((one) => one.toXml().includes('for some')), 'nils was told what is for some');
    if (cast.world.ground.has.pep) {
      await cast.world.until(
        'the mood is there',
        async () => (await readMood(tomas, milaJid)) === 'happy' || undefined,
      );
      assert.equal(await readMood(nils, milaJid), 'error');
    }
    // Who signs in again is shown the same.
    await tomas.link.close();
    const again = await cast.world.friend(tomasJid, 'desk');
    await mila.csp.poll();
    await again.receivesPresence(undefined, ({ from }) => from?.local === milaJid.local);

    // The entry goes, and the default holds.
    assert.equal(await ask(remove(mila, [tomasJid])), 200);
    await again.receivesPresence(
      undefined,
      (one) => one.from?.local === milaJid.local && one.child('status') === undefined,
    );
    if (cast.world.ground.has.pep)
      await cast.world.until('the mood is away', async () => (await readMood(again, milaJid)) !== 'happy' || undefined);
    isContent(mila);
  });

  test('a watcher whom the phone sees come back is shown what they may see', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    await cast.addContact(mila, tomasJid, 'Tomas');
    assert.equal(await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true] }, [], true)), 200);
    const more: Names = { OnlineStatus: [true], StatusText: true };
    assert.equal(await mila.csp.codeFor(attributeList(mila, more, [tomasJid])), 200);
    await mila.csp.subscribe({ lists: await mila.csp.contactLists() });
    await tomas.receivesPresence('subscribe');
    await tomas.sends(`<presence type='subscribed' to='${milaJid}'/>`);
    await watched(mila, milaJid, tomas);
    await tomas.receivesPresence(undefined, status('quiet'));
    await tomas.link.close();
    await cast.presence(mila, tomasJid, { OnlineStatus: false });
    const again = await cast.world.friend(tomasJid, 'desk');
    await cast.presence(mila, tomasJid, { OnlineStatus: true });
    await again.receivesPresence(undefined, status('quiet'));
    isContent(mila);
  });

  test('a contact who changes lists sees by the list they are in', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const choir = `wv:${milaJid.local}/choir@${milaJid.domain}`;
    const home = await cast.addContact(mila, tomasJid, 'Tomas');
    const made = await mila.csp.request({ name: 'CreateList-Request', ContactList: choir });
    if (made.name === 'Status') assert.equal(codeOf(made), 200);
    assert.equal(await mila.csp.codeFor(forLists(mila, { OnlineStatus: [true] }, home)), 200);
    assert.equal(await mila.csp.codeFor(forLists(mila, { OnlineStatus: [true], StatusText: true }, choir)), 200);
    await watched(mila, milaJid, tomas);
    await tomas.receivesPresence(
      undefined,
      (one) => one.from?.local === milaJid.local && one.child('status') === undefined,
    );
    const move = async (add: string, leave: string): Promise<void> => {
      await mila.csp.manageList({
        name: 'ListManage-Request',
        ContactList: add,
        AddNickList: { NickName: [{ Name: 'Tomas', UserID: wv(tomasJid) }] },
        ReceiveList: false,
      });
      await mila.csp.manageList({
        name: 'ListManage-Request',
        ContactList: leave,
        RemoveNickList: { UserID: [wv(tomasJid)] },
        ReceiveList: false,
      });
    };
    await move(choir, home);
    await tomas.receivesPresence(undefined, status('quiet'));
    await move(home, choir);
    await tomas.receivesPresence(
      undefined,
      (one) => one.from?.local === milaJid.local && one.child('status') === undefined,
    );
    isContent(mila);
  });

  test('lists are read back as they were made; an entry without attributes ends what was granted', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const home = (await mila.csp.contactLists())[0] ?? assert.fail();
    const ask = (request: Primitive) => mila.csp.codeFor(request);
    assert.equal(await ask(attributeList(mila, { OnlineStatus: [true], Alias: true }, [tomasJid], true)), 200);
    assert.equal(await ask(forLists(mila, { OnlineStatus: [true], GeoLocation: [true] }, home)), 200);
    const read = await mila.csp.request(
      { name: 'GetAttributeList-Request', DefaultList: true },
      'GetAttributeList-Response',
    );
    assert.equal(codeOf(read), 200);
    const notify = is13(mila);
    assert.deepEqual(read.DefaultAttributeList, {
      ...(notify && { DefaultNotify: true }),
      PresenceSubList: [{ OnlineStatus: [true], Alias: true }],
    });
    assert.deepEqual(read.Presence, [
      {
        UserID: wv(tomasJid),
        ...(notify && { UserNotify: true }),
        PresenceSubList: [{ OnlineStatus: [true], Alias: true }],
      },
      {
        ContactList: home,
        ...(notify && { ContactListNotify: true }),
        PresenceSubList: [{ OnlineStatus: [true], GeoLocation: [true] }],
      },
    ]);
    const strange = `wv:${milaJid.local}/nothing@${milaJid.domain}`;
    assert.equal(await ask(forLists(mila, { OnlineStatus: [true] }, strange)), 700);
    assert.equal(await ask(forLists(mila, { OnlineStatus: [true] }, strange, home)), 201);

    await watched(mila, milaJid, tomas);
    const nothing = attributeList(mila, {}, [tomasJid]);
    assert.equal(await ask({ ...nothing, ...(notify && { UserNotify: false }) }), 200);
    await tomas.receivesPresence('unsubscribed');
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await tomas.receivesPresence('unsubscribed');
    assert.equal(await ask(remove(mila, [tomasJid], true)), 200);
    const after = await mila.csp.request(
      { name: 'GetAttributeList-Request', DefaultList: true },
      'GetAttributeList-Response',
    );
    assert.deepEqual([after.DefaultAttributeList, after.Presence?.length], [undefined, 1]);
    isContent(mila);
  });

  test('1.3: whether the user wants to be asked is said with the list', async () => {
    if (kind.version !== '1.3') return;
    const { mila, tomas, milaJid, tomasJid } = await strangers({ ...kind.functions, PresenceFeat: true });
    const list = attributeList(mila, {}, [], true);
    assert.equal(await mila.csp.codeFor({ ...list, DefaultNotify: false }), 200);
    await mila.csp.publish('AVAILABLE', 'quiet');
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await mila.receivesNo('Notification-Request');
    assert.equal(await mila.csp.codeFor({ ...list, DefaultNotify: true }), 200);
    await tomas.sends(`<presence type='unsubscribe' to='${milaJid}'/><presence type='subscribe' to='${milaJid}'/>`);
    assert.equal((await mila.receives('Notification-Request')).NotificationType, 'ANU');
    // The answer is an entry; one that says no, and not to be asked again, or to be.
    const own = attributeList(mila, {}, [tomasJid]);
    assert.equal(await mila.csp.codeFor({ ...own, UserNotify: false }), 200);
    await tomas.receivesPresence('unsubscribed');
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await tomas.receivesPresence('unsubscribed');
    await mila.receivesNo('Notification-Request');
    assert.equal(await mila.csp.codeFor({ ...own, UserNotify: true }), 200);
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    assert.deepEqual((await mila.receives('Notification-Request')).UserIDList?.UserID, [wv(tomasJid)]);
    assert.equal(await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true] }, [tomasJid])), 200);
    await tomas.receivesPresence('subscribed');
    isContent(mila);
  });
};
