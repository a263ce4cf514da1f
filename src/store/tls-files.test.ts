import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ownTlsFiles, readTlsFiles, TlsFilesError } from './tls-files.ts';

const root = mkdtempSync(join(tmpdir(), 'onesoup-tls-'));
after(() => rmSync(root, { recursive: true, force: true }));
const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 0, 10);

test('our own certificate is made once, and anew before it expires', async () => {
  const directory = join(root, 'own');
  const made = await ownTlsFiles(directory, 'home.test', now);
  assert.ok(made.isSelfSigned && made.covers('home.test') && made.covers('upload.home.test'));
  assert.ok(!made.covers('away.test'));
  assert.equal(statSync(made.keyFile).mode & 0o777, 0o600);
  const { publicKey } = new X509Certificate(made.certificate);
  assert.equal(publicKey.asymmetricKeyType, 'rsa');
  assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 2048);

  assert.equal((await ownTlsFiles(directory, 'home.test', now + 1000 * day)).certificate, made.certificate);
  const renewed = await ownTlsFiles(directory, 'home.test', made.expiresAt - 29 * day);
  assert.notEqual(renewed.certificate, made.certificate);
  assert.ok(renewed.expiresAt > made.expiresAt);
});

test("an operator's files are read, or refused in one line", async () => {
  const directory = join(root, 'given');
  const a = await ownTlsFiles(directory, 'a.test', now);
  const b = await ownTlsFiles(directory, 'b.test', now);
  assert.equal(readTlsFiles(a.certificateFile, a.keyFile).certificate, a.certificate);
  const refused = (certificate: string, key: string, words: RegExp): void =>
    assert.throws(
      () => readTlsFiles(certificate, key),
      (error: Error) => error instanceof TlsFilesError && words.test(error.message) && !error.message.includes('\n'),
    );
  refused(a.certificateFile, b.keyFile, /is not the key of the certificate/);
  refused(join(directory, 'none.crt'), a.keyFile, /cannot read .*none\.crt: no such file/);
  const text = join(directory, 'text');
  writeFileSync(text, 'Dear diary');
  refused(text, a.keyFile, /text is not PEM/);
  refused(a.certificateFile, text, /text is not PEM/);
});
