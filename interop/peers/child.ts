// A program a test started: lines out as they come, ended by its id and nobody else's.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Child {
  readonly pid: number;
  /** Everything it printed so far, for the message of a failing test. */
  output(): string;
  send(line: string): void;
  onLine(listener: (line: string) => void): void;
  /** Ends it and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  readonly exited: Promise<number | NodeJS.Signals>;
}

export const startChild = (
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Child => {
  const child: ChildProcess = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > 5000) lines.shift();
        for (const listener of listeners) listener(line);
      });
  // A write to a program that has gone is not the test's news: `exited` is.
  child.stdin?.on('error', () => {});
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
    child.once('error', reject);
  });
  return {
    pid: child.pid ?? -1,
    output: () => lines.join('\n'),
    send: (line) => void child.stdin?.write(`${line}\n`),
    onLine: (listener) => void listeners.push(listener),
    exited,
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
};
