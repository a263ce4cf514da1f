// What src/xmpp does for our clients' streams, for the support table: RFC 6120, XEP-0198, XEP-0368.

import type { Feature } from './feature.ts';

export const streams: Feature = {
  specs: [
    {
      id: 'RFC 6120',
      name: 'XMPP Core',
      scope: 'clients: STARTTLS, SASL (SCRAM with and without channel binding, PLAIN over TLS), binding',
    },
    { id: 'RFC 7622', name: 'XMPP Address Format', scope: 'all' },
    {
      id: 'XEP-0198',
      name: 'Stream Management',
      version: '1.6.3',
      scope: 'acknowledgement and resumption within one process',
    },
    {
      id: 'XEP-0368',
      name: 'SRV records for XMPP over TLS',
      version: '1.1.0',
      scope: 'TLS from the first octet on a port of its own',
    },
  ],
  taps: () => [],
};
