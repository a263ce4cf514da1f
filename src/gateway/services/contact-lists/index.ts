// CSP 1.1, 1.2, 1.3 "Contact list service": lists over the XMPP roster (RFC 6121 §2). Roster groups are lists, roster names
// are nicknames. Deleting a list removes nobody from the roster: who was in no other list stands in the home list then.
// Taking a contact out of its last list removes the contact.

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import { result as resultOf } from '../../../imps/transaction.ts';
import { listOfText, nameOfUser, userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Handler, type Service, tell } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { roster } from '../common/roster.ts';
import { type ContactList, listsOf, withDefault, withDisplayName, withKept, withList, withoutList } from './lists.ts';
import { addMembers, regroup, removeMembers } from './members.ts';
import { propertiesOf, readProperties } from './properties.ts';
import { addressOf, findList, keptLists, sessionLists } from './session-lists.ts';

const nameLengthMax = 100;

const getList: Handler<'GetList-Request'> = async (_request, session) => {
  const { lists } = await sessionLists(session);
  const standard = lists.find(({ isDefault }) => isDefault);
  const DefaultContactList = standard && addressOf(session, standard);
  const all = lists.map((list) => addressOf(session, list));
  // COMPAT: AOSP loads a list named twice twice; 1.1 phones expect the default among the others. (suite/compat.ts)
  const others = all.filter((address) => address !== DefaultContactList);
  if (session.version === '1.1') return { name: 'GetList-Response', ContactList: all, DefaultContactList };
  if (session.version === '1.2') return { name: 'GetList-Response', ContactList: others, DefaultContactList };
  return { name: 'GetList-Response', ContactListIDList: { ContactList: others }, DefaultContactList };
};

const createList: Handler<'CreateList-Request'> = async (request, session) => {
  const { kept, lists } = await sessionLists(session);
  const address = listOfText(request.ContactList, session.user);
  if (!address?.owner.equals(session.user) || address.name.length > nameLengthMax) return statusOf(752);
  if (lists.some(({ name }) => name === address.name)) return statusOf(701);
  if (lists.length >= session.limits.contactListsMax) return statusOf(753);

  const wished = readProperties(request.ContactListProperties);
  if (!wished) return statusOf(752, 'Default is T or F');
  const made = withList(kept, lists, address.name, wished.displayName ?? address.name);
  const group = made.lists.at(-1)?.group ?? address.name;
  const list: ContactList = {
    name: address.name,
    group,
    displayName: wished.displayName ?? address.name,
    isHome: false,
    isDefault: wished.isDefault ?? false,
    members: [],
  };
  const { refused } = await addMembers(session, list, request.NickList);
  const next = list.isDefault ? withDefault(made, list) : made;
  const isPlain = session.version !== '1.3' || refused.length > 0;
  return {
    answer: isPlain
      ? { name: 'Status', Result: resultFor(refused, 0, session.version, true) }
      : {
          name: 'CreateList-Response',
          ContactList: addressOf(session, list),
          ContactListProperties: propertiesOf(list),
        },
    effects: [keptLists.write(next)],
  };
};

const deleteList: Handler<'DeleteList-Request'> = async (request, session) => {
  const { kept, lists } = await sessionLists(session);
  const list = findList(session, lists, request.ContactList);
  if (!list) return statusOf(700);
  await regroup(session, list, undefined);
  return { answer: statusOf(200), effects: [keptLists.write(withoutList(kept, lists, list))] };
};

const listManage: Handler<'ListManage-Request'> = async (request, session) => {
  const { kept, lists } = await sessionLists(session);
  const list = findList(session, lists, request.ContactList);
  if (!list) return { name: 'ListManage-Response', Result: resultOf(700) };

  const { AddNickList, RemoveNickList, ContactListProperties } = request;
  const refused: Refused[] = [];
  let done = 0;
  let next = kept;
  // COMPAT: AOSP may send several changes in one request: all of them count. (several-changes.test.ts)
  if (RemoveNickList) {
    const removed = await removeMembers(session, list, RemoveNickList.UserID);
    refused.push(...removed.refused);
    done += removed.done;
    // An emptied group is no more; the list stays.
    next = withKept(next, list);
  }
  if (AddNickList) {
    const now = (await sessionLists(session)).lists.find(({ name }) => name === list.name) ?? { ...list, members: [] };
    const added = await addMembers(session, now, AddNickList);
    refused.push(...added.refused);
    done += added.done;
  }
  if (ContactListProperties) {
    const wished = readProperties(ContactListProperties);
    if (!wished) return { name: 'ListManage-Response', Result: resultOf(752, 'Default is T or F') };
    if (wished.isDefault === false && list.isDefault)
      return { name: 'ListManage-Response', Result: resultOf(752, 'make another list the default instead') };
    if (wished.isDefault) next = withDefault(next, list);
    if (wished.displayName !== undefined && wished.displayName !== list.displayName) {
      const { displayName } = wished;
      const isFree = !lists.some(({ name, group }) => name !== list.name && group === displayName);
      if (isFree) await regroup(session, list, displayName);
      next = withDisplayName(next, list, displayName, isFree ? displayName : list.group);
    }
    done++;
  }

  const isRead = !AddNickList && !RemoveNickList && !ContactListProperties;
  const answer: PrimitiveOf<'ListManage-Response'> = {
    name: 'ListManage-Response',
    Result: resultFor(refused, done, session.version),
  };
  const now = await listAfter(session, list, next);
  if (isRead || session.version === '1.1' || request.ReceiveList) answer.NickList = nickListOf(now);
  if (isRead || ContactListProperties) answer.ContactListProperties = propertiesOf(now);
  return { answer, effects: next === kept ? [] : [keptLists.write(next)] };
};

/** The list as it is once `kept` is. */
const listAfter = async (
  session: SessionView,
  list: ContactList,
  kept: Parameters<typeof keptLists.write>[0],
): Promise<ContactList> => {
  const items = await session.slot(roster).ready();
  const found = kept && listsOf(items.values(), kept).find(({ name }) => name === list.name);
  return found ?? { ...list, members: [] };
};

/** COMPAT: Nokia's presence plug-in reads names and ids as two columns, and fails on a NickName without either. (suite/compat.ts) */
const nickListOf = (list: ContactList): StructureOf<'NickList'> => ({
  NickName: list.members.flatMap(({ jid, name }) => {
    const UserID = userOfJid(jid);
    return UserID === undefined ? [] : [{ Name: name ?? nameOfUser(jid) ?? UserID, UserID }];
  }),
});

export const contactLists: Service = {
  name: 'contact-lists',
  specs: ['CSP 1.1, 1.2, 1.3: Contact list service', 'RFC 6121 §2: Managing the Roster'],
  leaves: ['GCLI', 'CCLI', 'DCLI', 'MCLS'],
  primitives: {
    'GetList-Request': getList,
    'CreateList-Request': createList,
    'DeleteList-Request': deleteList,
    'ListManage-Request': listManage,
  },
  onStanza(stanza, session) {
    const answer = session.slot(roster).push(stanza);
    return answer && [tell(answer)];
  },
  // RFC 6121 §2.2: the roster is asked for before the first presence goes out, or pushes would be missed.
  onStart: (session) => session.run(async () => void (await session.slot(roster).ready())),
  // Waited for: whether somebody may have a receipt, say, is in the roster.
  onResume: async (session) => void (await session.slot(roster).reload()),
};
