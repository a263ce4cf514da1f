// From a SessionID, as a request or a HELO line has it, to the session.

import { unlock } from './restore.ts';
import type { Session } from './session.ts';
import { sessionKey } from './session-id.ts';
import type { Sessions } from './sessions.ts';

export const recognise = (sessions: Sessions, sessionId: string): Session | undefined => {
  const session = sessions.get(sessionKey(sessionId));
  if (!session) return undefined;
  unlock(session, sessionId);
  return session.isEnded ? undefined : session;
};
