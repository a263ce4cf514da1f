import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls, getCACertificates, type SecureContext, TLSSocket } from 'node:tls';
import { authorityPem, capulet, montague } from './testing.ts';
import { s2sTlsContext } from './tls.ts';

const authorities = [...getCACertificates('bundled'), authorityPem];

/** Without a server of Node's own around it, a TLSSocket keeps its judgement to itself. */
const isBelieved = (secure: TLSSocket): boolean =>
  (secure as unknown as { readonly ssl: { verifyError(): Error | null | undefined } }).ssl.verifyError() == null;

/** Montague connects to Capulet: what Capulet thinks of the certificate, and what its half of the handshake took in octets. */
const handshake = async (secureContext: SecureContext): Promise<{ authorized: boolean; octets: number }> => {
  const accepted = Promise.withResolvers<{ authorized: boolean; octets: number }>();
  const server = createServer((socket: Socket) => {
    const secure = new TLSSocket(socket, {
      isServer: true,
      requestCert: true,
      rejectUnauthorized: false,
      secureContext,
    });
    secure.on('error', accepted.reject);
    secure.once('secure', () => {
      accepted.resolve({ authorized: isBelieved(secure), octets: socket.bytesWritten });
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  socket.on('error', () => {});
  const client = connectTls({
    socket,
    secureContext: s2sTlsContext({ ...montague, ca: authorities }),
    rejectUnauthorized: false,
  });
  client.on('error', () => {});
  try {
    return await accepted.promise;
  } finally {
    client.destroy();
    server.close();
  }
};

test('certificates of the authorities we trust are believed, and their names are not sent to everybody', async () => {
  const { authorized, octets } = await handshake(s2sTlsContext({ ...capulet, ca: authorities }));
  assert.equal(authorized, true);
  assert.ok(octets < 4000, `${octets} octets`);
});

test('others are not, and what this program trusts elsewhere is as before', async () => {
  const before = getCACertificates('default');
  const { authorized } = await handshake(s2sTlsContext({ ...capulet, ca: getCACertificates('bundled') }));
  assert.equal(authorized, false);
  assert.deepEqual(getCACertificates('default'), before);
});
