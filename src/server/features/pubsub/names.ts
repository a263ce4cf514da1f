// The names of XEP-0060, and its errors.

import { type Element, el } from '../../../xml/element.ts';
import type { Stanza, StanzaCondition } from '../../../xmpp/stanza.ts';

export const pubsubNs = 'http://jabber.org/protocol/pubsub';
export const ownerNs = `${pubsubNs}#owner`;
export const eventNs = `${pubsubNs}#event`;
export const nodeConfigType = `${pubsubNs}#node_config`;
export const publishOptionsType = `${pubsubNs}#publish-options`;

/** What a request is refused for: the stanza's condition, and pubsub's own where it has one. */
export interface PubsubFault {
  readonly condition: StanzaCondition;
  readonly detail?: Element;
  readonly text?: string;
}

export const fault = (condition: StanzaCondition, detail?: string, text?: string): PubsubFault => ({
  condition,
  ...(detail !== undefined && { detail: el(detail, { xmlns: `${pubsubNs}#errors` }) }),
  ...(text !== undefined && { text }),
});

/** §4.6: what the service does not do, by the name of the feature that it does not advertise. */
export const unsupported = (feature: string): PubsubFault => ({
  condition: 'feature-not-implemented',
  detail: el('unsupported', { xmlns: `${pubsubNs}#errors`, feature }),
});

export const refuse = (stanza: Stanza, { condition, detail, text }: PubsubFault): Stanza =>
  stanza.error(condition, { ...(detail && { extra: detail }), ...(text !== undefined && { text }) });
