// biboumi, the gateway to IRC, as a component: a process of its own with its own configuration and database.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../peers/child.ts';

export interface Biboumi {
  start(): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
  output(): string;
  /** Ends the process and removes the data. */
  remove(): Promise<void>;
}

export const hasBiboumi = (): boolean => existsSync('/usr/bin/biboumi');

export const prepareBiboumi = (options: { domain: string; secret: string; port: number }): Biboumi => {
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-biboumi-'));
  const file = join(directory, 'biboumi.cfg');
  writeFileSync(
    file,
    [
      `hostname=${options.domain}`,
      `password=${options.secret}`,
      'xmpp_server_ip=127.0.0.1',
      `port=${options.port}`,
      `db_name=${join(directory, 'biboumi.sqlite')}`,
      `policy_directory=${directory}`,
      'identd_port=0',
      'log_level=0',
      '',
    ].join('\n'),
  );
  let child: Child | undefined;
  let past = '';
  const biboumi: Biboumi = {
    start() {
      child = startChild('/usr/bin/biboumi', [file], { cwd: directory });
    },
    async stop(signal = 'SIGTERM') {
      await child?.end(signal);
      past += child?.output() ?? '';
      child = undefined;
    },
    output: () => past + (child?.output() ?? ''),
    async remove() {
      await biboumi.stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return biboumi;
};
