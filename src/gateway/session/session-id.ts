// SessionID: the only credential of a session's requests. It stands in HELO lines too, so it has no blanks; Nokia S60 holds
// 50 characters. Kept only as a hash.

import { hash } from 'node:crypto';
import type { Random } from '../../base/random.ts';

/** 26 characters of [A-Za-z0-9]: 154 bits. */
export const newSessionId = (random: Random): string => random.id(26);

/** Could it be one of ours? What cannot is not worth a look. */
export const isSessionId = (text: string): boolean => /^[A-Za-z0-9-]{22,32}$/.test(text);

/** The key a session is stored under. The id has far more than 128 bits of chance: no salt, no stretching. */
export const sessionKey = (sessionId: string): string => hash('sha256', sessionId, 'hex');
