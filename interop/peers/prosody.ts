// Prosody as a peer: a process of its own with its own configuration, data and certificate, on loopback ports.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { type Child, startChild } from './child.ts';
import { freePorts } from './ports.ts';

export interface Prosody {
  readonly domain: string;
  readonly directory: string;
  readonly ports: { readonly c2s: number; readonly c2sTls: number; readonly s2s: number };
  /** The certificate it shows, PEM: its own authority. */
  readonly certificate: string;
  addUser(name: string, password: string): Promise<void>;
  start(): Promise<void>;
  /** Ends the process; the data stays. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** What it logged so far, for the message of a failing test. */
  output(): string;
  /** Ends the process and removes the data. */
  remove(): Promise<void>;
}

export interface ProsodyOptions {
  readonly domain?: string;
  /** Modules beside the usual ones. */
  readonly modules?: readonly string[];
  /** Modules to leave out, 'smacks' for instance. */
  readonly without?: readonly string[];
  /** No TLS above 1.2: where Prosody 0.12 can bind channels (tls-unique). */
  readonly isTls12Only?: boolean;
  /** Further lines of its configuration, in Lua. */
  readonly config?: string;
}

const usual = [
  'disco',
  'roster',
  'saslauth',
  'tls',
  'blocklist',
  'private',
  'smacks',
  'vcard_legacy',
  'ping',
  'register',
];
const more = ['time', 'version', 'lastactivity', 'offline', 'pep', 'carbons'];

const configuration = (directory: string, domain: string, ports: Prosody['ports'], options: ProsodyOptions): string => {
  const protocol = options.isTls12Only ? ', protocol = "tlsv1_2"' : '';
  const ssl = `{ certificate = "${directory}/cert.pem", key = "${directory}/key.pem"${protocol} }`;
  return `
run_as_root = true
daemonize = false
pidfile = "${directory}/prosody.pid"
data_path = "${directory}/data"
log = { { levels = { min = "${process.env.PROSODY_LOG ?? 'info'}" }, to = "console" } }
interfaces = { "127.0.0.1" }
c2s_ports = { ${ports.c2s} }
c2s_direct_tls_ports = { ${ports.c2sTls} }
s2s_ports = { ${ports.s2s} }
modules_enabled = { ${[...usual, ...more, ...(options.modules ?? [])]
    .filter((name) => !options.without?.includes(name))
    .map((name) => `"${name}"`)
    .join(', ')} }
modules_disabled = { "s2s" }
authentication = "internal_hashed"
allow_registration = false
c2s_require_encryption = false
ssl = ${ssl}
c2s_direct_tls_ssl = ${ssl}
${options.config ?? ''}
VirtualHost "${domain}"
`;
};

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Prepares a data directory, a certificate and free ports on loopback; add users, then call `start`. */
export const prepareProsody = async (options: ProsodyOptions = {}): Promise<Prosody> => {
  const domain = options.domain ?? 'prosody.test';
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-prosody-'));
  const [c2s = 0, c2sTls = 0, s2s = 0] = await freePorts(3);
  const ports = { c2s, c2sTls, s2s };
  const pems = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: domain }] },
    ],
  });
  mkdirSync(join(directory, 'data'));
  writeFileSync(join(directory, 'cert.pem'), pems.cert);
  writeFileSync(join(directory, 'key.pem'), pems.private, { mode: 0o600 });
  const file = join(directory, 'prosody.cfg.lua');
  writeFileSync(file, configuration(directory, domain, ports, options));
  let child: Child | undefined;
  let past = '';

  const prosody: Prosody = {
    domain,
    directory,
    ports,
    certificate: pems.cert,
    async addUser(name, password) {
      await promisify(execFile)('prosodyctl', ['--config', file, 'register', name, domain, password], {
        timeout: 20_000,
      });
    },
    async start() {
      const started = startChild('prosody', ['--config', file, '-F']);
      child = started;
      const gone = started.exited.then((how) =>
        Promise.reject(new Error(`prosody ended (${how}) before it was ready:\n${started.output()}`)),
      );
      // Once it is ready, its end is the test's own doing and nobody waits for this.
      gone.catch(() => {});
      const ready = async (): Promise<void> => {
        for (const until = Date.now() + 20_000; Date.now() < until; await sleep(50)) if (await listens(c2s)) return;
        throw new Error(`prosody does not listen:\n${started.output()}`);
      };
      await Promise.race([ready(), gone]);
    },
    async stop(signal = 'SIGTERM') {
      if (!child) return;
      await child.end(signal);
      past += `${child.output()}\n`;
      child = undefined;
    },
    output: () => past + (child?.output() ?? ''),
    async remove() {
      await prosody.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return prosody;
};
