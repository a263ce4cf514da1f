// Where to listen.

import { section } from '../section.ts';
import { endpoint, on } from '../values.ts';

export const listen = section(
  {
    http: endpoint()
      .default(on('127.0.0.1', 5280))
      .describe(
        'CSP for phones (`POST /csp`, and POST on any path with a CSP content type), the web pages, `/healthz`, `/metrics`. Phones know no TLS that is still safe: give them this port, or a proxy in front of it.',
      ),
    https: endpoint().default(false).describe('The same over TLS.'),
    https_old: endpoint()
      .default(false)
      .describe(
        'CSP alone over TLS 1.0 with the ciphers of 2004, for phones that insist on `https://` and know nothing newer (docs/phones.md). It keeps out nobody who means it. Its self-signed certificate has a key of its own.',
      ),
    c2s: endpoint().default(on('0.0.0.0', 5222)).describe('XMPP clients: TCP with STARTTLS.'),
    c2s_tls: endpoint().default(on('0.0.0.0', 5223)).describe('XMPP clients: TLS from the first octet (XEP-0368).'),
    s2s: endpoint()
      .default(on('0.0.0.0', 5269))
      .describe('Other XMPP servers: TCP with STARTTLS. Nothing listens here while `federation.enabled` is false.'),
    s2s_tls: endpoint().default(false).describe('Other XMPP servers: TLS from the first octet (XEP-0368).'),
    component: endpoint()
      .default(on('127.0.0.1', 5347))
      .describe(
        'External components (XEP-0114). Nothing listens here while `components` is empty. There is no encryption on this port: keep it on loopback, or on a network of your own.',
      ),
    cir_tcp: endpoint().default(on('0.0.0.0', 3717)).describe("Phones' wake-up channel (CIR) over TCP."),
    cir_udp: endpoint().default(on('0.0.0.0', 3717)).describe("Phones' wake-up channel (CIR) over UDP."),
  },
  'Where to listen: `host:port` (IPv6 in brackets), or `false` to turn it off.',
);
