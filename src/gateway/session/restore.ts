// Sessions that outlived the gateway: taken up again at its start. Those of our own server get their Link at once; those of
// a backend when the phone is heard, since only its SessionID opens the sealed password.

import type { CspSessionRecord } from '../../store/store.ts';
import { Jid } from '../../xmpp/jid.ts';
import { type Host, keptKinds } from '../host.ts';
import { phoneKey } from './client-id.ts';
import { watchExpiry } from './expiry.ts';
import { load } from './load.ts';
import { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { readState, type SessionState } from './state.ts';

/** Phones could not be heard while we were away: each gets at least this long to come back. */
const leastLeftMs = 120_000;

export const restoreSessions = async (host: Host, sessions: Sessions): Promise<void> => {
  const records = [...(await host.store.csp.sessions())].sort((a, b) => b.lastHeardAt - a.lastHeardAt);
  // What one of them has not got rid of is not another's to send.
  const coming = new Set(records.map(({ key }) => key));
  for (const record of records) {
    const state = stateOf(host, record);
    const user = Jid.parse(record.account);
    if (!state || !user.ok || !host.providers.has(user.value.domain) || isLongGone(host, record)) {
      await host.store.together(async ({ csp }) => {
        await csp.removeSession(record.key, { keepWaiting: [] });
        await csp.removeSession(phoneKey(record.account, record.client), { keepWaiting: keptKinds(host) });
      });
      coming.delete(record.key);
      continue;
    }
    const { key, client, lastHeardAt } = record;
    const session = new Session(host, { key, user: user.value, client, state, lastHeardAt });
    session.heardAt = Math.max(session.heardAt, host.clock.mono() - session.patienceMs + leastLeftMs);
    session.lostAnswers.isUnsure = true;
    await load(session, sessions, 'restored', coming);
    sessions.add(session);
    watchExpiry(session);
    session.watchLapse();
    if (user.value.domain === host.settings.domain) {
      session.link.trust({ kind: 'trusted' });
      void session.link.ensure();
    }
  }
  if (records.length) host.log.info({ found: records.length, restored: sessions.size }, 'sessions restored');
};

/** The phone says who it is: what was sealed for its SessionID can be opened now. */
export const unlock = (session: Session, sessionId: string): void => {
  const { link, state, host } = session;
  if (link.hasCredentials || state.sealed === undefined || session.isEnded) return;
  const password = host.vault.openForSession(sessionId, state.sealed);
  if (password === undefined) session.end({ how: 'disconnected', text: 'Please sign in again.' });
  else link.trust({ kind: 'password', password });
};

const stateOf = (host: Host, record: CspSessionRecord): SessionState | undefined => {
  try {
    return readState(record.state);
  } catch (cause) {
    host.log.warn({ err: cause, user: record.account }, 'a stored session cannot be read');
    return undefined;
  }
};

/** Expired long before we went down, whatever the phone may still believe. */
const isLongGone = (host: Host, { expiresAt }: CspSessionRecord): boolean =>
  host.clock.wall() - expiresAt > 24 * 60 * 60 * 1000;
