// Calling an object that lives in another thread.

import { type MessagePort, Worker } from 'node:worker_threads';

// biome-ignore lint/suspicious/noExplicitAny: arguments and answers of any call; the proxy's type is what callers see
type Calls<Of> = { [Name in keyof Of]: (...args: any[]) => Promise<unknown> };

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}
type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

export const answerCalls = <Of extends Calls<Of>>(port: MessagePort, object: Of): void => {
  port.on('message', ({ id, name, args }: Call) => {
    object[name as keyof Of](...args).then(
      (value) => port.postMessage({ id, value } satisfies Answer),
      (error: Error) => port.postMessage({ id, error: error.message } satisfies Answer),
    );
  });
};

export type Threaded<Of> = Of & { readonly end: () => Promise<void> };

/** Starts the thread of `file`, which answers the calls of `Of`. */
export const inThread = <Of extends Calls<Of>>(file: URL, names: readonly (keyof Of & string)[]): Threaded<Of> => {
  const worker = new Worker(file);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let failure: Error | undefined;
  worker.on('message', (answer: Answer) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) call?.reject(new Error(answer.error));
    else call?.resolve(answer.value);
  });
  const fail = (error: Error): void => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', (cause) => fail(new Error('the thread failed', { cause })));
  worker.on('exit', () => fail(failure ?? new Error('the thread has ended')));
  const call =
    (name: string) =>
    (...args: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.set(++last, { resolve, reject });
        worker.postMessage({ id: last, name, args } satisfies Call);
      });
  return {
    ...Object.fromEntries(names.map((name) => [name, call(name)])),
    end: async () => void (await worker.terminate()),
  } as Threaded<Of>;
};
