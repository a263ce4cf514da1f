// What the presence view keeps in memory. Built for a million pairs: one small record per pair and per available resource,
// no timers, no closures, equal payloads stored once. Only step.ts and wheel.ts change it; its owner holds exactly one.

import type { MonoMs } from '../base/clock.ts';
import { defaultPresenceOptions, type PresenceOptions, type Shown } from './view.ts';

/** Time as it is kept: tenths of a second of monotonic time, small enough to live in the record itself for six years. */
export type Tenth = number;
export const tenthOf = (ms: MonoMs): Tenth => Math.floor(ms / 100);
export const never = -1;

export interface PresenceState {
  readonly options: PresenceOptions;
  readonly users: Map<string, UserNode>;
  readonly contacts: Map<string, ContactNode>;
  readonly domains: Map<string, DomainNode>;
  readonly payloads: Map<string, Payload>;
  /** Pairs by the second in which something is due for them; see wheel.ts. */
  readonly buckets: Map<number, Pair[]>;
  /** No bucket and no grace time is due before this second. */
  dueFirst: number;
  /** The second that the last `arm` named; Infinity when none is out. */
  armedFor: number;
  /** For jitter: the state is all that an outcome hangs on. */
  seed: number;
}

export interface UserNode {
  readonly jid: string;
  readonly contacts: Map<ContactNode, Pair>;
  /** Available sessions; undefined while there never was one. */
  sessions: Set<string> | undefined;
}

export interface ContactNode {
  readonly jid: string;
  readonly domain: DomainNode;
  readonly isLocal: boolean;
  pairs: Pair[];
}

export interface DomainNode {
  readonly name: string;
  readonly contacts: Set<ContactNode>;
  /** Since when the domain is out of reach; undefined while it is not known to be. */
  downSince: MonoMs | undefined;
  isGraceOver: boolean;
  /** News from before this time is unconfirmed: a link was lost since, or this process started. */
  doubtedBefore: Tenth;
}

export interface Pair {
  readonly user: UserNode;
  readonly contact: ContactNode;
  /** Available resources as a linked list: most pairs have none or one. */
  first: Entry | undefined;
  /** When the contact was last heard of, or found silent; `never` at first. */
  checkedAt: Tenth;
  /** When the probe went out whose time has not run out yet; `never` when there is none. */
  probedAt: Tenth;
  /** The second in which to look at this pair again. */
  due: number;
  /** The bucket it waits in, at `due` or earlier; `never` when it is in none. */
  slot: number;
}

export interface Entry {
  readonly resource: string;
  payload: Payload;
  /** When this resource was last heard of. */
  seenAt: Tenth;
  next: Entry | undefined;
}

export interface Payload {
  readonly text: string;
  uses: number;
}

/** An empty view. `seed` decides all jitter. */
export const makePresenceState = (options: Partial<PresenceOptions> = {}, seed = 1): PresenceState => ({
  options: { ...defaultPresenceOptions, ...options },
  users: new Map(),
  contacts: new Map(),
  domains: new Map(),
  payloads: new Map(),
  buckets: new Map(),
  dueFirst: Number.POSITIVE_INFINITY,
  armedFor: Number.POSITIVE_INFINITY,
  seed: seed | 0,
});

export const pairOf = (state: PresenceState, user: string, contact: string): Pair | undefined => {
  const node = state.contacts.get(contact);
  return node && state.users.get(user)?.contacts.get(node);
};

export const entryOf = (pair: Pair, resource: string): Entry | undefined => {
  let entry = pair.first;
  while (entry && entry.resource !== resource) entry = entry.next;
  return entry;
};

