// The user in the directory of their server, or out of it: the command of onesoup's own servers (src/xmpp/directory.ts), run
// with its form filled in (XEP-0050). Other servers have no such command, and say so.

import { el } from '../../../xml/element.ts';
import { commandsNs, directoryNs } from '../../../xmpp/directory.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { SessionView } from '../../session-view.ts';

export const beFound = async (session: SessionView, isWished: boolean): Promise<void> => {
  const field = (name: string, value: string) => el('field', { var: name }, el('value', null, value));
  const answer = await session.iq({
    type: 'set',
    to: Jid.from(session.user.domain),
    child: el(
      'command',
      { xmlns: commandsNs, node: directoryNs, action: 'complete' },
      el(
        'x',
        { xmlns: 'jabber:x:data', type: 'submit' },
        field('FORM_TYPE', directoryNs),
        field('listed', isWished ? '1' : '0'),
      ),
    ),
  });
  if (!answer.ok && answer.fault.reason !== 'error')
    session.log.warn({ fault: answer.fault.reason }, 'the directory gave no answer');
};
