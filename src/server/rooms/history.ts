// What those who enter are shown of what was said before (XEP-0045 §7.2.13, §7.2.14), and the subject (§7.2.15).

import { child, type Element, el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { delayed } from '../messages/delay.ts';
import type { Change } from './change.ts';
import { ns } from './names.ts';
import type { Said } from './state.ts';

/** Is the message worth showing later? Not chat states and receipts; and its sender may say so (XEP-0334). */
export const isWorthSaying = (stanza: Stanza): boolean => {
  if (stanza.has('no-store', ns.hints) || stanza.has('no-permanent-store', ns.hints)) return false;
  return stanza.has('body') || stanza.has('store', ns.hints);
};

/** Adds a message as the newest. */
export const remember = (change: Change, said: Said): void => {
  const { history, settings } = change.room;
  change.keep(said);
  change.set({ history: [...history, said].slice(Math.max(0, history.length + 1 - settings.historyMax)) });
};

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** The messages that all of the wishes allow, oldest first. `asked`: the <history/> of the one who enters. */
export const historyFor = (
  history: readonly Said[],
  asked: Element | undefined,
  now: number,
  by: Jid,
): readonly Stanza[] => {
  const { maxchars, maxstanzas, seconds, since } = asked?.attrs ?? {};
  const sinceMs = since === undefined ? Number.NaN : Date.parse(since);
  const notBefore = Math.max(
    Number.isNaN(sinceMs) ? Number.NEGATIVE_INFINITY : sinceMs,
    now - (whole(seconds) ?? Number.POSITIVE_INFINITY) * 1000,
  );
  const chosen: Stanza[] = [];
  let chars = whole(maxchars) ?? Number.POSITIVE_INFINITY;
  let stanzas = whole(maxstanzas) ?? Number.POSITIVE_INFINITY;
  for (const { stanza, at } of history.toReversed()) {
    // Stamps have whole seconds: what was said within the second asked for belongs to it.
    if (at < Math.floor(notBefore / 1000) * 1000) break;
    const shown = delayed(stanza, by, at);
    if (Number.isFinite(chars)) chars -= shown.toXml().length;
    if (chars < 0 || --stanzas < 0) break;
    chosen.unshift(shown);
  }
  return chosen;
};

/** History, then the subject, to a session that has just entered. */
export const showPast = (change: Change, stanza: Stanza, to: Jid): void => {
  const { room, circumstances } = change;
  const x = stanza.child('x', ns.muc);
  for (const one of historyFor(room.history, x && child(x, 'history'), circumstances.wall, room.jid))
    change.spread(one, [to]);
  const { subject } = room;
  change.spread(
    subject
      ? delayed(subject.stanza, room.jid, subject.at)
      : Stanza.make({ kind: 'message', type: 'groupchat', from: room.jid }, el('subject')),
    [to],
  );
};
