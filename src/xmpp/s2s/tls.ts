// TLS between servers: both sides show a certificate, and each judges the other's by itself (RFC 6120 §13.7, XEP-0178).

import { createSecureContext, getCACertificates, type SecureContext, setDefaultCACertificates } from 'node:tls';
import { noteAuthorities } from './trust.ts';

/** `cert`, `key`: our chain and its key, PEM; `ca`: authorities to trust instead of the usual ones, PEM. */
export const s2sTlsContext = (options: {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: readonly string[] | undefined;
}): SecureContext => {
  const { cert, key, ca } = options;
  const context = trusting(ca, () =>
    createSecureContext({
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      minVersion: 'TLSv1.2',
      // Without one, a server that asks for certificates cannot resume a TLS session.
      sessionIdContext: 'xmpp-server',
    }),
  );
  if (ca) noteAuthorities(context, ca);
  return context;
};

/**
 * Makes a context that trusts `ca`. Given to the context itself, their names would go to every server that connects, in the
 * request for its certificate: with the authorities of a usual system that is 30 kB for each connection. The default ones are
 * not named, so for the moment they are these.
 */
const trusting = (ca: readonly string[] | undefined, make: () => SecureContext): SecureContext => {
  if (ca === undefined) return make();
  const usual = getCACertificates('default');
  setDefaultCACertificates(ca);
  try {
    return make();
  } finally {
    setDefaultCACertificates(usual);
  }
};
