// Other XMPP servers.

import { z } from 'zod';
import { section } from '../section.ts';
import { domain, domainPattern, fingerprint, nameServer, oneOf, path, routes, whole, yesOrNo } from '../values.ts';

const peer = z.strictObject({
  domain: domain().describe('A domain we have agreed on something with, or that lies behind a constrained link.'),
  tls: oneOf('required', 'optional', 'off')
    .optional()
    .describe('As `federation.tls`; `off`: never, for networks that are closed already.'),
  pins: z
    .array(fingerprint(), { error: () => 'must be a list of SHA-256 fingerprints' })
    .max(20, { error: () => 'must be a list of at most 20 fingerprints' })
    .default([])
    .describe(
      'SHA-256 of its certificate or of its public key (`onesoup federation` shows it). With pins nothing else proves who it is, whatever authority signed it.',
    ),
  dialback: oneOf('allowed', 'never').optional().describe('As `federation.dialback`.'),
  bidi: yesOrNo().default(true).describe('One connection for both directions where it can (XEP-0288).'),
  keep_open: yesOrNo()
    .default(false)
    .describe('The connection is made at the start, made again whenever it is lost, and never closed for being idle.'),
  keep_alive_seconds: whole(0, 86_400)
    .default(0)
    .describe('White space on an idle connection after so long, for firewalls that forget; 0: none.'),
  queue_seconds: whole(1, 604_800)
    .optional()
    .describe('As `federation.queue_seconds`: hours, say, for a ship that is out of reach at times.'),
});

export const federation = section(
  {
    enabled: yesOrNo().default(true).describe('`false`: messages to other servers are refused, and none may connect.'),
    routes: routes()
      .default({})
      .describe('Servers that are not looked up in DNS: closed networks. `example.org: 10.0.0.7:5269`.'),
    dns: z
      .array(nameServer(), { error: () => 'must be a list of name servers' })
      .default([])
      .describe("Name servers to ask; empty: the system's (/etc/resolv.conf). /etc/hosts is not read."),
    loopback: yesOrNo()
      .default(false)
      .describe(
        'May DNS lead to loopback and link-local addresses? Otherwise strangers could have this machine speak to itself. Routes may at any rate.',
      ),
    ca: path('the path of a PEM file')
      .optional()
      .describe('Authorities to trust for other servers, beside the public ones.'),
    tls: oneOf('required', 'optional')
      .default('required')
      .describe('`optional`: servers that offer no TLS are spoken to without, and may come without.'),
    dialback: oneOf('allowed', 'never')
      .default('allowed')
      .describe(
        'May a server prove its domain by dialback (XEP-0220), which trusts DNS? `never`: only with a certificate that is valid for it; many servers have none.',
      ),
    allow: z
      .array(domainPattern(), { error: () => 'must be a list of domains' })
      .default([])
      .describe('The only domains to speak with; empty: all. Those in `federation.peers` are always among them.'),
    deny: z
      .array(domainPattern(), { error: () => 'must be a list of domains' })
      .default([])
      .describe('Domains not to speak with, whatever `federation.allow` says.'),
    queue_seconds: whole(10, 604_800)
      .default(600)
      .describe(
        'How long a message waits for a server that cannot be reached, before its sender is told. It is kept on disk meanwhile.',
      ),
    idle_minutes: whole(1, 10_080).default(15).describe('A connection nothing went over for so long is closed.'),
    connections_per_address: whole(1, 100_000)
      .default(50)
      .describe('Connections of other servers from one IP address at a time.'),
    stanza_bytes: whole(10_000, 10_000_000).default(262_144).describe('The largest stanza of another server.'),
    stanzas_per_second: whole(10, 100_000)
      .default(1000)
      .describe('Stanzas read from one connection, on average; a faster server is read more slowly.'),
    peers: z
      .array(peer, { error: () => 'must be a list of { domain, … }' })
      .max(1000, { error: () => 'must be a list of at most 1000 servers' })
      .default([])
      .describe('Servers that something was agreed on with (XEP-0361).'),
  },
  'Other XMPP servers (docs/federation.md).',
);
