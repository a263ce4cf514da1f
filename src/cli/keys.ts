// onesoup rotate-keys: a new key for the passwords kept for phones.

import type { Config } from '../config/config.ts';
import { PasswordVault } from '../store/vault.ts';
import { keysDirectory, withStore } from './data.ts';

export const rotateKeys = (config: Config): Promise<string> =>
  withStore(config, async (store) => {
    const directory = keysDirectory(config);
    const { resealed, lost } = await new PasswordVault(directory, store).rotate();
    const lines = [
      `${resealed} ${resealed === 1 ? 'password is' : 'passwords are'} sealed under a new key in ${directory}`,
    ];
    if (lost.length)
      lines.push(`these could not be opened, and their phones need their password set again: ${lost.join(', ')}`);
    lines.push('keep the older key files until the phones that are signed in now have signed in anew');
    return lines.join('\n');
  });
