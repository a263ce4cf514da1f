// What the presence view keeps in memory. Built for a million pairs: a user and a domain are objects; a pair, an available
// resource and a text are rows of numbers (memory/), so that the garbage collector has nothing to walk. Only step.ts and its
// helpers change it; its owner holds exactly one.

import type { MonoMs } from '../base/clock.ts';
import { Entries, type EntryId, type PairId, Pairs } from './memory/pairs.ts';
import { type List, makeList, none } from './memory/rows.ts';
import { type TextId, Texts } from './memory/texts.ts';
import { defaultPresenceOptions, type PresenceOptions, type Shown } from './view.ts';

/**
 * Time as it is kept: tenths of a second, small enough for a cell for six years. It is the view's time: monotonic time less
 * what this process slept through (doubt.ts). Entries restored from before the start have negative ones.
 */
export type Tenth = number;
export const tenthOf = (ms: MonoMs): Tenth => Math.floor(ms / 100);
/** In a cell of time: not yet. */
export const never = -0x8000_0000;

export interface PresenceState {
  readonly options: PresenceOptions;
  readonly users: Map<string, UserNode>;
  readonly domains: Map<string, DomainNode>;
  readonly pairs: Pairs;
  readonly entries: Entries;
  readonly texts: Texts;
  readonly userById: (UserNode | undefined)[];
  readonly domainById: (DomainNode | undefined)[];
  readonly freeUserIds: number[];
  readonly freeDomainIds: number[];
  /** Pairs by the second in which they are due; see wheel.ts. */
  readonly buckets: Map<number, List>;
  /** No pair is due before this second. */
  firstBucket: number;
  /** Domains out of reach whose grace time is running. */
  readonly inGrace: Set<DomainNode>;
  /** Domains whose pairs are being gone through, a page at a time; see doubt.ts. */
  readonly sweeping: Set<DomainNode>;
  /** When the next tick is wanted; Infinity for never. */
  wanted: number;
  /** What the last `arm` said; Infinity when none is out. */
  armedFor: number;
  /** When this process was asleep, in the view's time, and for how long; the last few. */
  readonly sleeps: { readonly at: MonoMs; readonly ms: number }[];
  /** All that this process slept through: monotonic time less this is the view's time. */
  sleptMs: number;
  /** The time of the last event, in the view's time. */
  lastAt: MonoMs;
  /** The time of the first event; what is restored is from before it. */
  startedAt: Tenth;
  /** Probes since the start, and what became of them, for metrics. */
  readonly probesCounted: Record<'sent' | 'available' | 'unavailable' | 'error' | 'unanswered' | 'void', number>;
  /** For jitter: the state is all that an outcome hangs on. */
  seed: number;
}

export interface UserNode {
  readonly id: number;
  readonly jid: string;
  readonly contacts: List;
  /** Available sessions; undefined while there never was one. */
  sessions: Set<string> | undefined;
}

export interface DomainNode {
  readonly id: number;
  readonly name: string;
  readonly contacts: List;
  /** Since when the domain is out of reach; undefined while it is not known to be. */
  downSince: MonoMs | undefined;
  /** News from before this time is unconfirmed: a link was lost since, or this process started or slept. */
  doubtedBefore: Tenth;
  /** Silence in answer to a probe from before this time means nothing: the probe or its answer may be lost. */
  probesCountFrom: Tenth;
  /** What is being done with all its pairs, and the pair to go on with. */
  sweep: 'ask' | 'remove' | undefined;
  cursor: PairId;
  /** What a sweep that removes takes out is from before this. */
  removeBefore: Tenth;
  /** How many pairs are gone through together. */
  among: number;
  /** Available resources of its contacts, for all users, and how many of them are unconfirmed. */
  entries: number;
  unconfirmed: number;
}

