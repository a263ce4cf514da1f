// CSP 1.1, 1.2, 1.3 "Create attribute list", "Delete attribute list", "Get attribute list". What they mean: attribute-lists.ts.

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { textOfList, userOfJid } from '../../mapping/address.ts';
import { namesOnly, wishOf } from '../../mapping/sub-list.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Reply } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { sessionLists } from '../contact-lists/session-lists.ts';
import type { AttributeList, AttributeLists } from './attribute-lists.ts';
import { answerOpen, endSubscriptions } from './authorize.ts';
import { attributeLists, publish } from './own.ts';
import { targetsOf } from './targets.ts';

export const createAttributeList: Handler<'CreateAttributeList-Request'> = async (request, session) => {
  const { users, lists, refused } = await targetsOf(request, session);
  const before = await attributeLists.read(session);
  const entry = (notify: boolean | undefined): AttributeList => ({
    // Without attributes the list says that nothing is to be seen.
    names: wishOf(request.PresenceSubList) ?? [],
    notify: notify ?? true,
  });
  const next: AttributeLists = {
    default: request.DefaultList ? entry(request.DefaultNotify) : before.default,
    users: { ...before.users, ...Object.fromEntries(users.map((jid) => [jid.toString(), entry(request.UserNotify)])) },
    lists: {
      ...before.lists,
      ...Object.fromEntries(lists.map(({ name }) => [name, entry(request.ContactListNotify)])),
    },
  };
  const count = Object.keys(next.users).length + Object.keys(next.lists).length;
  if (count > session.limits.attributeListEntriesMax) return statusOf(755);
  return changed(session, next, refused, users.length + lists.length + (request.DefaultList ? 1 : 0));
};

export const deleteAttributeList: Handler<'DeleteAttributeList-Request'> = async (request, session) => {
  const { users, lists, refused } = await targetsOf(request, session);
  const before = await attributeLists.read(session);
  const goneUsers = new Set(users.map((jid) => jid.toString()));
  const goneLists = new Set(lists.map(({ name }) => name));
  const next: AttributeLists = {
    default: request.DefaultList ? undefined : before.default,
    users: Object.fromEntries(Object.entries(before.users).filter(([user]) => !goneUsers.has(user))),
    lists: Object.fromEntries(Object.entries(before.lists).filter(([name]) => !goneLists.has(name))),
  };
  return changed(session, next, refused, users.length + lists.length + (request.DefaultList ? 1 : 0));
};

const changed = async (
  session: SessionView,
  lists: AttributeLists,
  refused: readonly Refused[],
  done: number,
): Promise<Reply> => ({
  answer: { name: 'Status', Result: resultFor(refused, done, session.version) },
  effects: [
    attributeLists.write(lists),
    ...(await answerOpen(session, lists)),
    ...(await endSubscriptions(session, lists)),
    ...(await publish(session, { lists })),
  ],
});

export const getAttributeList: Handler<'GetAttributeList-Request'> = async (request, session) => {
  const { users, lists, refused } = await targetsOf(request, session);
  const kept = await attributeLists.read(session);
  const isAll = users.length + lists.length + refused.length === 0;
  const is13 = session.version === '1.3';
  const Presence: StructureOf<'Presence'>[] = [];
  for (const user of isAll ? Object.keys(kept.users) : users.map((jid) => jid.toString())) {
    const entry = Object.hasOwn(kept.users, user) ? kept.users[user] : undefined;
    const UserID = userOfJid(Jid.from(user));
    if (entry && UserID !== undefined)
      Presence.push({
        UserID,
        ...(is13 ? { UserNotify: entry.notify } : {}),
        PresenceSubList: [namesOnly(entry.names)],
      });
  }
  const { lists: there } = await sessionLists(session);
  const all = Object.keys(kept.lists).filter((name) => there.some((list) => list.name === name));
  for (const name of isAll ? all : lists.map((list) => list.name)) {
    const entry = Object.hasOwn(kept.lists, name) ? kept.lists[name] : undefined;
    if (entry)
      Presence.push({
        ContactList: textOfList(session.user, name),
        ...(is13 ? { ContactListNotify: entry.notify } : {}),
        PresenceSubList: [namesOnly(entry.names)],
      });
  }
  const answer: PrimitiveOf<'GetAttributeList-Response'> = {
    name: 'GetAttributeList-Response',
    Result: resultFor(refused, users.length + lists.length + (request.DefaultList ? 1 : 0), session.version),
    Presence,
  };
  if ((request.DefaultList || isAll) && kept.default)
    answer.DefaultAttributeList = {
      ...(is13 ? { DefaultNotify: kept.default.notify } : {}),
      PresenceSubList: [namesOnly(kept.default.names)],
    };
  return answer;
};
