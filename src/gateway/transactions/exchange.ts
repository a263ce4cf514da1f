// One HTTP exchange of a session. The request's transactions are carried out in order and answered in order; requests of
// ours travel in answers that carry no response of their own, or beside responses when the phone takes several transactions
// in one message. With nothing to say, a poll is held open for a few seconds. (CSP reference §1.5)

import { type CspMessage, isRefused, type Received, type Transaction } from '../../imps/message.ts';
import { statusOf } from '../result.ts';
import type { Around } from '../session/basics.ts';
import type { Session } from '../session/session.ts';
import { isDue } from './acknowledge.ts';
import { type Context, carryOut } from './carry-out.ts';
import { handOut } from './hand-out.ts';
import { roomFor, withinParser } from './parser-wall.ts';
import { withSegment } from './pieces.ts';

export interface Exchanged {
  /** Undefined: an empty body. */
  readonly message: CspMessage | undefined;
  readonly delivered: (delivered: boolean) => void;
}

export interface Waits {
  /** Aborted when the phone has hung up. */
  readonly gone: AbortSignal | undefined;
  /** A poll that is held open is no work: told when one begins to wait and when it is over. */
  readonly idle: (isIdle: boolean) => void;
}

export const exchange = async (
  session: Session,
  { message: request, encoding }: Received,
  around: Around,
  waits: Waits,
): Promise<Exchanged> => {
  const { gone } = waits;
  const { clock, settings } = session.host;
  const envelope: CspMessage = {
    version: request.version,
    sessionType: 'Inband',
    sessionId: request.sessionId,
    transactions: [],
    ...(session.state.plainText?.knowsOurs && { usesOurCodes: true }),
  };
  const context: Context = { ...around, encoding, envelope, answered: [], reserved: 0, gone, onDelivered: [] };
  const delivered = (isDelivered: boolean): void => {
    for (const tell of context.onDelivered) tell(isDelivered);
  };
  session.poll.release();
  // An acknowledgement that is due is always taken: without it the phone would be shown the same message once more.
  const isCounted = request.transactions.some((one) => isRefused(one) || !isDue(session, one));
  if (isCounted && !session.rate.take(clock.mono())) {
    session.host.events.overloaded('session rate');
    const transactions = await session.turns.take(() => {
      session.poll.release();
      return refuseRequests(session, request.transactions, context);
    });
    const message = withinParser(session, { ...envelope, transactions }, encoding);
    return { message: transactions.length ? message : undefined, delivered };
  }
  session.heard(around.remoteAddress);

  const isPoll = request.transactions.some((one) => !isRefused(one) && one.content.name === 'Polling-Request');
  session.host.heard(session, isPoll);
  let held: ReturnType<Session['poll']['hold']> | undefined;
  const first = await session.turns.take(async () => {
    // A poll before it on the same connection may have begun to wait only now, and its answer stands before ours.
    session.poll.release();
    if (request.transactions.some(needsLink)) await session.link.ensure();
    else void session.link.ensure();
    const responses: Transaction[] = [];
    for (const [at, one] of request.transactions.entries()) {
      const reserved = roomFor(request.transactions.slice(at + 1), encoding);
      // Logged out by the transaction before: the rest has no session any more.
      const content = session.isEnded
        ? statusOf(604)
        : await carryOut(session, one, { ...context, answered: responses, reserved });
      if (content) responses.push(withSegment(session, { mode: 'Response', id: one.id, content }));
    }
    session.lostAnswers.isUnsure = false;
    const answers = withinParser(session, { ...envelope, transactions: responses }, encoding);
    const message = await addRequests(session, answers, context);
    // Asked in the same breath as the queue was found empty, so that nothing slips in between.
    if (!message && isPoll && holds(session)) held = session.poll.hold(settings.pollHoldS * 1000, gone);
    return message;
  });
  if (!held) return { message: first, delivered };
  waits.idle(true);
  const end = await held;
  waits.idle(false);
  if (end !== 'ready') return { message: undefined, delivered };
  if (gone?.aborted) {
    // It hung up in the moment in which its poll was told of something: that still waits.
    session.queueChanged();
    return { message: undefined, delivered };
  }
  return { message: await session.turns.take(() => addRequests(session, envelope, context)), delivered };
};

/** Too many: requests are told to wait. What settles a request of ours is carried out all the same. */
const refuseRequests = async (
  session: Session,
  transactions: Received['message']['transactions'],
  context: Context,
): Promise<readonly Transaction[]> => {
  const responses: Transaction[] = [];
  for (const one of transactions) {
    const isTaken = !isRefused(one) && isDue(session, one) && !session.isEnded;
    const content = isTaken
      ? await carryOut(session, one, context)
      : one.mode === 'Request'
        ? statusOf(503)
        : undefined;
    if (content) responses.push({ mode: 'Response', id: one.id, content });
  }
  return responses;
};

/** Fills the message with what waits for the phone; undefined when it stays empty. */
const addRequests = async (
  session: Session,
  message: CspMessage,
  context: Context,
): Promise<CspMessage | undefined> => {
  const { clock } = session.host;
  const { version } = session.state;
  const { length } = message.transactions;
  if (session.isEnded) return length ? message : undefined;
  // Requests of ours are in the session's version, and versions are not mixed in one message.
  const isMixed = length > 0 && message.version !== version;
  // The plain text syntax says one thing at a time.
  const window = context.encoding === 'pts' ? 1 : session.window;
  const room = isMixed ? 0 : window - length;
  const around = length > 0 ? message : { ...message, version };
  // Most polls of most phones find nothing.
  const requests = room > 0 && session.queue.size > 0 ? await handOut(session, around, context.encoding, room) : [];
  for (const { id } of requests)
    context.onDelivered.push((isDelivered) => {
      if (isDelivered) return;
      session.queue.lapse(id);
      session.queueChanged();
    });
  if (length + requests.length === 0) {
    session.host.served(session);
    return undefined;
  }
  session.watchLapse();
  const transactions = [...message.transactions, ...requests];
  const poll = session.queue.hasWaiting(clock.mono());
  if (poll) session.host.wake(session, 'later');
  else session.host.served(session);
  return { ...around, transactions, poll };
};

/** With a wake-up channel the phone need not wait in a poll: it has few requests in flight at once. */
const holds = (session: Session): boolean =>
  !session.isEnded && session.host.settings.pollHoldS > 0 && !session.host.hasWakeUp(session);

/** Keeping a session alive must not wait for a server that is away. Whether a sender gets a receipt is in the roster. */
const needsLink = (one: Received['message']['transactions'][number]): boolean =>
  !isRefused(one) &&
  (one.mode === 'Response'
    ? one.content.name === 'MessageDelivered'
    : ![
        'Polling-Request',
        'KeepAlive-Request',
        'Logout-Request',
        'ClientCapability-Request',
        'Service-Request',
      ].includes(one.content.name));
