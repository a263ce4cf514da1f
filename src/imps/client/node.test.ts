import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { httpPost, tcpCir, udpCir } from './node.ts';

test('POST carries body and type both ways, and an empty body as such', async () => {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      response.writeHead(200, {
        'Content-Type': request.headers['content-type'],
        'X-Agent': `${request.headers['user-agent']}`,
        'Content-Length': body.length,
      });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/csp`;
  using post = httpPost(url, { headers: { 'User-Agent': 'Phone' } });
  const answer = await post(Uint8Array.of(1, 2, 3), 'application/vnd.wv.csp.wbxml');
  assert.deepEqual(
    [answer.status, answer.contentType, [...answer.body]],
    [200, 'application/vnd.wv.csp.wbxml', [1, 2, 3]],
  );
  assert.equal((await post(new Uint8Array(), 'a/b')).body.length, 0);
  using small = httpPost(url, { bytesMax: 2 });
  await assert.rejects(small(Uint8Array.of(1, 2, 3), 'a/b'), /too long/);
  server.close();
  server.closeAllConnections();
});

test('TCP: lines go out, reads come in, the end is heard', async () => {
  const server = createTcpServer((socket) => {
    socket.on('data', () => socket.end('OK\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reads: string[] = [];
  const closed = Promise.withResolvers<void>();
  const connection = await tcpCir('127.0.0.1')('cir.example', (server.address() as AddressInfo).port, {
    data: (text) => void reads.push(text),
    closed: () => closed.resolve(),
  });
  connection.send('HELO s1\r\n');
  await closed.promise;
  assert.deepEqual(reads, ['OK\r\n']);
  server.close();
  await assert.rejects(tcpCir()('127.0.0.1', 1, { data: () => {}, closed: () => {} }));
});

test('UDP: datagrams come in', async () => {
  const got = Promise.withResolvers<string>();
  const listening = await udpCir()({ data: got.resolve, closed: () => {} });
  const sender = createSocket('udp4');
  sender.send('WVCI 1.1 ck', listening.port, '127.0.0.1');
  assert.equal(await got.promise, 'WVCI 1.1 ck');
  sender.close();
  listening.close();
});
