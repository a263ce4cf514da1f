// A message for one of our accounts: RFC 6121 §8.5 applied.

import type { Stanza } from '../../xmpp/stanza.ts';
import { messageDelivered, type Received } from '../points.ts';
import type { Receipt } from '../sessions/session.ts';
import type { LocalUser } from '../users/local-user.ts';
import type { Turn } from '../users/turns.ts';
import { type Fate, isWorthKeeping, messageType, type Presence, toBare, toGone } from './rules.ts';

/** In the account's turn. */
export const deliverMessage = ({ user, stanza, turn }: Received): void => {
  const { mailbox, host } = user;
  const type = messageType(stanza);
  const matching = stanza.to && user.session(stanza.to);
  if (matching) {
    // That a message did not arrive is as worth keeping as the message: its sender believes that it did.
    if (isWorthKeeping(stanza) || type === 'error') turn.also(mailbox.deliver(stanza, [matching]));
    else matching.deliver(stanza, type === 'groupchat' ? refusedWhenMissed(user, stanza) : undefined);
    host.hooks.tell(messageDelivered, { user, stanza, sessions: [matching] });
    return;
  }
  const table = stanza.to?.isBare ? toBare : toGone;
  const fate: Fate = table[type][presenceOf(user)];
  switch (fate) {
    case 'deliver': {
      const sessions = user.takingMessages;
      // That a message did not arrive is as worth keeping as the message: its sender believes that it did.
      if (isWorthKeeping(stanza) || type === 'error') turn.also(mailbox.deliver(stanza, sessions));
      else for (const session of sessions) session.deliver(stanza);
      host.hooks.tell(messageDelivered, { user, stanza, sessions });
      return;
    }
    case 'keep':
      // That a message did not arrive is as worth keeping as the message: its sender believes that it did.
      if (isWorthKeeping(stanza) || type === 'error') turn.also(mailbox.keepForLater(stanza));
      return;
    case 'refuse':
      turn.also(host.route(stanza.error('service-unavailable')));
      return;
    case 'drop':
      return;
    default:
      fate satisfies never;
  }
};

/**
 * A message that we could not bring to another server comes back, in the sender's turn. RFC 6121 §8.5.3.2 has servers drop an
 * error for a session that is gone; but this one nobody sent: it is what became of a message we took, and its sender, who may
 * have been away when we gave up or come back with us after a restart, hears of it on the next occasion.
 */
export const giveBackMessage = (user: LocalUser, error: Stanza, turn: Turn): void => {
  const sender = error.to && user.session(error.to);
  const sessions = sender ? [sender] : user.takingMessages;
  turn.also(sessions.length > 0 ? user.mailbox.deliver(error, sessions) : user.mailbox.keepForLater(error));
};

const presenceOf = (user: LocalUser): Presence =>
  user.takingMessages.length > 0 ? 'somebody' : user.available.length > 0 ? 'negative' : 'nobody';

/** A room learns from the error that its occupant has gone (XEP-0045 §9.2 ghosts). */
const refusedWhenMissed = (user: LocalUser, stanza: Received['stanza']): Receipt => ({
  received() {},
  missed() {
    const { host } = user;
    host.route(stanza.error('recipient-unavailable')).catch((cause: unknown) => host.events.failed(stanza, cause));
  },
});
