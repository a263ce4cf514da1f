// ClientID (URL?, MSISDN?): two sessions of one user differ by it. (CSP all versions, "ClientID")

import { createHash } from 'node:crypto';
import type { StructureOf } from '../../imps/primitives.ts';

/** One text for equal ClientIDs, to compare and to store; '' for phones that send none. */
export const clientKey = ({ URL: url, MSISDN: msisdn }: StructureOf<'ClientID'> = {}): string =>
  [url && `url:${url.trim()}`, msisdn && `msisdn:${msisdn.trim()}`].filter(Boolean).join(' ').slice(0, 256);

/**
 * What waits for a phone is stored under this, not under its session: a phone that signs in again finds it, and what it was
 * shown before is not shown again.
 */
export const phoneKey = (account: string, client: string): string =>
  createHash('sha256')
    .update(JSON.stringify([account, client]))
    .digest('hex');

/** The XMPP resource of that phone: the same at every sign-in, telling nothing about the phone. */
export const resourceOf = (client: string): string =>
  `phone-${createHash('sha256').update(client).digest('hex').slice(0, 8)}`;
