// What the view wants shown, as stanzas: around the payload's own text, which nobody reads on the way to a client's stream.

import type { Shown } from '../../../presence/view.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { stanzaOfInner } from '../../../xmpp/stanza-text.ts';

export const stanzasOf = (presences: readonly Shown[], to: Jid): Stanza[] =>
  presences.map(({ contact, resource, isAvailable, payload }) => {
    const bare = Jid.from(contact);
    const from = resource === '' ? bare : bare.withResource(resource);
    return stanzaOfInner({ kind: 'presence', type: isAvailable ? undefined : 'unavailable', from, to }, payload);
  });
