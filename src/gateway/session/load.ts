// Brings back what the store holds for a session: its waiting requests and the stanzas it has not got rid of.

import type { Primitive } from '../../imps/primitives.ts';
import type { WaitingRequest } from '../../store/store.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import { fromJson } from '../json.ts';
import type { StoredBody } from '../transactions/commit.ts';
import type { Entry } from '../transactions/waiting-queue.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/**
 * Fills queue and outbox. What waits for no session in particular goes to this one, unless another session of the account
 * has it already; so do stanzas that a session now gone has left unsent.
 */
export const load = async (session: Session, sessions: Sessions, how: 'signed-in' | 'restored'): Promise<void> => {
  const { host, phone, account, queue, outbox } = session;
  const others = sessions.of(account).filter((other) => other !== session);
  const taken = new Set(others.flatMap((other) => other.queue.entries.map(({ seq }) => seq)));
  const mono = host.clock.mono() - host.clock.wall();
  for (const request of await host.store.csp.waiting(phone, account)) {
    if (request.session === undefined && taken.has(request.seq)) continue;
    const { transactionId, handedOutAt } = request;
    const entry = entryOf(request);
    // A phone that signs in anew has forgotten what it was given before.
    if (how === 'restored' && transactionId !== undefined && handedOutAt !== undefined)
      queue.addHandedOut(entry, transactionId, handedOutAt + mono);
    else queue.add(entry);
  }
  const living = new Set(others.map((other) => other.key));
  for (const { seq, session: of, stanza } of await host.store.csp.outgoing(account))
    if (!living.has(of)) outbox.add({ seq, stanza: stanzaFromText(stanza) });
};

const entryOf = (request: WaitingRequest): Entry => {
  const body = fromJson(request.body) as StoredBody;
  return {
    seq: request.seq,
    durable: true,
    kind: request.kind,
    primitive: body.primitive as Primitive,
    messageId: request.messageId,
    held: body.held ?? false,
    urgent: body.urgent ?? true,
    key: body.key,
    createdAt: request.createdAt,
    expiresAt: request.expiresAt,
  };
};
