// onesoup from its source, as `npm start` runs it: one process, a configuration file, its own SQLite file.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePorts } from '../../../interop/peers/ports.ts';
import { domain, type People, writePeople } from './people.ts';
import { type Program, startProgram } from './process.ts';

export interface Onesoup extends AsyncDisposable {
  readonly program: Program;
  readonly ports: { readonly http: number; readonly c2s: number; readonly cir: number };
  /** All counters and gauges of /metrics, by name and labels as they stand there. */
  metrics(): Promise<ReadonlyMap<string, number>>;
}

const launcher = new URL('../../../bin/onesoup.mjs', import.meta.url).pathname;

/** The configuration that is measured, for a directory and ports: the default but for limits per address and session. */
export const configuration = (directory: string, ports: Onesoup['ports']): object => ({
  domain,
  data: join(directory, 'data'),
  listen: {
    http: `127.0.0.1:${ports.http}`,
    c2s: `127.0.0.1:${ports.c2s}`,
    cir_tcp: `127.0.0.1:${ports.cir}`,
    ...{ c2s_tls: false, s2s: false, cir_udp: false },
  },
  // A friend's client is only there to take what comes.
  tls: { required: false },
  cir: { public_host: '127.0.0.1' },
  federation: { enabled: false },
  // Where no wake-up channel is open, a poll in vain is answered at once, as it is where one is.
  gateway: { poll_hold_seconds: 0 },
  // All phones are here, and a few hundred of them ask as often as many thousands would.
  limits: { requests_per_second: 1000, connections_per_address: 100_000, stanzas_per_second: 10_000 },
  log: { level: 'info', pretty: 'never' },
});

/** Ready to serve when it resolves. `more`: of Node's options. */
export const startOnesoup = async (people: People, more: readonly string[] = []): Promise<Onesoup> => {
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-bench-'));
  const [http = 0, c2s = 0, cir = 0] = await freePorts(3);
  const ports = { http, c2s, cir };
  const file = join(directory, 'onesoup.yaml');
  writeFileSync(file, stringify(configuration(directory, ports)));
  await writePeople(join(directory, 'data', 'onesoup.db'), people);
  const program = startProgram([...more, launcher, 'serve', '--config', file]);
  const remove = async (): Promise<void> => {
    await program.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  const until = performance.now() + 60_000;
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${http}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
  while (!(await isUp())) {
    if (performance.now() > until) {
      await remove();
      throw new Error(`onesoup did not start:\n${program.errors()}`);
    }
    await sleep(50);
  }
  return {
    program,
    ports,
    async metrics() {
      const text = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
      const found = new Map<string, number>();
      for (const line of text.split('\n')) {
        const [, name, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
        if (name !== undefined) found.set(name, Number(value));
      }
      return found;
    },
    [Symbol.asyncDispose]: remove,
  };
};
