// What CSP 1.3 has beyond that: public profiles, news of what changes elsewhere, the operator's questions, pieces.

import assert from 'node:assert/strict';
import { addAnnouncement, heardKey } from '../../../store/announcements.ts';
import type { Handy } from '../handy.ts';
import type { Operation } from '../operation.ts';
import { text, userOf } from './messages.ts';

const profiled: Operation = {
  name: 'the public profile is as was answered',
  begin: ({ otto }) => ({
    async go(round) {
      const PublicProfile = { UserID: otto.wv, Property: [{ Name: 'PP_CITY' as const, Value: `Town ${round}` }] };
      assert.equal(await otto.code({ name: 'UpdatePublicProfile-Request', PublicProfile }), 200);
      const own = await otto.ask({ name: 'GetPublicProfile-Request', UserID: [otto.wv] });
      assert.match(JSON.stringify(own), new RegExp(`Town ${round}"`));
    },
  }),
};

/** kurt's second phone makes lists; the first is told of them or not. */
const told: Operation = {
  name: 'what is changed on another phone is told at most once, and only to the one that wants to hear it',
  async begin(world) {
    const [first, second] = [
      await world.phone('kurt', 700, { version: '1.3' }).start(),
      await world.phone('kurt', 701, { version: '1.3' }).start(),
    ];
    const NotificationTypeList = { NotificationType: ['CLCR' as const] };
    return {
      async ready() {
        for (const one of [first, second]) await one.code({ name: 'KeepAlive-Request' });
        first.arrived.length = 0;
      },
      async go(round) {
        assert.equal(await first.code({ name: 'SubscribeNotification-Request', NotificationTypeList }), 200);
        const ContactList = second.own(`told${round}`);
        assert.equal(await second.code({ name: 'CreateList-Request', ContactList }), 200);
        await first.look();
        assert.equal(await first.code({ name: 'UnsubscribeNotification-Request', NotificationTypeList }), 200);
      },
      async check(round) {
        const news = first.shown('Notification-Request').map(({ ContactListIDList }) => ContactListIDList?.ContactList);
        // What nobody was told of yet dies with the process, as presence does: the change itself is there for whoever looks.
        assert.equal(news.flat().filter((one) => one === second.own(`told${round}`)).length, news.length);
        assert.ok(news.length === 1 || (news.length === 0 && round > 0));
        assert.ok((await world.done(first.client.contactLists())).includes(second.own(`told${round}`)));
        assert.equal(await second.code({ name: 'CreateList-Request', ContactList: second.own(`untold${round}`) }), 200);
        await first.look();
        assert.equal(first.shown('Notification-Request').length, news.length, 'and nothing after it has unsubscribed');
        for (const name of ['told', 'untold'])
          await second.code({ name: 'DeleteList-Request', ContactList: second.own(`${name}${round}`) });
      },
      async end() {
        for (const one of [first, second]) await world.done(one.client.signOut());
      },
    };
  },
};

const asked: Operation = {
  name: "the operator's question is answered once",
  begin(world) {
    const { mortal } = world;
    const account = `jens@${mortal.domain}`;
    let phone: Handy;
    return {
      async ready(round) {
        const createdAt = mortal.clock.wall();
        await addAnnouncement(mortal.store, {
          ...{ id: `q${round}`, text: 'Do you agree?', options: ['Yes', 'No'], requiresAnswer: true },
          ...{ verification: undefined, to: [account], createdAt, expiresAt: createdAt + 3_600_000 },
        });
        phone = await world.phone('jens', 800, { version: '1.3' }).start();
        await phone.look();
      },
      async go(round) {
        const SystemMessageResponse = [{ SystemMessageID: `q${round}`, ChosenOptionID: 2 }];
        const SystemMessageResponseList = { SystemMessageResponse };
        assert.equal(await phone.code({ name: 'SystemMessage-User', SystemMessageResponseList }), 200);
        assert.equal(await phone.code({ name: 'GetList-Request' }), 200, 'nothing is asked any more');
      },
      async check(round) {
        const heard = JSON.parse((await mortal.store.csp.setting(account, heardKey)) ?? '{}');
        assert.equal(heard[`q${round}`]?.answer?.option, 2);
        await world.done(phone.client.signOut());
      },
    };
  },
};

const cut: Operation = {
  name: 'a message in pieces is shown once, and whole; pieces that are not wanted are dropped',
  async begin(world) {
    const { anna } = world;
    const small = { version: '1.3', parserSize: 2048, contentLength: 20_000 } as const;
    const lena = await world.phone('lena', 900, small).start();
    const long = (round: number): string => `${round} ${'a long story of a boat '.repeat(150)}`;
    return {
      ready: () => lena.code({ name: 'KeepAlive-Request' }),
      async go(round) {
        assert.equal(await anna.code(text(anna, userOf(lena), long(round))), 200);
        await lena.look();
        const piece = lena.client.pieces.at(-1);
        assert.ok(piece, 'it came in pieces');
        assert.ok([200, 420].includes(await lena.code({ name: 'DropSegment-Request', SegmentID: piece })));
      },
      async end(rounds) {
        await lena.look();
        assert.deepEqual(
          lena.texts,
          Array.from({ length: rounds }, (_, round) => long(round)),
        );
        await world.done(lena.client.signOut());
      },
    };
  },
};

export const of13: readonly Operation[] = [profiled, told, asked, cut];
