// RFC 5929, RFC 9266: both ends of one TLS connection have the same to bind by, and those of another have not.

import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { connect, createSecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { type ChannelBindings, channelBindingsOf, serverEndPoint } from './channel-binding.ts';
import { offeredBindings } from './scram-server.ts';

const pems = await generate([{ name: 'commonName', value: 'home.test' }], { keyType: 'ec' });

const handshake = async (version: SecureVersion): Promise<readonly [ChannelBindings, ChannelBindings]> => {
  const [a, b] = duplexPair();
  const secureContext = createSecureContext({ cert: pems.cert, key: pems.private, maxVersion: version });
  const server = new TLSSocket(a as ConstructorParameters<typeof TLSSocket>[0], { isServer: true, secureContext });
  const client = connect({ socket: b, servername: 'home.test', ca: pems.cert });
  const bindings = (socket: TLSSocket, isServer: boolean): Promise<ChannelBindings> =>
    new Promise((resolve, reject) =>
      socket.once('secure', () => resolve(channelBindingsOf(socket, isServer))).once('error', reject),
    );
  const both = await Promise.all([bindings(server, true), bindings(client, false)]);
  server.destroy();
  client.destroy();
  return both;
};

for (const [version, type] of [
  ['TLSv1.3', 'tls-exporter'],
  ['TLSv1.2', 'tls-unique'],
] as const)
  test(`${version}: ${type} and tls-server-end-point`, async () => {
    const [server, client] = await handshake(version);
    // What is taken for COMPAT (tls-unique in TLS 1.3) is not offered, and our own client does not bind by it.
    assert.deepEqual(offeredBindings(server), [type, 'tls-server-end-point']);
    assert.deepEqual([...client.keys()], [type, 'tls-server-end-point']);
    for (const [name, data] of client) assert.deepEqual(Buffer.from(server.get(name) ?? []), Buffer.from(data), name);
    const [other] = await handshake(version);
    assert.notDeepEqual(other.get(type), server.get(type));
    assert.deepEqual(other.get('tls-server-end-point'), server.get('tls-server-end-point'));
  });

test('the certificate’s digest is by the hash of its signature', async () => {
  for (const [algorithm, hash] of [
    ['sha1', 'sha256'],
    ['sha256', 'sha256'],
    ['sha384', 'sha384'],
    ['sha512', 'sha512'],
  ] as const) {
    const made = await generate([{ name: 'commonName', value: 'x' }], { algorithm, keySize: 2048 });
    const certificate = new X509Certificate(made.cert);
    assert.deepEqual(
      Buffer.from(serverEndPoint(certificate)),
      createHash(hash).update(certificate.raw).digest(),
      algorithm,
    );
  }
});
