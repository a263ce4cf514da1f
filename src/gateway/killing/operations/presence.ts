// What a user shows to whom, and whom a phone watches.

import assert from 'node:assert/strict';
import type { Primitive } from '../../../imps/primitives.ts';
import type { Handy } from '../handy.ts';
import type { Operation } from '../operation.ts';
import type { World } from '../world.ts';

const attributesFor = async ({ anna }: World, UserID: string): Promise<string> => {
  const ask: Primitive = { name: 'GetAttributeList-Request', User: [{ UserID }], DefaultList: false };
  return JSON.stringify(await anna.ask(ask));
};
const watcher = (round: number): string => `wv:watcher${round}@home.test`;
const create = (UserID: string): Primitive => ({
  ...{ name: 'CreateAttributeList-Request', UserID: [UserID], DefaultList: false },
  PresenceSubList: { OnlineStatus: [true], StatusText: true },
});

const shown: Operation = {
  name: 'an attribute list is made',
  begin: (world) => ({
    async go(round) {
      assert.equal(await world.anna.code(create(watcher(round))), 200);
      assert.match(await attributesFor(world, watcher(round)), /watcher\d+@.*StatusText/);
    },
  }),
};

const hidden: Operation = {
  name: 'an attribute list is deleted',
  begin: (world) => ({
    ready: (round) => world.anna.code(create(watcher(round))),
    async go(round) {
      const UserID = [watcher(round)];
      assert.equal(await world.anna.code({ name: 'DeleteAttributeList-Request', UserID, DefaultList: false }), 200);
      assert.doesNotMatch(await attributesFor(world, watcher(round)), /StatusText/);
    },
  }),
};

const published: Operation = {
  name: 'what a user publishes is what is seen',
  begin: (world) => ({
    async go(round) {
      const { anna } = world;
      assert.equal(await world.done(anna.client.publish('AVAILABLE', `status ${round}`)), 200);
      const own = await anna.ask({ name: 'GetPresence-Request', User: [{ UserID: anna.wv }] }, 'GetPresence-Response');
      assert.equal(own.Result?.Code ?? 200, 200);
      assert.match(JSON.stringify(own), new RegExp(`status ${round}"`));
    },
  }),
};

const isThere = /"OnlineStatus":\[?\{"Qualifier":true,"PresenceValue":true\}/;
const isWatchedBy = async ({ anna }: World, { wv }: Handy): Promise<boolean> =>
  JSON.stringify(await anna.ask({ name: 'GetWatcherList-Request' })).includes(wv);
/** What is shown of anna, last. */
const lastOfAnna = ({ anna }: World, phone: Handy): string =>
  JSON.stringify(
    phone
      .shown('PresenceNotification-Request')
      .flatMap(({ Presence }) => Presence)
      .findLast(({ UserID }) => UserID === anna.wv),
  ) ?? '';
const watch = async (world: World, phone: Handy): Promise<void> => {
  assert.equal(await world.done(phone.client.subscribe({ users: [world.anna.wv] })), 200);
};
const allow = async ({ anna }: World, { wv }: Handy): Promise<void> => {
  assert.equal(await anna.code({ name: 'PresenceAuth-User', UserID: wv, Acceptance: true }), 200);
};

/** Somebody of the watchers in each round: who was put off is not asked about again on the same day. */
const allowed: Operation = {
  name: 'who asks to see a user is asked about once, is allowed and sees',
  async begin(world) {
    const { anna } = world;
    let guest: Handy;
    const asked = () => anna.shown('PresenceAuth-Request').filter(({ UserID }) => UserID === guest.wv);
    return {
      async ready(round) {
        anna.arrived.length = 0;
        guest = await world.guest(`guest${round}`, 10_000 + round);
      },
      async go() {
        await watch(world, guest);
        await world.pass(5_000);
        await anna.look();
        assert.ok(asked().length > 0, `anna is asked; there is ${anna.arrived.map(({ name }) => name).join(', ')}`);
        await allow(world, guest);
        await guest.look();
        assert.ok(await isWatchedBy(world, guest));
      },
      async check() {
        await anna.look();
        assert.equal(asked().length, 1, 'asked once');
        assert.match(lastOfAnna(world, guest), isThere);
        await world.done(guest.client.signOut());
      },
    };
  },
};

const putOff: Operation = {
  name: 'who was allowed to see a user is put off again',
  begin(world) {
    let guest: Handy;
    return {
      async ready(round) {
        guest = await world.guest(`watcher${round}`, 20_000 + round);
        await watch(world, guest);
        await world.pass(5_000);
        await allow(world, guest);
        await guest.look();
        assert.match(lastOfAnna(world, guest), isThere, 'before it');
      },
      async go() {
        assert.equal(await world.anna.code({ name: 'CancelAuth-Request', UserID: guest.wv }), 200);
        assert.ok(!(await isWatchedBy(world, guest)));
        await guest.look();
        const User = [{ UserID: world.anna.wv }];
        assert.equal(await guest.code({ name: 'UnsubscribePresence-Request', User }), 200);
      },
      async check() {
        await guest.look();
        assert.doesNotMatch(lastOfAnna(world, guest), isThere);
        await world.done(guest.client.signOut());
      },
    };
  },
};

export const presence: readonly Operation[] = [shown, hidden, published, allowed, putOff];
