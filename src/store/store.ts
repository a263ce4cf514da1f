// What is kept. One narrow interface per kind of record; a backend (SQLite, PostgreSQL) is a folder that passes the shared
// test suite in conformance.ts. Every promise of a writing method resolves after its commit: what was answered survives
// `kill -9`. Writes asked for in one `together` are one transaction: all or nothing.
//
// Accounts and contacts are bare JIDs as canonical text (Jid.toString()). Times are wall-clock milliseconds.

import type { WallMs } from '../base/clock.ts';

export type Address = string;

export interface Store {
  readonly accounts: AccountStore;
  readonly rosters: RosterStore;
  readonly messages: MessageStore;
  readonly privateData: PrivateDataStore;
  readonly blocks: BlockStore;
  readonly pubsub: PubsubStore;
  readonly capabilities: CapabilityStore;
  readonly presence: PresenceStore;
  readonly rooms: RoomStore;
  readonly directory: DirectoryStore;
  readonly uploads: UploadStore;
  readonly federation: FederationStore;
  readonly csp: CspStore;
  readonly signIns: SignInStore;
  readonly devicePasswords: DevicePasswordStore;
  /** Runs `work` as one transaction; inside it use only the store it is given. Rejecting rolls everything back. */
  together<Value>(work: (store: Store) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

// ---- accounts ------------------------------------------------------------------------------------------------------

/** RFC 5802 keys; the password itself is never here. */
export interface ScramKeys {
  readonly hash: 'SHA-1' | 'SHA-256';
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface AccountRecord {
  readonly address: Address;
  readonly keys: readonly ScramKeys[];
  readonly createdAt: WallMs;
  readonly disabled: boolean;
}

export interface AccountStore {
  get(address: Address): Promise<AccountRecord | undefined>;
  /** False, and nothing changed, when the account exists. */
  create(account: AccountRecord): Promise<boolean>;
  setKeys(address: Address, keys: readonly ScramKeys[]): Promise<boolean>;
  setDisabled(address: Address, disabled: boolean): Promise<boolean>;
  /** Removes the account and everything kept for it, sign-in records excepted. */
  remove(address: Address): Promise<boolean>;
  /** In order of address, after `after`. */
  list(page: { domain?: string; after?: Address; limit: number }): Promise<readonly AccountRecord[]>;
  count(): Promise<number>;
  /** When the account's last session went away and the status it left (XEP-0012). */
  lastActivity(address: Address): Promise<{ readonly at: WallMs; readonly status: string } | undefined>;
  setLastActivity(address: Address, at: WallMs, status: string): Promise<void>;
}

// ---- rosters (RFC 6121 §2, §3, Appendix A) --------------------------------------------------------------------------

export interface RosterItem {
  readonly contact: Address;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly subscription: 'none' | 'to' | 'from' | 'both';
  /** We asked and wait for the answer. */
  readonly ask: boolean;
  /** The contact asked ("Pending In"): the request, as stanza text, to be shown again at every sign-in. */
  readonly request: string | undefined;
  /** Approved before the contact asked (RFC 6121 §3.4). */
  readonly approved: boolean;
  /** False for a record that only holds `request` or `approved`: it is no roster item and is never sent to clients. */
  readonly listed: boolean;
}

export interface RosterChange {
  readonly version: number;
  readonly contact: Address;
  /** Undefined: the item was removed. */
  readonly item: RosterItem | undefined;
}

export interface RosterStore {
  /** The whole roster, unlisted records included, and its version (0: never changed). */
  get(account: Address): Promise<{ readonly version: number; readonly items: readonly RosterItem[] }>;
  /** Inserts, replaces or (item undefined) removes one record; returns the new version, counting up by one per change. */
  set(account: Address, contact: Address, item: RosterItem | undefined): Promise<number>;
  /** The changes after `version`, oldest first, at most one per contact; undefined when they are no longer known in full. */
  changesSince(account: Address, version: number): Promise<readonly RosterChange[] | undefined>;
  /** Who sees whom, all accounts together: records with subscription 'to' or 'both', in order, after `after`. */
  subscribed(page: {
    readonly after?: SubscribedPair | undefined;
    readonly limit: number;
  }): Promise<readonly SubscribedPair[]>;
}

/** The account sees the contact's presence. */
export interface SubscribedPair {
  readonly account: Address;
  readonly contact: Address;
}

// ---- messages for XMPP sessions (XEP-0160 and the promise behind XEP-0198's <a/>) -----------------------------------

export interface KeptMessage {
  /** Ascending in order of arrival. */
  readonly seq: number;
  /** The whole stanza as XML text in jabber:client. */
  readonly stanza: string;
  readonly receivedAt: WallMs;
}

/**
 * Messages an account has not been seen to receive: offline ones, and those on their way to a session that has not yet
 * acknowledged them. A message leaves when it was acknowledged; what is left after a crash is offline mail.
 */
export interface MessageStore {
  /**
   * Keeps a message. Undefined, and nothing kept, when the account already holds `max` messages, or would hold more than
   * `octetsMax` octets of them (default: any number).
   */
  keep(
    account: Address,
    stanza: string,
    receivedAt: WallMs,
    max: number,
    octetsMax?: number,
  ): Promise<number | undefined>;
  drop(account: Address, seqs: readonly number[]): Promise<void>;
  list(account: Address, after: number, limit: number): Promise<readonly KeptMessage[]>;
  count(account: Address): Promise<number>;
}

// ---- per-account data -----------------------------------------------------------------------------------------------

/** XEP-0049 private XML and XEP-0054 vCards: one text per account and key (`{namespace}name`; the vCard is a key too). */
export interface PrivateDataStore {
  get(account: Address, key: string): Promise<string | undefined>;
  set(account: Address, key: string, text: string | undefined): Promise<void>;
  /** Octets kept for the account, to hold it to its quota. */
  size(account: Address): Promise<number>;
}

/** XEP-0191. Entries are JIDs of any form: full, bare, domain. */
export interface BlockStore {
  list(account: Address): Promise<readonly string[]>;
  add(account: Address, entries: readonly string[]): Promise<void>;
  /** Without entries: all of them. */
  remove(account: Address, entries?: readonly string[]): Promise<void>;
  /** Entries of all accounts, in order, after `after`. */
  all(page: { readonly after?: BlockRecord | undefined; readonly limit: number }): Promise<readonly BlockRecord[]>;
}
export interface BlockRecord {
  readonly account: Address;
  readonly entry: string;
}

// ---- the presence view's snapshot -----------------------------------------------------------------------------------

/** What an account was last shown of one resource of a remote contact. */
export interface PresenceEntry {
  readonly account: Address;
  readonly contact: Address;
  /** '' for presence from the bare address itself. */
  readonly resource: string;
  /** Inner XML of the presence. */
  readonly payload: string;
  /** When the contact's server last said so. */
  readonly confirmedAt: WallMs;
}

export type PresenceChange =
  | ({ readonly do: 'keep' } & PresenceEntry)
  | ({ readonly do: 'drop' } & Omit<PresenceEntry, 'payload' | 'confirmedAt'>)
  /** All entries of the pair. */
  | { readonly do: 'forget'; readonly account: Address; readonly contact: Address };

/** Equal payloads are stored once. */
export interface PresenceStore {
  /** In order, as one transaction. */
  write(changes: readonly PresenceChange[]): Promise<void>;
  /** Gives every entry to `visit`, page by page, in order of account, contact and resource. */
  read(visit: (entries: readonly PresenceEntry[]) => void): Promise<void>;
  /**
   * Drops payloads that no entry has any more. Looks at those numbered from `from` on, `limit` of them; resolves with the
   * number to go on from, or undefined when there are no more.
   */
  tidy(from: number, limit: number): Promise<number | undefined>;
}

// ---- publish-subscribe (XEP-0060, XEP-0163) ----------------------------------------------------------------------------

export interface PubsubNode {
  readonly node: string;
  /** Configuration and affiliations, as JSON of the feature's own. */
  readonly settings: string;
}

export interface PubsubItem {
  readonly id: string;
  /** One element as XML text; '' for an item without payload. */
  readonly payload: string;
  readonly publishedAt: WallMs;
}

/** Nodes and their items, of accounts. An item belongs to a node that exists; the caller sees to it. */
export interface PubsubStore {
  /** In order of name. */
  nodes(account: Address): Promise<readonly PubsubNode[]>;
  node(account: Address, node: string): Promise<PubsubNode | undefined>;
  /** Makes the node or replaces its settings. */
  putNode(account: Address, node: string, settings: string): Promise<void>;
  /** With its items. False when there is no such node. */
  removeNode(account: Address, node: string): Promise<boolean>;
  /** Adds an item as the newest one, in place of the one with the same id. */
  putItem(account: Address, node: string, item: PubsubItem): Promise<void>;
  /** Newest first, `limit` at most. */
  items(account: Address, node: string, limit: number): Promise<readonly PubsubItem[]>;
  item(account: Address, node: string, id: string): Promise<PubsubItem | undefined>;
  removeItem(account: Address, node: string, id: string): Promise<boolean>;
  /** Only the newest `keep` items stay. */
  trim(account: Address, node: string, keep: number): Promise<void>;
  /** Octets kept for the account, names and ids included, to hold it to its quota. */
  size(account: Address): Promise<number>;
}

/** What clients can do, by the hash they announce it with (XEP-0115). Bounded: what was learnt first goes first. */
export interface CapabilityStore {
  features(hash: string): Promise<readonly string[] | undefined>;
  /** Of a hash that was verified. What is known of it already stays. */
  remember(hash: string, features: readonly string[]): Promise<void>;
}

// ---- rooms (XEP-0045) -------------------------------------------------------------------------------------------------

/** A persistent room. */
export interface RoomRecord {
  readonly room: Address;
  /** Who made it, for the quota. */
  readonly creator: Address;
  /** Configuration, subject and what else the room keeps of itself, as JSON of its own. */
  readonly state: string;
}

export interface RoomAffiliation {
  /** A bare JID; or a domain, for a ban. */
  readonly jid: Address;
  readonly affiliation: 'owner' | 'admin' | 'member' | 'outcast';
  /** The nickname reserved for it. */
  readonly nick: string | undefined;
  readonly reason: string | undefined;
}

export interface RoomMessage {
  /** Ascending in order of arrival, over all rooms. */
  readonly seq: number;
  /** Its stable id (XEP-0359). */
  readonly id: string;
  /** The whole stanza as the occupants got it, without `to`, as XML text in jabber:client. */
  readonly stanza: string;
  readonly sentAt: WallMs;
}

export interface RoomStore {
  /** In order of address, after `after`. */
  list(page: { readonly after?: Address | undefined; readonly limit: number }): Promise<readonly RoomRecord[]>;
  get(
    room: Address,
  ): Promise<{ readonly record: RoomRecord; readonly affiliations: readonly RoomAffiliation[] } | undefined>;
  /** Makes the record or replaces it. */
  save(record: RoomRecord): Promise<void>;
  /** Each entry replaces the one of its JID; 'none' removes it. */
  affiliate(
    room: Address,
    changes: readonly (RoomAffiliation | { readonly jid: Address; readonly affiliation: 'none' })[],
  ): Promise<void>;
  /** Rooms in which the address has an affiliation, by address. */
  affiliatedWith(jid: Address): Promise<readonly Address[]>;
  /** The room with its affiliations and messages. False when there is no such room. */
  remove(room: Address): Promise<boolean>;
  /** Adds a message as the newest; only the newest `keep` stay. */
  addMessage(room: Address, message: Omit<RoomMessage, 'seq'>, keep: number): Promise<number>;
  /** Only the newest `keep` messages stay. */
  trim(room: Address, keep: number): Promise<void>;
  /** The newest `limit` messages, of those before the one with number `before`; oldest first. */
  messages(
    room: Address,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<readonly RoomMessage[]>;
}

// ---- the directory (XEP-0055) -----------------------------------------------------------------------------------------

/** What people can be found by. */
export type DirectoryField =
  | 'user'
  | 'first'
  | 'last'
  | 'nick'
  | 'email'
  | 'phone'
  | 'city'
  | 'country'
  | 'gender'
  | 'marital'
  | 'intention'
  | 'interests';

/** An account that wants to be found. Texts are folded already: they are compared as they are. */
export interface DirectoryEntry {
  readonly account: Address;
  readonly fields: Readonly<Partial<Record<DirectoryField, string>>>;
  /** Years. */
  readonly age: number | undefined;
  /** What is shown of it when it is found, as JSON of the feature's own. */
  readonly shown: string;
}

export interface DirectoryQuery {
  readonly domain: string;
  /** All of them must be part of the entry. */
  readonly parts: readonly { readonly field: DirectoryField; readonly text: string }[];
  readonly ageMin?: number | undefined;
  readonly ageMax?: number | undefined;
}

export interface DirectoryStore {
  get(account: Address): Promise<DirectoryEntry | undefined>;
  /** Makes the entry or replaces it. */
  set(entry: DirectoryEntry): Promise<void>;
  /** False when there was none. */
  remove(account: Address): Promise<boolean>;
  /** In order of address, `limit` at most. */
  find(query: DirectoryQuery, limit: number): Promise<readonly DirectoryEntry[]>;
}

// ---- uploaded files (XEP-0363) ------------------------------------------------------------------------------------------

/** A file, or the slot for one that is to come. */
export interface UploadRecord {
  readonly id: string;
  readonly account: Address;
  readonly name: string;
  /** Media type, parameters included. */
  readonly type: string;
  /** Octets. */
  readonly size: number;
  readonly createdAt: WallMs;
  /** Undefined: its octets are not there yet. */
  readonly storedAt: WallMs | undefined;
}

export interface UploadStore {
  /**
   * Nothing is added when the account, or all accounts together, would have more than so many octets; each upload counts for
   * `leastSize` (default 0) at least: the smallest takes its place on a disk too.
   */
  add(
    upload: Omit<UploadRecord, 'storedAt'>,
    limits: { readonly accountMax: number; readonly totalMax: number; readonly leastSize?: number },
  ): Promise<'added' | 'account-full' | 'full'>;
  get(id: string): Promise<UploadRecord | undefined>;
  /** False when there is no such upload any more. */
  stored(id: string, at: WallMs): Promise<boolean>;
  remove(ids: readonly string[]): Promise<void>;
  /** Octets of the account, or of all; slots count. */
  size(account?: Address): Promise<number>;
  /** Ids of what was made before `before`, was not filled and made before `unfilledBefore`, or is of no account any more. */
  due(which: {
    readonly before: WallMs;
    readonly unfilledBefore: WallMs;
    readonly limit: number;
  }): Promise<readonly string[]>;
  ofAccount(account: Address, limit: number): Promise<readonly string[]>;
}

// ---- federation ----------------------------------------------------------------------------------------------------

/** A message on its way to another server, kept until that server is known to have it. */
export interface MessageUnderWay {
  /** Ascending in order of arrival. */
  readonly seq: number;
  /** The domain of ours it is from, and the one it is for. */
  readonly local: string;
  readonly remote: string;
  /** The whole stanza as XML text in jabber:client. */
  readonly stanza: string;
  readonly receivedAt: WallMs;
}

/** Bounded: the servers spoken to longest ago are forgotten first. */
export interface FederationStore {
  addUnderWay(message: Omit<MessageUnderWay, 'seq'>): Promise<number>;
  /** In order, after `after`, `limit` at most. */
  underWay(after: number, limit: number): Promise<readonly MessageUnderWay[]>;
  removeUnderWay(seqs: readonly number[]): Promise<void>;
  /** What was remembered of another server's ways: text of federation's own. */
  peer(remote: string): Promise<string | undefined>;
  rememberPeer(remote: string, text: string, at: WallMs): Promise<void>;
}

// ---- the gateway ------------------------------------------------------------------------------------------------------

/** A CSP session as it survives a restart. `key` is a hash of the SessionID: the id itself is the phone's secret. */
export interface CspSessionRecord {
  readonly key: string;
  readonly account: Address;
  /** ClientID in one canonical text form. */
  readonly client: string;
  readonly lastHeardAt: WallMs;
  readonly expiresAt: WallMs;
  /** Everything else the gateway needs to go on, as JSON of its own. */
  readonly state: string;
}

/** Something that waits for a phone: a request the server originates, kept until the phone has acknowledged it. */
export interface WaitingRequest {
  readonly seq: number;
  /** The session it is for; undefined: for whichever session of the account comes next. */
  readonly session: string | undefined;
  readonly account: Address;
  /** 'message', 'report', 'authorization', … */
  readonly kind: string;
  /** The primitive and what belongs to it, as JSON of the gateway's own. */
  readonly body: string;
  /** For messages: the CSP MessageID. */
  readonly messageId: string | undefined;
  /** The TransactionID under which it was last handed out, and when. */
  readonly transactionId: string | undefined;
  readonly handedOutAt: WallMs | undefined;
  readonly createdAt: WallMs;
  readonly expiresAt: WallMs | undefined;
}

export interface OutgoingStanza {
  readonly seq: number;
  readonly session: string;
  readonly account: Address;
  readonly stanza: string;
  readonly createdAt: WallMs;
}

export interface CspStore {
  saveSession(session: CspSessionRecord): Promise<void>;
  session(key: string): Promise<CspSessionRecord | undefined>;
  sessions(): Promise<readonly CspSessionRecord[]>;
  /** Removes the session with its answers; waiting requests with `keepWaiting` go back to the account (session undefined). */
  removeSession(key: string, options: { keepWaiting: readonly string[] }): Promise<void>;

  /**
   * Keeps a waiting request. `origin` names where it came from (sender and stanza id, say): a second one of the same
   * account, session and origin within a day is not kept again, and undefined is returned.
   */
  addWaiting(request: Omit<WaitingRequest, 'seq'>, origin?: string): Promise<number | undefined>;
  /** What waits for this session or, unclaimed, for its account: in order of arrival. */
  waiting(session: string, account: Address): Promise<readonly WaitingRequest[]>;
  handedOut(seq: number, session: string, transactionId: string, at: WallMs): Promise<void>;
  removeWaiting(seqs: readonly number[]): Promise<void>;
  /** Origins of requests made before `before` may come again. */
  forgetOrigins(before: WallMs): Promise<void>;

  /** The answer given to a client's transaction, for when it asks again (CSP 1.3.3 "Retries" of the reference). */
  answer(session: string, transactionId: string): Promise<StoredAnswer | undefined>;
  /** The session's latest. */
  lastAnswer(session: string): Promise<StoredAnswer | undefined>;
  saveAnswer(session: string, transactionId: string, answer: StoredAnswer): Promise<void>;
  /** Drops answers older than `before`. */
  forgetAnswers(before: WallMs): Promise<void>;

  /** Stanzas a phone sent that the next hop has not acknowledged yet. */
  addOutgoing(stanza: Omit<OutgoingStanza, 'seq'>): Promise<number>;
  outgoing(account: Address): Promise<readonly OutgoingStanza[]>;
  removeOutgoing(seqs: readonly number[]): Promise<void>;

  /** Small durable values of the gateway per account: contact-list names, attribute lists, delivery settings … (JSON). */
  setting(account: Address, key: string): Promise<string | undefined>;
  setSetting(account: Address, key: string, value: string | undefined): Promise<void>;
  /** The values that accounts have under a key, in order of account, after `after`. */
  settingsNamed(
    key: string,
    page: { readonly after: Address; readonly limit: number },
  ): Promise<readonly { readonly account: Address; readonly value: string }[]>;
}

export interface StoredAnswer {
  readonly primitive: string;
  /** A digest of the request, so that another request under a re-used id is not mistaken for a retry. */
  readonly request: string;
  readonly body: Uint8Array;
  readonly at: WallMs;
}

/** Every sign-in attempt of a phone, good or bad, in words an operator understands. Bounded: the oldest go first. */
export interface SignInRecord {
  readonly at: WallMs;
  readonly address: string;
  readonly remote: string;
  readonly userAgent: string;
  readonly clientId: string;
  readonly version: string;
  readonly encoding: string;
  readonly scheme: string;
  readonly outcome: 'signed-in' | 'challenged' | 'refused' | 'failed';
  readonly code: number;
  readonly reason: string;
}

export interface SignInStore {
  add(record: SignInRecord): Promise<void>;
  /** Newest first. */
  list(filter: {
    address?: string;
    outcome?: SignInRecord['outcome'];
    limit: number;
  }): Promise<readonly SignInRecord[]>;
}

/** Passwords that phones' digest schemes need, sealed with a key that is not in this store (src/gateway/vault). */
export interface DevicePasswordStore {
  get(account: Address): Promise<{ readonly keyId: string; readonly sealed: Uint8Array } | undefined>;
  set(account: Address, keyId: string, sealed: Uint8Array): Promise<void>;
  remove(account: Address): Promise<boolean>;
  /** Accounts whose password is sealed under another key than this: what a rotation has left to do. */
  sealedUnderOther(keyId: string, limit: number): Promise<readonly Address[]>;
}
