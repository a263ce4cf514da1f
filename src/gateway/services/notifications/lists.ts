// CLCR, CLC, CLD: contact lists made, changed and deleted by another phone of the user, or by a client that changes the roster.

import type { ContactList } from '../contact-lists/lists.ts';
import { addressOf, sessionLists } from '../contact-lists/session-lists.ts';
import { watched } from './look.ts';
import { notify } from './subscribed.ts';

/** What a phone reads of each list, as one text, by the list's name. */
type Lists = ReadonlyMap<string, string>;

const textOf = ({ displayName, isDefault, members }: ContactList): string =>
  JSON.stringify([displayName, isDefault, members.map(({ jid, name }) => [jid.toString(), name])]);

export const contactListsWatched = watched<Lists>({
  name: 'contact lists',
  types: ['CLCR', 'CLC', 'CLD'],
  async read(session) {
    const { lists } = await sessionLists(session);
    return new Map(lists.map((list) => [list.name, textOf(list)]));
  },
  compare(before, now, session) {
    const told = (type: 'CLCR' | 'CLC' | 'CLD', names: readonly string[]) =>
      names.length === 0
        ? []
        : notify(session, type, {
            ContactListIDList: { ContactList: names.map((name) => addressOf(session, { name })) },
          });
    const names = [...now.keys()];
    return [
      ...told(
        'CLCR',
        names.filter((name) => !before.has(name)),
      ),
      ...told(
        'CLC',
        names.filter((name) => before.has(name) && before.get(name) !== now.get(name)),
      ),
      ...told(
        'CLD',
        [...before.keys()].filter((name) => !now.has(name)),
      ),
    ];
  },
});
