// XEP-0356 §4: a component reads and changes the rosters of our accounts, and hears of their changes.

import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { changeItem, rosterResult } from '../../features/roster/index.ts';
import { pushQuery } from '../../features/roster/push.ts';
import type { Host } from '../../host.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Privileges } from '../settings.ts';

export const maySee = ({ roster }: Privileges): boolean => roster === 'get' || roster === 'both';
const mayChange = ({ roster }: Privileges): boolean => roster === 'set' || roster === 'both';

/** A roster request, done in the account's turn as if the account itself had sent it; undefined when it is not allowed. */
export const useRoster = (privileges: Privileges, host: Host, stanza: Stanza): Promise<void> | undefined => {
  const { to, type } = stanza;
  if (!to || !(type === 'get' ? maySee(privileges) : mayChange(privileges))) return undefined;
  const [payload] = stanza.elements;
  return host.users.turn(to, async (user, turn) => {
    if (!user) turn.also(host.route(stanza.error('item-not-found')));
    else if (!payload || stanza.children.length !== 1) turn.also(host.route(stanza.error('bad-request')));
    else if (type === 'get') turn.also(host.route(rosterResult(user, stanza)));
    else turn.also(host.route(await changeItem({ user, stanza, payload, turn })));
  });
};

/** §4.4: a push, `from` the account. */
export const pushFor = (user: LocalUser, contact: string, component: Jid): Stanza =>
  Stanza.make(
    { kind: 'iq', type: 'set', id: user.host.random.id(10), from: user.jid, to: component },
    pushQuery(user, contact),
  );
