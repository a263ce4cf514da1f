// Contact lists, and lists of who may not write.

import assert from 'node:assert/strict';
import type { Operation } from '../operation.ts';
import type { World } from '../world.ts';
import { text, userOf } from './messages.ts';

const namesOf = async (world: World): Promise<ReadonlySet<string>> =>
  new Set(await world.done(world.anna.client.contactLists()));
const property = (Value: string) => ({ Property: [{ Name: 'DisplayName' as const, Value }] });

const made: Operation = {
  name: 'a contact list is made',
  begin: (world) => ({
    async go(round) {
      const { anna } = world;
      const ContactList = anna.own(`list${round}`);
      const ContactListProperties = property(`List ${round}`);
      assert.equal(await anna.code({ name: 'CreateList-Request', ContactList, ContactListProperties }), 200);
      assert.ok((await namesOf(world)).has(ContactList));
    },
    // The first is for what comes.
    check: async (round) =>
      round === 0 || world.anna.code({ name: 'DeleteList-Request', ContactList: world.anna.own(`list${round}`) }),
  }),
};

const filled: Operation = {
  name: 'a contact is put into a list, once',
  begin: (world) => ({
    async go(round) {
      const { anna } = world;
      const contact = { Name: `Friend ${round}`, UserID: `wv:friend${round}@home.test` };
      const ContactList = anna.own('list0');
      const AddNickList = { NickName: [contact] };
      await world.done(
        anna.client.manageList({ name: 'ListManage-Request', ContactList, AddNickList, ReceiveList: true }),
      );
      const { NickList } = await world.done(anna.client.readList(ContactList));
      assert.equal(NickList?.NickName?.filter(({ UserID }) => UserID === contact.UserID).length, 1);
    },
  }),
};

const emptied: Operation = {
  name: 'a contact is taken out of a list',
  begin: (world) => {
    const { anna } = world;
    const ContactList = anna.own('list0');
    const manage = (what: object) =>
      world.done(anna.client.manageList({ name: 'ListManage-Request', ContactList, ReceiveList: true, ...what }));
    return {
      ready: (round) =>
        manage({ AddNickList: { NickName: [{ Name: 'Brief', UserID: `wv:brief${round}@home.test` }] } }),
      async go(round) {
        await manage({ RemoveNickList: { UserID: [`wv:brief${round}@home.test`] } });
        const { NickList } = await world.done(anna.client.readList(ContactList));
        assert.ok(!NickList?.NickName?.some(({ UserID }) => UserID === `wv:brief${round}@home.test`));
      },
    };
  },
};

const renamed: Operation = {
  name: 'a contact list is renamed',
  begin: (world) => ({
    async go(round) {
      const { anna } = world;
      const ContactList = anna.own('list0');
      const ContactListProperties = property(`Name ${round}`);
      await world.done(
        anna.client.manageList({ name: 'ListManage-Request', ContactList, ContactListProperties, ReceiveList: true }),
      );
      const { ContactListProperties: now } = await world.done(anna.client.readList(ContactList));
      assert.equal(now?.Property?.find(({ Name }) => Name === 'DisplayName')?.Value, `Name ${round}`);
    },
  }),
};

const deleted: Operation = {
  name: 'a contact list is deleted',
  begin: (world) => {
    const { anna } = world;
    const list = (round: number): string => anna.own(`gone${round}`);
    return {
      ready: (round) =>
        anna.code({
          ...{ name: 'CreateList-Request', ContactList: list(round) },
          ContactListProperties: property(`Gone ${round}`),
        }),
      async go(round) {
        assert.equal(await anna.code({ name: 'DeleteList-Request', ContactList: list(round) }), 200);
        assert.ok(!(await namesOf(world)).has(list(round)));
      },
    };
  },
};

const blocked: Operation = {
  name: 'who is blocked is, and who is not is not',
  begin: (world) => {
    const { anna, mila } = world;
    const UserID = [anna.wv];
    const change = (entities: object) =>
      mila.code({ name: 'BlockEntity-Request', BlockList: { InUse: true, ...entities } });
    const list = async () =>
      (await mila.ask({ name: 'GetBlockedList-Request' }, 'GetBlockedList-Response')).BlockList?.EntityList?.UserID;
    mila.arrived.length = 0;
    return {
      async go() {
        assert.equal(await change({ AddList: { UserID } }), 200);
        assert.deepEqual(await list(), UserID);
      },
      async check(round) {
        // It may be refused, or never be seen.
        await anna.code(text(anna, userOf(mila), `blocked ${round}`));
        await mila.look();
        assert.equal(await change({ RemoveList: { UserID } }), 200);
        assert.equal(await list(), undefined);
        assert.deepEqual(mila.texts, []);
      },
      async end() {
        assert.equal(await anna.code(text(anna, userOf(mila), 'friends again')), 200);
        await mila.look();
        assert.deepEqual(mila.texts, ['friends again']);
        assert.equal(await change({ InUse: false }), 200);
      },
    };
  },
};

export const lists: readonly Operation[] = [made, filled, emptied, renamed, deleted, blocked];
