// CSP "Attribute lists" (who may see what of me), and what XMPP can make of them, as pure functions.
//
// - An attribute list with attributes in it lets whoever it holds for subscribe, without asking (proactive authorization);
//   one without attributes keeps them out. The entry for a user goes before those for lists (together), those before the
//   default. Whom no entry holds for is asked about, and sees everything once let in.
// - OnlineStatus, UserAvailability and CommCap go to all who were let subscribe: they are what a subscription is.
// - <presence/> goes to all subscribers alike, and the server repeats it to whoever comes new. So what is broadcast is what
//   *every* entry shows; who may see more gets it in presence sent to them alone.
// - Personal events go to those whom the node lets read it: to all when every entry shows the attribute, else to a whitelist.

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

/** Who was let subscribe, and the contact lists they are in. */
export interface Watcher {
  /** Bare JID. */
  readonly user: string;
  readonly memberOf: readonly string[];
}

/** What the lists say about a watcher: undefined when they say nothing. */
export const entryFor = (
  lists: AttributeLists,
  user: string,
  memberOf: readonly string[],
): AttributeList | undefined => {
  const own = Object.hasOwn(lists.users, user) ? lists.users[user] : undefined;
  if (own) return own;
  const held = memberOf.flatMap((name) => (Object.hasOwn(lists.lists, name) ? (lists.lists[name] ?? []) : []));
  if (held.length === 0) return lists.default;
  return {
    names: attributeNames.filter((name) => held.some(({ names }) => names.includes(name))),
    notify: held.some(({ notify }) => notify),
  };
};

/** What a watcher may see: undefined when no list says anything about them. */
export const visibleTo = (
  lists: AttributeLists,
  user: string,
  memberOf: readonly string[],
): readonly AttributeName[] | undefined => entryFor(lists, user, memberOf)?.names;

const alwaysShown: ReadonlySet<AttributeName> = new Set(['OnlineStatus', 'UserAvailability', 'CommCap', 'ClientInfo']);

export type Sight = (attribute: AttributeName) => boolean;

/** What is shown to whoever subscribes, now or later. `contactLists`: names of those that there are. */
export const shownToAll = (lists: AttributeLists, contactLists: ReadonlySet<string>): Sight => {
  const entries = [
    ...(lists.default ? [lists.default] : []),
    ...Object.values(lists.users),
    ...Object.entries(lists.lists).flatMap(([name, entry]) => (contactLists.has(name) ? [entry] : [])),
  ];
  // Who may see nothing is not let in, and costs the others nothing.
  const shown = entries.filter(({ names }) => names.length > 0).map(({ names }) => new Set(names));
  return (attribute) => alwaysShown.has(attribute) || shown.every((names) => names.has(attribute));
};

/** What one watcher may see. */
export const shownTo = (lists: AttributeLists, { user, memberOf }: Watcher): Sight => {
  const names = visibleTo(lists, user, memberOf);
  return (attribute) => alwaysShown.has(attribute) || names === undefined || names.includes(attribute);
};
