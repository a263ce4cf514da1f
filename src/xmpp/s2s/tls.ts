// TLS between servers: both sides show a certificate, and each judges the other's by itself (RFC 6120 §13.7, XEP-0178).

import { createSecureContext, type SecureContext } from 'node:tls';

/** `cert`, `key`: our chain and its key, PEM; `ca`: authorities to trust instead of the usual ones, PEM. */
export const s2sTlsContext = (options: {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: readonly string[] | undefined;
}): SecureContext => {
  const { cert, key, ca } = options;
  return createSecureContext({
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca: [...ca] }),
    minVersion: 'TLSv1.2',
    // Without one, a server that asks for certificates cannot resume a TLS session.
    sessionIdContext: 'xmpp-server',
  });
};
