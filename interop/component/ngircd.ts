// ngIRCd as the other network: a process of its own on an address of its own inside of 127.0.0.0/8, since gateways expect
// IRC on port 6667.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../peers/child.ts';

export interface Ngircd {
  /** How biboumi's users name it. */
  readonly address: string;
  output(): string;
  remove(): Promise<void>;
}

export const hasNgircd = (): boolean => existsSync('/usr/sbin/ngircd');

const configuration = (address: string): string => `
[Global]
  Name = irc.test
  AdminEMail = nobody@irc.test
  Info = an IRC network for tests
  Listen = ${address}
  Ports = 6667
  MotdPhrase = soup
[Limits]
  MaxConnectionsIP = 0
  MaxNickLength = 20
[Options]
  DNS = no
  Ident = no
  PAM = no
`;

const listens = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(6667, address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

export const startNgircd = async (): Promise<Ngircd> => {
  const address = `127.${process.pid % 200}.${Math.floor(Math.random() * 250)}.7`;
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-ngircd-'));
  const file = join(directory, 'ngircd.conf');
  writeFileSync(file, configuration(address));
  const child: Child = startChild('/usr/sbin/ngircd', ['-n', '-f', file]);
  const remove = async (): Promise<void> => {
    await child.end();
    rmSync(directory, { recursive: true, force: true });
  };
  for (const until = Date.now() + 15_000; !(await listens(address)); await sleep(50))
    if (Date.now() > until) {
      await remove();
      throw new Error(`ngircd does not listen on ${address}:\n${child.output()}`);
    }
  return { address, output: () => child.output(), remove };
};
