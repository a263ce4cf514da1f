// Digests of requests: to tell a retransmission from another request under a re-used TransactionID, and to find a message
// that was sent again under a new one.

import { hash } from 'node:crypto';
import type { Primitive } from '../../imps/primitives.ts';
import { toJson } from '../json.ts';

export const digestOf = (request: Primitive): string => hash('sha256', toJson(request), 'base64url').slice(0, 32);
