// CSP 1.1, 1.2, 1.3 "Search", "Stop search", for users: in the user's own contact list and in the directories of their
// server (XEP-0055). What was found is kept for the session, and handed out page by page.

import type { PrimitiveOf } from '../../../imps/primitives.ts';
import { userOfJid } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Service } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { roster } from '../common/roster.ts';
import { contacts } from '../presence/contacts.ts';
import { type Criteria, criteriaOf, type Hit, matches } from './criteria.ts';
import { Directories } from './directory.ts';

interface Search {
  /** As phones write them. */
  readonly users: readonly { readonly id: string; readonly name: string | undefined }[];
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
const usersMax = 100;
const limitDefault = 5;
/** Of one user in the answer, beside what is around the list: so that a page fits the phone's parser whole. */
const userOctets = 180;
const envelopeOctets = 900;

const search: Handler<'Search-Request'> = async (request, session) => {
  const state = session.slot(searches);
  if (request.SearchID !== undefined) {
    const found = state.kept.get(request.SearchID);
    if (!found) return statusOf(424, 'this search is over: start it again');
    // Some count on from the last index they were given instead of asking for the next.
    const index = request.SearchIndex ?? 1;
    if (index < 1 || index > found.users.length + 1) return statusOf(425, `the search found ${found.users.length}`);
    return page(session, request.SearchID, found, index);
  }
  const criteria = criteriaOf(request, session.user.domain, session.version);
  if (!criteria.ok) return statusOf(criteria.fault.code, criteria.fault.text);
  const { hits, isComplete } = await find(session, criteria.value);
  if (hits.length === 0 && !isComplete) return statusOf(535, 'the directory did not answer');
  const users = hits.flatMap(({ jid, known }) => {
    const id = userOfJid(jid);
    return id === undefined ? [] : [{ id, name: known.nick }];
  });
  const id = String(++state.last);
  const limit = Math.min(Math.max(request.SearchLimit ?? limitDefault, 1), usersMax);
  const found: Search = { users: users.slice(0, usersMax), limit };
  state.kept.set(id, found);
  for (const oldest of state.kept.keys()) if (state.kept.size > searchesMax) state.kept.delete(oldest);
  return page(session, id, found, 1);
};

/** Contacts first: they are whom the user knows. Everybody once. */
const find = async (
  session: SessionView,
  criteria: Criteria,
): Promise<{ readonly hits: readonly Hit[]; readonly isComplete: boolean }> => {
  const hits = new Map<string, Hit>();
  const items = await session.slot(roster).ready();
  const seen = session.slot(contacts);
  for (const { jid, name } of items.values()) {
    const isOnline = seen.has(jid) ? seen.of(jid).online : undefined;
    const hit: Hit = { jid, known: { user: jid.local ?? '', ...(name !== undefined && { nick: name }) }, isOnline };
    if (matches(criteria, hit)) hits.set(jid.toString(), hit);
  }
  // Whether strangers are online nobody tells.
  if (criteria.isOnline !== undefined) return { hits: [...hits.values()], isComplete: true };
  const { found, isComplete } = await session.slot(searches).directories.find(criteria.pairs);
  for (const { hits: others, answered } of found)
    for (const hit of others)
      if (!hits.has(hit.jid.toString()) && matches(criteria, hit, answered)) hits.set(hit.jid.toString(), hit);
  return { hits: [...hits.values()], isComplete };
};

const page = (
  session: SessionView,
  id: string,
  { users, limit }: Search,
  index: number,
): PrimitiveOf<'Search-Response'> => {
  const fits = Math.max(1, Math.floor((session.capabilities.parserSize - envelopeOctets) / userOctets));
  const shown = users.slice(index - 1, index - 1 + Math.min(limit, fits));
  const next = index + shown.length;
  return {
    name: 'Search-Response',
    SearchID: id,
    SearchFindings: users.length,
    CompletionFlag: next > users.length,
    SearchIndex: next,
    ...(shown.length > 0 && {
      SearchResult: {
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
  specs: ['CSP 1.1, 1.2, 1.3: Search', 'XEP-0055: Jabber Search', 'XEP-0030: Service Discovery'],
  leaves: ['SRCH', 'STSRC'],
  primitives: { 'Search-Request': search, 'StopSearch-Request': stopSearch },
};
