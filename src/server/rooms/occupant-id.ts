// XEP-0421 Anonymous unique occupant identifiers: the same for an account whenever it is in the room, under whatever nickname,
// and of no use in another room.

import { createHmac } from 'node:crypto';
import type { Jid } from '../../xmpp/jid.ts';

export const occupantId = (secret: string, account: Jid): string =>
  createHmac('sha256', Buffer.from(secret, 'base64')).update(account.bare.toString()).digest('base64url');
