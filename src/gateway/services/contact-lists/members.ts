// Contacts into and out of lists: what a change of a list means for the roster.

import type { StructureOf } from '../../../imps/primitives.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { jidOfUser } from '../../mapping/address.ts';
import type { IqFault, SessionView } from '../../session-view.ts';
import type { Refused } from '../common/details.ts';
import { roster } from '../common/roster.ts';
import type { ContactList } from './lists.ts';

type Nicks = StructureOf<'NickList'>;

/** Adds contacts to a list; one that is in it already gets the new name. Returns what could not be done, and how many could. */
export const addMembers = async (
  session: SessionView,
  list: ContactList,
  nicks: Nicks | undefined,
): Promise<{ readonly refused: Refused[]; readonly done: number }> => {
  const refused = new Map<number, string[]>();
  const refuse = (code: number, user: string): void => void refused.set(code, [...(refused.get(code) ?? []), user]);
  const wanted: { readonly text: string; readonly jid: Jid; readonly name: string | undefined }[] = [];
  for (const { UserID, Name } of [
    ...(nicks?.NickName ?? []),
    ...(nicks?.UserID ?? []).map((id) => ({ UserID: id, Name: '' })),
  ]) {
    const jid = jidOfUser(UserID, session.user.domain);
    if (!jid) refuse(531, UserID);
    // One's own account is no contact of one's own: servers refuse it.
    else if (jid.equals(session.user)) refuse(403, UserID);
    else wanted.push({ text: UserID, jid, name: Name.trim().slice(0, 256) || undefined });
  }

  let members = list.members.length;
  let done = 0;
  for (const { text, jid, name } of wanted) {
    const item = session.slot(roster).items.get(jid.toString());
    const isMember = list.members.some((member) => member.jid.equals(jid));
    if (!isMember && members >= session.limits.contactsPerListMax) {
      refuse(754, text);
      continue;
    }
    const groups = isMember ? (item?.groups ?? []) : joined(item?.groups ?? [], item !== undefined, list);
    const set = await session.slot(roster).set(jid, name ?? item?.name, groups);
    if (set.ok) {
      done++;
      if (!isMember) members++;
    } else refuse(codeOf(set.fault), text);
  }
  return { refused: [...refused].map(([code, users]) => ({ code, users })), done };
};

/** The groups of a contact that joins a list. The home list needs no group as long as the contact is in no other. */
const joined = (groups: readonly string[], isKnown: boolean, list: ContactList): readonly string[] =>
  list.isHome && (groups.length === 0 || !isKnown) ? groups : [...new Set([...groups, list.group])];

/** Takes contacts out of a list. Who is in no list any more leaves the roster; who was not in it is out of it all the same. */
export const removeMembers = async (
  session: SessionView,
  list: ContactList,
  users: readonly string[],
): Promise<{ readonly refused: Refused[]; readonly done: number }> => {
  const malformed: string[] = [];
  let done = 0;
  for (const text of users) {
    const jid = jidOfUser(text, session.user.domain);
    if (!jid) {
      malformed.push(text);
      continue;
    }
    const item = list.members.find((member) => member.jid.equals(jid));
    if (item) {
      const groups = item.groups.filter((group) => group !== list.group);
      const change =
        groups.length > 0
          ? await session.slot(roster).set(item.jid, item.name, groups)
          : await session.slot(roster).remove(item.jid);
      if (!change.ok) throw new Error(`the server did not change the roster: ${change.fault.reason}`);
    }
    done++;
  }
  return { refused: malformed.length > 0 ? [{ code: 531, users: malformed }] : [], done };
};

/** Moves a list's contacts to another group, or out of it: nobody leaves the roster. */
export const regroup = async (session: SessionView, list: ContactList, to: string | undefined): Promise<void> => {
  for (const { jid, name, groups } of list.members) {
    if (!groups.includes(list.group)) continue;
    const next = groups.flatMap((group) => (group !== list.group ? [group] : to === undefined ? [] : [to]));
    const change = await session.slot(roster).set(jid, name, [...new Set(next)]);
    if (!change.ok) throw new Error(`the server did not change the roster: ${change.fault.reason}`);
  }
};

/** Why the server would not have the contact. A server that gives no answer at all is not the phone's fault. */
const codeOf = (fault: IqFault): number => {
  if (fault.reason !== 'error') throw new Error(`the server did not change the roster: ${fault.reason}`);
  switch (fault.condition) {
    case 'jid-malformed':
    case 'item-not-found':
    case 'bad-request':
      return 531;
    case 'resource-constraint':
    case 'policy-violation':
      return 754;
    default:
      return 403;
  }
};
