// Pictures are made smaller in a process beside the program's own, one at a time. A picture that takes too long, or too much
// memory, costs that process its life and nobody anything else. A thread would not do: one that runs out of memory in the
// midst of a large array takes the whole program with it, and twenty octets that call themselves a picture are enough for that.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../../base/clock.ts';
import type { Log } from '../../../../base/log.ts';
import type { Meter } from '../../../../base/meter.ts';
import { bad, type Outcome } from '../../../../base/outcome.ts';
import type { Picture, PictureFault, Pictures, PictureWish } from '../contents.ts';

export interface PictureDesk extends Pictures {
  close(): Promise<void>;
}

const waitingMax = 32;
const workMs = 15_000;
/** A process that has nothing to do for so long is let go. */
const idleMs = 60_000;
const heapMegabytes = 256;

type Result = Outcome<Picture, PictureFault>;

// Run from source in development, compiled in the published package.
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
);

/** `gone`: it has ended, by whatever. */
const start = (gone: (worker: ChildProcess) => void): ChildProcess => {
  const worker = fork(program, {
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
    serialization: 'advanced',
    // What it complains of in its last moments says nothing that the counter does not.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  worker.on('error', () => gone(worker));
  worker.on('exit', () => gone(worker));
  return worker;
};

export interface DeskOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export const pictureDesk = ({ clock, log, meter }: DeskOptions): PictureDesk => {
  const made = meter.counter('onesoup_csp_pictures_total', 'Pictures made smaller for phones, by outcome', ['outcome']);
  let worker: ChildProcess | undefined;
  let idle: Disposable | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  const letGo = async (): Promise<void> => {
    const old = worker;
    worker = undefined;
    idle?.[Symbol.dispose]();
    if (!old || old.exitCode !== null || old.signalCode !== null) return;
    // Whoever waits for its end stays until then.
    old.ref();
    const gone = once(old, 'exit');
    old.kill('SIGKILL');
    await gone;
  };

  const work = async (octets: Uint8Array, wish: PictureWish): Promise<Result> => {
    if (isClosed) return bad('busy');
    idle?.[Symbol.dispose]();
    worker ??= start((gone) => {
      if (worker === gone) worker = undefined;
    });
    const mine = worker;
    const answer = await ask(mine, { octets, wish });
    if (typeof answer === 'string') {
      made.add({ outcome: answer });
      const { exitCode, signalCode } = mine;
      log.info({ outcome: answer, octets: octets.length, exitCode, signalCode }, 'a picture could not be made smaller');
      if (worker === mine) await letGo();
      return bad(isClosed ? 'busy' : 'too-large');
    }
    made.add({ outcome: answer.ok ? 'made' : answer.fault });
    idle = clock.after(idleMs, () => void letGo());
    return answer;
  };

  const ask = async (to: ChildProcess, what: object): Promise<Result | 'too-slow' | 'died'> => {
    const answer = Promise.withResolvers<Result | 'too-slow' | 'died'>();
    const timer = clock.after(workMs, () => answer.resolve('too-slow'));
    const died = (): void => answer.resolve('died');
    to.ref();
    to.channel?.ref();
    to.once('message', answer.resolve as (result: unknown) => void);
    to.once('error', died);
    to.once('exit', died);
    to.send(what, (cause) => {
      if (cause) died();
    });
    try {
      return await answer.promise;
    } finally {
      timer[Symbol.dispose]();
      to.off('message', answer.resolve);
      to.off('error', died);
      to.off('exit', died);
      to.unref();
      to.channel?.unref();
    }
  };

  return {
    async fit(octets, wish) {
      if (waiting >= waitingMax || isClosed) {
        made.add({ outcome: 'busy' });
        return bad('busy');
      }
      waiting++;
      const mine = last.then(() => work(octets, wish));
      // The next one comes whether this one fails or not: its caller hears of it.
      last = mine.catch(() => {});
      try {
        return await mine;
      } finally {
        waiting--;
      }
    },
    async close() {
      isClosed = true;
      await letGo();
      await last;
    },
  };
};