/** An empty view. `seed` decides all jitter. */
export const makePresenceState = (options: Partial<PresenceOptions> = {}, seed = 1): PresenceState => ({
  options: { ...defaultPresenceOptions, ...options },
  users: new Map(),
  domains: new Map(),
  pairs: new Pairs(),
  entries: new Entries(),
  texts: new Texts(seed),
  userById: [],
  domainById: [],
  freeUserIds: [],
  freeDomainIds: [],
  buckets: new Map(),
  firstBucket: 0,
  inGrace: new Set(),
  sweeping: new Set(),
  wanted: Number.POSITIVE_INFINITY,
  armedFor: Number.POSITIVE_INFINITY,
  sleeps: [],
  sleptMs: 0,
  lastAt: 0,
  startedAt: never,
  probesCounted: { sent: 0, available: 0, unavailable: 0, error: 0, unanswered: 0, void: 0 },
  seed: seed | 0,
});

/** `none` when the user does not have this contact. */
export const pairOf = (state: PresenceState, user: string, contact: string): PairId => {
  const owner = state.users.get(user);
  if (!owner) return none;
  const at = contact.indexOf('@');
  const domain = state.domains.get(at < 0 ? contact : contact.slice(at + 1));
  if (!domain) return none;
  const local = at < 0 ? none : state.texts.find(contact.slice(0, at));
  return at >= 0 && local === none ? none : state.pairs.find(owner.id, domain.id, local);
};

export const userOf = ({ userById, pairs }: PresenceState, pair: PairId): UserNode =>
  userById[pairs.user.get(pair)] as UserNode;
export const domainOf = ({ domainById, pairs }: PresenceState, pair: PairId): DomainNode =>
  domainById[pairs.domain.get(pair)] as DomainNode;

/** The contact's bare address. */
export const contactOf = (state: PresenceState, pair: PairId): string => {
  const local = state.pairs.local.get(pair);
  const { name } = domainOf(state, pair);
  return local === none ? name : `${state.texts.textOf(local)}@${name}`;
};

/** The contact's entry for the resource; `none` when it is not available. */
export const entryOf = ({ pairs, entries, texts }: PresenceState, pair: PairId, resource: string): EntryId => {
  let entry = pairs.first.get(pair);
  while (entry !== none && texts.textOf(entries.resource.get(entry)) !== resource) entry = entries.next.get(entry);
  return entry;
};

/** A local contact's server is this one. */
export const isLocal = ({ pairs }: PresenceState, pair: PairId): boolean => pairs.probe.get(pair) === localContact;
/** In the cell for the last probe: there never will be one. */
export const localContact = -1;

/** Nothing has put the entry in doubt since it was last confirmed. */
export const isConfirmed = (state: PresenceState, pair: PairId, entry: EntryId): boolean =>
  isLocal(state, pair) || state.entries.seenAt.get(entry) >= domainOf(state, pair).doubtedBefore;

export interface Known {
  readonly resource: string;
  readonly payload: string;
  readonly isConfirmed: boolean;
}

/** What is known of a contact: one for each available resource. An unconfirmed entry is shown all the same. */
export const knownOf = (state: PresenceState, user: string, contact: string): Known[] => {
  const known: Known[] = [];
  const { pairs, entries, texts } = state;
  const pair = pairOf(state, user, contact);
  if (pair === none) return known;
  for (let entry = pairs.first.get(pair); entry !== none; entry = entries.next.get(entry))
    known.push({
      resource: texts.textOf(entries.resource.get(entry)),
      payload: texts.textOf(entries.payload.get(entry)),
      isConfirmed: isConfirmed(state, pair, entry),
    });
  return known;
};

/** The whole view of one user, as it is delivered at sign-in. */
export const viewOf = (state: PresenceState, user: string): Shown[] => {
  const shown: Shown[] = [];
  const { pairs, entries, texts } = state;
  const owner = state.users.get(user);
  if (!owner) return shown;
  // Many contacts say the same.
  const payloads = new Map<TextId, string>();
  for (let pair = owner.contacts.first; pair !== none; pair = pairs.ofUser.next.get(pair)) {
    let entry = pairs.first.get(pair);
    if (entry === none) continue;
    const contact = contactOf(state, pair);
    for (; entry !== none; entry = entries.next.get(entry)) {
      const id = entries.payload.get(entry);
      let payload = payloads.get(id);
      if (payload === undefined) {
        payload = texts.textOf(id);
        payloads.set(id, payload);
      }
      shown.push({ contact, resource: texts.textOf(entries.resource.get(entry)), isAvailable: true, payload });
    }
  }
  return shown;
};

