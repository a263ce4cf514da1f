// ejabberd as a peer: an Erlang of its own with its own configuration, Mnesia and certificate, on a loopback address of its own.
// The node has no name, so that no port mapper (epmd) is needed; users are made over its HTTP API.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { KeyPair } from './authority.ts';
import { type Child, startChild } from './child.ts';
import type { Network } from './network.ts';
import { withResolvConf } from './resolver.ts';

export const hasEjabberd = (): boolean => existsSync('/usr/sbin/ejabberdctl') && existsSync('/usr/bin/erl');

export interface EjabberdOptions {
  readonly network: Network;
  /** The first is where its users are unless a call says otherwise. */
  readonly domains?: readonly string[];
  readonly keys: KeyPair;
  /** `false`: other servers must show a certificate for their domain. */
  readonly isDialback?: boolean;
  /** `s2s_use_starttls`; as `required_trusted` would be `optional` plus `isDialback: false`. */
  readonly starttls?: 'optional' | 'required' | 'false';
  /** Seconds until a stream nobody uses is closed. */
  readonly idleSeconds?: number;
  /** Where it keeps uploaded files (XEP-0363), a directory; undefined: it takes none. */
  readonly uploads?: string;
  /** Further keys of its configuration, and modules. */
  readonly config?: object;
  readonly modules?: object;
}

export interface Ejabberd {
  readonly domain: string;
  readonly directory: string;
  /** Where it listens for clients and servers. */
  readonly address: string;
  readonly ports: { readonly c2s: number; readonly s2s: number; readonly s2sTls: number; readonly http: number };
  readonly pid: number | undefined;
  /** Runs a command of `ejabberdctl`'s, for instance `register`, and gives its answer. */
  api(command: string, body: object): Promise<unknown>;
  addUser(name: string, password: string, domain?: string): Promise<void>;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  output(): string;
  remove(): Promise<void>;
}

const ports = { c2s: 5222, s2s: 5269, s2sTls: 5270, http: 5280 };

const configuration = (ip: string, domains: readonly string[], options: EjabberdOptions): object => {
  const { network, keys, isDialback = true, starttls = 'optional', idleSeconds = 600 } = options;
  const modules = {
    mod_adhoc: {},
    mod_admin_extra: {},
    mod_blocking: {},
    mod_caps: {},
    mod_carboncopy: {},
    mod_disco: {},
    mod_http_api: {},
    mod_last: {},
    mod_muc: { hosts: domains.map((domain) => `rooms.${domain}`), access_create: 'all', default_room_options: {} },
    mod_offline: {},
    mod_ping: {},
    mod_privacy: {},
    mod_private: {},
    mod_pubsub: { plugins: ['flat', 'pep'] },
    mod_roster: {},
    ...(isDialback && { mod_s2s_dialback: {} }),
    mod_stream_mgmt: {},
    mod_vcard: { search: false },
    mod_version: {},
    ...(options.uploads && {
      mod_http_upload: { put_url: `http://${ip}:${ports.http}/upload`, docroot: options.uploads, access: 'all' },
    }),
    ...options.modules,
  };
  const listener = (port: number, module: string, more: object = {}) => ({ port, ip, module, ...more });
  return {
    hosts: domains,
    loglevel: process.env['EJABBERD_LOG'] ?? 'info',
    certfiles: [keys.both],
    ca_file: network.authority.ca,
    s2s_use_starttls: starttls === 'false' ? false : starttls,
    s2s_cafile: network.authority.ca,
    s2s_timeout: `${idleSeconds} seconds`,
    s2s_dns_timeout: '2 seconds',
    s2s_max_retry_delay: 1,
    outgoing_s2s_families: ['ipv4'],
    listen: [
      listener(ports.c2s, 'ejabberd_c2s', { starttls: true }),
      listener(ports.s2s, 'ejabberd_s2s_in'),
      listener(ports.s2sTls, 'ejabberd_s2s_in', { tls: true }),
      listener(ports.http, 'ejabberd_http', {
        request_handlers: { '/api': 'mod_http_api', ...(options.uploads && { '/upload': 'mod_http_upload' }) },
      }),
    ],
    acl: { loopback: { ip: ['127.0.0.0/8'] } },
    api_permissions: { 'the test': { who: { access: [{ allow: { acl: 'loopback' } }] }, what: '*' } },
    modules,
    ...options.config,
  };
};

/** What Erlang's resolver is told; the name server last, for naming a file of name servers forgets those before it. */
const inetrc = (address: string): string => `
{lookup, [file, dns]}.
{resolv_conf, ""}.
{hosts_file, ""}.
{timeout, 1000}.
{retry, 2}.
{cache_size, 0}.
{nameserver, {${address.replaceAll('.', ',')}}}.
`;

/** Prepares directory and configuration, and tells the name server; call `start` then, and add users. */
export const prepareEjabberd = async (options: EjabberdOptions): Promise<Ejabberd> => {
  const { network, domains = ['ejabberd.test'] } = options;
  const [domain = ''] = domains;
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-ejabberd-'));
  const at = (file: string): string => join(directory, file);
  const address = network.newAddress();
  mkdirSync(at('mnesia'));
  writeFileSync(at('ejabberd.yml'), stringify(configuration(address, domains, options)));
  // It asks for services itself and for addresses by way of the C library.
  network.dns.writeResolvConf(at('resolv.conf'));
  writeFileSync(at('inetrc'), inetrc(network.dns.address));
  const env = {
    ...process.env,
    HOME: directory,
    ERL_LIBS: '/usr/lib/x86_64-linux-gnu',
    ERL_INETRC: at('inetrc'),
    ERL_CRASH_DUMP: at('erl_crash.dump'),
    EJABBERD_CONFIG_PATH: at('ejabberd.yml'),
    EJABBERD_LOG_PATH: at('ejabberd.log'),
  };
  let child: Child | undefined;
  let past = '';
  const base = `http://${address}:${ports.http}`;

  const ejabberd: Ejabberd = {
    domain,
    directory,
    address,
    ports,
    get pid() {
      return child?.pid;
    },
    async api(command, body) {
      const answer = await fetch(`${base}/api/${command}`, { method: 'POST', body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`ejabberd's ${command} answered ${answer.status}: ${text}`);
      return JSON.parse(text) as unknown;
    },
    async addUser(user, password, host = domain) {
      await ejabberd.api('register', { user, host, password });
    },
    async start() {
      const [command, args] = withResolvConf(at('resolv.conf'), 'erl', [
        ...['-noinput', '+K', 'true', '+S', '2:2', '-start_epmd', 'false'],
        ...['-mnesia', 'dir', JSON.stringify(at('mnesia')), '-s', 'ejabberd'],
      ]);
      const started = startChild(command, args, { cwd: directory, env });
      child = started;
      const gone = started.exited.then((how) => `it ended (${how})`);
      for (const until = Date.now() + 45_000; ; ) {
        const up = await fetch(`${base}/api/status`, { method: 'POST', body: '{}' }).then(
          (answer) => answer.ok,
          () => false,
        );
        if (up) return;
        const fault = await Promise.race([gone, sleep(100, Date.now() > until ? 'no answer in 45 s' : undefined)]);
        if (fault !== undefined) throw new Error(`ejabberd did not start (${fault}):\n${started.output()}`);
      }
    },
    async stop(signal = 'SIGTERM') {
      if (!child) return;
      await child.end(signal);
      past += `${child.output()}\n`;
      child = undefined;
    },
    output: () => past + (child?.output() ?? ''),
    async remove() {
      await ejabberd.stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return ejabberd;
};
