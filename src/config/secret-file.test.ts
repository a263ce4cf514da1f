import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from './config.ts';
import { readSecretFile } from './secret-file.ts';

test('a secret is what is in its file; what cannot be one is refused in one line that does not tell it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-secret-'));
  try {
    const file = join(directory, 'irc.secret');
    const refused = (path: string, message: string): void =>
      assert.throws(
        () => readSecretFile(path, 'irc.home.test'),
        (error) => error instanceof ConfigError && error.message === message,
      );
    writeFileSync(file, ' sword fish\n');
    assert.equal(readSecretFile(file, 'irc.home.test'), 'sword fish');
    writeFileSync(file, ' \n');
    refused(file, `${file}, the secret of irc.home.test, is empty`);
    refused(`${file}x`, `cannot read ${file}x, the secret of irc.home.test: no such file`);
    refused(directory, `cannot read ${directory}, the secret of irc.home.test: it is a directory`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
