// Presence in both directions: contacts seen, the user seen, who may see whom.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { Primitive } from '../../imps/primitives.ts';
import type { Cast } from './cast.ts';
import { attributeList, getPresence, seen, subscribeTo, wv } from './shapes.ts';

export const presenceConversations = (cast: Cast): void => {
  const { kind, strangers, friends, presence, isContent } = cast;

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

  test('the user publishes presence, and it is remembered', async () => {
    const { mila, tomas, milaJid } = await friends();
    assert.equal(await mila.csp.publish('DISCREET', 'på sjön'), 200);
    const show = kind.name.startsWith('Android') ? 'dnd' : 'away';
    const away = await tomas.receivesPresence(undefined, (one) => one.child('show')?.children[0] === show);
    assert.equal(away.child('status')?.children[0], 'på sjön');
    assert.ok(away.has('c', 'http://jabber.org/protocol/caps'));
    await mila.csp.signOut();
    await tomas.receivesPresence('unavailable');
    const again = await cast.world.phone(milaJid, kind);
    const own = await again.csp.request(getPresence(again, milaJid), 'GetPresence-Response');
    assert.equal(codeOf(own), 200);
    assert.equal(seen(own, milaJid)?.OnlineStatus, true);
    assert.equal(seen(own, milaJid)?.StatusText, 'på sjön');
    // Without a word of the phone the user is there again after a while, as before.
    await cast.world.ground.pass(2500);
    await tomas.receivesPresence(undefined, (one) => one.child('show')?.children[0] === show);
    isContent(mila, again);
  });

  test('moods travel both ways as personal events', async (t) => {
    if (!cast.world.ground.has.pep) return t.skip('the server has no personal eventing');
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
    const again = await cast.world.phone(milaJid, kind);
    await cast.world.until('the mood is known', async () => {
      const answer = await again.csp.request(getPresence(again, tomasJid), 'GetPresence-Response');
      return seen(answer, tomasJid)?.StatusMood === 'ANGRY' || undefined;
    });
    isContent(mila, again);
  });

  test('presence is read once, also of strangers', async () => {
    const { mila, milaJid, tomasJid } = await friends();
    const stranger = await cast.world.someone('nils');
    const answer = await mila.csp.request(getPresence(mila, tomasJid, stranger, milaJid), 'GetPresence-Response');
    assert.equal(codeOf(answer), 200);
    assert.equal(seen(answer, tomasJid)?.OnlineStatus, true);
    assert.equal(seen(answer, stranger)?.OnlineStatus, undefined);
    assert.equal(seen(answer, milaJid)?.OnlineStatus, true);
    isContent(mila);
  });

  test('somebody asks to see the user, and the user decides', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers({ ...kind.functions, PresenceFeat: true });
    await cast.world.ground.pass(2500);
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
    for (const one of watchers.Watcher ?? []) assert.equal(one.WatcherStatus, 'CURRENT_SUBSCRIBER');
    assert.deepEqual(
      [watchers.HistoryPeriod, watchers.WatcherCount],
      [undefined, kind.version === '1.3' ? 1 : undefined],
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

  test('who watched and does no more is told as far back as the phone asks', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.friend(nilsJid);
    assert.equal(await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true] }, [], true)), 200);
    for (const friend of [tomas, nils]) {
      await friend.sends(`<presence type='subscribe' to='${milaJid}'/>`);
      await friend.receivesPresence('subscribed');
    }
    const watchers = async (HistoryPeriod?: number, MaxWatcherList?: number) => {
      const answer = await mila.csp.request(
        {
          name: 'GetWatcherList-Request',
          ...(kind.version !== '1.1' && HistoryPeriod !== undefined && { HistoryPeriod }),
          ...(kind.version !== '1.1' && MaxWatcherList !== undefined && { MaxWatcherList }),
        },
        'GetWatcherList-Response',
      );
      const users = answer.User?.map(({ UserID }) => [UserID, 'CURRENT_SUBSCRIBER']);
      const others = answer.Watcher?.map((one) => [one.User?.UserID ?? one.UserID, one.WatcherStatus]);
      return { all: users ?? others ?? [], period: answer.HistoryPeriod, count: answer.WatcherCount };
    };
    await cast.world.until('both watch', async () => (await watchers()).all.length === 2 || undefined);
    await nils.sends(`<presence type='unsubscribe' to='${milaJid}'/>`);
    await cast.world.until('one watches', async () => (await watchers()).all.length === 1 || undefined);
    assert.deepEqual((await watchers()).all, [[wv(tomasJid), 'CURRENT_SUBSCRIBER']]);
    if (kind.version === '1.1') return isContent(mila);
    const past = await cast.world.until('one did', async () => {
      const found = await watchers(3600);
      return found.all.length === 2 ? found : undefined;
    });
    assert.deepEqual(past, {
      all: [
        [wv(tomasJid), 'CURRENT_SUBSCRIBER'],
        [wv(nilsJid), 'FORMER_SUBSCRIBER'],
      ],
      period: 3600,
      count: kind.version === '1.3' ? 2 : undefined,
    });
    assert.deepEqual((await watchers(3600, 1)).all, [[wv(tomasJid), 'CURRENT_SUBSCRIBER']]);
    isContent(mila);
  });

  test('a refusal is told, and a question nobody answered is put again at the next sign-in', async () => {
    if (kind.version === '1.3') return;
    const functions = { ...kind.functions, PresenceFeat: true } as const;
    const { mila, tomas, milaJid, tomasJid } = await strangers(functions);
    await cast.world.ground.pass(2500);
    await tomas.sends(`<presence type='subscribe' to='${milaJid}'/>`);
    await mila.receives('PresenceAuth-Request');
    await mila.csp.poll();
    await mila.csp.signOut();
    const again = await cast.world.phone(milaJid, kind, functions);
    await cast.world.ground.pass(2500);
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
};
