// CSP 1.1, 1.2, 1.3 "Block entity", "Get blocked list" over XEP-0191. A block list in use is the server's: it holds for the
// user's other clients too, and theirs for the phone. A block list not in use, the grant list, and all of it where the server
// has no blocking, is kept and enforced here, for what comes to the phone: the answer then says so.

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { jidOfUser, userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Effects, type Handler, type Service, tell } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { type Kept, kept } from '../common/kept.ts';
import { findList, sessionLists } from '../contact-lists/session-lists.ts';
import { apply, type EntityList, emptyList, mayReach, partsOf, usersAmong, type WishedList } from './entities.ts';
import { serverList } from './server-list.ts';

interface KeptLists {
  /** While the server blocks for us, `users` here are those that it does not: the list when not in use. */
  readonly block: EntityList;
  readonly grant: EntityList;
}
const keptLists: Kept<KeptLists> = kept('blocking.lists', { block: emptyList, grant: emptyList });
interface Gate {
  lists: KeptLists | undefined;
  /** Undefined until the server was asked: then the server's own blocking is trusted. */
  serverBlocks: boolean | undefined;
}
const gate = slot<Gate>('blocking-gate', () => ({ lists: undefined, serverBlocks: undefined }));
const onlyHere = 'Holds for this phone only: the server has no blocking.';

/** The block list as it is in force. */
const blockList = async (session: SessionView, { block }: KeptLists): Promise<EntityList> => {
  const entries = await session.slot(serverList).entries();
  if (!entries) return block;
  const users = usersAmong([...entries]);
  return users.length > 0 ? { inUse: true, users } : block;
};

/** Both lists as they are in force now. */
export const listsInForce = async (
  session: SessionView,
): Promise<{ readonly block: EntityList; readonly grant: EntityList }> => {
  const lists = await keptLists.read(session);
  return { block: await blockList(session, lists), grant: lists.grant };
};

const blockEntity: Handler<'BlockEntity-Request'> = async (request, session) => {
  const before = await keptLists.read(session);
  const current = await blockList(session, before);
  const refused: Refused[] = [];
  const wishedBlock = await wishOf(session, partsOf(request.BlockList, request.BlockListInUse), refused);
  const wishedGrant = await wishOf(session, partsOf(request.GrantList, request.GrantListInUse), refused);
  const block = apply(current, wishedBlock);
  const grant = apply(before.grant, wishedGrant);
  if (Math.max(block.users.length, grant.users.length) > session.limits.blockedMax)
    return statusOf(402, 'too many entries');

  const server = session.slot(serverList);
  const entries = await server.entries();
  if (entries) {
    const wanted = new Set(block.inUse ? block.users : []);
    await server.block([...wanted].filter((user) => !entries.has(user)));
    // Entries made elsewhere for domains and resources are none of the phone's, but one for a user's resource goes with them.
    await server.unblock(
      [...entries].filter((entry) => {
        const [user] = usersAmong([entry]);
        return user !== undefined && !wanted.has(user);
      }),
    );
  }
  const state = session.slot(gate);
  state.lists = { block, grant };
  state.serverBlocks = entries !== undefined;
  const done = count(wishedBlock) + count(wishedGrant);
  const Result = resultFor(refused, done, session.version);
  return {
    answer: { name: 'Status', Result: entries || Result.Description ? Result : { ...Result, Description: onlyHere } },
    effects: [keptLists.write({ block, grant })],
  };
};
const count = ({ all, add, remove, inUse }: WishedList): number =>
  (all?.length ?? 0) + add.length + remove.length + (inUse === undefined ? 0 : 1);

/** Bare JIDs of what a request names. Rooms, screen names and applications cannot be blocked; a list stands for who is in it. */
const wishOf = async (
  session: SessionView,
  parts: ReturnType<typeof partsOf>,
  refused: Refused[],
): Promise<WishedList> => {
  const users = async (list: StructureOf<'EntityList'> | undefined): Promise<string[]> => {
    const found: string[] = [];
    const wrong: string[] = [];
    for (const text of list?.UserID ?? []) {
      const jid = jidOfUser(text, session.user.domain);
      if (jid) found.push(jid.toString());
      else wrong.push(text);
    }
    if (wrong.length > 0) refused.push({ code: 531, users: wrong });
    if (list?.GroupID?.length) refused.push({ code: 800, groups: list.GroupID });
    if (list?.ScreenName?.length) refused.push({ code: 800, screenNames: list.ScreenName });
    if (list?.ApplicationID?.length) refused.push({ code: 450 });
    const lists = list?.ContactList?.length ? (await sessionLists(session)).lists : [];
    for (const text of list?.ContactList ?? []) {
      const one = findList(session, lists, text);
      if (!one) refused.push({ code: 700, lists: [text] });
      for (const { jid } of one?.members ?? []) found.push(jid.toString());
    }
    return found;
  };
  return {
    inUse: parts.inUse,
    all: parts.all && (await users(parts.all)),
    add: await users(parts.add),
    remove: await users(parts.remove),
  };
};

const getBlockedList: Handler<'GetBlockedList-Request'> = async (_request, session) => {
  const before = await keptLists.read(session);
  const block = await blockList(session, before);
  const list = ({ users }: EntityList) => ({
    EntityList: { UserID: users.flatMap((user) => userOfJid(Jid.from(user)) ?? []) },
  });
  const answer: PrimitiveOf<'GetBlockedList-Response'> = { name: 'GetBlockedList-Response' };
  if (session.version === '1.3') {
    answer.BlockList = list(block);
    answer.BlockListInUse = block.inUse;
    answer.GrantList = list(before.grant);
    answer.GrantListInUse = before.grant.inUse;
  } else {
    answer.BlockList = { InUse: block.inUse, ...list(block) };
    answer.GrantList = { InUse: before.grant.inUse, ...list(before.grant) };
  }
  return answer;
};

// ---- what is enforced here ----------------------------------------------------------------------------------------------

/** XEP-0191 §3.2: what a blocked sender gets. Undefined: the stanza may pass. */
const turnAway = async (stanza: Stanza, session: SessionView): Promise<Effects | undefined> => {
  const { from } = stanza;
  if (stanza.kind === 'iq' || stanza.type === 'error' || from?.local === undefined) return undefined;
  if (from.bare.equals(session.user)) return undefined;
  const state = session.slot(gate);
  // Other sessions of the account may have changed it: a look at what is kept costs little beside a message.
  const lists = stanza.kind === 'message' || !state.lists ? await keptLists.read(session) : state.lists;
  state.lists = lists;
  const block = state.serverBlocks === false ? lists.block : emptyList;
  if (mayReach(from, block, lists.grant)) return undefined;
  if (stanza.kind === 'presence') return [];
  return [tell(stanza.error('service-unavailable').with({ from: undefined }))];
};

const learn = (session: SessionView): void =>
  session.run(async () => {
    session.slot(serverList).forget();
    session.slot(gate).serverBlocks = (await session.slot(serverList).entries()) !== undefined;
  });

export const blocking: Service = {
  name: 'blocking',
  specs: ['CSP 1.1, 1.2, 1.3: Block entity', 'XEP-0191: Blocking Command'],
  leaves: ['BLENT', 'GLBLU'],
  primitives: { 'BlockEntity-Request': blockEntity, 'GetBlockedList-Request': getBlockedList },
  onStanza(stanza, session) {
    const pushed = session.slot(serverList).push(stanza);
    return pushed ? [tell(pushed)] : turnAway(stanza, session);
  },
  onStart: learn,
  onResume: learn,
};
