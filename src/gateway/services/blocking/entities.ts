// CSP block and grant lists as pure functions.
//
// Block list in use: who is on it may not reach the user. Grant list in use and not empty: only who is on it may. Both in use:
// on the grant list and not on the block list. A list that is not in use is kept all the same, for when it is again.

import type { StructureOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';

export interface EntityList {
  readonly inUse: boolean;
  /** Bare JIDs. */
  readonly users: readonly string[];
}
export const emptyList: EntityList = { inUse: false, users: [] };

type Change = StructureOf<'BlockList'> | StructureOf<'GrantList'>;

export interface WishedList {
  /** Undefined: as it is. */
  readonly inUse: boolean | undefined;
  /** Replaces all. */
  readonly all: readonly string[] | undefined;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** The list as wished, in bare JIDs. Between them, AddList and RemoveList of one request: what is in both goes. */
export const apply = (before: EntityList, wished: WishedList): EntityList => {
  const users = new Set([...(wished.all ?? before.users), ...wished.add]);
  for (const user of wished.remove) users.delete(user);
  return { inUse: wished.inUse ?? before.inUse, users: [...users] };
};

/** The user IDs a request names in each place, still as text; `inUse13`: where 1.3 says it. */
export const partsOf = (change: Change | undefined, inUse13: boolean | undefined) => ({
  inUse: inUse13 ?? change?.InUse,
  all: change?.EntityList,
  add: change?.AddList,
  remove: change?.RemoveList,
});

export const mayReach = (from: Jid, block: EntityList, grant: EntityList): boolean => {
  const user = from.bare.toString();
  if (block.inUse && block.users.includes(user)) return false;
  return !grant.inUse || grant.users.length === 0 || grant.users.includes(user);
};

/** Bare JIDs of users among block list entries of any form (XEP-0191 has domains and full JIDs too). */
export const usersAmong = (entries: readonly string[]): string[] => [
  ...new Set(
    entries.flatMap((entry) => {
      const jid = Jid.parse(entry);
      return jid.ok && jid.value.local !== undefined ? [jid.value.bare.toString()] : [];
    }),
  ),
];
