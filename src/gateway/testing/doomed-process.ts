// Starts doomed.ts, a program that is killed, and starts it again on the same files.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What it is told. */
export interface Doom {
  /** Where its files are, and those of the life before. */
  readonly directory: string;
  /** For phones. Default: any. */
  readonly port?: number;
  /** It kills itself at that moment, counted from 1 from when it is ready. Default: it does not. */
  readonly lastMoment?: number;
  /** Accounts to be made, whose password is 'secret'. */
  readonly users?: readonly string[];
  /** Messages alone, by the plainest service there is; what phones are served; that, and pictures. */
  readonly serves: 'messages' | 'everything' | 'everything and files';
  /** Its time of day, for a process whose time is given to it (GivenTime). Default: it has time of its own. */
  readonly wallMs?: number;
}

export interface DoomedProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Resolves when it is dead. */
  readonly exited: Promise<unknown>;
}

const program = new URL('./doomed.ts', import.meta.url).pathname;
/** What Node has compiled before: a start takes a third of the time. */
const compiled = new URL('../../../node_modules/.cache/onesoup', import.meta.url).pathname;

/** Resolves when phones can reach it. Rejects when it ends before. */
export const startDoomed = async (doom: Doom): Promise<DoomedProcess> => {
  const child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(doom)], {
    stdio: ['ignore', 'pipe', 'inherit', ...(doom.wallMs === undefined ? [] : ['ipc' as const])],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  const exited = once(child, 'exit');
  const ready = once(child.stdout as NodeJS.ReadableStream, 'data') as Promise<[Buffer]>;
  const first = await Promise.race([ready, exited]);
  if (!Buffer.isBuffer(first[0])) throw new Error(`the doomed process ended before it began: ${first.join(' ')}`);
  return { child, port: Number(first[0].toString()), exited };
};
