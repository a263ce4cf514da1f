// Secrets stand in files of their own, which the configuration names.

import { readFileSync } from 'node:fs';
import { ConfigError } from './config.ts';

/** The secret in `file`, without the white space around it. Throws ConfigError; `whose` completes "the secret of …". */
export const readSecretFile = (file: string, whose: string): string => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      { ENOENT: 'no such file', EACCES: 'permission denied', EISDIR: 'it is a directory' }[code ?? ''] ?? message;
    throw new ConfigError(`cannot read ${file}, the secret of ${whose}: ${why}`, { cause });
  }
  const secret = text.trim();
  if (secret === '') throw new ConfigError(`${file}, the secret of ${whose}, is empty`);
  return secret;
};
