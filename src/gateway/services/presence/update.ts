// CSP 1.1, 1.2, 1.3 "Update presence", "Get presence".

import type { StructureOf } from '../../../imps/primitives.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { userOfJid } from '../../mapping/address.ts';
import { updated, wishOf } from '../../mapping/sub-list.ts';
import { statusOf } from '../../result.ts';
import type { Handler } from '../../service.ts';
import { within } from '../../within.ts';
import { resultFor } from '../common/details.ts';
import { ownAttributes, publish } from './own.ts';
import { news, shownOf } from './plan.ts';
import { needsPortrait, portraits } from './portraits.ts';
import { beSeen } from './subscribe.ts';
import { targetsOf } from './targets.ts';

/** Octets of JSON that a user's own attributes may take. */
const ownMax = 32_768;

export const updatePresence: Handler<'UpdatePresence-Request'> = async (request, session) => {
  const own = updated(await ownAttributes.read(session), request.PresenceSubList);
  const write = ownAttributes.write(own);
  if (write.do === 'set' && (write.value?.length ?? 0) > ownMax) return statusOf(751, 'too large');
  const effects = await publish(session, { own });
  session.run(() => news(session, [session.user.toString()]));
  return { answer: statusOf(200), effects: [write, ...effects] };
};

export const getPresence: Handler<'GetPresence-Request'> = async (request, session) => {
  const { users, lists, refused } = await targetsOf(request, session);
  const all = new Map<string, Jid>(users.map((jid) => [jid.toString(), jid]));
  for (const { members } of lists) for (const { jid } of members) all.set(jid.toString(), jid);
  const effects = await beSeen(session);
  const wish = wishOf(request.PresenceSubList);
  // What has to be fetched is waited for, a while.
  const own = await ownAttributes.read(session);
  for (const jid of all.values()) shownOf(session, jid, wish, own);
  if (needsPortrait(wish)) await within(session.clock, fetchMs, session.slot(portraits).settled());
  const Presence: StructureOf<'Presence'>[] = [];
  for (const jid of all.values()) {
    const UserID = userOfJid(jid);
    // COMPAT: AOSP fails on a Presence without PresenceSubList. (suite/presence.ts)
    if (UserID !== undefined) Presence.push({ UserID, PresenceSubList: [shownOf(session, jid, wish, own)] });
  }
  const done = users.length + lists.length;
  if (done === 0 && refused.length === 0) return statusOf(402);
  return {
    answer: { name: 'GetPresence-Response', Result: resultFor(refused, done, session.version), Presence },
    effects,
  };
};

/** How long a phone is kept waiting for pictures and cards. */
const fetchMs = 3000;
