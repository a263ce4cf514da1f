import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { isRefused } from '../../../src/imps/message.ts';
import { readMessage } from '../../../src/imps/read-message.ts';
import { stencilOf } from './stencil.ts';
import { Wire } from './wire.ts';
import { requestOf, workNames } from './work.ts';

const sessionId = 'AbcdefghijklmnopqrstuvwxyZ';

for (const version of ['1.1', '1.2', '1.3'] as const)
  for (const encoding of ['xml', 'wbxml'] as const)
    test(`what a stencil of CSP ${version} in ${encoding} becomes is a request of that session, with its number`, () => {
      for (const work of workNames) {
        const octets = stencilOf(requestOf(work, 7), { version, encoding }).copy().fill(sessionId, 1234567);
        const end = octets.indexOf('\r\n\r\n');
        const head = octets.toString('latin1', 0, end);
        const body = octets.subarray(end + 4);
        assert.equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), body.length);
        const read = readMessage(body);
        assert(read.ok);
        const { message, notes } = read.value;
        const [one] = message.transactions;
        assert(one && !isRefused(one));
        assert.deepEqual(notes, []);
        assert.deepEqual([message.version, message.sessionId, one.id], [version, sessionId, 'T1234567']);
        assert.equal(JSON.stringify(one.content).includes('#1234567'), work !== 'poll');
      }
    });

test('an answer is read however it comes in pieces', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello';
  const server = createServer({ noDelay: true }, async (socket) => {
    socket.on('error', () => {});
    for await (const chunk of socket) {
      const at = Number(chunk.toString());
      socket.write(answer.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(answer.slice(at));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = await Wire.open((server.address() as AddressInfo).port);
  for (let at = 1; at < answer.length; at += 3) {
    const { status, body } = await wire.asked(Buffer.from(String(at)));
    assert.deepEqual([status, body.toString()], [200, 'hello']);
  }
  wire.close();
  server.close();
});
