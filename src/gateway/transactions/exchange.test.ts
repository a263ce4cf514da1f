import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Transaction } from '../../imps/message.ts';
import { type Phone, type TestGateway, testGateway, textsOf } from '../testing/test-gateway.ts';

const cleanups: TestGateway[] = [];
after(async () => {
  for (const one of cleanups) await one.close();
});
const make = async (options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> => {
  const made = await testGateway(options);
  cleanups.push(made);
  return made;
};
const only = (transactions: readonly Transaction[]): Transaction => {
  assert.equal(transactions.length, 1);
  return transactions[0] as Transaction;
};

/** Anna's phone and Mila, who chats from a computer. */
const chat = async (more: { multiTrans?: number; userAgent?: string; parserSize?: number } = {}) => {
  const world = await make();
  const mila = await world.server.signIn('mila');
  await mila.sends('<presence/>');
  const anna = world.phone({ user: 'anna', userAgent: more.userAgent ?? 'Phone/1.0' });
  await anna.signIn();
  await agree(anna, more);
  const say = async (...texts: string[]): Promise<void> => {
    for (const text of texts)
      await mila.sends(`<message to='anna@home.test' id='id-${text}' type='chat'><body>${text}</body></message>`);
  };
  const heard = async (): Promise<readonly string[]> => {
    await world.server.settle();
    return mila.received.flatMap((one) =>
      one.kind === 'message' ? [String(one.child('body')?.children.join(''))] : [],
    );
  };
  return { world, mila, anna, say, heard, clock: world.server.clock };
};

const agree = async (
  phone: Phone,
  { multiTrans = 1, parserSize = 65_536 }: { multiTrans?: number; parserSize?: number },
) =>
  phone.ask({
    name: 'ClientCapability-Request',
    CapabilityList: { MultiTrans: multiTrans, ParserSize: parserSize, SupportedBearer: ['HTTP'] },
  });

test('a retransmitted request gets the same answer and has no second effect', async () => {
  const { anna, heard, world } = await chat();
  const first = await anna.ask(anna.message('mila', 'hello'), 'x1');
  assert.deepEqual(await anna.ask(anna.message('mila', 'hello'), 'x1'), first);
  await world.crash();
  assert.deepEqual(await anna.ask(anna.message('mila', 'hello'), 'x1'), first, 'nor after a crash');
  assert.deepEqual(await heard(), ['hello']);
  // Another request under a re-used id is another request, and so is the same text under another id.
  await anna.ask(anna.message('mila', 'again'), 'x1');
  await anna.ask(anna.message('mila', 'again'), 'x2');
  assert.deepEqual(await heard(), ['hello', 'again', 'again']);
});

test('two retransmissions at the same time have one effect', async () => {
  const { anna, heard } = await chat();
  const request = anna.bytes([{ mode: 'Request', id: 'x', content: anna.message('mila', 'hello') }]);
  const [one, two] = await Promise.all([anna.post(request), anna.post(request)]);
  assert.deepEqual(one.body, two.body);
  assert.deepEqual(await heard(), ['hello']);
});

test('a message sent again under a new id, because its answer was lost, goes once', async () => {
  const { anna, heard, clock } = await chat({ userAgent: 'Android-Imps/0.1' });
  const body = (id: string) => anna.bytes([{ mode: 'Request', id, content: anna.message('mila', 'hello') }]);
  const lost = await anna.post(body('1'));
  lost.delivered?.(false);
  const [answer] = anna.read(await anna.post(body('2')));
  assert.deepEqual(answer?.content, anna.read(lost)[0]?.content);
  assert.equal(answer?.id, '2');
  assert.deepEqual(await heard(), ['hello']);
  // After an answer that got through, or was lost long ago, it is a message of its own.
  const good = await anna.post(body('3'));
  good.delivered?.(true);
  const late = await anna.post(body('4'));
  late.delivered?.(false);
  assert.deepEqual(await heard(), ['hello', 'hello', 'hello']);
  clock.advance(200_000);
  await anna.post(body('5'));
  assert.deepEqual(await heard(), ['hello', 'hello', 'hello', 'hello']);
});

test('… also when the gateway died with the answer on its way', async () => {
  const { anna, heard, world, clock } = await chat({ userAgent: 'Android-Imps/0.1' });
  const say = (id: string) => anna.ask(anna.message('mila', 'hello'), id);
  const first = await say('1');
  await world.crash();
  assert.deepEqual(await say('2'), first);
  await world.crash();
  await world.crash();
  assert.deepEqual(await say('3'), first, 'and died again, and again');
  assert.deepEqual(await heard(), ['hello']);
  // A phone that says anything else first had its answer; so had one that is heard again much later.
  await world.crash();
  await anna.ask({ name: 'KeepAlive-Request' }, 'k');
  await say('4');
  await world.crash();
  await anna.ask(anna.message('mila', 'you there?'), '5');
  await say('6');
  await world.crash();
  clock.advance(200_000);
  await say('7');
  assert.deepEqual(await heard(), ['hello', 'hello', 'you there?', 'hello', 'hello']);
});

test('a phone that repeats requests under their own id is never taken to repeat a message', async () => {
  const { anna, heard, world } = await chat();
  await anna.ask(anna.message('mila', 'hello'), '1');
  await world.crash();
  await anna.ask(anna.message('mila', 'hello'), '2');
  assert.deepEqual(await heard(), ['hello', 'hello']);
});

test('messages come one per answer, in order; each acknowledgement brings the next', async () => {
  const { anna, say } = await chat();
  await say('one', 'two', 'three');
  const first = only(await anna.fetch());
  assert.equal(first.mode, 'Request');
  assert.equal(anna.poll, true);
  const second = only(await anna.acknowledge(first));
  assert.equal(anna.poll, true);
  const third = only(await anna.acknowledge(second));
  assert.equal(anna.poll, false);
  assert.deepEqual(textsOf([first, second, third]), ['one', 'two', 'three']);
  assert.equal(new Set([first.id, second.id, third.id]).size, 3);
  assert.deepEqual(await anna.acknowledge(third), [], 'an empty body');
  // A phone may repeat itself.
  assert.deepEqual(await anna.acknowledge(third), []);
});

test('a phone that takes several transactions gets several, beside responses too', async () => {
  const { anna, say } = await chat({ multiTrans: 3 });
  await say('one', 'two', 'three', 'four');
  const answers = await anna.exchange([{ mode: 'Request', id: 'k', content: { name: 'KeepAlive-Request' } }]);
  assert.deepEqual(
    answers.map(({ mode, content }) => `${mode} ${content.name}`),
    ['Response KeepAlive-Response', 'Request NewMessage', 'Request NewMessage'],
  );
  assert.equal(anna.poll, true);
  // That answer may have been lost: what comes after it waits until all of it was acknowledged.
  const [, one, two] = answers;
  assert.ok(one && two);
  assert.deepEqual(await anna.acknowledge(one), []);
  assert.deepEqual(textsOf(await anna.acknowledge(two)), ['three', 'four']);
});

test('Android gets one transaction per message, whatever it says', async () => {
  const { anna, say } = await chat({ multiTrans: 3, userAgent: 'Android-Imps/0.1' });
  await say('one', 'two');
  assert.equal((await anna.exchange([{ mode: 'Request', id: 'k', content: { name: 'KeepAlive-Request' } }])).length, 1);
  assert.equal(anna.poll, true, 'it is told to poll instead');
  assert.deepEqual(textsOf(await anna.fetch()), ['one']);
});

test('an unacknowledged message comes again after a minute: the same message under a new id, not overtaken', async () => {
  const { anna, say, clock } = await chat();
  await say('one', 'two');
  const first = only(await anna.fetch());
  clock.advance(59_000);
  const held = anna.fetch();
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
  const again = only(await held);
  assert.deepEqual(again.content, first.content, 'MessageID included');
  assert.notEqual(again.id, first.id);
  // The late acknowledgement of the first hand-out counts for the message.
  assert.deepEqual(textsOf(await anna.acknowledge(first)), ['two']);
  assert.deepEqual(await anna.acknowledge(again), []);
});

test('an answer known not to have left is handed out again at once', async () => {
  const { anna, say } = await chat();
  await say('one');
  const lost = await anna.post(anna.bytes([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }]));
  lost.delivered?.(false);
  assert.deepEqual(textsOf(await anna.fetch()), ['one']);
});

