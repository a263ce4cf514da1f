// A session ends when its phone has not been heard for the time it was granted, and a grace.

import type { Session } from './session.ts';

/** Watches the session until it ends. */
export const watchExpiry = (session: Session): void => {
  const { clock } = session.host;
  const silentMs = clock.mono() - session.heardAt;
  if (silentMs >= session.patienceMs) return session.end({ how: 'expired' });
  const timer = clock.after(session.patienceMs - silentMs, () => {
    session.timers.delete(timer);
    watchExpiry(session);
  });
  session.timers.add(timer);
};
