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
export const load = async (
  session: Session,
  sessions: Sessions,
  how: 'signed-in' | 'restored',
  /** Keys of sessions that are about to be there as well. */
  coming: Iterable<string> = [],
): Promise<void> => {
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
  const living = new Set([...coming, ...others.map((other) => other.key)]);
  living.delete(session.key);
  for (const { seq, session: of, stanza } of await host.store.csp.outgoing(account))
    if (!living.has(of)) outbox.add({ seq, stanza: stanzaFromText(stanza) });
};

/**
 * What a session that has ended left behind goes on in one that lives, and need not wait for the account's next sign-in.
 * Rejects when the store does.
 */
export const inherit = async (heir: Session, sessions: Sessions): Promise<void> => {
  const { host, phone, account, queue, outbox } = heir;
  await heir.commits.take(async () => {
    const waiting = await host.store.csp.waiting(phone, account);
    const outgoing = await host.store.csp.outgoing(account);
    if (heir.isEnded) return;
    const all = sessions.of(account);
    const taken = new Set(all.flatMap((one) => one.queue.entries.map(({ seq }) => seq)));
    for (const request of waiting)
      if (request.session === undefined && !taken.has(request.seq)) queue.add(entryOf(request));
    const living = new Set(all.map(({ key }) => key));
    const held = new Set(all.flatMap((one) => one.outbox.seqs));
    for (const { seq, session: of, stanza } of outgoing)
      if (!living.has(of) && !held.has(seq)) outbox.add({ seq, stanza: stanzaFromText(stanza) });
  });
  heir.queueChanged();
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
