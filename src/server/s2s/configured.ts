// The section `federation` of the configuration, in the words of settings.ts.

import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import type { Config } from '../../config/config.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { FederationSettings, PeerSettings } from './settings.ts';

type Section = Config['federation'];

/** Throws TypeError for a domain that is none (RFC 7622). */
export const configuredSettings = (section: Section): Partial<FederationSettings> => ({
  routes: new Map(
    Object.entries(section.routes).map(([domain, { host, port, isDirectTls }]) => [
      canonical(domain),
      { host, port, isDirectTls },
    ]),
  ),
  tls: section.tls,
  allowsDialback: section.dialback === 'allowed',
  allow: section.allow.map(canonicalPattern),
  deny: section.deny.map(canonicalPattern),
  peers: new Map(section.peers.map((peer) => [canonical(peer.domain), peerSettings(peer)])),
  queueMs: section.queue_seconds * 1000,
  idleMs: section.idle_minutes * 60_000,
  allowsOwnMachine: section.loopback,
  connectionsPerAddressMax: section.connections_per_address,
  stanzaBytesMax: section.stanza_bytes,
  stanzasPerSecond: section.stanzas_per_second,
});

const peerSettings = (peer: Section['peers'][number]): PeerSettings => ({
  ...(peer.tls !== undefined && { tls: peer.tls }),
  pins: peer.pins,
  ...(peer.dialback !== undefined && { allowsDialback: peer.dialback === 'allowed' }),
  ...(peer.keep_alive_seconds > 0 && { keepAliveMs: peer.keep_alive_seconds * 1000 }),
  ...(peer.queue_seconds !== undefined && { queueMs: peer.queue_seconds * 1000 }),
  isKeptOpen: peer.keep_open,
  usesBidi: peer.bidi,
});

/** As stanzas have it: Unicode labels, lower case. */
const canonical = (domain: string): string => Jid.from(domain).domain;
const canonicalPattern = (pattern: string): string =>
  pattern.startsWith('*.') ? `*.${canonical(pattern.slice(2))}` : canonical(pattern);

/** Those this program and this system trust, and the operator's own. Throws the system's error. */
export const trustedAuthorities = ({ ca }: Section): readonly string[] => [
  ...new Set([...getCACertificates('default'), ...getCACertificates('system')]),
  ...(ca === undefined ? [] : [readFileSync(ca, 'utf8')]),
];
