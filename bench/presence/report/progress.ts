// What a run is at, on standard error: one line for each thing done, and what is being done on the last line of a terminal.

export interface Progress {
  begins(what: string): void;
  /** One of the steps is done. */
  done(what: string): void;
}

export const showProgress = (steps: number): Progress => {
  const start = performance.now();
  const { stderr } = process;
  let done = 0;
  const line = (text: string): void => {
    const at = `${((performance.now() - start) / 1000).toFixed(0)} s`.padStart(6);
    stderr.write(`${stderr.isTTY ? '\r\x1b[K' : ''}${at}  ${`${done}/${steps}`.padStart(7)}  ${text}\n`);
  };
  return {
    begins(what) {
      if (stderr.isTTY) stderr.write(`\r\x1b[K${what} …`);
    },
    done(what) {
      done++;
      line(what);
    },
  };
};
