// Several transactions in one message, both ways, and a parser of a certain size: whatever phones of every version and encoding
// ask together, and whatever waits for them, no message is larger than they said, none has more transactions than they take, and
// answers come in the order of the requests.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { wbxml12, wbxml13 } from '../../imps/client/personality.ts';
import { type CspMessage, isRefused, type Received, type Transaction } from '../../imps/message.ts';
import type { Primitive } from '../../imps/primitives.ts';
import { readMessage } from '../../imps/read-message.ts';
import { writeMessage } from '../../imps/write-message.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { ScriptedServer } from '../suite/scripted.ts';
import { World } from '../suite/world.ts';

const contacts = Array.from({ length: 120 }, (_, n) => `contact-${n}@home.test`);
const texts = [10, 400, 900, 3000].map((length) => `${'Ω & <'.repeat(length / 5)}`);
const kinds = [
  { ...wbxml12, name: 'XML 1.1', version: '1.1', encoding: 'xml' },
  { ...wbxml12, name: 'XML 1.2', encoding: 'xml' },
  { ...wbxml13, name: 'XML 1.3', encoding: 'xml' },
  { ...wbxml12, name: 'WBXML 1.1', version: '1.1' },
  { ...wbxml12, name: 'WBXML 1.2' },
  { ...wbxml13, name: 'WBXML 1.3' },
] as const;

const user = Jid.from('mila@home.test');
const list = 'wv:mila/contacts@home.test';
const names = { OnlineStatus: true, UserAvailability: true, StatusText: true } as never;

const requests: Readonly<Record<string, (lists: readonly string[]) => Primitive>> = {
  'GetList-Request': () => ({ name: 'GetList-Request' }),
  'ListManage-Request': ([first = list]) => ({ name: 'ListManage-Request', ContactList: first, ReceiveList: true }),
  'GetPresence-Request': ([first = list]) =>
    ({ name: 'GetPresence-Request', ContactList: [first], PresenceSubList: [names] }) as never,
  'GetWatcherList-Request': () => ({ name: 'GetWatcherList-Request' }),
  'GetBlockedList-Request': () => ({ name: 'GetBlockedList-Request' }),
  'GetSPInfo-Request': () => ({ name: 'GetSPInfo-Request' }),
  'KeepAlive-Request': () => ({ name: 'KeepAlive-Request' }),
  'Service-Request': () =>
    ({ name: 'Service-Request', Functions: { WVCSPFeat: wbxml12.functions }, AllFunctionsRequest: true }) as never,
  'Polling-Request': () => ({ name: 'Polling-Request' }),
};

interface Turn {
  readonly asks: readonly string[];
  readonly texts: readonly number[];
  readonly online: number;
  readonly acknowledges: boolean;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  asks: fc.array(fc.constantFrom(...Object.keys(requests)), { minLength: 1, maxLength: 5 }),
  texts: fc.array(fc.nat(texts.length - 1), { maxLength: 3 }),
  online: fc.nat(40),
  acknowledges: fc.boolean(),
});
const script = fc.record({
  parserSize: fc.oneof(fc.integer({ min: 1200, max: 4000 }), fc.integer({ min: 1200, max: 40_000 })),
  multiTrans: fc.integer({ min: 1, max: 9 }),
  turns: fc.array(turn, { minLength: 1, maxLength: 6 }),
});

