// A stanza from a session's Link: an answer it waits for, or something for one of the services. When this resolves, the
// stanza is acknowledged to the server; so everything that must not be lost is committed by then.

import type { Stanza } from '../../xmpp/stanza.ts';
import { commit, SessionOverError } from '../transactions/commit.ts';
import type { Session } from './session.ts';

/** A stanza that a service fails on this often is left alone: delivering it for ever would keep the phone off the net. */
const failuresMax = 3;

export const arrived = async (session: Session, stanza: Stanza): Promise<void> => {
  // A message that comes while the Link is being closed is the server's to keep.
  if (session.isEnded && stanza.kind === 'message') throw new SessionOverError('the session is over');
  if (session.isEnded || session.iqs.take(stanza, session.user)) return;
  if (stanza.kind === 'message' && isFull(session)) return refuse(session, stanza);
  const mark = `${stanza.kind} ${stanza.from} ${stanza.id}`;
  try {
    for (const service of session.host.services) {
      // Most services have nothing to do with most stanzas: what says so at once is not waited for.
      const said = service.onStanza?.(stanza, session.view);
      const effects = said === undefined ? undefined : await said;
      if (effects === undefined) continue;
      await commit(session, { effects });
      session.failures.delete(mark);
      return;
    }
  } catch (cause) {
    const count = (session.failures.get(mark) ?? 0) + 1;
    session.host.events.failed(session.log, 'stanza', cause, 'a stanza failed', {
      kind: stanza.kind,
      from: stanza.from,
      id: stanza.id,
      count,
    });
    if (count < failuresMax) {
      if (session.failures.size >= 100) session.failures.clear();
      session.failures.set(mark, count);
      throw cause;
    }
    session.failures.delete(mark);
    return;
  }
  if (stanza.kind === 'iq' && (stanza.type === 'get' || stanza.type === 'set'))
    session.tell(stanza.error('service-unavailable').with({ from: undefined }));
  else session.log.debug({ kind: stanza.kind, type: stanza.type, from: stanza.from }, 'a stanza nobody took');
};

const isFull = ({ queue, host }: Session): boolean => queue.size >= host.settings.limits.waitingMax;

/** The phone has let too much pile up: the sender's server keeps it, or tells the sender. */
const refuse = (session: Session, stanza: Stanza): void => {
  session.host.events.overloaded('queue');
  if (stanza.type !== 'error' && stanza.type !== 'groupchat')
    session.tell(
      stanza.error('resource-constraint', { text: 'Too many messages wait for this user.' }).with({ from: undefined }),
    );
};
