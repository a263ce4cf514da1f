// Contact lists over roster groups, as pure functions: (roster, what is kept beside it) → lists.
//
// A list is a roster group. What a group cannot say is kept beside the roster, per account: the name in the list's address
// where the phone chose another than the group's, DisplayName, which list is the default, lists that are empty. Contacts in
// no group stand in the *home* list, so that every contact is in a list; there is always a default list.

import type { RosterItem } from '../common/roster.ts';

/** Kept as JSON under the account's setting `contact-lists.kept`. */
export interface KeptLists {
  readonly lists: readonly KeptList[];
  /** Names of lists. */
  readonly default: string;
  readonly home: string;
}
export interface KeptList {
  /** Lower-case: what stands in the address. */
  readonly name: string;
  readonly group: string;
  readonly displayName: string;
}

export interface ContactList extends KeptList {
  readonly isDefault: boolean;
  readonly isHome: boolean;
  readonly members: readonly RosterItem[];
}

export const freshLists: KeptLists = {
  lists: [{ name: 'contacts', group: 'Contacts', displayName: 'Contacts' }],
  default: 'contacts',
  home: 'contacts',
};

/** Every list, those kept first in the order of their making, then groups made elsewhere by name. */
export const listsOf = (roster: Iterable<RosterItem>, kept: KeptLists): ContactList[] => {
  const items = [...roster].sort((a, b) => (a.jid.toString() < b.jid.toString() ? -1 : 1));
  const known = new Set(kept.lists.map(({ group }) => group));
  const foreign = [...new Set(items.flatMap(({ groups }) => groups))].filter((group) => !known.has(group)).sort();
  const taken = new Set(kept.lists.map(({ name }) => name));
  const all = [...kept.lists];
  for (const group of foreign) {
    const name = nameOfGroup(group, taken);
    taken.add(name);
    all.push({ name, group, displayName: group });
  }
  return all.map((list) => {
    const isHome = list.name === kept.home;
    return {
      ...list,
      isHome,
      isDefault: list.name === kept.default,
      members: items.filter(({ groups }) => groups.includes(list.group) || (isHome && groups.length === 0)),
    };
  });
};

/**
 * A group's name as it stands in an address, undone by `groupOfName`. Phones lower-case addresses, and some undo %XX at
 * times: so lower-case letters, digits, dot and hyphen stand for themselves and every other octet of UTF-8 is `_` and two hex
 * digits. When a phone's own list has that name already, the first letter is spelt as octets too.
 */
export const nameOfGroup = (group: string, taken: ReadonlySet<string>): string => {
  const name = spell(group, /[a-z0-9.-]/);
  return taken.has(name) ? spell(group, /(?!)/) : name;
};
const spell = (text: string, plain: RegExp): string => {
  let name = '';
  for (const char of text) {
    if (plain.test(char)) name += char;
    else for (const octet of new TextEncoder().encode(char)) name += `_${octet.toString(16).padStart(2, '0')}`;
  }
  return name;
};

/** The group that `nameOfGroup` spelt so. */
export const groupOfName = (name: string): string => {
  const octets: number[] = [];
  for (let i = 0; i < name.length; ) {
    if (name[i] === '_') {
      octets.push(Number.parseInt(name.slice(i + 1, i + 3), 16));
      i += 3;
    } else octets.push(name.charCodeAt(i++));
  }
  return new TextDecoder().decode(Uint8Array.from(octets));
};

// ---- changes: each returns the new state to keep ------------------------------------------------------------------------

/** A new, empty list. Its group is called as people see it, unless a group of that name is there already. */
export const withList = (
  kept: KeptLists,
  lists: readonly ContactList[],
  name: string,
  displayName: string,
): KeptLists => {
  const groups = new Set(lists.map(({ group }) => group));
  let group = displayName;
  for (let n = 2; groups.has(group); n++) group = `${displayName} ${n}`;
  return { ...kept, lists: [...kept.lists, { name, group, displayName }] };
};

/** A list made elsewhere becomes one that is kept: it stays when its last contact goes. */
export const withKept = (kept: KeptLists, list: ContactList): KeptLists =>
  kept.lists.some(({ name }) => name === list.name)
    ? kept
    : { ...kept, lists: [...kept.lists, { name: list.name, group: list.group, displayName: list.displayName }] };

export const withDefault = (kept: KeptLists, list: ContactList): KeptLists => ({
  ...withKept(kept, list),
  default: list.name,
});

export const withDisplayName = (kept: KeptLists, list: ContactList, displayName: string, group: string): KeptLists => {
  const all = withKept(kept, list);
  return { ...all, lists: all.lists.map((one) => (one.name === list.name ? { ...one, displayName, group } : one)) };
};

/** Without a list. The default and home pass to the first that is left; when none is, a fresh one is made. */
export const withoutList = (kept: KeptLists, lists: readonly ContactList[], gone: ContactList): KeptLists => {
  const left = lists.filter(({ name }) => name !== gone.name);
  const [heir] = left;
  if (!heir) return freshLists;
  const without = { ...kept, lists: kept.lists.filter(({ name }) => name !== gone.name) };
  const next = kept.default === gone.name || kept.home === gone.name ? withKept(without, heir) : without;
  return {
    ...next,
    default: kept.default === gone.name ? heir.name : kept.default,
    home: kept.home === gone.name ? heir.name : kept.home,
  };
};
