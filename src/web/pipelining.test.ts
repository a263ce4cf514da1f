// Phones that send the next request on a connection before they have the answer to the last, with a whole gateway behind the
// door. Time stands still here: what would wait for it would not end.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { silentLog } from '../base/log.ts';
import { type Phone, type TestGateway, testGateway } from '../gateway/testing/test-gateway.ts';
import type { Transaction } from '../imps/message.ts';
import type { Primitive } from '../imps/primitives.ts';
import { readMessage } from '../imps/read-message.ts';
import { createPhoneDoor } from './app.ts';
import { type RawAnswer, speak } from './testing.ts';

let world: TestGateway;
let door: FastifyInstance;
let port = 0;
before(async () => {
  world = await testGateway();
  door = createPhoneDoor({
    dataChannel: (request) => world.gateway.handle(request),
    bodyBytesMax: 100_000,
    trustedProxies: [],
    log: silentLog,
  });
  await door.listen({ host: '127.0.0.1', port: 0 });
  port = (door.server.address() as { port: number }).port;
});
after(async () => {
  await door.close();
  await world.close();
});

const post = (phone: Phone, id: string, content: Primitive): string =>
  posted(phone, [{ mode: 'Request', id, content }]);
const posted = (phone: Phone, transactions: readonly Transaction[]): string => {
  const body = Buffer.from(phone.bytes(transactions)).toString('latin1');
  return `POST /csp HTTP/1.1\r\nHost: imps.test\r\nContent-Type: application/vnd.wv.csp.${phone.options.encoding}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};
const polling: Primitive = { name: 'Polling-Request' };
/** `id primitive` of each transaction; an empty body has none. */
const told = ({ status, body, headers }: RawAnswer): readonly string[] => {
  assert.equal(status, 200);
  if (body === '') return [];
  const read = readMessage(Buffer.from(body, 'latin1'), headers['content-type']);
  assert.ok(read.ok);
  return read.value.message.transactions.map((one) => `${one.id} ${'content' in one ? one.content.name : ''}`);
};

for (const encoding of ['xml', 'wbxml'] as const) {
  test(`a held poll lets go of a request behind it on its connection (${encoding})`, { timeout: 10_000 }, async () => {
    const phone = world.phone({ user: 'anna', encoding });
    await phone.signIn();
    const list: Primitive = { name: 'GetList-Request' };
    // In one packet, and in two of which the second finds the poll held.
    const together = [post(phone, '', polling) + post(phone, 'a1', list)];
    const apart = [post(phone, '', polling), post(phone, 'a2', list)];
    for (const [at, pieces] of [together, apart].entries()) {
      const answers = await speak(port, pieces, { answers: 2, everyMs: 50 });
      assert.deepEqual(answers.map(told), [[], [`a${at + 1} GetList-Response`]]);
    }
  });

  test(`requests in one packet are answered in their order (${encoding})`, { timeout: 10_000 }, async () => {
    const phone = world.phone({ user: 'anna', encoding });
    await phone.signIn();
    const ids = [1, 2, 3, 4, 5];
    const requests = ids.map((n) =>
      post(phone, `m${n}`, n % 2 ? phone.message('wv:mila', `${n}`) : { name: 'GetList-Request' }),
    );
    const answers = await speak(port, [requests.join('')], { answers: ids.length });
    assert.deepEqual(
      answers.flatMap(told),
      ids.map((n) => `m${n} ${n % 2 ? 'SendMessage-Response' : 'GetList-Response'}`),
    );
  });
}

test('polls behind one another: each lets go of the one before', { timeout: 10_000 }, async () => {
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  const behind = post(phone, 'k', { name: 'KeepAlive-Request' });
  const answers = await speak(port, [post(phone, '', polling).repeat(3) + behind], { answers: 4 });
  assert.deepEqual(answers.map(told), [[], [], [], ['k KeepAlive-Response']]);
});

test('a poll that begins to be held when a request stands behind it already lets go too', {
  timeout: 10_000,
}, async () => {
  const [anna, mila] = [world.phone({ user: 'anna' }), world.phone({ user: 'mila' })];
  await anna.signIn();
  await mila.signIn();
  assert.equal(await mila.code(mila.message('wv:anna', 'hello')), 200);
  await world.server.settle();
  const [message] = await anna.fetch();
  assert.ok(message?.content.name === 'NewMessage');
  // What acknowledges waits for the disk; the request behind it arrives meanwhile.
  const MessageID = message.content.MessageInfo.MessageID ?? '';
  const first = posted(anna, [
    { mode: 'Response', id: message.id, content: { name: 'MessageDelivered', MessageID } },
    { mode: 'Request', id: '', content: polling },
  ]);
  const answers = await speak(port, [first + post(anna, 'k', { name: 'KeepAlive-Request' })], { answers: 2 });
  assert.deepEqual(answers.map(told), [[], ['k KeepAlive-Response']]);
});

test('when the connection ends, what was behind a held poll is handed out again at once', {
  timeout: 10_000,
}, async () => {
  const [anna, mila] = [world.phone({ user: 'anna' }), world.phone({ user: 'mila' })];
  await anna.signIn();
  await mila.signIn();
  const socket = connect(port, '127.0.0.1');
  socket.write(post(anna, '', polling));
  const closed = new Promise((resolve) => door.server.once('connection', (server) => server.once('close', resolve)));
  // Held: nothing waits. Then the phone is gone, and a message comes.
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  await closed;
  assert.equal(await mila.code(mila.message('wv:anna', 'are you there')), 200);
  await world.server.settle();
  const [first] = await anna.fetch();
  assert.equal(first?.content.name, 'NewMessage');
});
