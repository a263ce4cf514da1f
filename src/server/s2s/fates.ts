// What a stanza is to a link: how long it may wait, whether it is kept in the Store meanwhile, and whether somebody is told
// when it cannot be delivered (RFC 6120 §8.3.1, §10.4).

import type { Stanza } from '../../xmpp/stanza.ts';
import { isWorthKeeping } from '../messages/rules.ts';
import { mayBounce } from '../router.ts';

export type Fate =
  | 'kept' // stored until the other server has it; else it comes back: messages, and what is said once about subscriptions
  | 'lasting' // waits as long, in memory: errors and markers that a message brings, what a stranger's probe is answered
  | 'asked' // an IQ: whoever asked wants an answer soon, even if it is that there is none
  | 'news'; // presence: of no use when it is late

export const fateOf = (stanza: Stanza, isBroadcast: boolean): Fate => {
  switch (stanza.kind) {
    case 'message':
      return isWorthKeeping(stanza) ? 'kept' : 'lasting';
    case 'iq':
      return 'asked';
    case 'presence':
      return isNews(stanza) ? 'news' : isBroadcast ? 'lasting' : 'kept';
    default:
      return stanza.kind satisfies never;
  }
};

const isNews = ({ type }: Stanza): boolean =>
  type === undefined || type === 'unavailable' || type === 'probe' || type === 'error';

/** Is somebody to be told that it did not arrive? */
export const isAnswered = (stanza: Stanza, isBroadcast: boolean): boolean => !isBroadcast && mayBounce(stanza);

/** News of a resource that later news takes the place of: who says it to whom. */
export const newsKey = ({ kind, type, from, to }: Stanza): string | undefined =>
  kind === 'presence' && (type === undefined || type === 'unavailable') ? `${from} ${to}` : undefined;
