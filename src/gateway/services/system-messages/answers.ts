// CSP 1.3 "System message": what the user answers. The first answer counts. One whose key is wrong is refused and counted;
// after several, nothing is taken for a while, so that keys cannot be tried.

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import type { Announcement, Heard } from '../../../store/announcements.ts';
import { type Effect, type Handler, settle } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { change, isShownHere, refresh, shown } from './heard.ts';

type Response = StructureOf<'SystemMessageResponse'>;

const wrongKeysMax = 5;
const pauseMs = 15 * 60_000;

interface Judged {
  readonly code: number;
  readonly description?: string;
  readonly effects: readonly Effect[];
  /** Seconds. */
  readonly tryAgainS?: number;
}

/** Handles answers as they come in SystemMessage-User or in a Login-Request. */
export const takeAnswers = async (
  responses: readonly Response[],
  session: SessionView,
): Promise<{ readonly result: StructureOf<'Result'>; readonly effects: readonly Effect[] }> => {
  const { announcements, heard } = await refresh(session);
  const seen = new Set<string>();
  const judged = responses.map((response) => {
    // One try in one request: keys cannot be tried by the dozen either.
    const isAgain = seen.has(response.SystemMessageID);
    seen.add(response.SystemMessageID);
    if (isAgain) return { code: 402, effects: [], id: response.SystemMessageID };
    const found = announcements.find(({ id }) => id === response.SystemMessageID);
    const one: Judged = found ? judge(session, found, heard[found.id] ?? {}, response) : { code: 404, effects: [] };
    return { ...one, id: response.SystemMessageID };
  });
  const effects = judged.flatMap((one) => one.effects);
  const failed = judged.filter(({ code }) => code !== 200);
  const [first] = failed;
  if (!first) return { result: { Code: 200 }, effects };
  const tryAgain = failed.find(({ tryAgainS }) => tryAgainS !== undefined)?.tryAgainS;
  const later = tryAgain === undefined ? {} : { TryAgainTimeout: tryAgain };
  if (judged.length === 1)
    return {
      result: { Code: first.code, ...(first.description && { Description: first.description }), ...later },
      effects,
    };
  return {
    result: {
      Code: failed.length < judged.length ? 201 : 900,
      DetailedResult: failed.map(({ code, id }) => ({ Code: code, Description: id.slice(0, 50) })),
      ...later,
    },
    effects,
  };
};

const judge = (session: SessionView, one: Announcement, heard: Heard, response: Response): Judged => {
  const { id, options, verification } = one;
  const { ChosenOptionID: option, VerificationKey: key = '' } = response;
  // Whoever answers has seen it, whether its phone acknowledged the request or not.
  const taken = isShownHere(session, heard) ? [] : [shown(session, id)];
  if (heard.answer) return { code: 200, effects: taken };
  const now = session.clock.wall();
  const { wrongKeys = 0, wrongAt = 0 } = heard;
  if (verification && wrongKeys >= wrongKeysMax && now - wrongAt < pauseMs)
    return { code: 503, effects: taken, tryAgainS: Math.ceil((wrongAt + pauseMs - now) / 1000) };
  if (verification && !isSame(key, verification.key))
    return {
      code: 402,
      description: 'The key is wrong.',
      effects: [
        ...taken,
        change(session, id, (all) => ({ ...all, wrongKeys: (all.wrongKeys ?? 0) + 1, wrongAt: now })),
      ],
    };
  const isChosen = option !== undefined && option >= 1 && option <= options.length;
  if (options.length > 0 && !isChosen) return { code: 402, description: 'There is no such option.', effects: taken };
  const answer = { option: isChosen ? option : undefined, at: now };
  return { code: 200, effects: [...taken, change(session, id, (all) => ({ ...all, answer }))] };
};

/** Keypads capitalise and leave blanks behind. */
const isSame = (given: string, key: string): boolean => given.trim().toLowerCase() === key.trim().toLowerCase();

export const systemMessageUser: Handler<'SystemMessage-User'> = async (request, session) => {
  const responses = request.SystemMessageResponseList.SystemMessageResponse;
  const { result, effects } = await takeAnswers(responses, session);
  const answered = new Set(responses.map(({ SystemMessageID }) => SystemMessageID));
  // An answer acknowledges the question too.
  const open = (await session.waiting('system-message')).filter(
    ({ primitive }) =>
      primitive.name === 'SystemMessage-Request' &&
      primitive.SystemMessageList.SystemMessage.every(({ SystemMessageID }) => answered.has(SystemMessageID)),
  );
  const answer: PrimitiveOf<'Status'> = { name: 'Status', Result: result };
  return { answer, effects: open.length > 0 ? [...effects, settle(...open.map(({ seq }) => seq))] : effects };
};
