// listen.https_old: TLS 1.0 and the ciphers of 2004, for the data channel and nothing else.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { silentLog } from '../base/log.ts';
import { ownTlsFiles, type TlsFiles } from '../store/tls-files.ts';
import { createPhoneDoor, type PhoneDoorParts } from './app.ts';
import { speak } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'onesoup-old-tls-'));
const opened: FastifyInstance[] = [];
let files: TlsFiles;
let oldPort = 0;
let safePort = 0;

const open = async (tls: PhoneDoorParts['tls']): Promise<number> => {
  const web = createPhoneDoor({
    dataChannel: async ({ body }) => ({ status: 200, contentType: 'application/vnd.wv.csp.xml', body }),
    bodyBytesMax: 1000,
    trustedProxies: [],
    tls,
    log: silentLog,
  });
  opened.push(web);
  await web.listen({ host: '127.0.0.1', port: 0 });
  return (web.server.address() as { port: number }).port;
};
before(async () => {
  files = await ownTlsFiles(directory, 'home.test', Date.now(), 'old');
  const keys = { key: files.key, cert: files.certificate };
  oldPort = await open({ ...keys, isOld: true });
  safePort = await open(keys);
});
after(async () => {
  for (const web of opened) await web.close();
  rmSync(directory, { recursive: true });
});

const old = (port: number, more: ConnectionOptions = {}): TLSSocket =>
  connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'AES128-SHA:@SECLEVEL=0',
    ...more,
  });
const handshake = (socket: TLSSocket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('secureConnect', () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
const asked = 'POST /csp HTTP/1.0\r\nContent-Type: application/vnd.wv.csp.xml\r\nContent-Length: 4\r\n\r\n<x/>';

test('a request over TLS 1.0, without a server name, with RSA key exchange', async () => {
  for (const cipher of ['AES128-SHA', 'AES256-SHA', 'ECDHE-RSA-AES128-SHA'])
    assert.equal(await handshake(old(oldPort, { ciphers: `${cipher}:@SECLEVEL=0` })), `TLSv1 ${cipher}`);
  const [answer] = await speak(oldPort, [asked], {}, () => old(oldPort));
  assert.deepEqual([answer?.status, answer?.body], [200, '<x/>']);
  assert.equal(await handshake(old(oldPort, { maxVersion: 'TLSv1.1' })), 'TLSv1.1 AES128-SHA');
  assert.match(await handshake(old(oldPort, { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' })), /^TLSv1\.2/);
});

test('a ClientHello in the form of SSL 2, as stacks of the time sent it for the sake of still older servers', async () => {
  const ciphers = Buffer.from('00002f000035', 'hex');
  const hello = Buffer.concat([Buffer.from([1, 3, 1, 0, ciphers.length, 0, 0, 0, 16]), ciphers, Buffer.alloc(16, 7)]);
  const socket = connectTcp(oldPort, '127.0.0.1', () =>
    socket.write(Buffer.concat([Buffer.of(0x80, hello.length), hello])),
  );
  const answer = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
  });
  socket.destroy();
  // A handshake record of TLS 1.0: ServerHello.
  assert.equal(answer.subarray(0, 3).toString('hex'), '160301');
  assert.equal(answer[5], 2);
});

test('the port for today refuses TLS 1.0 and 1.1, and the old ciphers under 1.2 with them', async () => {
  assert.match(await handshake(old(safePort)), /PROTOCOL_VERSION|ALERT/);
  assert.match(await handshake(old(safePort, { maxVersion: 'TLSv1.1' })), /PROTOCOL_VERSION|ALERT/);
  assert.match(await handshake(old(safePort, { maxVersion: 'TLSv1.3', ciphers: 'HIGH' })), /^TLSv1\.3/);
});

test('there is nothing else behind the old port', async () => {
  for (const path of ['/', '/register', '/link', '/metrics', '/healthz', '/admin/api/presence/ann%40home.test']) {
    const [answer] = await speak(oldPort, [`GET ${path} HTTP/1.0\r\n\r\n`], {}, () => old(oldPort));
    assert.equal(answer?.status, 404, path);
  }
});

test('who speaks no TLS there is let go', async () => {
  assert.deepEqual(await speak(oldPort, [asked], {}, () => connectTcp(oldPort, '127.0.0.1')), []);
});

test('its certificate is one that phones of 2004 can check, with a key of its own', async () => {
  const parsed = new X509Certificate(files.certificate);
  assert.equal(parsed.publicKey.asymmetricKeyType, 'rsa');
  assert.equal(parsed.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  // sha1WithRSAEncryption, 1.2.840.113549.1.1.5
  assert.ok(parsed.raw.includes(Buffer.from('06092a864886f70d010105', 'hex')));
  assert.ok(files.isSelfSigned && files.covers('home.test'));
  const current = await ownTlsFiles(directory, 'home.test', Date.now());
  assert.notEqual(current.key, files.key);
  assert.deepEqual(
    await ownTlsFiles(directory, 'home.test', Date.now(), 'old').then(({ key }) => key),
    files.key,
    'kept',
  );
});
