// Invitations: made, answered and taken back; and a chat of two that becomes one of three.

import assert from 'node:assert/strict';
import type { Primitive } from '../../../imps/primitives.ts';
import type { Handy } from '../handy.ts';
import type { Operation } from '../operation.ts';
import { numbered, userOf } from './messages.ts';

const invite = (from: Handy, to: Handy, InviteID: string, InviteNote: string): Primitive => ({
  ...{ name: 'Invite-Request', InviteID, InviteType: 'IM', Validity: 3_600, InviteNote },
  ...{ Sender: { User: { UserID: from.wv } }, Recipient: userOf(to) },
});

const invited: Operation = {
  name: 'an invitation arrives once',
  begin({ anna, mila }) {
    mila.arrived.length = 0;
    return {
      async go(round) {
        assert.equal(await anna.code(invite(anna, mila, `i${round}`, `talk ${round}`)), 200);
        await mila.look();
      },
      async end(rounds) {
        await mila.look();
        const notes = mila.shown('InviteUser-Request').map(({ InviteNote }) => InviteNote);
        assert.deepEqual(notes, numbered(rounds, 'talk'));
      },
    };
  },
};

const answered: Operation = {
  name: 'the answer to an invitation arrives once',
  begin({ anna, mila }) {
    let InviteID = '';
    anna.arrived.length = 0;
    return {
      async ready(round) {
        mila.arrived.length = 0;
        assert.equal(await anna.code(invite(anna, mila, `a${round}`, 'Chat?')), 200);
        await mila.look();
        InviteID = mila.shown('InviteUser-Request')[0]?.InviteID ?? '';
      },
      async go(round) {
        const code = await mila.code({
          ...{ name: 'InviteUser-Response', InviteID, Acceptance: true, ResponseNote: `gladly ${round}` },
          Sender: { User: { UserID: mila.wv } },
        });
        assert.equal(code, 200);
        await anna.look();
      },
      async end(rounds) {
        await anna.look();
        const answers = anna.shown('Invite-Response');
        assert.deepEqual(
          answers.map((one) => [one.InviteID, one.Acceptance]),
          Array.from({ length: rounds }, (_, round) => [`a${round}`, true]),
        );
      },
    };
  },
};

const cancelled: Operation = {
  name: 'an invitation is taken back, and its guest is told once',
  begin({ anna, mila }) {
    return {
      async ready(round) {
        mila.arrived.length = 0;
        assert.equal(await anna.code(invite(anna, mila, `c${round}`, 'Chat?')), 200);
        await mila.look();
      },
      async go(round) {
        const code = await anna.code({
          ...{ name: 'CancelInvite-Request', InviteID: `c${round}` },
          ...{ Sender: { User: { UserID: anna.wv } }, Recipient: userOf(mila) },
        });
        assert.equal(code, 200);
        await mila.look();
      },
      async check() {
        const [invitation] = mila.shown('InviteUser-Request');
        assert.deepEqual(
          mila.shown('CancelInviteUser-Request').map(({ InviteID }) => InviteID),
          [invitation?.InviteID],
        );
      },
    };
  },
};

const extended: Operation = {
  name: 'a chat goes on with one more, in one group',
  begin({ otto, anna, mila }) {
    let GroupID = '';
    return {
      async ready() {
        otto.arrived.length = mila.arrived.length = 0;
      },
      async go(round) {
        const answer = await otto.ask(
          {
            ...{ name: 'ExtendConversation-Request', SubscribeNotification: false },
            ...{ ExtendConversationID: `chat${round}`, ExtendConversationUser: { UserID: anna.wv } },
            UserIDList: { UserID: [mila.wv] },
          },
          'ExtendConversation-Response',
        );
        assert.equal(answer.Result.Code, 200);
        GroupID = answer.GroupID ?? '';
        await mila.look();
      },
      async check(round) {
        await otto.look();
        // The group lasts as long as somebody is in it, and so not longer than its server: then otto hears that it is gone.
        const isGone = otto.shown('LeaveGroup-Response').some((one) => one.GroupID === GroupID);
        assert.ok(!isGone || round > 0);
        const asked = mila.shown('InviteUser-Request');
        if (!isGone) assert.deepEqual([asked[0]?.GroupID], [GroupID], 'she is invited into it');
        assert.ok(asked.length <= 1, 'invited once');
        assert.equal(await otto.code({ name: 'DeleteGroup-Request', GroupID }), isGone ? 800 : 200);
      },
    };
  },
};

export const invitations: readonly Operation[] = [invited, answered, cancelled, extended];
