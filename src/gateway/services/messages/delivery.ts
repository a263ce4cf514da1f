// CSP "Set delivery method": is a message pushed (NewMessage), or is the phone told of it and fetches it (MessageNotification)?

import type { EnumOf } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import { type Effect, type Effects, enqueue, type Handler, keep, settle, type WaitingItem } from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { type KeptMessage, keptMessage } from './kept-message.ts';

/** What SetDeliveryMethod changed since the capabilities were agreed. */
interface Changed {
  readonly method?: EnumOf<'DeliveryMethod'>;
  readonly pushLength?: number;
}
const changedMethod = keptSlot<Changed>('messages-delivery', {});
/** Were messages of earlier sessions looked through? */
const looked = slot<{ done: boolean }>('messages-looked', () => ({ done: false }));

/** Octets of a NewMessage beside its content, with room to spare. */
const envelope = 2048;

/** push; notify; refuse: neither would ever get it across. */
export const wayFor = (
  session: SessionView,
  octets: number,
  changed = session.slot(changedMethod),
): 'push' | 'notify' | 'refuse' => {
  const { capabilities, personality } = session;
  const fits = octets + envelope <= capabilities.parserSize;
  // COMPAT: S60 and Android drop MessageNotification: whatever they can parse is pushed.
  if (personality.pushOnly) return fits ? 'push' : 'refuse';
  if ((changed.method ?? capabilities.deliveryMethod) === 'N') return 'notify';
  return fits && octets <= (changed.pushLength ?? capabilities.pushLength) ? 'push' : 'notify';
};

/** The message as it waits, in the way the session takes it. Options: see ServerRequest. */
export const waitingFor = (
  message: KeptMessage,
  way: 'push' | 'notify',
  { origin, expiresInMs }: { readonly origin?: string | undefined; readonly expiresInMs?: number | undefined } = {},
): Effects => {
  const messageId = message.MessageInfo.MessageID ?? '';
  const expiry = expiresInMs === undefined ? {} : { expiresInMs };
  const durable = { durable: true, ...(origin === undefined ? {} : { origin }), ...expiry };
  if (way === 'push') return [enqueue({ kind: 'message', primitive: message, messageId, ...durable })];
  return [
    enqueue({ kind: 'message', primitive: message, messageId, ...durable, held: true }),
    enqueue({
      kind: 'notification',
      primitive: { name: 'MessageNotification', MessageInfo: message.MessageInfo },
      durable: true,
      ...(origin === undefined ? {} : { origin: `notification ${origin}` }),
      ...expiry,
    }),
  ];
};

const timeLeft = ({ expiresAt }: WaitingItem, { clock }: SessionView): number | undefined =>
  expiresAt === undefined ? undefined : expiresAt - clock.wall();

/** Messages that wait in another way than this session takes them wait anew. */
const lookThrough = async (session: SessionView, changed?: Changed): Promise<Effects> => {
  const effects: Effect[] = [];
  for (const item of await session.waiting('message')) {
    const message = keptMessage(item);
    if (!message) continue;
    const way = wayFor(session, Buffer.byteLength(String(message.ContentData ?? '')), changed);
    if (way === 'refuse' || (way === 'notify') === item.held) continue;
    effects.push(
      settle(item.seq, ...(await notificationsOf(session, message))),
      ...waitingFor(message, way, { expiresInMs: timeLeft(item, session) }),
    );
  }
  return effects;
};

/** What still announces that message. */
export const notificationsOf = async (session: SessionView, message: KeptMessage): Promise<number[]> =>
  (await session.waiting('notification')).flatMap(({ seq, primitive }) =>
    primitive.name === 'MessageNotification' && primitive.MessageInfo.MessageID === message.MessageInfo.MessageID
      ? [seq]
      : [],
  );

/** Once, when the phone has said what it takes: what earlier sessions left behind is announced or pushed again. */
export const afterNegotiation = async (session: SessionView): Promise<Effects> => {
  const state = session.slot(looked);
  if (state.done) return [];
  state.done = true;
  const effects: Effect[] = [...(await lookThrough(session))];
  for (const item of await session.waiting('message')) {
    const message = item.held ? keptMessage(item) : undefined;
    if (!message || wayFor(session, Buffer.byteLength(String(message.ContentData ?? ''))) !== 'notify') continue;
    if ((await notificationsOf(session, message)).length > 0) continue;
    const primitive = { name: 'MessageNotification', MessageInfo: message.MessageInfo } as const;
    const expiresInMs = timeLeft(item, session);
    effects.push(
      enqueue({ kind: 'notification', primitive, durable: true, ...(expiresInMs !== undefined && { expiresInMs }) }),
    );
  }
  return effects;
};

export const setDeliveryMethod: Handler<'SetDeliveryMethod-Request'> = async (request, session) => {
  if (request.GroupID !== undefined) return statusOf(800);
  const before = session.slot(changedMethod);
  const next = {
    ...before,
    method: request.DeliveryMethod,
    ...(request.AcceptedContentLength === undefined ? {} : { pushLength: request.AcceptedContentLength }),
  };
  return { answer: statusOf(200), effects: [keep(changedMethod, next), ...(await lookThrough(session, next))] };
};
