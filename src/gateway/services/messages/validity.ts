// "Validity" of a message (CSP all versions, "Message info"): it is to be read by then, or not at all. On its way it travels as
// a rule of XEP-0079 Advanced Message Processing 1.2, condition expire-at: whoever holds the message for a phone heeds it, other
// servers and clients pass it on.

import { childrenNamed, type Element, el } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';

const amp = 'http://jabber.org/protocol/amp';
const ampErrors = 'http://jabber.org/protocol/amp#errors';
/** Longer than this nobody means; a phone's clock is not asked. */
const validitySMax = 365 * 24 * 60 * 60;

const rule = (expiresAt: number): Element =>
  el('rule', { condition: 'expire-at', action: 'error', value: new Date(expiresAt).toISOString() });

/** The rule for a message that is written now. `validityS`: seconds; `now`: wall-clock ms. */
export const expiryRule = (validityS: number, now: number): Element =>
  el('amp', { xmlns: amp }, rule(now + Math.min(Math.max(validityS, 0), validitySMax) * 1000));

/** When a message expires, wall-clock ms; undefined when it does not. */
export const expiryOf = (stanza: Stanza): number | undefined => {
  const rules = stanza.child('amp', amp);
  const found = rules && childrenNamed(rules, 'rule').find(({ attrs }) => attrs.condition === 'expire-at');
  const at = Date.parse(found?.attrs.value ?? '');
  return Number.isNaN(at) ? undefined : at;
};

/** XEP-0079 §2.2.3 and §6: what the sender of an expired message is told beside the condition. */
export const failedRule = (expiresAt: number): Element => el('failed-rules', { xmlns: ampErrors }, rule(expiresAt));

/** Does an error say that the message expired? */
export const saysExpired = (stanza: Stanza): boolean => {
  const failed = stanza
    .child('error')
    ?.children.find((one): one is Element => typeof one !== 'string' && one.xmlns === ampErrors);
  return failed !== undefined && childrenNamed(failed, 'rule').some(({ attrs }) => attrs.condition === 'expire-at');
};
