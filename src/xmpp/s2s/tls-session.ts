// A TLS session to go on with, as text (PeerHints.tlsSession). It holds good for the very pair it was begun for: the other
// server sees the certificate in it that we showed then. Its own certificate is kept along, for a session that is gone on with
// shows none to the side that connects.

import type { Pair } from './s2s.ts';

export const formatTlsSession = ({ local, remote }: Pair, session: Buffer, certificate: Buffer): string =>
  [Buffer.from(local), Buffer.from(remote), session, certificate].map((part) => part.toString('base64url')).join('.');

export const parseTlsSession = (
  { local, remote }: Pair,
  text: string | undefined,
): { readonly session: Buffer; readonly certificate: Buffer } | undefined => {
  const [ours, theirs, session, certificate, ...rest] = (text ?? '')
    .split('.')
    .map((part) => Buffer.from(part, 'base64url'));
  if (!session?.length || !certificate?.length || rest.length > 0) return undefined;
  return ours?.toString() === local && theirs?.toString() === remote ? { session, certificate } : undefined;
};
