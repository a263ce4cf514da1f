// What waits for a phone on short messages is sent to it without a poll: every poll would cost two messages. Messages go at
// once, news of presence are gathered for a while. What the carrier did not take still waits, and is tried again in a while.

import type { CspMessage, Transaction } from '../../imps/message.ts';
import { writeMessage } from '../../imps/write-message.ts';
import type { Session } from '../session/session.ts';
import { handOut } from '../transactions/hand-out.ts';
import { isOnSms, sessionIdOf } from './reach.ts';
import type { Sender, Sent } from './sender.ts';

/** After an answer that did not say all: the phone may be about to ask. */
const laterMs = 500;
const firstRetryMs = 15_000;
const retryMaxMs = 10 * 60_000;
/** What one number may cost is counted by the hour. */
const limitRetryMs = 5 * 60_000;

interface Pushing {
  timer: Disposable | undefined;
  /** Monotonic ms. */
  dueAt: number;
  /** Not before: the carrier was down. */
  notBefore: number;
  failures: number;
  isBusy: boolean;
}

export class SmsPush {
  readonly #sender: Sender;
  readonly #presenceMs: number;
  readonly #pushing = new Map<Session, Pushing>();

  constructor(sender: Sender, presenceMs: number) {
    this.#sender = sender;
    this.#presenceMs = presenceMs;
  }

  /** Something waits. `later`: an answer that is about to leave could not take it along. */
  wake(session: Session, when: 'now' | 'later'): void {
    const { clock } = session.host;
    const now = clock.mono();
    const pushing = this.#of(session);
    const isPressing = session.queue.hasUrgent(now, ({ durable }) => durable);
    const waitMs = !isPressing ? this.#presenceMs : when === 'later' ? laterMs : 0;
    const dueAt = Math.max(now + waitMs, pushing.notBefore);
    if (pushing.timer && pushing.dueAt <= dueAt) return;
    pushing.timer?.[Symbol.dispose]();
    pushing.dueAt = dueAt;
    pushing.timer = clock.after(dueAt - now, () => {
      pushing.timer = undefined;
      void this.#push(session, pushing);
    });
  }

  forget(session: Session): void {
    this.#pushing.get(session)?.timer?.[Symbol.dispose]();
    this.#pushing.delete(session);
  }

  /** The session is over by the server's doing: its phone is told. */
  async farewell(session: Session, text: string | undefined): Promise<void> {
    const content = {
      name: 'Disconnect',
      Result: { Code: 601, ...(text !== undefined && { Description: text }) },
    } as const;
    await this.#send(session, { mode: 'Request', id: session.nextTransactionId(), content });
  }

  async #push(session: Session, pushing: Pushing): Promise<void> {
    if (pushing.isBusy) return;
    pushing.isBusy = true;
    try {
      while (!session.isEnded && isOnSms(session) && this.#pushing.get(session) === pushing) {
        // One at a time: the next of its kind goes when this one is acknowledged, those of other kinds go now.
        const [request] = await session.turns.take(() => handOut(session, envelopeOf(session), 'pts', 1));
        if (!request) break;
        session.watchLapse();
        if (!this.#isDone(session, pushing, request, await this.#send(session, request))) break;
      }
    } catch (cause) {
      session.host.events.failed(session.log, 'request', cause, 'what waits could not be sent by short message');
      this.#failed(session, pushing, firstRetryMs);
    } finally {
      pushing.isBusy = false;
    }
  }

  #isDone(session: Session, pushing: Pushing, { id }: Transaction, sent: Sent): boolean {
    if (sent === 'sent') {
      pushing.failures = 0;
      return true;
    }
    this.#failed(session, pushing, sent === 'limit' ? limitRetryMs : firstRetryMs);
    session.queue.lapse(id);
    session.queueChanged();
    return false;
  }

  #failed({ host }: Session, pushing: Pushing, firstMs: number): void {
    const waitMs = Math.min(retryMaxMs, firstMs * 2 ** pushing.failures);
    pushing.failures++;
    pushing.notBefore = host.clock.mono() + waitMs;
  }

  async #send(session: Session, request: Transaction): Promise<Sent> {
    const { sms } = session.state;
    const message = { ...envelopeOf(session), transactions: [request] };
    if (!sms || message.sessionId === undefined) return 'refused';
    return this.#sender.send('push', sms, writeMessage(message, 'pts'));
  }

  #of(session: Session): Pushing {
    const known = this.#pushing.get(session);
    if (known) return known;
    const made: Pushing = { timer: undefined, dueAt: 0, notBefore: 0, failures: 0, isBusy: false };
    this.#pushing.set(session, made);
    return made;
  }
}

const envelopeOf = (session: Session): CspMessage => ({
  version: session.state.version,
  sessionType: 'Inband',
  sessionId: sessionIdOf(session),
  transactions: [],
  ...(session.state.plainText?.knowsOurs && { usesOurCodes: true }),
});
