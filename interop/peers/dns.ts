// The name server of a test: UDP and TCP on a loopback address of its own, answering for the domains the test made up.
// The peers' resolvers can only be told an address, so it has to be port 53: see `canServeNames`.

import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  streamEncode,
} from 'dns-packet';

/** Where a server of a domain listens: an IPv4 address of loopback. */
export interface Place {
  readonly address: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

/** What the name server says of one domain; what is left out does not exist. */
export interface Zone {
  readonly a?: readonly string[];
  /** SRV `_xmpp-server._tcp`, `_xmpps-server._tcp` (XEP-0368), `_xmpp-client._tcp`. */
  readonly server?: readonly Place[];
  readonly serverTls?: readonly Place[];
  readonly client?: readonly Place[];
}

export interface Dns extends AsyncDisposable {
  /** It listens here, on port 53, over UDP and TCP. */
  readonly address: string;
  /** Says from now on what `zone` says, and nothing else, of this domain; undefined: the domain is unknown. */
  place(domain: string, zone: Zone | undefined): void;
  /** How long answers may be kept, in seconds. */
  ttlSeconds: number;
  /** Every answer waits so long, in milliseconds. */
  delayMs: number;
  /** While set, no query is answered. */
  isSilent: boolean;
  /** What was asked, in order: `SRV _xmpp-server._tcp.prosody.test`. */
  readonly queries: string[];
  /** Writes a resolv.conf that names this server. */
  writeResolvConf(file: string): void;
}

/** Whether this process may listen on port 53 and give its children a resolv.conf of their own: root, and no narrow container. */
export const canServeNames = (): boolean =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'mount', '--bind', '/etc/resolv.conf', '/etc/resolv.conf']).status === 0;

const services = [
  ['_xmpp-server._tcp.', 'server'],
  ['_xmpps-server._tcp.', 'serverTls'],
  ['_xmpp-client._tcp.', 'client'],
] as const;

/** The name a SRV record gives a loopback address: `ip-127-0-3-1.hosts.test`. */
const hostOf = (address: string): string => `ip-${address.replaceAll('.', '-')}.hosts.test`;
const addressOf = (name: string): string | undefined =>
  /^ip-(127-\d+-\d+-\d+)\.hosts\.test$/.exec(name)?.[1]?.replaceAll('-', '.');

/** The records of a name and type; undefined: there is no such name. */
const lookUp = (
  zones: ReadonlyMap<string, Zone>,
  name: string,
  type: string,
  ttl: number,
): readonly Answer[] | undefined => {
  const a = (addresses: readonly string[]): readonly Answer[] =>
    type === 'A' ? addresses.map((data) => ({ name, type: 'A', ttl, data })) : [];
  const host = addressOf(name);
  if (host !== undefined) return a([host]);
  const zone = zones.get(name);
  if (zone) return a(zone.a ?? []);
  for (const [prefix, key] of services) {
    const places = name.startsWith(prefix) ? zones.get(name.slice(prefix.length))?.[key] : undefined;
    if (places)
      return type !== 'SRV'
        ? []
        : places.map(({ address, port, priority = 0, weight = 0 }) => ({
            name,
            type: 'SRV',
            ttl,
            data: { priority, weight, port, target: hostOf(address) },
          }));
  }
  return undefined;
};

const nameError = 3;

const answerTo = (query: Packet, zones: ReadonlyMap<string, Zone>, queries: string[], ttl: number): Packet => {
  const [question] = query.questions ?? [];
  const name = question?.name.toLowerCase() ?? '';
  const type = question?.type ?? 'A';
  queries.push(`${type} ${name}`);
  const answers = lookUp(zones, name, type, ttl);
  // Erlang takes no answer that does not repeat what it desired.
  const desired = (query.flags ?? 0) & RECURSION_DESIRED;
  const flags = desired | AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (answers ? 0 : nameError);
  return {
    type: 'response',
    ...(query.id !== undefined && { id: query.id }),
    flags,
    questions: query.questions ?? [],
    answers: [...(answers ?? [])],
  };
};

const bindUdp = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(53, address, () => resolve(socket));
  });

const bindTcp = (address: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(53, address, () => resolve(server));
  });

/** On the first free of 127.0.53.1, 127.0.53.2 …, so that suites running at the same time have one each. */
const bind = async (): Promise<readonly [string, Socket, Server]> => {
  for (let last = 1; ; last++) {
    const address = `127.0.53.${last}`;
    try {
      const udp = await bindUdp(address);
      try {
        return [address, udp, await bindTcp(address)];
      } catch (cause) {
        udp.close();
        throw cause;
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE' || last === 254) throw cause;
    }
  }
};

export const startDns = async (): Promise<Dns> => {
  const [address, udp, tcp] = await bind();
  const zones = new Map<string, Zone>();
  const queries: string[] = [];
  const open = new Set<TcpSocket>();
  const timers = new Set<NodeJS.Timeout>();
  const soon = (send: () => void): void => {
    if (dns.isSilent) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      send();
    }, dns.delayMs);
    timers.add(timer);
  };
  udp.on('message', (bytes, from) => {
    const answer = encode(answerTo(decode(bytes), zones, queries, dns.ttlSeconds));
    soon(() => udp.send(answer, from.port, from.address));
  });
  tcp.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A resolver that hangs up is not the test's news.
    socket.on('error', () => {});
    let left: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      left = Buffer.concat([left, bytes]);
      while (left.length >= 2 && left.length >= 2 + left.readUInt16BE()) {
        const end = 2 + left.readUInt16BE();
        const answer = streamEncode(answerTo(decode(left.subarray(2, end)), zones, queries, dns.ttlSeconds));
        left = left.subarray(end);
        soon(() => socket.writable && socket.write(answer));
      }
    });
  });
  const dns: Dns = {
    address,
    ttlSeconds: 1,
    delayMs: 0,
    isSilent: false,
    queries,
    place(domain, zone) {
      if (zone) zones.set(domain, zone);
      else zones.delete(domain);
    },
    writeResolvConf: (file) => writeFileSync(file, `nameserver ${address}\noptions timeout:1 attempts:2\n`),
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of open) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(resolve)),
        new Promise((resolve) => tcp.close(resolve)),
      ]);
    },
  };
  return dns;
};
