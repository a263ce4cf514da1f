// Where another server of XMPP is found (RFC 6120 §3.2, XEP-0368): SRV records, else the domain's own addresses and port 5269.
// All of it is asked for at once, so that a domain without records costs one round trip to the name server, not two.

import { isIP, isIPv4 } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import { toAsciiDomain } from '../idna.ts';
import type { StanzaCondition } from '../stanza.ts';
import type { DnsAnswer, Resolver } from './resolver.ts';
import { isOwnMachine } from './special-addresses.ts';
import { type Server, serversOf } from './srv.ts';

/** Why no connection can be had. */
export interface ConnectFault {
  readonly reason:
    | 'not-found' // DNS knows no server of the domain
    | 'no-name-server' // DNS could not be asked
    | 'forbidden' // its addresses are not for us to connect to
    | 'unreachable'; // nobody answers there
  /** For operators. */
  readonly text: string;
  /** For whoever sent something there. */
  readonly condition: StanzaCondition;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly isDirectTls: boolean;
}

/** The endpoints of one server, in the order to try them (RFC 8305 §4: the families in turn). */
export type Endpoints = readonly Endpoint[];

export interface LookUpOptions {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly fraction: () => number;
  /** Servers that are given, whatever DNS says. */
  readonly route?: Server | undefined;
  /** May DNS lead to loopback and link-local addresses? */
  readonly allowsOwnMachine: boolean;
  /** For all of it. */
  readonly timeoutMs?: number;
}

const port = 5269;
/** A domain with more than these has its reasons, but not our time. */
const serversMax = 8;
const addressesMax = 6;

/** The servers of a (prepared) domain in the order to try them, each with at least one address. Never rejects. */
export const lookUp = async (
  domain: string,
  options: LookUpOptions,
): Promise<Outcome<readonly Endpoints[], ConnectFault>> => {
  const { clock, timeoutMs = 10_000 } = options;
  const late = Promise.withResolvers<Outcome<readonly Endpoints[], ConnectFault>>();
  using _timer = clock.after(timeoutMs, () => late.resolve(bad(noNameServer('the name server does not answer'))));
  return await Promise.race([late.promise, options.route ? given(options.route, options) : found(domain, options)]);
};

const given = async (route: Server, options: LookUpOptions) => {
  const addresses = await addressesOf(route.host, options.resolver);
  if (addresses.kind === 'found') return good([addresses.values.map((address) => ({ ...route, address }))]);
  return bad(
    addresses.kind === 'failed'
      ? noNameServer(addresses.text)
      : notFound(`the route's host ${route.host} has no address`),
  );
};

const found = async (domain: string, options: LookUpOptions): Promise<Outcome<readonly Endpoints[], ConnectFault>> => {
  const { resolver } = options;
  const literal = domain.startsWith('[') ? domain.slice(1, -1) : domain;
  if (isIP(literal)) return allowed([[{ address: literal, port, isDirectTls: false }]], options);
  const name = toAsciiDomain(domain);
  const itself = addressesOf(name, resolver);
  const [plain, direct] = await Promise.all([
    resolver.srv(`_xmpp-server._tcp.${name}`),
    resolver.srv(`_xmpps-server._tcp.${name}`),
  ]);
  const records = (answer: DnsAnswer<Parameters<typeof serversOf>[0][number]>) =>
    answer.kind === 'found' ? answer.values : [];
  const servers = serversOf(records(plain), records(direct), options.fraction);
  if (!servers) {
    const own = await itself;
    if (own.kind === 'found')
      return allowed([own.values.map((address) => ({ address, port, isDirectTls: false }))], options);
    const failed = [own, plain, direct].find((answer) => answer.kind === 'failed');
    return bad(failed ? noNameServer(failed.text) : notFound(`DNS has neither records nor an address of ${name}`));
  }
  if (!servers.length) return bad(notFound(`DNS says that ${name} has no XMPP service`));
  const resolved = await Promise.all(
    servers.slice(0, serversMax).map(async (server) => ({ server, answer: await addressesOf(server.host, resolver) })),
  );
  const endpoints = resolved.flatMap(({ server, answer }) =>
    answer.kind === 'found'
      ? [answer.values.map((address) => ({ address, port: server.port, isDirectTls: server.isDirectTls }))]
      : [],
  );
  if (endpoints.length) return allowed(endpoints, options);
  const failed = resolved.map(({ answer }) => answer).find((answer) => answer.kind === 'failed');
  return bad(
    failed
      ? noNameServer(failed.text)
      : notFound(`the SRV records of ${name} lead to ${servers[0]?.host}, which has no address`),
  );
};

/** The families in turn, IPv6 first. */
const addressesOf = async (host: string, resolver: Resolver): Promise<DnsAnswer<string>> => {
  if (isIP(host)) return { kind: 'found', values: [host] };
  const name = toAsciiDomain(host);
  const [six, four] = await Promise.all([resolver.ip6(name), resolver.ip4(name)]);
  const sixes = six.kind === 'found' ? six.values : [];
  const fours = four.kind === 'found' ? four.values : [];
  const values: string[] = [];
  for (let n = 0; n < Math.max(sixes.length, fours.length); n++)
    values.push(...[sixes[n], fours[n]].filter((address) => address !== undefined));
  if (values.length) return { kind: 'found', values: values.slice(0, addressesMax) };
  return [six, four].find((answer) => answer.kind === 'failed') ?? { kind: 'absent' };
};

const allowed = (
  servers: readonly Endpoints[],
  { allowsOwnMachine }: LookUpOptions,
): Outcome<readonly Endpoints[], ConnectFault> => {
  if (allowsOwnMachine) return good(servers);
  const fit = servers
    .map((endpoints) => endpoints.filter(({ address }) => !isOwnMachine(address)))
    .filter((endpoints) => endpoints.length > 0);
  if (fit.length) return good(fit);
  const { address = '' } = servers[0]?.[0] ?? {};
  return bad({
    reason: 'forbidden',
    text: `DNS leads to ${address}, ${isIPv4(address) ? 'a' : 'an IPv6'} loopback or link-local address; a route, or federation.loopback: true, allows that`,
    condition: 'remote-server-not-found',
  });
};

const notFound = (text: string): ConnectFault => ({
  reason: 'not-found',
  text,
  condition: 'remote-server-not-found',
});
const noNameServer = (text: string): ConnectFault => ({
  reason: 'no-name-server',
  text: `DNS: ${text}`,
  condition: 'remote-server-timeout',
});