/** How much there is of everything, for metrics; `bytes` is what rows and texts reserve. */
export const sizeOf = (state: PresenceState) => ({
  users: state.users.size,
  domains: state.domains.size,
  pairs: state.pairs.count,
  entries: state.entries.count,
  texts: state.texts.count,
  bytes: state.pairs.bytes + state.entries.bytes + state.texts.bytes,
});

export const findOrMakeUser = (state: PresenceState, jid: string): UserNode => {
  let user = state.users.get(jid);
  if (!user) {
    const id = state.freeUserIds.pop() ?? state.userById.length;
    user = { id, jid: ownText(jid), contacts: makeList(), sessions: undefined };
    state.userById[id] = user;
    state.users.set(user.jid, user);
  }
  return user;
};

export const dropUserIfIdle = (state: PresenceState, user: UserNode): void => {
  if (user.contacts.first !== none || user.sessions?.size) return;
  state.users.delete(user.jid);
  state.userById[user.id] = undefined;
  state.freeUserIds.push(user.id);
};

const findOrMakeDomain = (state: PresenceState, name: string): DomainNode => {
  let domain = state.domains.get(name);
  if (!domain) {
    domain = {
      id: state.freeDomainIds.pop() ?? state.domainById.length,
      name: ownText(name),
      contacts: makeList(),
      downSince: undefined,
      doubtedBefore: state.startedAt,
      probesCountFrom: state.startedAt,
      sweep: undefined,
      cursor: none,
      removeBefore: never,
      among: 0,
      entries: 0,
      unconfirmed: 0,
    };
    state.domainById[domain.id] = domain;
    state.domains.set(domain.name, domain);
  }
  return domain;
};

const dropDomain = (state: PresenceState, domain: DomainNode): void => {
  state.domains.delete(domain.name);
  state.domainById[domain.id] = undefined;
  state.freeDomainIds.push(domain.id);
  state.inGrace.delete(domain);
  state.sweeping.delete(domain);
};

export const addPair = (state: PresenceState, user: UserNode, contact: string, isLocal: boolean): PairId => {
  const { pairs } = state;
  const at = contact.indexOf('@');
  const domain = findOrMakeDomain(state, at < 0 ? contact : contact.slice(at + 1));
  const pair = pairs.add(user.id, domain.id, at < 0 ? none : state.texts.use(contact.slice(0, at)));
  pairs.checkedAt.set(pair, never);
  pairs.probedAt.set(pair, never);
  if (isLocal) pairs.probe.set(pair, localContact);
  pairs.ofUser.append(user.contacts, pair);
  pairs.ofDomain.append(domain.contacts, pair);
  return pair;
};

/** Takes the pair out; its entries must be gone, and nothing may be due for it. What only it referred to goes with it. */
export const dropPair = (state: PresenceState, pair: PairId): void => {
  const { pairs } = state;
  const user = userOf(state, pair);
  const domain = domainOf(state, pair);
  if (domain.cursor === pair) domain.cursor = pairs.ofDomain.next.get(pair);
  pairs.ofUser.remove(user.contacts, pair);
  pairs.ofDomain.remove(domain.contacts, pair);
  const local = pairs.local.get(pair);
  pairs.remove(pair);
  if (local !== none) state.texts.release(local);
  dropUserIfIdle(state, user);
  if (domain.contacts.first === none) dropDomain(state, domain);
};

/** A copy of its own: a part of a received text would keep all of that in memory. */
const ownText = (text: string): string => Buffer.from(text).toString();

/** The next of the state's own numbers in [0, 1): mulberry32. */
export const nextFraction = (state: PresenceState): number => {
  state.seed = (state.seed + 0x6d2b79f5) | 0;
  let t = Math.imul(state.seed ^ (state.seed >>> 15), state.seed | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
};
