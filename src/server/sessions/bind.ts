// A session's beginning and end: RFC 6120 §7 resource binding with its conflicts, and what is said when it leaves.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import { Jid } from '../../xmpp/jid.ts';
import { departs, sessionBound } from '../points.ts';
import type { LocalUser } from '../users/local-user.ts';
import type { Turn } from '../users/turns.ts';
import { type Outlet, Session, type SessionEnd } from './session.ts';

/** RFC 6120 §7.6.2.1 and §7.7.2: what binding can be refused for. */
export type BindFault = { readonly reason: 'resource-constraint' | 'bad-resource' };

/**
 * Binds a resource, in the account's turn. A session that has it already is ended and replaced (§7.7.2.2): it is most
 * often the same client, whose old connection nobody has found dead yet. Without a wish the server makes up a resource.
 */
export const bind = async (
  user: LocalUser,
  wish: string | undefined,
  outletFor: (session: Session) => Outlet,
  turn: Turn,
): Promise<Outcome<Session, BindFault>> => {
  const { host, jid } = user;
  const resource = wish === undefined || wish === '' ? host.random.id(12) : wish;
  const made = Jid.of(jid.local, jid.domain, resource);
  if (!made.ok || made.value.resource === undefined) return bad({ reason: 'bad-resource' });
  const old = user.session(made.value);
  if (old) await leave(old, 'replaced', turn);
  if (user.sessions.size >= host.limits.sessionsPerAccountMax) return bad({ reason: 'resource-constraint' });
  const session = new Session(user, made.value, outletFor);
  user.sessions.set(made.value.resource, session);
  host.hooks.tell(sessionBound, session);
  return good(session);
};

/** Ends a session, in the account's turn. A second end has no effect. */
export const leave = async (session: Session, end: SessionEnd, turn: Turn): Promise<void> => {
  const { user, jid } = session;
  const { host } = user;
  if (session.isGone || user.session(jid) !== session) return;
  user.sessions.delete(jid.resource ?? '');
  try {
    for (const work of host.hooks.gather(departs, [], { user, session, end })) await work(turn);
  } catch (cause) {
    // The farewell failed, the end does not: contacts hear of it when they next ask.
    host.events.failed(undefined, cause);
  }
  session.endOutlet(end);
  host.events.sessionEnded(jid, end);
};
