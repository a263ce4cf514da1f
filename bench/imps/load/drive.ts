// Load: on each of many connections, one request after another until time is up.

import { cpuOf } from '../world/process.ts';
import type { Wire } from './wire.ts';

export interface Driven {
  readonly requests: number;
  readonly seconds: number;
  /** Microseconds of CPU: of the server, and of the load itself. */
  readonly serverCpu: number;
  readonly loadCpu: number;
}

export interface Lane {
  readonly wire: Wire;
  /** The next request to send on this connection. */
  readonly next: () => Uint8Array;
  /** Throws when the answer is not what it should be. */
  readonly check: (status: number, body: Buffer) => void;
}

/** pid: of the server. Resolves when the last answer is in. */
export const drive = async (lanes: readonly Lane[], ms: number, pid: number): Promise<Driven> => {
  const cpuBefore = cpuOf(pid);
  const ownBefore = process.cpuUsage();
  const start = performance.now();
  const end = start + ms;
  let requests = 0;
  let isOver = false;
  // Never asleep: a server that answers a load which waits for it pays for waking it up with every answer, one that keeps it
  // busy does not. Across a network neither does.
  const stayAwake = (): void => void (isOver || setImmediate(stayAwake));
  stayAwake();
  await Promise.all(
    lanes.map(
      ({ wire, next, check }) =>
        new Promise<void>((resolve, reject) => {
          const answered = (status: number, body: Buffer): void => {
            requests++;
            try {
              check(status, body);
            } catch (cause) {
              return reject(cause);
            }
            if (performance.now() < end) wire.ask(next(), answered, reject);
            else resolve();
          };
          wire.ask(next(), answered, reject);
        }),
    ),
  ).finally(() => {
    isOver = true;
  });
  const seconds = (performance.now() - start) / 1000;
  const own = process.cpuUsage(ownBefore);
  return { requests, seconds, serverCpu: cpuOf(pid) - cpuBefore, loadCpu: own.user + own.system };
};