test('requests that a phone never answers are given up; messages never are', async () => {
  const { anna, mila, say, clock, world } = await chat();
  const resource = JSON.parse((await world.server.store.csp.sessions())[0]?.state ?? '{}').resource;
  await mila.sends(`<presence to='anna@home.test/${resource}'/>`);
  await say('one');
  const seen: string[] = [];
  for (let minute = 0; minute < 6; minute++) {
    for (;;) {
      const waiting = anna.fetch();
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(8000);
      const got = await waiting;
      if (got.length === 0) break;
      seen.push(...got.map(({ content }) => content.name));
    }
    clock.advance(60_000);
  }
  assert.equal(seen.filter((name) => name === 'PresenceNotification-Request').length, 3);
  assert.ok(seen.filter((name) => name === 'NewMessage').length >= 5);
});

test('presence: newest wins while it waits, and several contacts share a notification', async () => {
  const { anna, mila, world } = await chat();
  const resource = JSON.parse((await world.server.store.csp.sessions())[0]?.state ?? '{}').resource;
  const otto = await world.server.signIn('otto', 'pc');
  for (const type of ['', '', `type='unavailable'`])
    await mila.sends(`<presence to='anna@home.test/${resource}' ${type}/>`);
  await otto.sends(`<presence to='anna@home.test/${resource}'/>`);
  const { content } = only(await anna.fetch());
  assert(content.name === 'PresenceNotification-Request');
  assert.deepEqual(
    content.Presence.map(({ UserID, PresenceSubList }) => [UserID, PresenceSubList?.[0]?.OnlineStatus]),
    [
      ['wv:mila@home.test', [{ Qualifier: true, PresenceValue: false }]],
      ['wv:otto@home.test', [{ Qualifier: true, PresenceValue: true }]],
    ],
  );
});

