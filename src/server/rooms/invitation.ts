// An invitation as the room sends it (XEP-0045 §7.8.2), with a direct one (XEP-0249) in it for clients that know only those.

import { type Element, el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import type { Change } from './change.ts';
import { ns } from './names.ts';

export const reasonElement = (reason: string | undefined): Element | false =>
  reason !== undefined && reason !== '' && el('reason', null, reason);

interface Invitation {
  /** Bare JID of the inviter; undefined: the room itself invites. */
  readonly from?: Jid;
  readonly reason?: string | undefined;
  readonly continued?: Element | undefined;
}

export const sendInvitation = (change: Change, to: Jid, { from, reason, continued }: Invitation): void => {
  const { jid, settings } = change.room;
  const { password } = settings;
  change.send(
    Stanza.make(
      { kind: 'message', from: jid, to },
      el(
        'x',
        { xmlns: ns.user },
        el('invite', { from: (from ?? jid).toString() }, reasonElement(reason), continued),
        password !== undefined && el('password', null, password),
      ),
      el('x', {
        xmlns: ns.conference,
        jid: jid.toString(),
        reason: reason === '' ? undefined : reason,
        password,
        continue: continued ? 'true' : undefined,
        thread: continued?.attrs.thread,
      }),
    ),
  );
};
