// Groups: made, set up, entered, spoken in, left and deleted.

import assert from 'node:assert/strict';
import type { Primitive } from '../../../imps/primitives.ts';
import type { Handy } from '../handy.ts';
import type { Operation } from '../operation.ts';
import type { World } from '../world.ts';
import { text } from './messages.ts';

const make = (GroupID: string): Primitive => ({
  ...{ name: 'CreateGroup-Request', GroupID, JoinGroup: true, SubscribeNotification: false },
  GroupProperties: {
    Property: [
      { Name: 'Name', Value: 'Boats' },
      { Name: 'Accesstype', Value: 'Open' },
      { Name: 'AutoDelete', Value: 'F' },
    ],
  },
  ScreenName: { SName: 'Anna', GroupID },
});
const enter = (GroupID: string): Primitive => ({
  ...{ name: 'JoinGroup-Request', GroupID, ScreenName: { SName: 'Mila', GroupID } },
  ...{ JoinedRequest: false, SubscribeNotification: false },
});
const leave = (GroupID: string): Primitive => ({ name: 'LeaveGroup-Request', GroupID });
const remove = (GroupID: string): Primitive => ({ name: 'DeleteGroup-Request', GroupID });
const isGood = async (phone: Handy, request: Primitive): Promise<void> =>
  assert.equal(await phone.code(request), 200, request.name);

/** In a group of anna's, with her in it. */
const within = (
  name: string,
  rounds: (world: World, GroupID: string) => ReturnType<Operation['begin']>,
  word = name.replaceAll(/[^a-z]/g, ''),
): Operation => ({
  name,
  async begin(world) {
    const GroupID = world.anna.own(word);
    await isGood(world.anna, make(GroupID));
    const inner = await rounds(world, GroupID);
    return {
      ...inner,
      async end(many) {
        await inner.end?.(many);
        await isGood(world.anna, remove(GroupID));
      },
    };
  },
});

const made: Operation = {
  name: 'a group is made',
  begin: ({ anna }) => ({
    go: (round) => isGood(anna, make(anna.own(`group${round}`))),
    async check(round) {
      const GroupID = anna.own(`group${round}`);
      const answer = await anna.ask({ name: 'GetGroupProps-Request', GroupID }, 'GetGroupProps-Response');
      assert.match(JSON.stringify(answer.GroupProperties), /"Boats"/);
      await isGood(anna, leave(GroupID));
      await isGood(anna, remove(GroupID));
    },
  }),
};

const deleted: Operation = {
  name: 'a group is deleted',
  begin: ({ anna }) => ({
    ready: (round) => isGood(anna, make(anna.own(`gone${round}`))),
    go: (round) => isGood(anna, remove(anna.own(`gone${round}`))),
    async check(round) {
      assert.equal(await anna.code({ name: 'GetGroupProps-Request', GroupID: anna.own(`gone${round}`) }), 800);
    },
  }),
};

const entered = within('a group is entered', (world, GroupID) => ({
  go: () => isGood(world.mila, enter(GroupID)),
  async check() {
    await world.pass(30_000);
    await isGood(world.mila, leave(GroupID));
  },
}));

const left = within('a group is left', (world, GroupID) => ({
  ready: () => isGood(world.mila, enter(GroupID)),
  go: () => isGood(world.mila, leave(GroupID)),
  async check() {
    await world.pass(30_000);
    assert.equal(await world.mila.code(leave(GroupID)), 808, 'it is not in it any more');
  },
}));

const spoken = within('what is said in a group is shown once', async (world, GroupID) => {
  const { anna, mila } = world;
  await isGood(mila, enter(GroupID));
  mila.arrived.length = 0;
  return {
    ready: async () => {
      anna.arrived.length = 0;
    },
    async go(round) {
      await isGood(anna, text(anna, { Group: [{ GroupID }] }, `ahoy ${round}`));
      // Both are in it again before the next is said.
      await world.pass(60_000);
      await mila.look();
    },
    async check(round) {
      await anna.look();
      const reports = anna.shown('DeliveryReport-Request').map(({ Result }) => Result.Code);
      assert.deepEqual(reports, [200], `round ${round}`);
    },
    async end(rounds) {
      const seen = mila.texts;
      assert.equal(new Set(seen).size, seen.length, `none is shown twice: ${seen.join(', ')}`);
      assert.equal(seen.at(-1), `ahoy ${rounds - 1}`);
      await isGood(mila, leave(GroupID));
    },
  };
});

const setUp = within('a group is set up', ({ anna }, GroupID) => ({
  async go(round) {
    const GroupProperties = { Property: [{ Name: 'Name' as const, Value: `Boats ${round}` }] };
    const OwnProperties = { Property: [{ Name: 'AutoJoin' as const, Value: round % 2 === 0 ? 'T' : 'F' }] };
    await isGood(anna, { name: 'SetGroupProps-Request', GroupID, GroupProperties, OwnProperties });
  },
  async check(round) {
    const now = JSON.stringify(await anna.ask({ name: 'GetGroupProps-Request', GroupID }));
    assert.match(now, new RegExp(`"Boats ${round}"`));
    assert.match(now, new RegExp(`"AutoJoin","Value":"${round % 2 === 0 ? 'T' : 'F'}"`));
  },
}));

const peopled = within('people are put into a group, raised and taken out again', ({ anna, otto }, GroupID) => {
  const people = { UserList: { User: [{ UserID: otto.wv }] } };
  const members = async () =>
    JSON.stringify(await anna.ask({ name: 'GetGroupMembers-Request', GroupID }, 'GetGroupMembers-Response'));
  return {
    async go() {
      await isGood(anna, { name: 'AddGroupMembers-Request', GroupID, ...people });
      assert.match(await members(), /otto@/);
      await isGood(anna, { name: 'MemberAccess-Request', GroupID, Mod: people });
      assert.match(await members(), /"Mod":\{"UserList":\{"User":\[\{"UserID":"wv:otto@/);
      await isGood(anna, { name: 'RemoveGroupMembers-Request', GroupID, ...people });
    },
    check: async () => assert.doesNotMatch(await members(), /otto@/),
  };
});

const rejecting = within('who may not come in is as was answered', ({ anna, otto }, GroupID) => {
  const change = async (what: object): Promise<string> =>
    JSON.stringify(await anna.ask({ name: 'RejectList-Request', GroupID, ...what }, 'RejectList-Response'));
  const UserID = [otto.wv];
  return {
    async go() {
      assert.match(await change({ AddList: { UserID } }), /otto@/);
      assert.doesNotMatch(await change({ RemoveList: { UserID } }), /otto@/);
    },
    check: async () => assert.doesNotMatch(await change({}), /otto@/),
  };
});

const noticed = within('news of a group are told to whom asked for them', ({ anna }, GroupID) => {
  const ask = (SubscribeType: 'G' | 'S' | 'U') =>
    anna.ask({ name: 'SubscribeGroupNotice-Request', GroupID, SubscribeType });
  return {
    async go(round) {
      const answer = await ask(round % 2 === 0 ? 'S' : 'U');
      assert.equal(answer.name === 'Status' && answer.Result.Code, 200);
    },
    async check(round) {
      assert.deepEqual(await ask('G'), { name: 'SubscribeGroupNotice-Response', Value: round % 2 === 0 });
    },
  };
});

export const groups: readonly Operation[] = [made, deleted, entered, left, spoken, setUp, peopled, rejecting, noticed];
