// XEP-0356 §5: a component sends messages in the name of our domain, or of an account's bare address, wrapped as XEP-0297 has
// it.

import { child, childrenNamed, elementsOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza, type StanzaCondition, stanzaNamespace } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';

export const forwardNamespace = 'urn:xmpp:forward:0';

/** Sends what `stanza` wraps, or answers why not. The privilege itself is the caller's to check. */
export const sendInTheNameOf = (hosts: ReadonlyMap<string, Host>, host: Host, stanza: Stanza): Promise<void> => {
  const message = wrappedIn(stanza);
  const refuse = (condition: StanzaCondition): Promise<void> => host.route(stanza.error(condition));
  if (typeof message === 'string') return refuse(message);
  const { from, to } = message;
  const home = from && hosts.get(from.domain);
  if (!home || !from.isBare || !to) return refuse('forbidden');
  if (from.local === undefined) return home.route(message);
  return home.users.turn(from, (user, turn) => {
    if (!user) turn.also(refuse('forbidden'));
    // Not even a privileged entity does what the account itself could not do (§8).
    else if (user.blocks.has(to)) turn.also(refuse('not-acceptable'));
    else turn.also(home.route(message));
  });
};

const wrappedIn = (stanza: Stanza): Stanza | StanzaCondition => {
  const privilege = stanza.child('privilege', 'urn:xmpp:privilege:2');
  const forwarded = privilege && child(privilege, 'forwarded', forwardNamespace);
  const messages = forwarded ? childrenNamed(forwarded, 'message', stanzaNamespace) : [];
  const [message] = messages;
  if (!message || messages.length !== 1) return 'bad-request';
  const { type, id, 'xml:lang': lang } = message.attrs;
  const from = Jid.parse(message.attrs.from ?? '');
  const to = Jid.parse(message.attrs.to ?? '');
  if (!from.ok) return message.attrs.from === undefined ? 'forbidden' : 'jid-malformed';
  if (!to.ok) return 'jid-malformed';
  return Stanza.make({ kind: 'message', type, id, lang, from: from.value, to: to.value }, ...elementsOf(message));
};
