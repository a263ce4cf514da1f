// The users and lists a presence request names, in the form of any version.

import type { StructureOf } from '../../../imps/primitives.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { jidOfUser } from '../../mapping/address.ts';
import type { SessionView } from '../../session-view.ts';
import type { Refused } from '../common/details.ts';
import type { ContactList } from '../contact-lists/lists.ts';
import { findList, sessionLists } from '../contact-lists/session-lists.ts';

export interface Named {
  readonly User?: readonly StructureOf<'User'>[] | undefined;
  readonly UserID?: readonly string[] | undefined;
  readonly ContactList?: readonly string[] | undefined;
  readonly UserIDList?: StructureOf<'UserIDList'> | undefined;
  readonly ContactListIDList?: StructureOf<'ContactListIDList'> | undefined;
}

export interface Targets {
  readonly users: readonly Jid[];
  readonly lists: readonly ContactList[];
  /** 531 for what can be no address, 700 for lists that are not there. Whether a user exists XMPP does not tell. */
  readonly refused: readonly Refused[];
}

/** Rejects when lists are named and the server does not give the roster. */
export const targetsOf = async (request: Named, session: SessionView): Promise<Targets> => {
  const users = new Map<string, Jid>();
  const lists = new Set<ContactList>();
  const wrongUsers: string[] = [];
  const wrongLists: string[] = [];
  const names = [
    ...(request.User ?? []).map(({ UserID }) => UserID),
    ...(request.UserID ?? []),
    ...(request.UserIDList?.UserID ?? []),
  ];
  for (const text of names) {
    const jid = jidOfUser(text, session.user.domain);
    if (jid) users.set(jid.toString(), jid);
    else wrongUsers.push(text);
  }
  const listNames = [...(request.ContactList ?? []), ...(request.ContactListIDList?.ContactList ?? [])];
  const all = listNames.length > 0 ? (await sessionLists(session)).lists : [];
  for (const text of listNames) {
    const list = findList(session, all, text);
    if (list) lists.add(list);
    else wrongLists.push(text);
  }
  return {
    users: [...users.values()],
    lists: [...lists],
    refused: [
      ...(wrongUsers.length > 0 ? [{ code: 531, users: wrongUsers }] : []),
      ...(wrongLists.length > 0 ? [{ code: 700, lists: wrongLists }] : []),
    ],
  };
};
