// Whom we federate with and how: what the operator decided, for everybody and for servers known beforehand (XEP-0361).

import type { Server } from '../../xmpp/connect/srv.ts';
import type { PeerPolicy } from '../../xmpp/s2s/s2s.ts';

/** What was agreed on with one domain beforehand; what is left out is as for everybody. */
export interface PeerSettings {
  readonly tls?: PeerPolicy['tls'];
  readonly pins?: readonly string[];
  readonly allowsDialback?: boolean;
  /** White space on an idle link after so long. */
  readonly keepAliveMs?: number;
  readonly queueMs?: number;
  /** The link is made at start and made again whenever it is lost; it is never closed for being idle. */
  readonly isKeptOpen?: boolean;
  readonly usesBidi?: boolean;
}

export interface FederationSettings {
  /** Servers that are not looked up in DNS. */
  readonly routes: ReadonlyMap<string, Server>;
  readonly tls: PeerPolicy['tls'];
  readonly allowsDialback: boolean;
  /** Domains: exact, or `*.example.org` for those below. Empty: everybody. Peers are always among them. */
  readonly allow: readonly string[];
  /** Takes precedence. */
  readonly deny: readonly string[];
  readonly peers: ReadonlyMap<string, PeerSettings>;
  /** How long a message waits for its server. */
  readonly queueMs: number;
  /** … and what somebody waits for: a request, an answer, presence. */
  readonly requestMs: number;
  /** A link that nothing went over for so long is closed. */
  readonly idleMs: number;
  /** May DNS lead to loopback and link-local addresses? */
  readonly allowsOwnMachine: boolean;
  /** Stanzas and characters that wait for one server, and for all of them together. */
  readonly linkMax: QueueMax;
  readonly allLinksMax: QueueMax;
  /** Connections from one address, and in all those that have not yet shown who they are. */
  readonly connectionsPerAddressMax: number;
  readonly strangersMax: number;
  readonly connectionsMax: number;
  readonly stanzasPerSecond: number;
  readonly stanzaBytesMax: number;
}

export interface QueueMax {
  readonly stanzas: number;
  readonly chars: number;
}

export const defaultSettings: FederationSettings = {
  routes: new Map(),
  tls: 'required',
  allowsDialback: true,
  allow: [],
  deny: [],
  peers: new Map(),
  queueMs: 600_000,
  requestMs: 60_000,
  idleMs: 900_000,
  allowsOwnMachine: false,
  linkMax: { stanzas: 20_000, chars: 16_000_000 },
  allLinksMax: { stanzas: 200_000, chars: 128_000_000 },
  connectionsPerAddressMax: 50,
  strangersMax: 500,
  connectionsMax: 10_000,
  stanzasPerSecond: 1_000,
  stanzaBytesMax: 262_144,
};

/** Why we do not speak with the domain; undefined: we do. */
export const refusalOf = (remote: string, { allow, deny, peers }: FederationSettings): string | undefined => {
  if (deny.some((pattern) => matches(remote, pattern))) return 'it is on the list federation.deny';
  if (allow.length === 0 || peers.has(remote) || allow.some((pattern) => matches(remote, pattern))) return undefined;
  return 'it is not on the list federation.allow';
};

export const policyOf = (remote: string, { tls, allowsDialback, peers }: FederationSettings): PeerPolicy => {
  const peer = peers.get(remote);
  return {
    tls: peer?.tls ?? tls,
    pins: peer?.pins?.length ? peer.pins : undefined,
    allowsDialback: peer?.allowsDialback ?? allowsDialback,
  };
};

const matches = (domain: string, pattern: string): boolean =>
  pattern === '*' || (pattern.startsWith('*.') ? domain.endsWith(pattern.slice(1)) : domain === pattern);
