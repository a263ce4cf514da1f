// Prosody as a peer: a process of its own with its own configuration, data and certificate, on loopback ports.

import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import type { KeyPair } from './authority.ts';
import { type Child, startChild } from './child.ts';
import type { Network } from './network.ts';
import { freePorts } from './ports.ts';
import { withResolvConf } from './resolver.ts';

export interface Prosody {
  readonly domain: string;
  readonly directory: string;
  /** Where it listens; 127.0.0.1 unless it federates. */
  readonly address: string;
  readonly ports: { readonly c2s: number; readonly c2sTls: number; readonly s2s: number; readonly s2sTls: number };
  readonly pid: number | undefined;
  /** The certificate it shows, PEM: its own authority unless it federates. */
  readonly certificate: string;
  addUser(name: string, password: string, domain?: string): Promise<void>;
  start(): Promise<void>;
  /** Ends the process; the data stays. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** What it logged so far, for the message of a failing test. */
  output(): string;
  /** Ends the process and removes the data. */
  remove(): Promise<void>;
}

/** How it federates: on an address of its own, ports 5222, 5223, 5269 and 5270. */
export interface ProsodyFederation {
  readonly network: Network;
  readonly keys: KeyPair;
  /** Domains beside the first. */
  readonly domains?: readonly string[];
  /** A component that serves chat rooms: its domain. */
  readonly rooms?: string;
  /** `s2s_secure_auth`: only certificates of the network's authority will do. */
  readonly isCertificateRequired?: boolean;
  /** XEP-0220, XEP-0288 and XEP-0198 between servers; true unless told otherwise. */
  readonly isDialback?: boolean;
  readonly isBidi?: boolean;
  readonly isSmacks?: boolean;
  /** STARTTLS is a must. */
  readonly isEncryptionRequired?: boolean;
}

export interface ProsodyOptions {
  readonly domain?: string;
  /** Without it, it speaks to no other server. */
  readonly federation?: ProsodyFederation;
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

/** What a Prosody that federates has beside the rest; else only that it does not. */
const federationLines = (federation: ProsodyFederation | undefined, s2sTls: number, ssl: string): string => {
  if (!federation) return 'modules_disabled = { "s2s" }';
  const { isCertificateRequired = false, isSmacks = true, isEncryptionRequired = true } = federation;
  return `
use_ipv6 = false
s2s_direct_tls_ports = { ${s2sTls} }
s2s_direct_tls_ssl = ${ssl}
s2s_secure_auth = ${isCertificateRequired}
s2s_require_encryption = ${isEncryptionRequired}
smacks_enabled_s2s = ${isSmacks}
`;
};

const hostLines = (domain: string, federation: ProsodyFederation | undefined): string =>
  [domain, ...(federation?.domains ?? [])]
    .map((host) => `VirtualHost "${host}"\n`)
    .concat(federation?.rooms === undefined ? [] : [`Component "${federation.rooms}" "muc"\n`])
    .join('');

const federationModules = ({ isDialback = true, isBidi = true }: ProsodyFederation): readonly string[] => [
  ...(isDialback ? ['dialback'] : []),
  ...(isBidi ? ['s2s_bidi'] : []),
];

const configuration = (
  directory: string,
  domain: string,
  address: string,
  ports: Prosody['ports'],
  options: ProsodyOptions,
): string => {
  const { federation } = options;
  const protocol = options.isTls12Only ? ', protocol = "tlsv1_2"' : '';
  const trust = federation ? `, cafile = "${federation.network.authority.ca}"` : '';
  const ssl = `{ certificate = "${directory}/cert.pem", key = "${directory}/key.pem"${protocol}${trust} }`;
  const modules = [...usual, ...more, ...(federation ? federationModules(federation) : []), ...(options.modules ?? [])];
  return `
run_as_root = true
daemonize = false
pidfile = "${directory}/prosody.pid"
data_path = "${directory}/data"
log = { { levels = { min = "${process.env['PROSODY_LOG'] ?? 'info'}" }, to = "console" } }
interfaces = { "${address}" }
c2s_ports = { ${ports.c2s} }
c2s_direct_tls_ports = { ${ports.c2sTls} }
s2s_ports = { ${ports.s2s} }
modules_enabled = { ${modules
    .filter((name) => !options.without?.includes(name))
    .map((name) => `"${name}"`)
    .join(', ')} }
authentication = "internal_hashed"
allow_registration = false
c2s_require_encryption = false
ssl = ${ssl}
c2s_direct_tls_ssl = ${ssl}
${federationLines(federation, ports.s2sTls, ssl)}
${options.config ?? ''}
${hostLines(domain, federation)}
`;
};

const listens = (port: number, address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const wellKnownPorts: Prosody['ports'] = { c2s: 5222, c2sTls: 5223, s2s: 5269, s2sTls: 5270 };
const anyPorts = async (): Promise<Prosody['ports']> => {
  const [c2s = 0, c2sTls = 0, s2s = 0, s2sTls = 0] = await freePorts(4);
  return { c2s, c2sTls, s2s, s2sTls };
};

/** Both write the files the configuration names and give the certificate, PEM. */
const copyKeys = (keys: KeyPair, directory: string): string => {
  copyFileSync(keys.certificate, join(directory, 'cert.pem'));
  copyFileSync(keys.key, join(directory, 'key.pem'));
  return readFileSync(keys.certificate, 'utf8');
};
const makeCertificate = async (domain: string, certificate: string, key: string): Promise<string> => {
  const pems = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: domain }] },
    ],
  });
  writeFileSync(certificate, pems.cert);
  writeFileSync(key, pems.private, { mode: 0o600 });
  return pems.cert;
};

/** Prepares a data directory, a certificate and free ports on loopback; add users, then call `start`. */
export const prepareProsody = async (options: ProsodyOptions = {}): Promise<Prosody> => {
  const domain = options.domain ?? 'prosody.test';
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-prosody-'));
  const { federation } = options;
  const address = federation?.network.newAddress() ?? '127.0.0.1';
  const ports = federation ? wellKnownPorts : await anyPorts();
  mkdirSync(join(directory, 'data'));
  const certificate = federation
    ? copyKeys(federation.keys, directory)
    : await makeCertificate(domain, join(directory, 'cert.pem'), join(directory, 'key.pem'));
  const file = join(directory, 'prosody.cfg.lua');
  writeFileSync(file, configuration(directory, domain, address, ports, options));
  federation?.network.dns.writeResolvConf(join(directory, 'resolv.conf'));
  let child: Child | undefined;
  let past = '';

  const prosody: Prosody = {
    domain,
    directory,
    ports,
    certificate,
    address,
    get pid() {
      return child?.pid;
    },
    async addUser(name, password, host = domain) {
      await promisify(execFile)('prosodyctl', ['--config', file, 'register', name, host, password], {
        timeout: 20_000,
      });
    },
    async start() {
      const [command, args] = federation
        ? withResolvConf(join(directory, 'resolv.conf'), 'prosody', ['--config', file, '-F'])
        : (['prosody', ['--config', file, '-F']] as const);
      const started = startChild(command, args);
      child = started;
      const gone = started.exited.then((how) =>
        Promise.reject(new Error(`prosody ended (${how}) before it was ready:\n${started.output()}`)),
      );
      // Once it is ready, its end is the test's own doing and nobody waits for this.
      gone.catch(() => {});
      const ready = async (): Promise<void> => {
        for (const until = Date.now() + 20_000; Date.now() < until; await sleep(50))
          if (await listens(ports.c2s, address)) return;
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
