// One transaction of a phone: a request is run and answered, an answer settles what it belongs to. (CSP all versions,
// "Transactions"; reference §1.3 to §1.5)

import { isNegotiable } from '../../imps/features.ts';
import { primitiveInfo, refusalOf } from '../../imps/lookup.ts';
import type { CspMessage, Encoding, RefusedTransaction, Transaction } from '../../imps/message.ts';
import { isRefused } from '../../imps/message.ts';
import type { Primitive, PrimitiveName } from '../../imps/primitives.ts';
import type { CspVersion } from '../../imps/version.ts';
import { writeMessage } from '../../imps/write-message.ts';
import { fromJson, toJson } from '../json.ts';
import { statusOf } from '../result.ts';
import type { Effects } from '../service.ts';
import { type Around, basics } from '../session/basics.ts';
import type { Session } from '../session/session.ts';
import { View } from '../session/view.ts';
import { acknowledge, acknowledgeById } from './acknowledge.ts';
import { commit, SessionOverError } from './commit.ts';
import { LostAnswers } from './lost-answers.ts';
import { inPieces } from './pieces.ts';
import { digestOf } from './request-digest.ts';
import { shortened } from './shorten.ts';

export interface Context extends Around {
  readonly encoding: Encoding;
  /** The envelope of the answer, without transactions. */
  readonly envelope: CspMessage;
  /** Answers that stand in the message already. */
  readonly answered: readonly Transaction[];
  /** Octets that those behind it will need at least. */
  readonly reserved: number;
  /** Aborted when the phone has hung up. */
  readonly gone: AbortSignal | undefined;
  /** Called when it is known whether the HTTP answer left. */
  readonly onDelivered: ((delivered: boolean) => void)[];
}

/** The answer to the transaction, or undefined where none is due. */
export const carryOut = async (
  session: Session,
  transaction: Transaction | RefusedTransaction,
  context: Context,
): Promise<Primitive | undefined> => {
  const { events, clock } = session.host;
  if (isRefused(transaction)) {
    const { code, primitive, path } = transaction.fault;
    events.notServed(primitive, code);
    if (transaction.mode === 'Request') return statusOf(code, path);
    await acknowledgeById(session, transaction);
    return undefined;
  }
  const { content, mode } = transaction;
  if (content.name === 'Polling-Request') return undefined;
  if (content.name === 'Status' || content.name === 'MessageDelivered') return acknowledge(session, transaction);
  // PresenceAuth-User is sent in mode Response by some clients and is a request all the same.
  if (mode === 'Response' && !session.host.handlers.has(content.name)) return undefined;
  const start = clock.mono();
  const answer = await run(session, transaction, context);
  events.request(content.name, codeOf(answer), (clock.mono() - start) / 1000);
  return answer;
};

const run = async (session: Session, { id, content }: Transaction, context: Context): Promise<Primitive> => {
  try {
    const basic = basics[content.name] as ((typeof basics)['GetSPInfo-Request'] & {}) | undefined;
    if (basic) return await basic(content as never, session, context);
    return await serve(session, id, content, context);
  } catch (cause) {
    // It signed in again, or was signed out, while the request was being worked on.
    if (cause instanceof SessionOverError) return statusOf(604);
    session.host.events.failed(session.log, 'request', cause, 'a request failed', {
      primitive: content.name,
      transaction: id,
    });
    return statusOf(500);
  }
};

