// TLS as XMPP wants it: 1.2 at least (RFC 7590 §3.1 with RFC 8996), STARTTLS or from the first octet (XEP-0368).

import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { toAsciiDomain } from '../idna.ts';

/** Certificate chain and key, PEM. */
export const serverTlsContext = (
  options: Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase' | 'ca'>,
): SecureContext => createSecureContext({ ...options, minVersion: 'TLSv1.2' });

export type ContextChoice = SecureContext | ((serverName: string | undefined) => SecureContext);

/** What is negotiated for XEP-0368 (ALPN). */
export type XmppProtocol = 'xmpp-client' | 'xmpp-server';

/** The server's side. A handshake that fails emits 'error'. Other servers are asked for a certificate; it is not judged here. */
export const wrapServerTls = (
  socket: Duplex,
  choice: ContextChoice,
  options: { readonly isDirect: boolean; readonly protocol?: XmppProtocol },
): TLSSocket => {
  const { isDirect, protocol = 'xmpp-client' } = options;
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
    ...(protocol === 'xmpp-server' && { requestCert: true, rejectUnauthorized: false }),
    ...(isDirect && { ALPNProtocols: [protocol] }),
  });
};

/**
 * The client's side. The certificate is judged, not enforced: ask `authorized` when it is secure. `domain` is what it has to
 * be for (RFC 6120 §13.7.2), whatever the host is called; `ca`: PEM of authorities to trust instead of the usual ones.
 */
export const wrapClientTls = (
  socket: Duplex,
  domain: string,
  options: {
    readonly isDirect: boolean;
    readonly ca?: string | readonly string[] | undefined;
    readonly protocol?: XmppProtocol;
    /** With a certificate of ours to show; then `ca` is in it. */
    readonly secureContext?: SecureContext | undefined;
    /** An earlier session to go on with (TLS 1.3 tickets). */
    readonly session?: Buffer | undefined;
  },
): TLSSocket => {
  const { isDirect, ca, protocol = 'xmpp-client', secureContext, session } = options;
  // SNI (RFC 6066 §3) and certificates have internationalised domains in ASCII, and no addresses.
  const servername = toAsciiDomain(domain);
  return connect({
    socket,
    ...(isIP(servername.replace(/^\[|\]$/g, '')) === 0 && { servername }),
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(secureContext && { secureContext }),
    ...(session && { session }),
    // Between servers the name has rules of its own (XEP-0178); `authorized` then tells of the chain alone.
    ...(protocol === 'xmpp-server' && { checkServerIdentity: () => undefined }),
    ...(isDirect && { ALPNProtocols: [protocol] }),
  });
};
