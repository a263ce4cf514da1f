// Pictures are made smaller in one thread beside the program's own, one at a time. A picture that takes too long, or too much
// memory, costs that thread its life and nobody anything else.

import { Worker } from 'node:worker_threads';
import type { Clock } from '../../../../base/clock.ts';
import type { Meter } from '../../../../base/meter.ts';
import { bad, type Outcome } from '../../../../base/outcome.ts';
import type { Picture, PictureFault, Pictures, PictureWish } from '../contents.ts';

export interface PictureDesk extends Pictures {
  close(): Promise<void>;
}

const waitingMax = 32;
const workMs = 15_000;
/** A thread that has nothing to do for so long is let go. */
const idleMs = 60_000;
const heapMegabytes = 256;

type Result = Outcome<Picture, PictureFault>;

// Run from source in development, compiled in the published package.
const program = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export const pictureDesk = ({ clock, meter }: { readonly clock: Clock; readonly meter: Meter }): PictureDesk => {
  const made = meter.counter('onesoup_csp_pictures_total', 'Pictures made smaller for phones, by outcome', ['outcome']);
  let worker: Worker | undefined;
  let idle: Disposable | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  const letGo = async (): Promise<void> => {
    const old = worker;
    worker = undefined;
    idle?.[Symbol.dispose]();
    await old?.terminate();
  };

  const work = async (octets: Uint8Array, wish: PictureWish): Promise<Result> => {
    if (isClosed) return bad('busy');
    idle?.[Symbol.dispose]();
    worker ??= new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } });
    const mine = worker;
    mine.unref();
    const answer = await new Promise<Result | 'too-slow' | 'died'>((resolve) => {
      const timer = clock.after(workMs, () => resolve('too-slow'));
      mine.removeAllListeners();
      mine.once('message', (result: Result) => {
        timer[Symbol.dispose]();
        resolve(result);
      });
      const died = (): void => {
        timer[Symbol.dispose]();
        resolve('died');
      };
      mine.once('error', died);
      mine.once('exit', died);
      mine.postMessage({ octets, wish });
    });
    if (typeof answer === 'string') {
      made.add({ outcome: answer });
      await letGo();
      return bad(isClosed ? 'busy' : 'too-large');
    }
    made.add({ outcome: answer.ok ? 'made' : answer.fault });
    mine.removeAllListeners();
    mine.on('error', () => {});
    idle = clock.after(idleMs, () => void letGo());
    return answer;
  };

  return {
    async fit(octets, wish) {
      if (waiting >= waitingMax || isClosed) {
        made.add({ outcome: 'busy' });
        return bad('busy');
      }
      waiting++;
      const mine = last.then(() => work(octets, wish));
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
