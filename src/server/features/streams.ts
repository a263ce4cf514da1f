// What src/xmpp and the router do without a hook point, for the support table: RFC 6120, RFC 6121 §5 and §8, RFC 7622, SASL,
// XEP-0198, XEP-0368.

import type { Feature } from './feature.ts';

export const streams: Feature = {
  specs: [
    {
      id: 'RFC 6120',
      name: 'XMPP Core',
      scope: 'clients: STARTTLS, SASL (SCRAM with and without channel binding, PLAIN over TLS), binding',
      where: 'xmpp/stream',
    },
    { id: 'RFC 6121 §5', name: 'Exchanging messages', scope: 'all of section 5', where: 'server/messages' },
    {
      id: 'RFC 6121 §8',
      name: 'Server rules for processing stanzas',
      scope: 'all; for one domain with accounts, rooms and components beside it, and other servers',
      where: 'server/router.ts',
    },
    { id: 'RFC 7622', name: 'XMPP Address Format', scope: 'all', where: 'xmpp/jid.ts' },
    { id: 'RFC 8264, 8265', name: 'PRECIS', scope: 'user names and passwords', where: 'xmpp/precis.ts' },
    { id: 'RFC 5890–5893', name: 'IDNA2008', scope: 'labels of domains', where: 'xmpp/idna.ts' },
    { id: 'RFC 4616', name: 'SASL PLAIN', scope: 'inside TLS only', where: 'xmpp/sasl/plain.ts' },
    {
      id: 'RFC 5802, 7677',
      name: 'SASL SCRAM',
      scope: 'SCRAM-SHA-256 and SCRAM-SHA-1, each also as -PLUS',
      where: 'xmpp/sasl/scram-server.ts',
    },
    {
      id: 'RFC 5929, 9266',
      name: 'Channel bindings for TLS',
      scope: 'tls-exporter, tls-unique (before TLS 1.3), tls-server-end-point',
      where: 'xmpp/sasl/channel-binding.ts',
    },
    { id: 'RFC 7590', name: 'TLS in XMPP', scope: 'TLS 1.2 and 1.3', where: 'xmpp/stream/tls.ts' },
    {
      id: 'XEP-0198',
      name: 'Stream Management',
      version: '1.6.3',
      scope: 'acknowledgement and resumption within one process',
      where: 'xmpp/stream-management',
    },
    {
      id: 'XEP-0368',
      name: 'SRV records for XMPP over TLS',
      version: '1.1.0',
      scope: 'TLS from the first octet on a port of its own',
      where: 'xmpp/stream/tls.ts',
    },
    {
      id: 'XEP-0440',
      name: 'SASL Channel-Binding Type Capability',
      version: '1.0.0',
      scope: 'offered to clients, and heeded by the client Link',
      where: 'xmpp/stream/responder.ts',
    },
  ],
  taps: () => [],
};
