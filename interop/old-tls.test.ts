// listen.https_old of the running program, in the eyes of OpenSSL's own client: a phone's request over TLS 1.0.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { type Onesoup, prepareOnesoup } from './peers/onesoup.ts';
import { freePorts } from './peers/ports.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = hasOpenssl || process.env['CI'] ? false : 'openssl is not installed';

describe('TLS of 2004', { skip }, () => {
  let onesoup: Onesoup;
  let safePort = 0;
  let oldPort = 0;
  before(async () => {
    [safePort = 0, oldPort = 0] = await freePorts(2);
    onesoup = await prepareOnesoup({
      listen: { https: `127.0.0.1:${safePort}`, https_old: `127.0.0.1:${oldPort}` },
    });
    await onesoup.start();
  });
  after(() => onesoup?.remove());

  const client = (port: number, args: readonly string[], input = ''): string => {
    const all = ['s_client', '-connect', `127.0.0.1:${port}`, '-noservername', '-ign_eof', ...args];
    const { stdout, stderr } = spawnSync('openssl', all, { input, encoding: 'utf8', timeout: 20_000 });
    return `${stdout}${stderr}`;
  };
  const request = (path: string, method: string, body: string): string =>
    `${method} ${path} HTTP/1.0\r\nContent-Type: application/vnd.wv.csp.xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const signIn =
    '<?xml version="1.0"?><WV-CSP-Message xmlns="http://www.wireless-village.org/CSP1.1"><Session><SessionDescriptor><SessionType>Outband</SessionType></SessionDescriptor>' +
    '<Transaction><TransactionDescriptor><TransactionMode>Request</TransactionMode><TransactionID>1</TransactionID></TransactionDescriptor>' +
    '<TransactionContent xmlns="http://www.wireless-village.org/TRC1.1"><Login-Request><UserID>ann</UserID><ClientID><URL>http://phone.test</URL></ClientID><Password>soup2005</Password>' +
    '<TimeToLive>3600</TimeToLive><SessionCookie>cookie</SessionCookie></Login-Request></TransactionContent></Transaction></Session></WV-CSP-Message>';

  for (const cipher of ['AES128-SHA', 'AES256-SHA', 'ECDHE-RSA-AES128-SHA'])
    test(`a phone signs in over TLS 1.0 with ${cipher}`, async () => {
      const name = cipher.toLowerCase().replaceAll('-', '');
      await onesoup.addUser(name, 'soup2005');
      const said = client(
        oldPort,
        ['-tls1', '-cipher', `${cipher}:@SECLEVEL=0`],
        request('/csp', 'POST', signIn.replace('>ann<', `>${name}<`)),
      );
      assert.match(said, /Protocol *: TLSv1\r?\n/);
      assert.match(said, new RegExp(`Cipher is ${cipher}|Cipher *: ${cipher}`));
      assert.match(said, /<Login-Response>.*<Code>200<\/Code>/s);
    });

  test('the port beside it speaks only what is safe', () => {
    for (const version of ['-tls1', '-tls1_1']) {
      const said = client(safePort, [version, '-cipher', 'ALL:@SECLEVEL=0'], request('/csp', 'POST', signIn));
      assert.match(said, /alert protocol version/, version);
      assert.doesNotMatch(said, /HTTP\/1\.1/);
    }
    assert.match(client(safePort, ['-tls1_3'], request('/healthz', 'GET', '')), /HTTP\/1\.1 200/);
  });

  test('no pages, no figures behind the old port; ciphers without encryption stay outside', () => {
    const old = ['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0'];
    for (const path of ['/', '/register', '/metrics', '/healthz'])
      assert.match(client(oldPort, old, request(path, 'GET', '')), /HTTP\/1\.1 404/, path);
    assert.match(
      client(oldPort, ['-tls1', '-cipher', 'NULL:aNULL:@SECLEVEL=0'], ''),
      /handshake failure|no cipher|NULL/i,
    );
  });

  test('the operator is warned at the start, and by the doctor', async () => {
    assert.match(onesoup.output(), /listen\.https_old is open: TLS 1\.0/);
    assert.match(await onesoup.command(['doctor']), /note +listen\.https_old .* speaks TLS 1\.0/);
  });
});
