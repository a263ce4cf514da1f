// What the operator has to say, brought to the phone: as SystemMessage-Request where there is 1.3, else as a message. A 1.3
// phone that does not take system messages (it does not answer them, or answers with an error) gets a message after all.

import type { Announcement } from '../../../store/announcements.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { type Effect, type Effects, enqueue, type WaitingItem, type WaitingKind } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { messageArrived } from '../messages/receive.ts';
import { desk, isShownAsText, isShownHere, refresh, shown, shownAsText } from './heard.ts';
import { systemMessage } from './shape.ts';

/** The element by which our own server marks what its operator says: phones get it another way. */
const mark = 'urn:onesoup:announcement';

/** Everything that this phone has not heard yet. What must be answered is shown on every phone until it is. */
export const bring = async (session: SessionView): Promise<Effects> => {
  const { announcements, heard } = await refresh(session);
  const waiting = await idsWaiting(session);
  const effects: Effect[] = [];
  for (const one of announcements) {
    const state = heard[one.id] ?? {};
    const isNew = !state.answer && (state.shownOn?.length ?? 0) === 0;
    const isOwed =
      session.version === '1.3' &&
      one.requiresAnswer &&
      !state.answer &&
      !isShownHere(session, state) &&
      !isShownAsText(session, state);
    if ((isNew || isOwed) && !waiting.has(one.id)) effects.push(...(await announce(session, one)));
  }
  // What was taken back, and was not handed out yet, was never said.
  const known = new Set(announcements.map(({ id }) => id));
  const gone = (await session.waiting('system-message')).filter((item) => !idsOf(item).some((id) => known.has(id)));
  if (gone.length > 0) effects.push({ do: 'settle', waiting: gone.map(({ seq }) => seq) });
  return effects;
};

const announce = async (session: SessionView, one: Announcement): Promise<Effects> => {
  const expiresInMs = one.expiresAt - session.clock.wall();
  if (session.version === '1.3')
    return [
      enqueue({
        kind: 'system-message',
        primitive: { name: 'SystemMessage-Request', SystemMessageList: { SystemMessage: [systemMessage(one)] } },
        durable: true,
        expiresInMs,
      }),
    ];
  return [...(await asText(session, textOfAnnouncement(one), one.id)), shownAsText(session, one.id)];
};

/** Options are listed: only a system message can be answered. */
export const textOfAnnouncement = ({ text, options }: Pick<Announcement, 'text' | 'options'>): string =>
  [text, ...options.map((option, n) => `${n + 1}. ${option}`)].join('\n');

/** As a message from the server. Cut where a phone takes no more: a word of the operator's is still one. */
const asText = async (session: SessionView, text: string, id: string): Promise<Effects> => {
  const from = Jid.from(session.user.domain);
  const stanza = Stanza.make(
    { kind: 'message', from, to: session.user, id: `announcement-${id}` },
    el('body', null, text),
  );
  const effects = (await messageArrived(stanza, session)).filter(({ do: what }) => what === 'enqueue');
  return effects.length > 0 || text.length < 40 ? effects : asText(session, text.slice(0, text.length / 2), id);
};

const idsOf = ({ primitive }: WaitingItem): readonly string[] =>
  primitive.name === 'SystemMessage-Request'
    ? primitive.SystemMessageList.SystemMessage.map(({ SystemMessageID }) => SystemMessageID)
    : [];
export const idsWaiting = async (session: SessionView): Promise<ReadonlySet<string>> =>
  new Set((await session.waiting('system-message')).flatMap(idsOf));

export const systemMessageKind: WaitingKind = {
  outlivesSession: false,
  onSettled(item, end, session) {
    const isTaken = end.how === 'acknowledged' && end.code < 300;
    const all = item.primitive.name === 'SystemMessage-Request' ? item.primitive.SystemMessageList.SystemMessage : [];
    return all.flatMap(({ SystemMessageID: id, SystemMessageText: text, AnswerOptions: options }) => {
      const isAnnouncement = session.slot(desk).announcements.some((one) => one.id === id);
      const effects: Effect[] = [];
      if (end.how !== 'expired' && !isTaken) {
        const choices = options?.AnswerOption.map(({ AnswerOptionText }) => AnswerOptionText) ?? [];
        session.run(() => asText(session, textOfAnnouncement({ text, options: choices }), id));
      }
      if (end.how === 'expired' || !isAnnouncement) return effects;
      // A phone that does not know them is not held to an answer.
      if (isTaken) effects.push(shown(session, id));
      else effects.push(shownAsText(session, id));
      return effects;
    });
  },
};

/**
 * Our own server says the same to the user's XMPP clients. Anything else a server says by itself, such as the announcements of
 * a Prosody or an ejabberd, is a message like any other: one that a phone is known to have got.
 */
export const isSaidTwice = (stanza: Stanza, { user }: SessionView): boolean =>
  stanza.kind === 'message' &&
  stanza.from?.local === undefined &&
  stanza.from?.domain === user.domain &&
  stanza.has('announcement', mark);
