// CSP 1.1, 1.2, 1.3 "Search", "Stop search": for people in the user's own contact list and in the directories of their server
// (XEP-0055), for groups among the rooms of their server. What was found is kept for the session, and handed out page by page.

import type { PrimitiveOf } from '../../../imps/primitives.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Service } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { roster } from '../common/roster.ts';
import { contacts } from '../presence/contacts.ts';
import { type Criteria, criteriaOf, type Field, type GroupCriteria, type Hit, matches } from './criteria.ts';
import { Directories, type Refusal } from './directory.ts';
import { findGroups } from './groups.ts';

interface Search {
  readonly kind: 'users' | 'groups';
  /** As phones write them. */
  readonly hits: readonly { readonly id: string; readonly name?: string | undefined }[];
  readonly limit: number;
}
interface Searches {
  readonly directories: Directories;
  /** Oldest first. */
  readonly kept: Map<string, Search>;
  last: number;
}
const searches = slot<Searches>('searches', (session) => ({
  directories: new Directories(session),
  kept: new Map(),
  last: 0,
}));

const searchesMax = 8;
const limitDefault = 5;
/** Of one hit in the answer, beside what is around the list: so that a page fits the phone's parser whole. */
const hitOctets = 180;
const envelopeOctets = 900;

const search: Handler<'Search-Request'> = async (request, session) => {
  const state = session.slot(searches);
  if (request.SearchID !== undefined) {
    const found = state.kept.get(request.SearchID);
    if (!found) return statusOf(424, 'this search is over: start it again');
    const index = request.SearchIndex ?? 1;
    if (index < 1 || index > found.hits.length + 1) return statusOf(425, `the search found ${found.hits.length}`);
    return page(session, request.SearchID, found, index);
  }
  const criteria = criteriaOf(request, session.user.domain, session.version);
  if (!criteria.ok) return statusOf(criteria.fault.code, criteria.fault.text);
  const wish = criteria.value;
  const { kind } = wish;
  const { hits, isComplete, refusal } =
    wish.kind === 'users' ? await findUsers(session, wish) : await lookForGroups(session, wish);
  if (hits.length === 0 && refusal !== undefined) return statusOf(refusal, refusals[refusal]);
  if (hits.length === 0 && !isComplete) return statusOf(535, 'the directory did not answer');
  const id = String(++state.last);
  const hitsMax = session.limits.searchHitsMax;
  const limit = Math.min(Math.max(request.SearchLimit ?? limitDefault, 1), hitsMax);
  const found: Search = { kind, hits: hits.slice(0, hitsMax), limit };
  state.kept.set(id, found);
  for (const oldest of state.kept.keys()) if (state.kept.size > searchesMax) state.kept.delete(oldest);
  return page(session, id, found, 1);
};

const refusals: Readonly<Record<Refusal | 562, string>> = {
  536: 'too many people: say more',
  537: 'at least three letters of a name or a place',
  503: 'too many searches: wait a minute',
  562: 'nobody here can be found by that',
};

interface Result {
  readonly hits: Search['hits'];
  readonly refusal?: Refusal | 562 | undefined;
  /** False: somebody who may know more did not answer. */
  readonly isComplete: boolean;
}

const lookForGroups = async (session: SessionView, { pairs }: GroupCriteria): Promise<Result> => {
  const { groups, isComplete } = await findGroups(session, pairs);
  return { hits: groups.map((id) => ({ id })), isComplete };
};

const findUsers = async (session: SessionView, criteria: Criteria): Promise<Result> => {
  const { hits, isComplete, refusal } = await find(session, criteria);
  return {
    refusal,
    hits: hits.flatMap(({ jid, known }) => {
      const id = userOfJid(jid);
      return id === undefined ? [] : [{ id, name: known.nick }];
    }),
    isComplete,
  };
};

const knownOfContacts: ReadonlySet<Field> = new Set(['user', 'nick']);

/** Contacts first: they are whom the user knows. Everybody once. */
const find = async (
  session: SessionView,
  criteria: Criteria,
): Promise<{
  readonly hits: readonly Hit[];
  readonly isComplete: boolean;
  readonly refusal?: Refusal | 562 | undefined;
}> => {
  const hits = new Map<string, Hit>();
  const items = await session.slot(roster).ready();
  const seen = session.slot(contacts);
  // Whether strangers are online nobody tells.
  const isOnlineOf = (jid: Jid): boolean | undefined => (seen.has(jid) ? seen.of(jid).online : undefined);
  for (const { jid, name } of items.values()) {
    const isOnline = isOnlineOf(jid);
    const hit: Hit = { jid, known: { user: jid.local ?? '', ...(name !== undefined && { nick: name }) }, isOnline };
    if (matches(criteria, hit)) hits.set(jid.toString(), hit);
  }
  const answers = await session.slot(searches).directories.find(criteria.pairs);
  const { found, isComplete } = answers;
  // What nobody here can know of anybody: 1.3 has a code for it.
  const isInvalid = session.version === '1.3' && answers.unknown.some((field) => !knownOfContacts.has(field));
  const refusal = answers.refusal ?? (isInvalid ? 562 : undefined);
  for (const { hits: others, answered } of found)
    for (const one of others) {
      const hit = { ...one, isOnline: isOnlineOf(one.jid) };
      if (!hits.has(hit.jid.toString()) && matches(criteria, hit, answered)) hits.set(hit.jid.toString(), hit);
    }
  return { hits: [...hits.values()], isComplete, refusal };
};

const page = (
  session: SessionView,
  id: string,
  { kind, hits, limit }: Search,
  index: number,
): PrimitiveOf<'Search-Response'> => {
  const fits = Math.max(1, Math.floor((session.capabilities.parserSize - envelopeOctets) / hitOctets));
  const shown = hits.slice(index - 1, index - 1 + Math.min(limit, fits));
  const next = index + shown.length;
  return {
    name: 'Search-Response',
    SearchID: id,
    SearchFindings: hits.length,
    CompletionFlag: next > hits.length,
    SearchIndex: next,
    ...(shown.length > 0 && {
      SearchResult:
        kind === 'groups'
          ? { GroupList: { GroupID: shown.map((hit) => hit.id) } }
          : {
              UserList: {
                User: shown.map(({ id: UserID, name }) => ({
                  UserID,
                  ...(session.version === '1.3' && name !== undefined && { FriendlyName: name }),
                })),
              },
            },
    }),
  };
};

/** Whether it was still going on or not, it is over now. */
const stopSearch: Handler<'StopSearch-Request'> = (request, session) => {
  session.slot(searches).kept.delete(request.SearchID);
  return statusOf(200);
};

export const searching: Service = {
  name: 'search',
  specs: [
    'CSP 1.1, 1.2, 1.3: Search',
    'XEP-0055: Jabber Search',
    'XEP-0030: Service Discovery',
    'XEP-0045: Multi-User Chat',
  ],
  leaves: ['SRCH', 'STSRC'],
  primitives: { 'Search-Request': search, 'StopSearch-Request': stopSearch },
};
