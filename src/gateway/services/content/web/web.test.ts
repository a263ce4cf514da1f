// The web client against real servers on loopback, which it goes to only when it is told so.

import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createWebClient } from './web.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const staged = async (answer: Answer, play: (url: string, asked: string[]) => Promise<void>): Promise<void> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await play(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};
const local = createWebClient({ networks: ['127.0.0.0/8'], timeoutMs: 2000 });
const reasonOf = async (work: ReturnType<typeof local.get>): Promise<string> => {
  const got = await work;
  return got.ok ? 'ok' : got.fault.reason;
};

test('a file comes with its type', () =>
  staged(
    (_, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end('abc'),
    async (url) => {
      const got = await local.get(`${url}/a.jpg`, 3);
      assert.deepEqual(got, { ok: true, value: { octets: new Uint8Array(Buffer.from('abc')), type: 'image/jpeg' } });
    },
  ));

test('neither this machine nor its neighbours are asked, by address, by name or by redirection', () =>
  staged(
    (_, response) => response.end('secret'),
    async (url, asked) => {
      const web = createWebClient({ networks: [], timeoutMs: 2000 });
      const { port } = new URL(url);
      for (const address of [
        url,
        `http://localhost:${port}/`,
        `http://[::1]:${port}/`,
        `http://[::ffff:127.0.0.1]:${port}/`,
        `http://2130706433:${port}/`,
        `http://0x7f.1:${port}/`,
        `http://0:${port}/`,
        `https://127.0.0.1:${port}/`,
        `aesgcm://127.0.0.1:${port}/#${'0'.repeat(88)}`,
      ])
        assert.equal(await reasonOf(web.get(address, 100)), 'forbidden', address);
      const put = await web.put(url, {}, { type: 'image/jpeg', octets: new Uint8Array(3) });
      assert.equal(put.ok, false);
      assert.deepEqual(asked, []);
    },
  ));

test('a redirection is checked like any other address', () =>
  staged(
    (request, response) =>
      request.url === '/'
        ? response.writeHead(302, { location: `http://127.0.0.2:${request.socket.localPort}/` }).end()
        : request.url === '/round'
          ? response.writeHead(302, { location: '/round' }).end()
          : response.writeHead(301, { location: '/b' }).end(),
    async (url, asked) => {
      const web = createWebClient({ networks: ['127.0.0.1'], timeoutMs: 2000 });
      assert.equal(await reasonOf(web.get(url, 100)), 'forbidden');
      assert.deepEqual(asked, ['GET /']);
      assert.equal(await reasonOf(web.get(`${url}/round`, 100)), 'gone');
      assert.equal(asked.length, 5);
      assert.equal(await reasonOf(web.get('file:///etc/passwd', 100)), 'forbidden');
      assert.equal(await reasonOf(web.get('http://mila:secret@127.0.0.1/', 100)), 'forbidden');
    },
  ));

test('no more octets are read than allowed, said or not', () =>
  staged(
    (request, response) => {
      if (request.url === '/said') response.writeHead(200, { 'content-length': 1000 });
      response.write('x'.repeat(1000));
      if (request.url === '/said') response.end();
      else setInterval(() => response.write('x'.repeat(1000)), 1).unref();
    },
    async (url) => {
      assert.equal(await reasonOf(local.get(`${url}/said`, 999)), 'too-large');
      assert.equal(await reasonOf(local.get(`${url}/said`, 1000)), 'ok');
      assert.equal(await reasonOf(local.get(url, 5000)), 'too-large');
    },
  ));

test('what may come later and what will not', () =>
  staged(
    (request, response) => {
      const status = Number(request.url?.slice(1));
      if (status) response.writeHead(status).end();
    },
    async (url) => {
      assert.equal(await reasonOf(local.get(`${url}/404`, 9)), 'gone');
      assert.equal(await reasonOf(local.get(`${url}/503`, 9)), 'temporary');
      const impatient = createWebClient({ networks: ['127.0.0.1'], timeoutMs: 50 });
      assert.equal(await reasonOf(impatient.get(`${url}/silent`, 9)), 'temporary');
      assert.equal(await reasonOf(local.get('http://127.0.0.1:1/', 9)), 'temporary');
    },
  ));

test('a server that switches to another protocol is left, and nothing waits for it', () =>
  staged(
    ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    async (url) => {
      assert.equal(await reasonOf(local.get(url, 100)), 'temporary');
      const put = await local.put(url, {}, { type: 'image/jpeg', octets: new Uint8Array(3) });
      assert.equal(put.ok, false);
    },
  ));

test('a file goes up with its headers', () => {
  let body = '';
  return staged(
    (request, response) => {
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () =>
        response
          .writeHead(
            request.headers.authorization === 'Bearer x' && request.headers['content-length'] === '3' ? 201 : 403,
          )
          .end(),
      );
    },
    async (url) => {
      const file = { type: 'image/jpeg', octets: new Uint8Array(Buffer.from('abc')) };
      assert.equal((await local.put(`${url}/slot`, { Authorization: 'Bearer x' }, file)).ok, true);
      assert.equal(body, 'abc');
      assert.equal((await local.put(`${url}/slot`, {}, file)).ok, false);
    },
  );
});

test('an encrypted file is opened with the key in its link, and only with that', async () => {
  const key = Buffer.alloc(32, 7);
  const { readAesgcm } = await import('./aesgcm.ts');
  for (const length of [12, 16]) {
    const iv = Buffer.alloc(length, 5);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const sealed = Buffer.concat([cipher.update('katt'), cipher.final(), cipher.getAuthTag()]);
    const secret = readAesgcm(`aesgcm://files.test/a.jpg#${iv.toString('hex')}${key.toString('hex')}`);
    assert.equal(secret?.url, 'https://files.test/a.jpg');
    assert.equal(Buffer.from(secret.open(sealed) ?? []).toString(), 'katt');
    sealed[0] = (sealed[0] ?? 0) ^ 1;
    assert.equal(secret.open(sealed), undefined);
    assert.equal(secret.open(Buffer.alloc(5)), undefined);
  }
  assert.equal(readAesgcm('aesgcm://files.test/a.jpg#00'), undefined);
  assert.equal(readAesgcm('https://files.test/a.jpg'), undefined);
});
