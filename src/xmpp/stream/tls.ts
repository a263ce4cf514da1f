// TLS as XMPP wants it: 1.2 at least (RFC 7590 §3.1 with RFC 8996), STARTTLS or from the first octet (XEP-0368).

import type { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { toAsciiDomain } from '../idna.ts';

/** Certificate chain and key, PEM. */
export const serverTlsContext = (
  options: Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase' | 'ca'>,
): SecureContext => createSecureContext({ ...options, minVersion: 'TLSv1.2' });

export type ContextChoice = SecureContext | ((serverName: string | undefined) => SecureContext);

/** The server's side. A handshake that fails emits 'error'. */
export const wrapServerTls = (socket: Duplex, choice: ContextChoice, options: { isDirect: boolean }): TLSSocket => {
  const isChoice = typeof choice === 'function';
  return new TLSSocket(socket as ConstructorParameters<typeof TLSSocket>[0], {
    isServer: true,
    secureContext: isChoice ? choice(undefined) : choice,
    ...(isChoice && {
      SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) => {
        try {
          done(null, choice(name));
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
    }),
    ...(options.isDirect && { ALPNProtocols: ['xmpp-client'] }),
  });
};

/**
 * The client's side. The certificate is judged, not enforced: ask `authorized` when it is secure. `domain` is what it has to
 * be for (RFC 6120 §13.7.2), whatever the host is called; `ca`: PEM of authorities to trust instead of the usual ones.
 */
export const wrapClientTls = (
  socket: Duplex,
  domain: string,
  options: { readonly isDirect: boolean; readonly ca?: string | undefined },
): TLSSocket =>
  connect({
    socket,
    // SNI (RFC 6066 §3) and certificates have internationalised domains in ASCII.
    servername: toAsciiDomain(domain),
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.isDirect && { ALPNProtocols: ['xmpp-client'] }),
  });