const serve = async (session: Session, id: string, request: Primitive, context: Context): Promise<Primitive> => {
  const { host, lostAnswers } = session;
  const digest = digestOf(request);
  const stored = id === '' ? undefined : await host.store.csp.answer(session.key, id);
  if (stored?.primitive === request.name && stored.request === digest) {
    const answer = fromJson(new TextDecoder().decode(stored.body)) as Primitive;
    // Asked for again among others, there may be less room for it than there was.
    return context.answered.length + context.reserved > 0
      ? (fitting(session, id, answer, context) ?? statusOf(432))
      : answer;
  }

  const isMessage = request.name === 'SendMessage-Request';
  // The way out is blocked: what cannot be sent on piles up here.
  if (isMessage && session.outbox.size >= host.settings.limits.waitingMax) return statusOf(507);
  const again = isMessage
    ? (lostAnswers.find(digest, host.clock.mono()) ?? (await answerOfTheDead(session, digest)))
    : undefined;
  const reply = again ?? (await handle(session, request, context));
  const { answer: wished, effects } = 'answer' in reply ? reply : { answer: reply, effects: [] as Effects };
  const fitted = fitting(session, id, wished, context);
  const answer = fitted ?? statusOf(432);
  await commit(session, {
    effects: fitted ? effects : [],
    ...(id !== '' && {
      answer: {
        transactionId: id,
        stored: {
          primitive: request.name,
          request: digest,
          body: new TextEncoder().encode(toJson(answer)),
          at: host.clock.wall(),
        },
      },
    }),
  });
  if (isMessage) {
    const told = lostAnswers.remember(digest, answer, host.clock.mono());
    // The phone hung up meanwhile: it may stand in the queue already with the same message under another id.
    if (context.gone?.aborted) told(false);
    context.onDelivered.push(told);
  }
  return answer;
};

const answerOfTheDead = async (
  { key, host, lostAnswers, personality }: Session,
  digest: string,
): Promise<Primitive | undefined> =>
  lostAnswers.isUnsure && personality.retriesUnderNewId
    ? LostAnswers.ofTheDead(await host.store.csp.lastAnswer(key), digest, host.clock.wall())
    : undefined;

const handle = async (session: Session, request: Primitive, { version }: Context) => {
  const handler = session.host.handlers.get(request.name as PrimitiveName);
  if (handler && !isAgreed(session, request.name, version)) return statusOf(506);
  for (const refuses of session.host.gates) {
    const refusal = refuses(request, session.view);
    if (refusal) return refusal;
  }
  // A request in another version than the session's is answered in its own.
  if (handler) return handler(request, version === session.state.version ? session.view : new View(session, version));
  const code = refusalOf(request.name, version);
  session.host.events.notServed(request.name, code);
  return statusOf(code);
};

/**
 * What a phone left out of its Service-Request is refused; one that never sends any is served everything. What belongs to no
 * function of the version cannot be negotiated away.
 */
const isAgreed = ({ state, personality }: Session, name: string, version: CspVersion): boolean => {
  if (!state.features || personality.usesWhatItDidNotAskFor) return true;
  const leaf = primitiveInfo.get(name)?.feature ?? 'core';
  return state.features.includes(leaf) || !isNegotiable(leaf, version);
};

/**
 * The answer as far as the phone can parse it; undefined when it is too large and cannot be shortened. Throws CspWriteError
 * when it is not as the model has it: a service's mistake.
 */
const fitting = (
  session: Session,
  id: string,
  answer: Primitive,
  { envelope, encoding, answered, reserved }: Context,
): Primitive | undefined => {
  const parserSize = session.parserSize(encoding) - reserved;
  const length = (content: Primitive): number =>
    writeMessage({ ...envelope, transactions: [...answered, { mode: 'Response', id, content }], poll: true }, encoding)
      .length;
  const whole = length(answer);
  if (whole <= parserSize) return answer;
  const piece = inPieces(
    session,
    { ...envelope, transactions: answered },
    { mode: 'Response', id, content: answer },
    encoding,
    reserved,
  );
  if (piece) return piece.content;
  const shorter = shortened(answer, (one) => length(one) <= parserSize);
  session.log.warn({ primitive: answer.name, length: whole, parserSize }, 'an answer is too large for the phone');
  return shorter;
};

const codeOf = (answer: Primitive): number => ('Result' in answer ? answer.Result.Code : 200);
