// Messages: sent, brought or told of, fetched, passed on, refused, expired; and what their senders are told.

import assert from 'node:assert/strict';
import type { Primitive, StructureOf } from '../../../imps/primitives.ts';
import type { Handy } from '../handy.ts';
import type { Operation } from '../operation.ts';
import type { World } from '../world.ts';

export const text = (
  phone: Handy,
  to: StructureOf<'Recipient'>,
  ContentData: string,
  more: Partial<StructureOf<'MessageInfo'>> = {},
): Primitive => ({
  name: 'SendMessage-Request',
  DeliveryReport: true,
  MessageInfo: {
    ...{ ContentType: 'text/plain', ContentSize: ContentData.length },
    ...{ Recipient: to, Sender: { User: { UserID: phone.wv } }, ...more },
  },
  ContentData,
});
export const userOf = ({ wv }: Handy): StructureOf<'Recipient'> => ({ User: [{ UserID: wv }] });
export const numbered = (rounds: number, words: string): string[] =>
  Array.from({ length: rounds }, (_, round) => `${words} ${round}`);
const reportsTo = (phone: Handy): number[] => phone.shown('DeliveryReport-Request').map(({ Result }) => Result.Code);

const method = (DeliveryMethod: 'P' | 'N'): Primitive => ({ name: 'SetDeliveryMethod-Request', DeliveryMethod });

/** mila is told of her messages. Resolves with the MessageID of this one. */
const announced = async ({ anna, mila }: World, words: string): Promise<string> => {
  mila.arrived.length = 0;
  assert.equal(await anna.code(text(anna, userOf(mila), words)), 200);
  await mila.look();
  const [told, ...more] = mila.shown('MessageNotification');
  assert.ok(told, `${words} is announced; there is ${mila.arrived.map(({ name }) => name).join(', ')}`);
  assert.deepEqual(more, [], 'told once');
  return told.MessageInfo.MessageID ?? '';
};
const listed = async ({ mila }: World): Promise<readonly (string | undefined)[]> =>
  (await mila.ask({ name: 'GetMessageList-Request' }, 'GetMessageList-Response')).MessageInfo?.map(
    ({ MessageID }) => MessageID,
  ) ?? [];

const sent: Operation = {
  name: 'a message is shown once, and reported once',
  begin(world) {
    const { anna, mila } = world;
    anna.arrived.length = mila.arrived.length = 0;
    return {
      async go(round) {
        assert.equal(await anna.code(text(anna, userOf(mila), `message ${round}`)), 200);
        await mila.look();
        await anna.look();
      },
      async end(rounds) {
        await mila.look();
        await anna.look();
        assert.deepEqual(mila.texts, numbered(rounds, 'message'));
        assert.deepEqual(reportsTo(anna), Array(rounds).fill(200));
      },
    };
  },
};

const expired: Operation = {
  name: 'a message that nobody read in time is not shown, and its sender is told once',
  begin(world) {
    const { anna, mila } = world;
    anna.arrived.length = mila.arrived.length = 0;
    return {
      async go(round) {
        assert.equal(await anna.code(text(anna, userOf(mila), `late ${round}`, { Validity: 20 })), 200);
        await world.pass(120_000);
        await anna.look();
      },
      async end(rounds) {
        await mila.look();
        await anna.look();
        assert.deepEqual(mila.texts, []);
        assert.deepEqual(reportsTo(anna), Array(rounds).fill(542));
      },
    };
  },
};

const switched: Operation = {
  name: 'how messages are delivered is as was asked for',
  begin(world) {
    const { mila } = world;
    return {
      ready: () => mila.code(method('P')),
      async go(round) {
        assert.equal(await mila.code(method('N')), 200);
        const id = await announced(world, `kept ${round}`);
        assert.ok((await listed(world)).includes(id));
      },
      check: async () => {
        for (const id of await listed(world)) await world.done(mila.client.fetchMessage(id ?? ''));
      },
      end: () => mila.code(method('P')),
    };
  },
};

/** Of a message that mila was told of. `go` is given its MessageID. */
const ofAnnounced = (
  name: string,
  words: string,
  go: (world: World, MessageID: string) => Promise<unknown>,
  report: number,
  end?: (world: World, rounds: number) => Promise<unknown>,
): Operation => ({
  name,
  async begin(world) {
    const { anna, mila } = world;
    assert.equal(await mila.code(method('N')), 200);
    let MessageID = '';
    return {
      async ready(round) {
        MessageID = await announced(world, `${words} ${round}`);
        anna.arrived.length = mila.arrived.length = 0;
      },
      go: () => go(world, MessageID),
      async check() {
        assert.ok(!(await listed(world)).includes(MessageID));
        await mila.look();
        assert.deepEqual([...mila.texts, ...mila.shown('MessageNotification')], [], 'it does not come back');
        await anna.look();
        assert.deepEqual(reportsTo(anna), [report], 'its sender hears of it, once');
      },
      async end(rounds) {
        assert.equal(await mila.code(method('P')), 200);
        await end?.(world, rounds);
      },
    };
  },
});

export const messages: readonly Operation[] = [
  sent,
  expired,
  switched,
  ofAnnounced(
    'a message is fetched, and then it is delivered',
    'fetched',
    async (world, MessageID) => {
      assert.match(String((await world.done(world.mila.client.fetchMessage(MessageID))).ContentData), /^fetched/);
    },
    200,
  ),
  ofAnnounced(
    'a message is passed on once',
    'for otto',
    async ({ mila, otto }, MessageID) => {
      const Recipient = userOf(otto);
      assert.equal(await mila.code({ name: 'ForwardMessage-Request', MessageID, Recipient }), 200);
      await otto.look();
    },
    541,
    async ({ otto }, rounds) => {
      await otto.look();
      assert.deepEqual(
        otto.texts.filter((one) => one.startsWith('for otto')),
        numbered(rounds, 'for otto'),
      );
    },
  ),
  ofAnnounced(
    'a message is rejected, and its sender is told once',
    'unwanted',
    async ({ mila }, MessageID) => {
      assert.equal(await mila.code({ name: 'RejectMessage-Request', MessageID: [MessageID] }), 200);
    },
    538,
  ),
];
