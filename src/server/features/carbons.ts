// XEP-0280 Message Carbons 1.0.1: a session that asks for it sees both sides of what the account's other sessions write and
// are written. What went to the session itself is not copied to it; private messages and room traffic are not copied at all.

import { hear, own } from '../../base/hooks.ts';
import { el } from '../../xml/element.ts';
import { Stanza, stanzaNamespace } from '../../xmpp/stanza.ts';
import { messageType } from '../messages/rules.ts';
import { type AccountRequest, accountRequest, messageDelivered, messageSent, requestKey } from '../points.ts';
import type { Session } from '../sessions/session.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';

const xmlns = 'urn:xmpp:carbons:2';

export const carbons: Feature = {
  specs: [{ id: 'XEP-0280', name: 'Message Carbons', version: '1.0.1', scope: 'all', namespaces: [xmlns] }],
  taps: () => [
    own(accountRequest, requestKey('set', xmlns, 'enable'), (request) => wish(request, true)),
    own(accountRequest, requestKey('set', xmlns, 'disable'), (request) => wish(request, false)),
    hear(messageDelivered, 'any', ({ user, stanza, sessions }) => {
      // What the account writes to itself its sessions see as sent.
      if (stanza.from?.bare.equals(user.jid)) return;
      copy(
        'received',
        stanza,
        [...user.sessions.values()].filter((one) => !sessions.includes(one)),
      );
    }),
    hear(messageSent, 'any', ({ user, session, stanza }) => {
      if (stanza.to?.equals(user.jid)) return;
      const others = [...user.sessions.values()].filter((one) => one !== session && !one.jid.equals(stanza.to));
      copy('sent', stanza, others);
    }),
    advertise('server', xmlns),
    advertise('account', xmlns),
  ],
};

const wish = ({ session, stanza }: AccountRequest, wanted: boolean): Stanza => {
  if (!session) return stanza.error('forbidden');
  session.wantsCarbons = wanted;
  return stanza.result();
};

/** §6: which messages belong to a conversation that other sessions should see. */
const isEligible = (stanza: Stanza): boolean => {
  const type = messageType(stanza);
  if (stanza.has('private', xmlns) || stanza.has('no-copy', 'urn:xmpp:hints')) return false;
  if (stanza.has('x', 'http://jabber.org/protocol/muc#user')) return false;
  if (stanza.has('sent', xmlns) || stanza.has('received', xmlns)) return false;
  if (type === 'chat') return true;
  return type === 'normal' && (stanza.has('body') || stanza.children.some((one) => one.xmlns === 'urn:xmpp:receipts'));
};

const copy = (direction: 'sent' | 'received', stanza: Stanza, sessions: readonly Session[]): void => {
  const wanting = sessions.filter((one) => one.wantsCarbons);
  if (wanting.length === 0 || !isEligible(stanza)) return;
  const { from, to, type, id, lang } = stanza;
  const inner = el(
    'message',
    { xmlns: stanzaNamespace, from: from?.toString(), to: to?.toString(), type, id, 'xml:lang': lang },
    stanza.elements,
  );
  const wrapped = el(direction, { xmlns }, el('forwarded', { xmlns: 'urn:xmpp:forward:0' }, inner));
  for (const session of wanting) {
    const { jid } = session;
    session.deliver(Stanza.make({ kind: 'message', type, from: jid.bare, to: jid }, wrapped));
  }
};
