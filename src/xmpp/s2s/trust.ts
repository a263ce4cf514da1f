// Does an authority we trust stand behind the certificate of a server that connects to us? OpenSSL says so, or says why not; but
// it wants the certificate to be made for clients of TLS, and what public authorities give to servers no longer is. Where that
// is the complaint, it may hide another, so the chain is walked here once more, for a certificate that is made for servers.

import { X509Certificate } from 'node:crypto';
import { type DetailedPeerCertificate, getCACertificates, type SecureContext, type TLSSocket } from 'node:tls';

const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyUse = '2.5.29.37.0';
const chainMax = 10;
/** Certificates found good, per context: a TLS session that is gone on with has no chain any more, only the certificate. */
const rememberedMax = 1_000;

/** Authorities a context was made with (PEM), where they are not the usual ones. */
const authorities = new WeakMap<SecureContext, readonly string[]>();
const roots = new WeakMap<SecureContext, ReadonlySet<string>>();
const remembered = new WeakMap<SecureContext, Set<string>>();

export const noteAuthorities = (context: SecureContext, ca: readonly string[]): void => {
  authorities.set(context, ca);
};

/** `context`: with which the handshake was made. Ask when it is over. */
export const isTrustedClient = (tls: TLSSocket, context: SecureContext): boolean => {
  // Node judges the chain in both roles, but tells it only of sockets that tls.connect or tls.Server made; this one is wrapped
  // around a stream that has begun without TLS.
  const { ssl } = tls as unknown as {
    readonly ssl: { verifyError(): NodeJS.ErrnoException | null | undefined } | null;
  };
  if (!ssl) return false;
  const error = ssl.verifyError();
  if (error?.code !== 'INVALID_PURPOSE') return !error;
  const { fingerprint256: print } = tls.getPeerCertificate();
  const good = remembered.get(context) ?? new Set();
  if (tls.isSessionReused()) return good.has(print);
  if (!isChainGood(tls.getPeerCertificate(true), rootsOf(context))) return false;
  good.add(print);
  if (good.size > rememberedMax) for (const oldest of good.values()) if (good.delete(oldest)) break;
  remembered.set(context, good);
  return true;
};

/** From a server's certificate up to an authority: each within its time, and signed by the next, which may sign. */
const isChainGood = (leaf: DetailedPeerCertificate, trusted: ReadonlySet<string>): boolean => {
  let [one, certificate] = [leaf, new X509Certificate(leaf.raw)];
  if (!certificate.keyUsage?.includes(serverAuth)) return false;
  // Certificates live by the time of the world, as OpenSSL's own judgement does.
  const now = new Date();
  for (let length = 1; length <= chainMax; length++) {
    if (now < certificate.validFromDate || now > certificate.validToDate) return false;
    if (trusted.has(certificate.fingerprint256)) return true;
    const above = one.issuerCertificate;
    if (!above?.raw || above === one) return false;
    const issuer = new X509Certificate(above.raw);
    // Authorities set certificates aside, for mail for instance: whoever holds one may sign, but nothing for servers.
    const { keyUsage: uses } = issuer;
    if (uses && !uses.includes(serverAuth) && !uses.includes(anyUse)) return false;
    if (!issuer.ca || !certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return false;
    [one, certificate] = [above, issuer];
  }
  return false;
};

const rootsOf = (context: SecureContext): ReadonlySet<string> => {
  let known = roots.get(context);
  if (!known) {
    const pems = authorities.get(context) ?? getCACertificates('default');
    const all = pems.flatMap((pem) => pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? []);
    known = new Set(all.map((pem) => new X509Certificate(pem).fingerprint256));
    roots.set(context, known);
  }
  return known;
};
