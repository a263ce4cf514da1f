// What federation implements, for the support table.

import type { Spec } from '../features/feature.ts';

export const specs: readonly Spec[] = [
  {
    id: 'RFC 6120 §3, §4, §5, §10.4, §13.7',
    name: 'XMPP Core between servers',
    scope: 'SRV and address look-up, happy eyeballs (RFC 8305), STARTTLS, certificates, routing, errors',
  },
  {
    id: 'XEP-0178',
    name: 'SASL EXTERNAL with Certificates',
    version: '1.2',
    scope: 'between servers, both sides',
    where: 'xmpp/s2s',
  },
  {
    id: 'XEP-0185',
    name: 'Dialback Key Generation and Validation',
    version: '1.0',
    scope: 'the recommended keys',
    where: 'xmpp/s2s/dialback-key.ts',
  },
  {
    id: 'XEP-0198',
    name: 'Stream Management',
    version: '1.6.3',
    scope: 'between servers: acknowledgements and resumption, both sides',
    where: 'xmpp/s2s',
  },
  {
    id: 'XEP-0199',
    name: 'XMPP Ping',
    version: '2.0.1',
    scope: 'shows that a server without XEP-0198 has what was sent, and that it lives',
    where: 'server/s2s/link.ts',
  },
  {
    id: 'XEP-0203',
    name: 'Delayed Delivery',
    version: '2.0',
    scope: 'a stamp on what waited for its server for more than 10 s',
    where: 'server/s2s/link.ts',
  },
  {
    id: 'XEP-0220',
    name: 'Server Dialback',
    version: '1.1.1',
    scope: 'all four parts, with piggybacking and its errors',
    where: 'xmpp/s2s/dialback.ts',
  },
  {
    id: 'XEP-0288',
    name: 'Bidirectional Server-to-Server Connections',
    version: '1.0.1',
    scope: 'both sides',
    where: 'xmpp/s2s',
  },
  {
    id: 'XEP-0344',
    name: 'Impact of TLS and DNSSEC on Dialback',
    version: '0.4',
    scope: 'a valid certificate makes dialling back unnecessary; no DNSSEC',
    where: 'xmpp/s2s',
  },
  {
    id: 'XEP-0361',
    name: 'Zero Handshake Server to Server Protocol',
    version: '0.3',
    scope:
      'its peers agreed on beforehand: policy, pinned certificates, links kept open. The handshake is not left out: what is known of a server is sent ahead, which shortens it',
    where: 'server/s2s/settings.ts',
  },
  {
    id: 'XEP-0368',
    name: 'SRV records for XMPP over TLS',
    version: '1.1.0',
    scope: '_xmpps-server, both sides, with SNI and ALPN',
    where: 'xmpp/connect',
  },
];
