// What general notifications a session asked for. ANU is also sent to a session that never said anything: who does not know
// of it could not let anybody see their user.

import type { EnumOf, PrimitiveOf } from '../../../imps/primitives.ts';
import { type Effects, enqueue } from '../../service.ts';
import { keptSlot, type SessionView } from '../../session-view.ts';

export type NotificationType = EnumOf<'NotificationType'>;

/**
 * The types that something makes come true. Not among them: ANC and AND (XMPP asks for users, never for a list or for
 * everybody), SPA (the server changes no session's priority), AC (no address is ever corrected).
 */
export const served = [
  'ANU',
  'ATCL',
  'BLC',
  'BLUC',
  'GLC',
  'GLUC',
  'CLC',
  'CLCR',
  'CLD',
  'GC',
  'GD',
  'GMAU',
  'GMG',
  'GMR',
  'GMU',
  'IA',
  'IC',
  'IR',
  'OEU',
  'PPU',
] as const satisfies readonly NotificationType[];
export type Served = (typeof served)[number];

interface Subscribed {
  readonly types: readonly Served[];
  /** ANU was unsubscribed. */
  readonly noQuestions: boolean;
}
export const subscribed = keptSlot<Subscribed>('notifications-subscribed', { types: [], noQuestions: false });

export const wants = (session: SessionView, ...types: readonly Served[]): boolean => {
  if (session.version !== '1.3') return false;
  const { types: wanted } = session.slot(subscribed);
  return types.some((type) => wanted.includes(type));
};

/** May the phone be asked who may see its user? */
export const takesQuestions = (session: SessionView): boolean => !session.slot(subscribed).noQuestions;

type Content = Omit<PrimitiveOf<'Notification-Request'>, 'name' | 'NotificationType'>;

/** The notification, if it is wanted. The same one that still waits is replaced. */
export const notify = (session: SessionView, type: Served, content: Content = {}): Effects =>
  wants(session, type)
    ? [
        enqueue({
          kind: 'general-notification',
          primitive: { name: 'Notification-Request', NotificationType: type, ...content },
          durable: true,
          replaces: `${type} ${JSON.stringify(content)}`,
        }),
      ]
    : [];
