// onesoup serve: runs until it is told to stop. SIGINT and SIGTERM close streams and flush queues; asked a second time, it
// goes at once.

import type { Log } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { createLog, isLogPretty } from './log.ts';
import { panel } from './panel.ts';

/** The program while it runs, as the command line sees it; src/app.ts makes it. */
export interface RunningApp {
  readonly domain: string;
  readonly data: string;
  /** Where it listens, host:port; undefined: turned off. */
  readonly listening: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    readonly httpsOld: string | undefined;
    readonly c2s: string | undefined;
    readonly c2sTls: string | undefined;
    readonly s2s: string | undefined;
    readonly s2sTls: string | undefined;
    readonly component: string | undefined;
    readonly cirTcp: string | undefined;
    readonly cirUdp: string | undefined;
  };
  readonly isCertificateOurs: boolean;
  /** Closes every stream with <system-shutdown/>, stores what is queued, lets go of files and ports. */
  stop(): Promise<void>;
}

/** Everything listens when it resolves; a failure to start rejects. */
export type StartApp = (config: Config, log: Log) => Promise<RunningApp>;

/** A terminal and `npm start` may both pass on one Ctrl-C; signals closer together than this are one. */
const sameSignalMs = 500;

/** Resolves when the app has stopped. */
export const serve = async (config: Config, startApp: StartApp): Promise<void> => {
  const told = Promise.withResolvers<NodeJS.Signals>();
  let toldAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (toldAt !== undefined && now - toldAt > sameSignalMs) process.exit(1);
    toldAt ??= now;
    told.resolve(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    const log = createLog(config);
    const app = await startApp(config, log);
    // A JSON log has standard output to itself.
    (isLogPretty(config) ? process.stdout : process.stderr).write(`${panel(app)}\n`);
    log.info({ signal: await told.promise }, 'stopping');
    await app.stop();
    log.info({}, 'stopped');
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
};
