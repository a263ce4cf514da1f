// What one of our users' sessions sends (RFC 6120 §8, RFC 6121 §10.3): checked, stamped, and handled in the user's turn.

import type { Stanza } from '../xmpp/stanza.ts';
import { accountIq, iqFault, isRequest, serverIq } from './iq.ts';
import { maySend, messageSent, presenceSent, presenceToSend, type Sent } from './points.ts';
import type { Session } from './sessions/session.ts';

/**
 * Resolves when the stanza is handled: stored, in the hands of the next acknowledged hop, or answered. Never rejects: when
 * our surroundings fail, the sender is told so and may try again.
 */
export const handleSent = async (session: Session, sent: Stanza): Promise<void> => {
  const { user } = session;
  // RFC 6120 §8.1.2.1: the server says who sent it.
  const stanza = sent.from?.equals(session.jid) ? sent : sent.with({ from: session.jid });
  try {
    await user.turns.run((turn) => {
      // What is still in the pipe of a session that has ended was sent all the same, except by a removed account.
      if (user.isRemoved) return;
      return handle({ user, session, stanza, turn });
    });
  } catch (cause) {
    user.host.events.failed(stanza, cause);
    if (wantsAnswer(stanza)) session.deliver(stanza.error('internal-server-error', { type: 'wait' }));
  }
};

const handle = (sent: Sent): void | Promise<void> => {
  const { user, session, turn } = sent;
  const { host } = user;
  let { stanza } = sent;
  if (stanza.kind === 'iq') {
    const fault = iqFault(stanza);
    if (fault !== undefined) {
      if (wantsAnswer(stanza)) session.deliver(stanza.error('bad-request', { text: fault }));
      return;
    }
  }
  if (stanza.kind === 'presence' && stanza.inner.length > host.limits.presenceMax) {
    if (wantsAnswer(stanza)) session.deliver(stanza.error('policy-violation', { text: 'the presence is too large' }));
    return;
  }
  // RFC 6121 §8.1.1 and §10.3: without address a message or an IQ is for the account itself.
  if (stanza.kind === 'message' && !stanza.to) stanza = stanza.with({ to: user.jid });
  const refusal = stanza.to && host.hooks.ask(maySend, { user, session, stanza, turn });
  if (refusal) {
    const { condition, isSilent, ...options } = refusal;
    if (!isSilent && wantsAnswer(stanza)) session.deliver(stanza.error(condition, options));
    return;
  }
  switch (stanza.kind) {
    case 'message':
      turn.also(host.route(stanza));
      return host.hooks.tell(messageSent, { user, session, stanza, turn });
    case 'presence': {
      // A session that has left is not brought back by what was still in its pipe.
      if (session.isGone) return;
      const owner = host.hooks.owner(presenceSent, presenceKey(stanza));
      if (!owner) return session.deliver(stanza.error('bad-request', { text: 'unknown type of presence' }));
      const written = { user, session, stanza, turn };
      const changed = stanza.type === undefined ? host.hooks.ask(presenceToSend, written) : undefined;
      if (!(changed instanceof Promise)) return owner(changed ? { ...written, stanza: changed } : written);
      return changed.then((later) => owner(later ? { ...written, stanza: later } : written));
    }
    case 'iq': {
      const { to } = stanza;
      if (!to || to.equals(user.jid)) return accountIq({ user, stanza, turn }, session);
      if (to.equals(host.domain)) turn.also(serverIq(host, stanza, session));
      else turn.also(host.route(stanza));
      return;
    }
    default:
      stanza.kind satisfies never;
  }
};

const presenceKey = ({ type, to }: Stanza): string =>
  to && (type === undefined || type === 'unavailable') ? 'directed' : (type ?? 'available');

const wantsAnswer = (stanza: Stanza): boolean =>
  stanza.kind === 'iq'
    ? isRequest(stanza) || (stanza.type !== 'result' && stanza.type !== 'error')
    : stanza.type !== 'error';
