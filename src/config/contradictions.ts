// What no key shows by itself: values that do not go together.

import type { Keys } from './schema.ts';

export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Each with the key that a person would change. */
export const contradictions = (config: Keys): readonly Contradiction[] => {
  const { tls, gateway, federation, components, rooms, sms, uploads, web, domain } = config;
  const found: Contradiction[] = [];
  const refuse = (path: readonly PropertyKey[], message: string): void => void found.push({ path, message });
  if ((tls.certificate === undefined) !== (tls.key === undefined))
    refuse(['tls'], 'must have both certificate and key, or neither');
  if (web.phone_url?.endsWith('/csp')) refuse(['web', 'phone_url'], 'must be without /csp, which is put behind it');
  const { min, max } = gateway.keep_alive_seconds;
  if (min > max) refuse(['gateway', 'keep_alive_seconds', 'min'], `must not be more than max, which is ${max}`);
  if (sms.carrier !== 'none' && sms.number === undefined) refuse(['sms', 'number'], 'must be there with a carrier');
  if (sms.carrier === 'smpp' && sms.smpp.password_file === undefined)
    refuse(['sms', 'smpp', 'password_file'], 'must be there with carrier smpp');
  if (sms.carrier === 'kannel')
    for (const key of ['password_file', 'incoming_secret_file'] as const)
      if (sms.kannel[key] === undefined) refuse(['sms', 'kannel', key], 'must be there with carrier kannel');
  const peers = new Set([domain]);
  for (const [n, { domain: other }] of federation.peers.entries()) {
    if (peers.has(other))
      refuse(
        ['federation', 'peers', n, 'domain'],
        other === domain ? 'must not be our own domain' : 'must not be used twice',
      );
    peers.add(other);
  }
  if (domain in federation.routes) refuse(['federation', 'routes', domain], 'must not be our own domain');
  const seen = new Set([domain]);
  for (const [n, { domain: other }] of gateway.backends.entries()) {
    if (seen.has(other))
      refuse(['gateway', 'backends', n, 'domain'], other === domain ? 'is our own domain' : 'is there twice');
    seen.add(other);
  }
  if (rooms.enabled) {
    const roomsDomain = rooms.domain ?? `conference.${domain}`;
    if (seen.has(roomsDomain)) refuse(['rooms', 'domain'], 'must be a domain that nothing else has');
    seen.add(roomsDomain);
  }
  if (uploads.enabled) {
    const uploadDomain = uploads.domain ?? `upload.${domain}`;
    if (seen.has(uploadDomain)) refuse(['uploads', 'domain'], 'must be a domain that nothing else has');
    if (uploads.account_bytes < uploads.file_bytes)
      refuse(['uploads', 'account_bytes'], `must not be less than file_bytes, which is ${uploads.file_bytes}`);
    seen.add(uploadDomain);
  }
  for (const [n, { domain: other, privileges }] of components.entries()) {
    if (seen.has(other))
      refuse(['components', n, 'domain'], other === domain ? 'must not be our own domain' : 'must not be used twice');
    seen.add(other);
    if (privileges.presence === 'roster' && privileges.roster !== 'get' && privileges.roster !== 'both')
      refuse(
        ['components', n, 'privileges', 'presence'],
        'must be none or managed_entity unless privileges.roster is get or both',
      );
  }
  return found;
};
