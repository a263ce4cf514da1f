// CSP "Attribute lists" (who may see what of me), and what XMPP can make of them, as pure functions.
//
// XMPP shows the same <presence/> and the same personal events to everybody who was let subscribe; it has no way to show one
// contact less than another. So:
// - an attribute list with attributes in it lets whoever it holds for subscribe, without asking (proactive authorization);
//   one without attributes keeps them out. The entry for a user goes before the one for a list, that before the default.
// - OnlineStatus and UserAvailability go to all who were let subscribe: they are what a subscription is.
// - every other attribute goes out only when *each* subscriber may see it. One who may not see it costs the others the
//   sight of it, which is less harm than showing it to one who may not.

import { type AttributeName, attributeNames } from '../../mapping/presence-table.ts';

export interface AttributeList {
  readonly names: readonly AttributeName[];
  /** 1.3: ask me when somebody wants more. */
  readonly notify: boolean;
}

export interface AttributeLists {
  readonly default: AttributeList | undefined;
  /** By bare JID. */
  readonly users: { readonly [user: string]: AttributeList };
  /** By name of contact list. */
  readonly lists: { readonly [name: string]: AttributeList };
}

export const noAttributeLists: AttributeLists = { default: undefined, users: {}, lists: {} };

/** What a watcher may see: undefined when no list says anything about them. */
export const visibleTo = (
  lists: AttributeLists,
  user: string,
  memberOf: readonly string[],
): readonly AttributeName[] | undefined => {
  const own = Object.hasOwn(lists.users, user) ? lists.users[user] : undefined;
  if (own) return own.names;
  const held = memberOf.flatMap((name) => (Object.hasOwn(lists.lists, name) ? [lists.lists[name]?.names ?? []] : []));
  if (held.length > 0) return attributeNames.filter((name) => held.some((names) => names.includes(name)));
  return lists.default?.names;
};

const alwaysShown: ReadonlySet<AttributeName> = new Set(['OnlineStatus', 'UserAvailability', 'CommCap']);

/** Which attributes may go out to all of these watchers. */
export const shownToAll = (
  lists: AttributeLists,
  watchers: Iterable<{ readonly user: string; readonly memberOf: readonly string[] }>,
): ((attribute: AttributeName) => boolean) => {
  const allowed = [...watchers].flatMap(({ user, memberOf }) => {
    const names = visibleTo(lists, user, memberOf);
    return names ? [new Set(names)] : [];
  });
  // With nobody to see it yet, the default tells what newcomers will see.
  if (allowed.length === 0 && lists.default) allowed.push(new Set(lists.default.names));
  return (attribute) => alwaysShown.has(attribute) || allowed.every((names) => names.has(attribute));
};
