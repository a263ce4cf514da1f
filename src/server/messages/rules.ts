// RFC 6121 §8.5: what becomes of a message for a local account, by its type, the form of its address and who is there.
// The table is the code: router and test both read it.

import type { Stanza } from '../../xmpp/stanza.ts';

export type MessageType = 'normal' | 'chat' | 'groupchat' | 'headline' | 'error';

/** deliver: to every resource that takes messages · keep: for later (XEP-0160) · refuse: service-unavailable · drop: silently. */
export type Fate = 'deliver' | 'keep' | 'refuse' | 'drop';

/** Whom a message to the bare JID would reach: nobody available, only resources with negative priority, or somebody. */
export type Presence = 'nobody' | 'negative' | 'somebody';

type Row = Readonly<Record<Presence, Fate>>;

const always = (fate: Fate): Row => ({ nobody: fate, negative: fate, somebody: fate });
const reach: Row = { nobody: 'keep', negative: 'keep', somebody: 'deliver' };

/** To the bare JID (§8.5.2). "deliver" to all non-negative resources is one of the two ways the RFC leaves open. */
export const toBare: Readonly<Record<MessageType, Row>> = {
  normal: reach,
  chat: reach,
  groupchat: always('refuse'),
  headline: { nobody: 'drop', negative: 'drop', somebody: 'deliver' },
  error: always('drop'),
};

/** To a full JID without a session (§8.5.3.2); with one, it is delivered there whatever the priority (§8.5.3.1). */
export const toGone: Readonly<Record<MessageType, Row>> = {
  normal: always('refuse'),
  chat: reach,
  groupchat: always('refuse'),
  headline: always('drop'),
  error: always('drop'),
};

/** To an account that does not exist (§8.5.1). */
export const toNobody: Readonly<Record<MessageType, Fate>> = {
  normal: 'refuse',
  chat: 'refuse',
  groupchat: 'refuse',
  headline: 'drop',
  error: 'drop',
};

/** RFC 6121 §5.2.2: unknown types are "normal". */
export const messageType = (stanza: Stanza): MessageType =>
  stanza.type !== undefined && stanza.type in toBare ? (stanza.type as MessageType) : 'normal';

const chatStates = 'http://jabber.org/protocol/chatstates';
const hints = 'urn:xmpp:hints';

/**
 * XEP-0160 §3: is the message worth keeping for later? Not one that holds nothing but a chat state, nor one whose sender
 * says so (XEP-0334).
 */
export const isWorthKeeping = (stanza: Stanza): boolean => {
  const type = messageType(stanza);
  if (type !== 'normal' && type !== 'chat') return false;
  if (stanza.has('no-store', hints)) return false;
  if (stanza.has('store', hints)) return true;
  return stanza.children.some((one) => one.xmlns !== chatStates && one.xmlns !== hints && one.name !== 'thread');
};