test('an idle poll is held, brings news at once, and lets go when the phone has something else to say', async () => {
  const { anna, say, clock, world } = await chat();
  const quiet = anna.fetch();
  await world.server.settle();
  clock.advance(8000);
  assert.deepEqual(await quiet, []);
  const held = anna.fetch();
  await world.server.settle();
  await say('news');
  assert.deepEqual(textsOf(await held), ['news']);
  const message = only(await held);
  assert.deepEqual(await anna.acknowledge(message), [], 'an acknowledgement is not held');
  const next = anna.fetch();
  await world.server.settle();
  assert.equal(await anna.code({ name: 'KeepAlive-Request' }), 200, 'no waiting behind a poll');
  assert.deepEqual(await next, []);
});

test('a held poll whose phone hung up hands nothing to nobody', async () => {
  const { anna, say, world } = await chat();
  const hangUp = new AbortController();
  const poll: Transaction = { mode: 'Request', id: '', content: { name: 'Polling-Request' } };
  const held = anna.exchange([poll], hangUp.signal);
  await world.server.settle();
  hangUp.abort();
  assert.deepEqual(await held, []);
  await say('news');
  assert.deepEqual(textsOf(await anna.fetch()), ['news']);
});

test('several requests in one message are answered in order; what cannot be read is refused by itself', async () => {
  const { anna } = await chat();
  const answers = await anna.exchange([
    { mode: 'Request', id: 'a', content: { name: 'KeepAlive-Request' } },
    { mode: 'Request', id: 'b', content: { name: 'GetWatcherList-Request' } },
    { mode: 'Request', id: 'c', content: { name: 'GetList-Request' } },
  ]);
  assert.deepEqual(
    answers.map(({ id, content }) => [id, content.name, 'Result' in content ? content.Result.Code : 0]),
    [
      ['a', 'KeepAlive-Response', 200],
      ['b', 'Status', 405],
      ['c', 'GetList-Response', 0],
    ],
  );
  const { sessionId = '' } = anna;
  const body = `<WV-CSP-Message xmlns='http://www.openmobilealliance.org/DTD/WV-CSP1.2'><Session><SessionDescriptor>
    <SessionType>Inband</SessionType><SessionID>${sessionId}</SessionID></SessionDescriptor><Transaction>
    <TransactionDescriptor><TransactionMode>Request</TransactionMode><TransactionID>z</TransactionID></TransactionDescriptor>
    <TransactionContent><Teleport-Request/></TransactionContent></Transaction></Session></WV-CSP-Message>`;
  const { content } = only(anna.read(await anna.post(new TextEncoder().encode(body))));
  assert(content.name === 'Status');
  assert.equal(content.Result.Code, 501);
});

