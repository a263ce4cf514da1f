// Channel binding: proof that both ends of the SASL exchange are the ends of one TLS connection. RFC 5929 (tls-unique,
// tls-server-end-point), RFC 9266 (tls-exporter), XEP-0440.

import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** Strongest first. */
export const channelBindingTypes = ['tls-exporter', 'tls-unique', 'tls-server-end-point'] as const;
export type ChannelBindingType = (typeof channelBindingTypes)[number];
export type ChannelBindings = ReadonlyMap<ChannelBindingType, Uint8Array>;

export const noChannelBindings: ChannelBindings = new Map();

/** What this connection can be bound by. `isServer`: is the certificate ours? Call after the handshake. */
export const channelBindingsOf = (socket: TLSSocket, isServer: boolean): ChannelBindings => {
  const bindings = new Map<ChannelBindingType, Uint8Array>();
  const protocol = socket.getProtocol();
  if (protocol === 'TLSv1.3') {
    bindings.set('tls-exporter', socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)));
    // COMPAT slixmpp 1.8 (Debian 12): binds by tls-unique in TLS 1.3 too, where RFC 9266 leaves it undefined, takes the
    // client's Finished for it, and cannot sign in otherwise. Taken from clients, never offered (offeredBindings); test:
    // interop/chat.test.ts.
    const finished = isServer ? socket.getPeerFinished() : undefined;
    if (finished) bindings.set('tls-unique', finished);
  } else if (protocol === 'TLSv1.2') {
    // The first Finished of the handshake: the client's, or in a resumed session the server's (RFC 5929 §3.1).
    const isClientFirst = !socket.isSessionReused();
    const first = isClientFirst === isServer ? socket.getPeerFinished() : socket.getFinished();
    if (first) bindings.set('tls-unique', first);
  }
  const certificate = isServer ? socket.getX509Certificate() : socket.getPeerX509Certificate();
  if (certificate) bindings.set('tls-server-end-point', serverEndPoint(certificate));
  return bindings;
};

/** RFC 5929 §4.1: the certificate's digest by the hash of its own signature; MD5 and SHA-1 count as SHA-256. */
export const serverEndPoint = (certificate: X509Certificate): Uint8Array => {
  const hash = signatureHashes[signatureAlgorithm(certificate.raw)] ?? 'sha256';
  return createHash(hash).update(certificate.raw).digest();
};

/** Object identifiers (the DER octets in hex) of signatures that are not over SHA-256. */
const signatureHashes: Readonly<Record<string, string>> = {
  '2a864886f70d01010c': 'sha384', // sha384WithRSAEncryption
  '2a864886f70d01010d': 'sha512', // sha512WithRSAEncryption
  '2a8648ce3d040303': 'sha384', // ecdsa-with-SHA384
  '2a8648ce3d040304': 'sha512', // ecdsa-with-SHA512
};

/** Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER … } … } */
const signatureAlgorithm = (der: Uint8Array): string => {
  const tbs = derValue(der, derValue(der, 0).start);
  const algorithm = derValue(der, derValue(der, tbs.end).start);
  return Buffer.from(der.subarray(algorithm.start, algorithm.end)).toString('hex');
};

/** Where the value of the DER element at `at` starts and ends. The input is a certificate that OpenSSL has parsed. */
const derValue = (der: Uint8Array, at: number): { start: number; end: number } => {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  return { start: at + 2 + octets, end: at + 2 + octets + length };
};
