// What the end of a stream means to whoever holds the Link.

import type { LinkEnd, LinkFault } from '../link.ts';
import type { StreamCondition, StreamError } from '../stream/conditions.ts';

/** Conditions after which it makes no sense to come back by oneself. The others are the server's or the network's trouble. */
const reasons: Partial<Record<StreamCondition, LinkEnd['reason']>> = {
  conflict: 'replaced',
  'host-gone': 'signed-out',
  'host-unknown': 'signed-out',
  'not-authorized': 'signed-out',
  'policy-violation': 'signed-out',
};

export const endOf = ({ condition, text }: StreamError): LinkEnd => ({
  reason: reasons[condition] ?? 'lost',
  text: text === undefined ? condition : `${condition}: ${text}`,
});

/** An attempt to come back failed in a way that trying again will not mend; undefined: it may. */
export const unreachableEnd = ({ reason, text }: LinkFault): LinkEnd | undefined =>
  reason === 'not-authorized' || reason === 'account-disabled' ? { reason: 'signed-out', text } : undefined;
