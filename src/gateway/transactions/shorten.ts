// Answers that list things, cut to what the phone's parser takes. CSP has no pages for them: a phone with a small ParserSize
// is served as many contacts as it can hold rather than none at all. What it does not see stays where it is.

import type { Primitive, PrimitiveName, PrimitiveOf, StructureOf } from '../../imps/primitives.ts';

interface Listing<Name extends PrimitiveName> {
  readonly size: (answer: PrimitiveOf<Name>) => number;
  /** The answer with the first `count` entries. */
  readonly first: (answer: PrimitiveOf<Name>, count: number) => PrimitiveOf<Name>;
}

type Block = StructureOf<'BlockList'>;
const usersOf = (list: Block | undefined): readonly string[] => list?.EntityList?.UserID ?? [];
const withUsers = (list: Block, count: number): Block => ({
  ...list,
  EntityList: { ...list.EntityList, UserID: usersOf(list).slice(0, count) },
});
/** The code stays 2xx and tells that it is not all. */
const partly = (result: StructureOf<'Result'>): StructureOf<'Result'> =>
  result.Code === 200 ? { Code: 201, Description: 'Too many for this phone.' } : result;

const listings: { readonly [Name in PrimitiveName]?: Listing<Name> } = {
  'GetList-Response': {
    size: ({ ContactList, ContactListIDList }) => (ContactList ?? ContactListIDList?.ContactList ?? []).length,
    first: (answer, count) => ({
      ...answer,
      ...(answer.ContactList && { ContactList: answer.ContactList.slice(0, count) }),
      ...(answer.ContactListIDList && {
        ContactListIDList: { ContactList: answer.ContactListIDList.ContactList?.slice(0, count) },
      }),
    }),
  },
  // COMPAT: the code stays 200: S60 takes a list as missing when a read brings any other. (services/small-phone.test.ts)
  'ListManage-Response': {
    size: ({ NickList }) => NickList?.NickName?.length ?? 0,
    first: (answer, count) => ({ ...answer, NickList: { NickName: answer.NickList?.NickName?.slice(0, count) } }),
  },
  'GetPresence-Response': {
    size: ({ Presence }) => Presence?.length ?? 0,
    first: (answer, count) => ({
      ...answer,
      Result: partly(answer.Result),
      Presence: answer.Presence?.slice(0, count),
    }),
  },
  'GetAttributeList-Response': {
    size: ({ Presence }) => Presence?.length ?? 0,
    first: (answer, count) => ({
      ...answer,
      Result: partly(answer.Result),
      Presence: answer.Presence?.slice(0, count),
    }),
  },
  'GetWatcherList-Response': {
    size: ({ User, Watcher }) => (User ?? Watcher ?? []).length,
    first: (answer, count) => ({
      ...answer,
      ...(answer.User && { User: answer.User.slice(0, count) }),
      ...(answer.Watcher && { Watcher: answer.Watcher.slice(0, count) }),
    }),
  },
  'GetReactiveAuthStatus-Response': {
    size: ({ ReactiveAuthStatusList }) => ReactiveAuthStatusList.ReactiveAuthStatus?.length ?? 0,
    first: (answer, count) => ({
      ...answer,
      ReactiveAuthStatusList: {
        ReactiveAuthStatus: answer.ReactiveAuthStatusList.ReactiveAuthStatus?.slice(0, count),
      },
    }),
  },
  'GetBlockedList-Response': {
    size: ({ BlockList, GrantList }) => Math.max(usersOf(BlockList).length, usersOf(GrantList).length),
    first: (answer, count) => ({
      ...answer,
      ...(answer.BlockList && { BlockList: withUsers(answer.BlockList, count) }),
      ...(answer.GrantList && { GrantList: withUsers(answer.GrantList, count) }),
    }),
  },
};

/** The answer with as many entries as fit, fewer than it has; undefined when it lists nothing or not even none fit. */
export const shortened = (answer: Primitive, fits: (answer: Primitive) => boolean): Primitive | undefined => {
  const listing = listings[answer.name] as Listing<PrimitiveName> | undefined;
  if (!listing) return undefined;
  let best: Primitive | undefined;
  for (let low = 0, high = listing.size(answer) - 1; low <= high; ) {
    const middle = (low + high) >> 1;
    const shorter = listing.first(answer, middle);
    if (fits(shorter)) {
      best = shorter;
      low = middle + 1;
    } else high = middle - 1;
  }
  return best;
};
