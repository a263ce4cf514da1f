// Orders to a Prosody that runs, over its administration shell.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Prosody } from '../../../interop/peers/prosody.ts';

/** Has it close all its streams with `domain`, in order. It needs the module admin_shell. */
export const closeStreamsWith = async (prosody: Prosody, domain: string): Promise<void> => {
  const order = ['--config', join(prosody.directory, 'prosody.cfg.lua'), 'shell', `s2s:closeall("${domain}")`];
  await promisify(execFile)('prosodyctl', order, { timeout: 20_000 });
};
