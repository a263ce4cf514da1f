// What the view has on a user's contacts, for an operator who is told "he looks online but is not".

import type { MonoMs } from '../base/clock.ts';
import { never, type PresenceState, type Tenth } from './state.ts';
import type { ContactDescription } from './view.ts';

/** Everything the view has on the user's contacts, for operators. Changes nothing. */
export const describe = (state: PresenceState, user: string, now: MonoMs): ContactDescription[] => {
  const described: ContactDescription[] = [];
  const ago = (at: Tenth): number => Math.max(0, now - at * 100);
  for (const pair of state.users.get(user)?.contacts.values() ?? []) {
    const { jid, isLocal, domain } = pair.contact;
    const resources = [];
    for (let entry = pair.first; entry; entry = entry.next)
      resources.push({
        resource: entry.resource,
        payload: entry.payload.text,
        ageMs: ago(entry.seenAt),
        isConfirmed: isLocal || entry.seenAt >= domain.doubtedBefore,
      });
    described.push({
      contact: jid,
      isLocal,
      resources,
      checkedAgoMs: isLocal || pair.checkedAt === never ? undefined : ago(pair.checkedAt),
      probe:
        pair.probedAt === never ? undefined : { sentAgoMs: ago(pair.probedAt), outcome: 'pending', answer: undefined },
      domainDownMs: domain.downSince === undefined ? undefined : now - domain.downSince,
      nextLookInMs: isLocal ? undefined : Math.max(0, pair.due * 1000 - now),
    });
  }
  return described;
};
