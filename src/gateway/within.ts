import type { Clock } from '../base/clock.ts';

/** Waits for the work, but no longer than that; the work goes on. */
export const within = async (clock: Clock, ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: Disposable | undefined;
  const late = new Promise<void>((resolve) => {
    timer = clock.after(ms, resolve);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    timer?.[Symbol.dispose]();
  }
};