/** What is known of a contact: one for each available resource. An unconfirmed entry is shown all the same. */
export const knownOf = (
  state: PresenceState,
  user: string,
  contact: string,
): { readonly resource: string; readonly payload: string; readonly isConfirmed: boolean }[] => {
  const pair = pairOf(state, user, contact);
  const known = [];
  for (let entry = pair?.first; pair && entry; entry = entry.next)
    known.push({
      resource: entry.resource,
      payload: entry.payload.text,
      isConfirmed: pair.contact.isLocal || entry.seenAt >= pair.contact.domain.doubtedBefore,
    });
  return known;
};

/** The whole view of one user, as it is delivered at sign-in. */
export const viewOf = (state: PresenceState, user: string): Shown[] => {
  const shown: Shown[] = [];
  for (const pair of state.users.get(user)?.contacts.values() ?? [])
    for (let entry = pair.first; entry; entry = entry.next)
      shown.push({
        contact: pair.contact.jid,
        resource: entry.resource,
        isAvailable: true,
        payload: entry.payload.text,
      });
  return shown;
};

/** One text in memory for all equal payloads; counted, so that it goes when nobody says it any more. */
export const takePayload = (state: PresenceState, text: string): Payload => {
  let payload = state.payloads.get(text);
  if (!payload) {
    payload = { text: ownText(text), uses: 0 };
    state.payloads.set(payload.text, payload);
  }
  payload.uses++;
  return payload;
};

export const releasePayload = (state: PresenceState, payload: Payload): void => {
  if (--payload.uses === 0) state.payloads.delete(payload.text);
};

/** A copy of its own: a part of a received text would keep all of that in memory. */
export const ownText = (text: string): string => Buffer.from(text).toString();

export const findOrMakeUser = (state: PresenceState, jid: string): UserNode => {
  let user = state.users.get(jid);
  if (!user) {
    user = { jid: ownText(jid), contacts: new Map(), sessions: undefined };
    state.users.set(user.jid, user);
  }
  return user;
};

export const dropUserIfIdle = (state: PresenceState, user: UserNode): void => {
  if (user.contacts.size === 0 && !user.sessions?.size) state.users.delete(user.jid);
};

export const addPair = (state: PresenceState, user: UserNode, jid: string, isLocal: boolean): Pair => {
  let contact = state.contacts.get(jid);
  if (!contact) {
    const name = jid.slice(jid.indexOf('@') + 1);
    let domain = state.domains.get(name);
    if (!domain) {
      domain = { name: ownText(name), contacts: new Set(), downSince: undefined, isGraceOver: false, doubtedBefore: 0 };
      state.domains.set(domain.name, domain);
    }
    contact = { jid: ownText(jid), domain, isLocal, pairs: [] };
    state.contacts.set(contact.jid, contact);
    domain.contacts.add(contact);
  }
  const pair: Pair = { user, contact, first: undefined, checkedAt: never, probedAt: never, due: 0, slot: never };
  user.contacts.set(contact, pair);
  // An array grown from empty has room for seventeen; most contacts are in one list or two.
  if (contact.pairs.length === 0) contact.pairs = [pair];
  else contact.pairs.push(pair);
  return pair;
};

/** Takes the pair out; its entries must be gone. What nobody refers to any more goes with it. */
export const dropPair = (state: PresenceState, pair: Pair): void => {
  const { user, contact } = pair;
  pair.slot = never; // Whatever bucket it is in will pass over it.
  user.contacts.delete(contact);
  dropUserIfIdle(state, user);
  const at = contact.pairs.indexOf(pair);
  const last = contact.pairs.pop();
  if (last && last !== pair) contact.pairs[at] = last;
  if (contact.pairs.length > 0) return;
  state.contacts.delete(contact.jid);
  contact.domain.contacts.delete(contact);
  if (contact.domain.contacts.size === 0) state.domains.delete(contact.domain.name);
};

/** The next of the state's own numbers in [0, 1): mulberry32. */
export const nextFraction = (state: PresenceState): number => {
  state.seed = (state.seed + 0x6d2b79f5) | 0;
  let t = Math.imul(state.seed ^ (state.seed >>> 15), state.seed | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
};
