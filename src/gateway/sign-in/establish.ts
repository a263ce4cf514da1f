// Makes a session of a sign-in that succeeded. The same phone's older session ends, and what waited in it goes on in the
// new one; the account's other phones keep theirs.

import type { Jid } from '../../xmpp/jid.ts';
import type { Host } from '../host.ts';
import { resourceOf } from '../session/client-id.ts';
import { watchExpiry } from '../session/expiry.ts';
import { grantedTime } from '../session/keep-alive.ts';
import { load } from '../session/load.ts';
import { familyOf } from '../session/personality.ts';
import { Session } from '../session/session.ts';
import { newSessionId, sessionKey } from '../session/session-id.ts';
import type { Sessions } from '../session/sessions.ts';
import { defaultCapabilities, type SessionState } from '../session/state.ts';
import { bearerTerms, plainTextOf, reachOf } from '../sms/reach.ts';
import type { Opened } from './open-link.ts';
import type { Attempt } from './sign-in.ts';

export interface Proven {
  readonly account: Jid;
  readonly client: string;
  readonly attempt: Attempt;
  readonly opened: Opened;
}

export const establish = async (
  host: Host,
  sessions: Sessions,
  { account, client, attempt, opened }: Proven,
): Promise<{ readonly session: Session; readonly sessionId: string }> => {
  const { link, inbox, password } = opened;
  const isOwn = account.domain === host.settings.domain;
  const sessionId = newSessionId(host.random);
  const key = sessionKey(sessionId);
  const state: SessionState = {
    ...newState(host, attempt, client, isOwn ? undefined : host.vault.sealForSession(sessionId, password)),
    sms: reachOf(host.vault, key, sessionId, attempt.sms),
    plainText: plainTextOf({ encoding: attempt.encoding, message: attempt }),
  };
  const lastHeardAt = host.clock.wall();
  const session = new Session(host, { key, user: account, client, state, lastHeardAt });
  try {
    const old = sessions.ofClient(session.account, client);
    if (old) await replace(old);
    await host.store.together(async ({ csp }) => {
      await csp.saveSession(session.record());
      // What waits is the phone's, and stays.
      if (old) await csp.removeSession(old.key, { keepWaiting: [] });
    });
    await load(session, sessions, 'signed-in');
  } catch (cause) {
    void link.close();
    throw cause;
  }
  makeRoom(host, sessions, session.account);
  sessions.add(session);
  watchExpiry(session);
  session.link.trust(isOwn ? { kind: 'trusted' } : { kind: 'password', password });
  session.link.attach(link, inbox);
  await session.tellServices('onStart');
  return { session, sessionId };
};

const newState = (host: Host, attempt: Attempt, client: string, sealed: Uint8Array | undefined): SessionState => {
  const { request, version, userAgent, transactionId } = attempt;
  const { keepAlive, serverPollMinS } = bearerTerms(host.settings, attempt.sms);
  return {
    version,
    clientId: request.ClientID ?? {},
    cookie: request.SessionCookie ?? '',
    userAgent: userAgent.slice(0, 200),
    family: familyOf({ userAgent, client, transactionId }),
    resource: resourceOf(client),
    keepAliveS: grantedTime(request.TimeToLive, keepAlive),
    capabilities: { ...defaultCapabilities, serverPollMin: serverPollMinS },
    udp: undefined,
    reach: undefined,
    sms: undefined,
    plainText: undefined,
    features: undefined,
    presence: undefined,
    kept: {},
    sealed,
    resumption: undefined,
  };
};

/** Ends the older session without a word to the phone, which has forgotten it; nothing is written for it afterwards. */
const replace = async (old: Session): Promise<void> => {
  old.end({ how: 'replaced' });
  old.outbox.detach();
  await old.commits.take(async () => {});
};

const makeRoom = (host: Host, sessions: Sessions, account: string): void => {
  const others = sessions.of(account);
  const most = host.settings.limits.sessionsPerAccountMax - 1;
  for (const session of others.slice(0, Math.max(0, others.length - most)))
    session.end({ how: 'disconnected', text: 'You signed in on too many phones.' });
};
