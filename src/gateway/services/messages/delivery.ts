// CSP "Set delivery method": is a message pushed (NewMessage), or is the phone told of it and fetches it (MessageNotification)?
// For all messages, or for those of one group.

import type { EnumOf } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import { type Effect, type Effects, enqueue, type Handler, keep, settle, type WaitingItem } from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { largestMessage } from '../common/largest.ts';
import { canFetch, envelope } from '../content/abilities.ts';
import { joinedRoom } from '../groups/membership.ts';
import { bring, reconsider } from './bring.ts';
import { contentOctets, isKnown, type KeptMessage, keptMessage } from './kept-message.ts';

interface Method {
  readonly method?: EnumOf<'DeliveryMethod'>;
  readonly pushLength?: number;
}
/** What SetDeliveryMethod changed since the capabilities were agreed. */
interface Changed extends Method {
  /** By room, bare JID. */
  readonly groups?: Readonly<Record<string, Method>>;
}
const changedMethod = keptSlot<Changed>('messages-delivery', {});
const groupsMax = 50;
/** Were messages of earlier sessions looked through? */
const looked = slot<{ done: boolean }>('messages-looked', () => ({ done: false }));

/** Octets of content that are pushed, for messages of a room or all others. */
export const pushLengthFor = (
  session: SessionView,
  room?: string,
  changed: Changed = session.slot(changedMethod),
): number =>
  (room === undefined ? undefined : changed.groups?.[room]?.pushLength) ??
  changed.pushLength ??
  session.capabilities.pushLength;

/** push; notify; refuse: neither would ever get it across. */
export const wayFor = (
  session: SessionView,
  message: KeptMessage,
  changed: Changed = session.slot(changedMethod),
): 'push' | 'notify' | 'refuse' => {
  const { capabilities } = session;
  const octets = contentOctets(message);
  const fits = octets + envelope <= largestMessage(session);
  // COMPAT: S60 and Android drop MessageNotification: whatever they can parse is pushed. (faults.test.ts)
  if (!canFetch(session)) return fits ? 'push' : 'refuse';
  const own = message.$room === undefined ? undefined : changed.groups?.[message.$room];
  if ((own?.method ?? changed.method ?? capabilities.deliveryMethod) === 'N') return 'notify';
  return fits && octets <= pushLengthFor(session, message.$room, changed) ? 'push' : 'notify';
};

/** See ServerRequest. */
export interface WaitingOptions {
  readonly origin?: string | undefined;
  readonly expiresInMs?: number | undefined;
}

/** The message as it waits, in the way the session takes it. */
export const waitingFor = (
  message: KeptMessage,
  way: 'push' | 'notify',
  { origin, expiresInMs }: WaitingOptions = {},
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

/** Milliseconds until it expires. */
export const timeLeft = ({ expiresAt }: WaitingItem, { clock }: SessionView): number | undefined =>
  expiresAt === undefined ? undefined : expiresAt - clock.wall();

/** Messages that wait in another way than this session takes them wait anew. */
const lookThrough = async (session: SessionView, changed?: Changed): Promise<Effects> => {
  const effects: Effect[] = [];
  for (const item of await session.waiting('message')) {
    const message = keptMessage(item);
    if (!message || !isKnown(message)) continue;
    const way = wayFor(session, message, changed);
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
  const again = await reconsider(session);
  bring(session);
  if (again.length > 0) await session.apply(again);
  const effects: Effect[] = [...(await lookThrough(session))];
  for (const item of await session.waiting('message')) {
    const message = item.held ? keptMessage(item) : undefined;
    if (!message || !isKnown(message) || wayFor(session, message) !== 'notify') continue;
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
  const { GroupID, DeliveryMethod, AcceptedContentLength, GroupContentLimit } = request;
  const before = session.slot(changedMethod);
  let next: Changed;
  if (GroupID === undefined)
    next = {
      ...before,
      method: DeliveryMethod,
      ...(AcceptedContentLength === undefined ? {} : { pushLength: AcceptedContentLength }),
    };
  else {
    const room = await joinedRoom(session, GroupID);
    if (typeof room === 'number') return statusOf(room);
    const key = room.jid.toString();
    const pushLength = GroupContentLimit ?? AcceptedContentLength ?? before.groups?.[key]?.pushLength;
    // The one set last comes last; of too many the first goes.
    const { [key]: _, ...others } = before.groups ?? {};
    const kept = Object.entries(others).slice(-(groupsMax - 1));
    const own = { method: DeliveryMethod, ...(pushLength === undefined ? {} : { pushLength }) };
    next = { ...before, groups: { ...Object.fromEntries(kept), [key]: own } };
  }
  return { answer: statusOf(200), effects: [keep(changedMethod, next), ...(await lookThrough(session, next))] };
};
