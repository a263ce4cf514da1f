// onesoup as an operator runs it: a process of its own, a configuration file, a data directory.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { KeyPair } from './authority.ts';
import { type Child, startChild } from './child.ts';
import type { Network } from './network.ts';
import { freePorts } from './ports.ts';
import { withResolvConf } from './resolver.ts';

export interface Backend {
  readonly domain: string;
  readonly host?: string;
  readonly port: number;
}

/** How it federates: other servers reach it on an address of its own, ports 5269 and 5270. */
export interface OnesoupFederation {
  readonly network: Network;
  readonly keys: KeyPair;
  /** One of the network's; otherwise it takes a new one. */
  readonly address?: string;
  /** The section `federation` of its configuration. */
  readonly settings?: object;
}

export interface OnesoupComponent {
  readonly domain: string;
  readonly secret: string;
  /** Further keys of its entry in the configuration. */
  readonly settings?: object;
}

export interface Onesoup {
  readonly domain: string;
  readonly directory: string;
  /** Where other servers reach it; 127.0.0.1 unless it federates. Everything else is on 127.0.0.1. */
  readonly address: string;
  readonly ports: {
    readonly http: number;
    readonly c2s: number;
    readonly c2sTls: number;
    readonly cir: number;
    readonly s2s: number;
    readonly s2sTls: number;
    readonly component: number;
  };
  readonly pid: number | undefined;
  /** The address to type into a phone. */
  readonly csp: string;
  /** Runs a command of the `onesoup` program; `input` goes to its standard input. Rejects when it fails. */
  command(args: readonly string[], input?: string): Promise<string>;
  addUser(name: string, password: string, options?: { readonly phone?: boolean }): Promise<void>;
  start(): Promise<void>;
  /** Ends the process; SIGKILL leaves it no time for anything. The data stays. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  output(): string;
  /** Ends the process and removes the data. */
  remove(): Promise<void>;
}

const node = new URL('../../node_modules/.bin/node', import.meta.url).pathname;
const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;

/** Prepares a data directory and free ports on loopback; call `start` then. */
export const prepareOnesoup = async (
  options: {
    readonly domain?: string;
    readonly backends?: readonly Backend[];
    readonly federation?: OnesoupFederation;
    readonly components?: readonly OnesoupComponent[];
    /** Further ports: keys of its section `listen`. */
    readonly listen?: object;
    readonly extra?: object;
  } = {},
): Promise<Onesoup> => {
  const { federation } = options;
  const domain = options.domain ?? 'home.test';
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-interop-'));
  const [http = 0, c2s = 0, c2sTls = 0, cir = 0, component = 0] = await freePorts(5);
  const [s2s, s2sTls] = [5269, 5270];
  const address = federation ? (federation.address ?? federation.network.newAddress()) : '127.0.0.1';
  const file = join(directory, 'onesoup.yaml');
  const resolvConf = join(directory, 'resolv.conf');
  federation?.network.dns.writeResolvConf(resolvConf);
  const backends = (options.backends ?? []).map(({ domain, host = '127.0.0.1', port }) => ({
    domain,
    host,
    port,
    // The certificates of a test's peers are of their own making.
    tls: 'optional',
  }));
  const components = (options.components ?? []).map(({ domain, secret, settings }) => {
    const secretFile = join(directory, `${domain}.secret`);
    writeFileSync(secretFile, secret, { mode: 0o600 });
    return { domain, secret_file: secretFile, ...settings };
  });
  writeFileSync(
    file,
    stringify({
      domain,
      data: join(directory, 'data'),
      listen: {
        http: `127.0.0.1:${http}`,
        c2s: `127.0.0.1:${c2s}`,
        c2s_tls: `127.0.0.1:${c2sTls}`,
        s2s: federation ? `${address}:${s2s}` : false,
        s2s_tls: federation ? `${address}:${s2sTls}` : false,
        component: `127.0.0.1:${component}`,
        cir_tcp: `127.0.0.1:${cir}`,
        cir_udp: `127.0.0.1:${cir}`,
        ...options.listen,
      },
      cir: { public_host: '127.0.0.1', datagram_networks: ['127.0.0.0/8'] },
      ...(backends.length > 0 ? { gateway: { backends } } : {}),
      ...(federation && {
        tls: { certificate: federation.keys.certificate, key: federation.keys.key },
        federation: { ca: federation.network.authority.ca, ...federation.settings },
      }),
      ...(components.length > 0 && { components }),
      log: { level: 'debug', pretty: 'never' },
      ...options.extra,
    }),
  );
  let child: Child | undefined;
  const command = async (args: readonly string[], input = ''): Promise<string> => {
    const run = startChild(node, [main, ...args, '--config', file]);
    if (input !== '') run.send(input);
    const status = await run.exited;
    if (status !== 0) throw new Error(`onesoup ${args.join(' ')} ended with ${status}:\n${run.output()}`);
    return run.output();
  };
  const onesoup: Onesoup = {
    domain,
    directory,
    address,
    ports: { http, c2s, c2sTls, cir, s2s, s2sTls, component },
    get pid() {
      return child?.pid;
    },
    csp: `http://127.0.0.1:${http}/csp`,
    command,
    async addUser(name, password, { phone = false } = {}) {
      await command(['user', 'add', `${name}@${domain}`, '--password-stdin', ...(phone ? ['--phone'] : [])], password);
    },
    async start() {
      const serve = [main, 'serve', '--config', file] as const;
      const started = startChild(...(federation ? withResolvConf(resolvConf, node, serve) : ([node, serve] as const)));
      child = started;
      const until = Date.now() + 20_000;
      for (;;) {
        const up = await fetch(`http://127.0.0.1:${http}/healthz`).then(
          (answer) => answer.ok,
          () => false,
        );
        if (up) return;
        const gone = await Promise.race([started.exited, sleep(50, undefined)]);
        if (gone !== undefined || Date.now() > until)
          throw new Error(`onesoup did not start (${gone ?? 'no answer in 20 s'}):\n${started.output()}`);
      }
    },
    async stop(signal = 'SIGTERM') {
      return (await child?.end(signal)) ?? 0;
    },
    output: () => child?.output() ?? '',
    async remove() {
      await child?.end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return onesoup;
};
