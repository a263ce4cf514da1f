// A person at profanity, a terminal client, in a terminal of their own (tmux on a socket of its own).

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const hasProfanity = (): boolean => existsSync('/usr/bin/profanity') && existsSync('/usr/bin/tmux');

export interface Profanity {
  /** Types a line and presses Enter. */
  type(line: string): Promise<void>;
  screen(): Promise<string>;
  /** Waits until the screen shows something; rejects with the screen. */
  shows(what: RegExp, withinMs?: number): Promise<void>;
  end(): Promise<void>;
}

/** Starts it and has it sign in over STARTTLS. */
export const startProfanity = async (jid: string, password: string, port: number): Promise<Profanity> => {
  const home = mkdtempSync(join(tmpdir(), 'onesoup-profanity-'));
  const accounts = join(home, '.local/share/profanity');
  const config = join(home, '.config/profanity');
  mkdirSync(accounts, { recursive: true });
  mkdirSync(config, { recursive: true });
  writeFileSync(
    join(accounts, 'accounts'),
    `[${jid}]\nenabled=true\njid=${jid}\nserver=127.0.0.1\nport=${port}\ntls.policy=trust\npassword=${password}\nresource=profanity\n`,
  );
  const tmux = (...args: string[]) => run('tmux', ['-S', join(home, 'tmux'), ...args]);
  const command = `HOME=${home} XDG_CONFIG_HOME=${home}/.config XDG_DATA_HOME=${home}/.local/share TERM=screen profanity -a ${jid} 2> ${home}/errors`;
  await tmux('-f', '/dev/null', 'new-session', '-d', '-x', '110', '-y', '40', command);
  const profanity: Profanity = {
    async type(line) {
      await tmux('send-keys', '-l', line);
      await tmux('send-keys', 'Enter');
    },
    screen: async () => (await tmux('capture-pane', '-p')).stdout.trimEnd(),
    async shows(what, withinMs = 15_000) {
      const until = performance.now() + withinMs;
      for (;;) {
        const screen = await profanity.screen();
        if (what.test(screen)) return;
        if (performance.now() > until) throw new Error(`profanity did not show ${what} in ${withinMs} ms:\n${screen}`);
        await sleep(100);
      }
    },
    async end() {
      // The session is this tmux's only one, and the tmux is ours: it ends with everything it started.
      await tmux('kill-server').catch(() => {});
      rmSync(home, { recursive: true, force: true });
    },
  };
  return profanity;
};
