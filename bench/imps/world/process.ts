// A Node program of its own, and what the kernel says of it. (Linux: /proc)

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const node = new URL('../../../node_modules/.bin/node', import.meta.url).pathname;

export interface Program {
  readonly pid: number;
  /** The next line of its standard output. Rejects when it ends before. */
  line(): Promise<string>;
  /** Its standard input. */
  say(line: string): void;
  /** The last lines of its standard error. */
  errors(): string;
  stop(): Promise<void>;
}

/** `args`: Node's own and the program's. */
export const startProgram = (args: readonly string[]): Program => {
  const child: ChildProcess = spawn(node, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const wanted: { readonly resolve: (line: string) => void; readonly reject: (cause: Error) => void }[] = [];
  const errors: string[] = [];
  if (!child.stdout || !child.stderr || child.pid === undefined) throw new Error(`${args.join(' ')} did not start`);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = wanted.shift();
    if (next) next.resolve(line);
    else if (lines.length < 1000) lines.push(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    errors.push(line);
    if (errors.length > 50) errors.shift();
  });
  // A line to a program that has gone: `exited` tells of it.
  child.stdin?.on('error', () => {});
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of wanted.splice(0))
        reject(new Error(`${args.join(' ')} ended (${code ?? signal}):\n${errors.join('\n')}`));
      resolve();
    });
  });
  return {
    pid: child.pid,
    line: () =>
      new Promise((resolve, reject) => {
        const known = lines.shift();
        if (known !== undefined) resolve(known);
        else if (child.exitCode !== null || child.signalCode !== null)
          reject(new Error(`${args.join(' ')} has ended:\n${errors.join('\n')}`));
        else wanted.push({ resolve, reject });
      }),
    say: (line) => void child.stdin?.write(`${line}\n`),
    errors: () => errors.join('\n'),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
};

/** Microseconds of CPU its threads have used so far, in user mode and in the kernel. */
export const cpuOf = (pid: number): number => {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`))
    ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ', 1)[0]);
  return ns / 1000;
};

/** Octets of memory it has resident, what it shares with others included. */
export const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