test('MessageDelivered outside of a transaction of ours gets a Status', async () => {
  const { anna, say } = await chat();
  const delivered = (id: string, MessageID: string): Transaction => ({
    mode: 'Response',
    id,
    content: { name: 'MessageDelivered', MessageID },
  });
  const unknown = only(await anna.exchange([delivered('p9', 'none')]));
  assert.deepEqual(unknown, { mode: 'Response', id: 'p9', content: { name: 'Status', Result: { Code: 426 } } });
  await say('one');
  const { content } = only(await anna.fetch());
  assert(content.name === 'NewMessage');
  const fetched = only(await anna.exchange([delivered('p10', content.MessageInfo.MessageID ?? '')]));
  assert.deepEqual(fetched.content, { name: 'Status', Result: { Code: 200 } });
});

test('an answer too large for the phone is refused, a waiting request too large for it does not block the rest', async () => {
  const { anna, say, world } = await chat({ parserSize: 1024 });
  await say('x'.repeat(2000), 'short');
  const got = await anna.fetch();
  assert.deepEqual(textsOf(got), ['short']);
  assert.deepEqual(world.troubles, ['a request is too large for the phone']);
});

test('too many requests in a row are told to wait', async () => {
  const { anna, clock } = await chat();
  const codes: number[] = [];
  for (let count = 0; count < 110; count++) codes.push(await anna.code({ name: 'KeepAlive-Request' }));
  assert.equal(codes[90], 200);
  assert.equal(codes.at(-1), 503);
  clock.advance(2000);
  assert.equal(await anna.code({ name: 'KeepAlive-Request' }), 200);
});

test('what acknowledges a message is taken however many requests came before, and is not counted among them', async () => {
  const { anna, say, clock } = await chat();
  const texts = Array.from({ length: 150 }, (_, at) => `text ${at}`);
  await say(...texts);
  const seen: string[] = [];
  for (let got = await anna.fetch(); got.length > 0; got = await anna.acknowledge(...got)) seen.push(...textsOf(got));
  assert.deepEqual(seen, texts, 'a phone with a fast line fetches all that waits');

  await say('one');
  const one = await anna.fetch();
  while ((await anna.code({ name: 'KeepAlive-Request' })) !== 503) {}
  // Beside a request that is refused, too.
  const [first] = await anna.exchange([
    { mode: 'Request', id: 'k', content: { name: 'KeepAlive-Request' } },
    { mode: 'Response', id: one[0]?.id ?? '', content: { name: 'Status', Result: { Code: 200 } } },
  ]);
  assert.deepEqual(first?.content.name === 'Status' && first.content.Result.Code, 503);
  assert.deepEqual(await anna.exchange([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }]), [
    { mode: 'Response', id: '', content: { name: 'Status', Result: { Code: 503 } } },
  ]);
  clock.advance(61_000);
  const asked = anna.fetch();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(8000);
  assert.deepEqual(textsOf(await asked), [], 'not shown again');
});

test('bodies that are no CSP get HTTP 400, an unknown version Status 505', async () => {
  const { anna } = await chat();
  for (const text of ['', '<a/>', '{}', '<WV-CSP-Message>', '\u0003\u0011', 'x'.repeat(600_000)])
    assert.equal((await anna.post(new TextEncoder().encode(text))).status, 400);
  const body = `<WV-CSP-Message xmlns='http://www.openmobilealliance.org/DTD/IMPS-CSP2.0'><Session><SessionDescriptor>
    <SessionType>Outband</SessionType></SessionDescriptor><Transaction><TransactionDescriptor><TransactionMode>Request
    </TransactionMode><TransactionID>v</TransactionID></TransactionDescriptor><TransactionContent><Login-Request/>
    </TransactionContent></Transaction></Session></WV-CSP-Message>`;
  const answer = await anna.post(new TextEncoder().encode(body));
  assert.equal(answer.status, 200);
  assert.match(new TextDecoder().decode(answer.body), /<Code>505<\/Code>/);
});
