// What another server's certificate is worth: whom it is for (RFC 6120 §13.7.1.2, RFC 9525, XEP-0178), whether an authority we
// trust stands behind it, or whether it is one agreed on beforehand (XEP-0361 §4). The common name counts for nothing.

import { createHash, X509Certificate } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  Certificate,
  DisplayText,
  id_ce_subjectAltName,
  type OtherName,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { prepareDomain, toAsciiDomain } from '../idna.ts';
import type { PeerPolicy, PeerCertificate as ShownCertificate } from './s2s.ts';
import { isTrustedClient } from './trust.ts';

/** Whom a certificate is for, in lower case and ASCII. */
export interface CertificateNames {
  /** dNSName; the left-most label may be '*'. */
  readonly dns: readonly string[];
  /** SRVName for this service (RFC 4985), without it: domains. */
  readonly srv: readonly string[];
  /** id-on-xmppAddr (RFC 6120 §13.7.1.4) without local part and resource: domains. */
  readonly xmpp: readonly string[];
}

const srvName = '1.3.6.1.5.5.7.8.7';
const xmppAddr = '1.3.6.1.5.5.7.8.5';
const service = '_xmpp-server.';

/** `der`: the certificate. One that cannot be read is for nobody. */
export const namesOf = (der: Uint8Array): CertificateNames => {
  const dns: string[] = [];
  const srv: string[] = [];
  const xmpp: string[] = [];
  for (const { dNSName, otherName } of alternativeNames(der)) {
    if (dNSName !== undefined) dns.push(dNSName.toLowerCase());
    const text = otherName && textOf(otherName);
    if (text === undefined) continue;
    if (otherName?.typeId === srvName && text.toLowerCase().startsWith(service))
      srv.push(text.slice(service.length).toLowerCase());
    if (otherName?.typeId === xmppAddr) {
      const domain = prepareDomain(text);
      if (domain !== undefined) xmpp.push(toAsciiDomain(domain));
    }
  }
  return { dns, srv, xmpp };
};

const alternativeNames = (der: Uint8Array): SubjectAlternativeName => {
  try {
    const { extensions } = AsnConvert.parse(der, Certificate).tbsCertificate;
    const extension = extensions?.find(({ extnID }) => extnID === id_ce_subjectAltName);
    if (extension) return AsnConvert.parse(extension.extnValue, SubjectAlternativeName);
  } catch {
    // TLS has taken the certificate, so this is an extension of no form: it names nobody.
  }
  return new SubjectAlternativeName();
};

const textOf = ({ value }: OtherName): string | undefined => {
  try {
    const { utf8String, ia5String } = AsnConvert.parse(value, DisplayText);
    return utf8String ?? ia5String;
  } catch {
    return undefined;
  }
};

/** Is it for the domain (canonical text)? */
export const isFor = ({ dns, srv, xmpp }: CertificateNames, domain: string): boolean => {
  const ascii = toAsciiDomain(domain);
  if (srv.includes(ascii) || xmpp.includes(ascii)) return true;
  const dot = ascii.indexOf('.');
  // RFC 9525 §6.3: '*' is a whole label, the left-most, and stands for exactly one.
  const wild = dot > 0 && ascii.indexOf('.', dot + 1) > 0 ? `*${ascii.slice(dot)}` : undefined;
  return dns.some((name) => name === ascii || name === wild);
};

/** What the other side of a TLS connection has shown. */
export interface PeerCertificate {
  /** DER. */
  readonly raw: Buffer;
  /** An authority we trust stands behind it, and its time has not run out. */
  readonly isTrusted: boolean;
  readonly names: CertificateNames;
  /** SHA-256 of its public key and of the whole, hex. */
  readonly fingerprints: readonly string[];
}

export const peerCertificate = (raw: Buffer, isTrusted: boolean): PeerCertificate => ({
  raw,
  isTrusted,
  names: namesOf(raw),
  fingerprints: [new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' }), raw].map((octets) =>
    createHash('sha256').update(octets).digest('hex'),
  ),
});

/** For operators. */
export const describeCertificate = ({ raw, isTrusted, names, fingerprints }: PeerCertificate): ShownCertificate => {
  const { issuer, validToDate } = new X509Certificate(raw);
  return {
    names: [...new Set([...names.dns, ...names.srv, ...names.xmpp])],
    issuer: issuer.replaceAll('\n', ', '),
    validUntil: validToDate.toISOString(),
    pin: fingerprints[0] ?? '',
    isTrusted,
  };
};

/** What a server has shown that connects to us; `context`: with which the handshake was made. */
export const clientCertificate = (tls: TLSSocket, context: SecureContext): PeerCertificate | undefined => {
  const { raw } = tls.getPeerCertificate();
  return raw && peerCertificate(raw, isTrustedClient(tls, context));
};

/**
 * What a server has shown that we connect to. `remembered`: what it showed when the TLS session began that is gone on with; our
 * copy of a session has it no more.
 */
export const serverCertificate = (tls: TLSSocket, remembered: Buffer | undefined): PeerCertificate | undefined => {
  const raw = tls.getPeerCertificate().raw ?? (tls.isSessionReused() ? remembered : undefined);
  return raw && peerCertificate(raw, tls.authorized);
};

export type CertificateProof = 'pinned' | 'valid';

/** Does it prove the domain under that policy? Where there are pins, nothing else does. */
export const provesDomain = (
  certificate: PeerCertificate | undefined,
  domain: string,
  { pins }: PeerPolicy,
): CertificateProof | undefined => {
  if (!certificate) return undefined;
  if (pins) return certificate.fingerprints.some((one) => pins.includes(one)) ? 'pinned' : undefined;
  return certificate.isTrusted && isFor(certificate.names, domain) ? 'valid' : undefined;
};
