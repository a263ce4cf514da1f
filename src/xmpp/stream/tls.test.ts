import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { serverTlsContext, wrapClientTls, wrapServerTls } from './tls.ts';

test('an internationalised domain is asked for, and judged, in ASCII', async () => {
  const ascii = 'xn--bcher-kva.example';
  const pems = await generate([{ name: 'commonName', value: ascii }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: ascii }] }],
  });
  const context = serverTlsContext({ cert: pems.cert, key: pems.private });
  const [a, b] = duplexPair();
  const asked: (string | undefined)[] = [];
  const choose = (name: string | undefined) => {
    asked.push(name);
    return context;
  };
  const server = wrapServerTls(a, choose, { isDirect: false });
  const client = wrapClientTls(b, 'bücher.example', { isDirect: false, ca: pems.cert });
  await new Promise((resolve, reject) => client.once('secureConnect', resolve).once('error', reject));
  assert.deepEqual([asked.at(-1), client.authorized, client.authorizationError], [ascii, true, null]);
  client.destroy();
  server.destroy();
});
