// When a stanza came that was held back (XEP-0203), and XMPP's way to write it (XEP-0082).

import type { WallMs } from '../../base/clock.ts';
import { el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';

/** XEP-0203: where and when a stanza was held back. Stamps are UTC with seconds (XEP-0082). */
export const delayed = (stanza: Stanza, by: Jid, at: WallMs): Stanza =>
  stanza.elements.some(
    (one) => one.name === 'delay' && one.xmlns === 'urn:xmpp:delay' && one.attrs.from === by.toString(),
  )
    ? stanza
    : stanza.plus(el('delay', { xmlns: 'urn:xmpp:delay', from: by.toString(), stamp: xmppDate(at) }));

/** XEP-0082 DateTime in UTC, whole seconds. */
export const xmppDate = (at: WallMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
