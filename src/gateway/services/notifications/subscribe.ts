// CSP 1.3 "Subscribe notification", "Unsubscribe notification".

import type { PrimitiveOf } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import { type Handler, keep, type Reply } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { beginWatching } from './look.ts';
import { type Served, served, subscribed } from './subscribed.ts';

/** As the model has them; any other is no type at all. */
const known = new Set<string>([...served, 'AC', 'ANC', 'AND', 'SPA']);

export const subscribe: Handler<'SubscribeNotification-Request'> = async (request, session) => {
  const { asked, answer } = sorted(request.NotificationTypeList.NotificationType);
  if (asked.length === 0) return answer;
  const { types } = session.slot(subscribed);
  return changed(session, [...types, ...asked], false, answer);
};

export const unsubscribe: Handler<'UnsubscribeNotification-Request'> = async (request, session) => {
  const { asked, answer } = sorted(request.NotificationTypeList.NotificationType);
  if (asked.length === 0) return answer;
  const { types } = session.slot(subscribed);
  return changed(
    session,
    types.filter((type) => !asked.includes(type)),
    asked.includes('ANU'),
    answer,
  );
};

const changed = async (
  session: SessionView,
  types: readonly Served[],
  endsQuestions: boolean,
  answer: PrimitiveOf<'Status'>,
): Promise<Reply> => {
  const noQuestions = endsQuestions || (session.slot(subscribed).noQuestions && !types.includes('ANU'));
  const next = { types: [...new Set(types)], noQuestions };
  // From now on changes are told; what is there now the phone reads by itself.
  await beginWatching(session, next.types);
  return { answer, effects: [keep(subscribed, next)] };
};

/**
 * Of the types named, those that are served, and the answer: 200; 201 when some are refused; 405 or 402 when all are. There is
 * no place in a DetailedResult for a type: its Description has them.
 */
const sorted = (
  types: readonly string[],
): { readonly asked: readonly Served[]; readonly answer: PrimitiveOf<'Status'> } => {
  const asked = served.filter((type) => types.includes(type));
  const refused = types.filter((type) => !served.includes(type as Served));
  const unserved = refused.filter((type) => known.has(type));
  const unknown = refused.filter((type) => !known.has(type)).map((type) => type.slice(0, 20));
  if (refused.length === 0) return { asked, answer: statusOf(200) };
  if (asked.length === 0)
    return {
      asked,
      answer: unserved.length > 0 ? statusOf(405, unserved.join(' ')) : statusOf(402, unknown.join(' ')),
    };
  const DetailedResult = [
    ...(unserved.length > 0 ? [{ Code: 405, Description: unserved.join(' ') }] : []),
    ...(unknown.length > 0 ? [{ Code: 402, Description: unknown.join(' ') }] : []),
  ];
  return { asked, answer: { name: 'Status', Result: { Code: 201, DetailedResult } } };
};