for (const kind of kinds)
  describe(kind.name, () => {
    const worlds: World[] = [];
    after(async () => {
      for (const world of worlds) await world.close();
    });

    test('nothing larger, no more at once, in order', { timeout: 120_000 }, async () => {
      const server = new ScriptedServer();
      for (const jid of contacts)
        server.roster.push(el('item', { jid, name: `Name of ${jid} Ω`, subscription: 'both' }));
      const world = new World(await server.open());
      worlds.push(world);
      let last = 0;
      await fc.assert(
        fc.asyncProperty(script, async ({ parserSize, multiTrans, turns }) => {
          const phone = await world.phone(user, { ...kind, parserSize, multiTrans });
          const lists = parserSize < 4000 ? [list] : await phone.csp.contactLists();
          const { version, encoding } = kind;
          const exchange = async (transactions: readonly Transaction[]): Promise<Received['message'] | undefined> => {
            const outgoing: CspMessage = {
              version,
              sessionType: 'Inband',
              sessionId: phone.csp.sessionId,
              transactions,
            };
            const answer = await world.gateway.handle({
              body: writeMessage(outgoing, encoding),
              contentType: `application/vnd.wv.csp.${encoding}`,
              remoteAddress: '127.0.0.1',
            });
            answer.delivered?.(true);
            assert.equal(answer.status, 200);
            assert.ok(answer.body.length <= parserSize, `${answer.body.length} octets for a parser of ${parserSize}`);
            if (answer.body.length === 0) return undefined;
            const read = readMessage(answer.body, answer.contentType);
            assert.ok(read.ok);
            return read.value.message;
          };
          const shown: string[] = [];
          const expected: string[] = [];
          let open: Transaction[] = [];
          for (const { asks, texts: said, online, acknowledges } of turns) {
            for (const at of said) {
              const body = `${++last} ${texts[at]}`;
              // A phone with a smaller parser is told that there is one.
              if (Buffer.byteLength(body) < 300 && parserSize > 4000) expected.push(String(last));
              await server.delivers(
                Stanza.make(
                  { kind: 'message', from: Jid.from('tomas@home.test/desk'), type: 'chat', id: `m${last}` },
                  el('body', null, body),
                ),
              );
            }
            for (const jid of contacts.slice(0, online))
              await server.delivers(Stanza.make({ kind: 'presence', from: Jid.from(`${jid}/x`) }));
            await world.ground.pass(50);
            const acks: Transaction[] = acknowledges
              ? open.splice(0).map(({ id, content }) => ({
                  mode: 'Response',
                  id,
                  content:
                    content.name === 'NewMessage'
                      ? { name: 'MessageDelivered', MessageID: content.MessageInfo.MessageID ?? '' }
                      : { name: 'Status', Result: { Code: 200 } },
                }))
              : [];
            const asked = asks.map((name) => ({
              mode: 'Request' as const,
              id: `q${++last}`,
              content: (requests[name] as (typeof requests)[string])(lists),
            }));
            const answer = await exchange([...acks, ...asked]);
            const transactions = answer?.transactions ?? [];
            const ids = asked.filter(({ content }) => content.name !== 'Polling-Request').map(({ id }) => id);
            const responses = transactions.filter(({ mode }) => mode === 'Response');
            const answered = responses.map(({ id }) => id);
            assert.deepEqual(answered, ids.slice(0, answered.length), 'in order');
            // Five answers of any kind do not fit into less.
            assert.ok(answered.length === ids.length || (ids.length > 1 && parserSize < 6000), 'each is answered');
            const ours = transactions.filter(({ mode }) => mode === 'Request');
            assert.ok(
              transactions.length <= Math.max(ids.length, Math.min(8, multiTrans)),
              'no more at once than it takes',
            );
            for (const one of ours) {
              assert.ok(!isRefused(one));
              if (one.content.name === 'NewMessage') shown.push(String(one.content.ContentData).split(' ')[0] ?? '');
              open.push(one);
            }
          }
          // What is left comes with polls; small messages all come, once or again, the first time in their order.
          for (let n = 0; n < 60; n++) {
            const acks: Transaction[] = open.splice(0).map(({ id, content }) => ({
              mode: 'Response',
              id,
              content:
                content.name === 'NewMessage'
                  ? { name: 'MessageDelivered', MessageID: content.MessageInfo.MessageID ?? '' }
                  : { name: 'Status', Result: { Code: 200 } },
            }));
            const answer = await exchange([...acks, { mode: 'Request', id: '', content: { name: 'Polling-Request' } }]);
            if (!answer && open.length === 0) break;
            open = (answer?.transactions ?? []).filter((one): one is Transaction => !isRefused(one));
            for (const { content } of open)
              if (content.name === 'NewMessage') shown.push(String(content.ContentData).split(' ')[0] ?? '');
          }
          const firsts = [...new Set(shown)].filter((one) => expected.includes(one));
          assert.deepEqual(firsts, expected);
          await phone.csp.signOut();
        }),
        { numRuns: 12 },
      );
    });
  });
