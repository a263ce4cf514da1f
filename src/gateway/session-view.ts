// What a CSP service sees of a phone's session. It sends and asks over the session's Link and never knows which kind of
// Link that is, or which server stands behind it.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';
import type { StructureOf } from '../imps/primitives.ts';
import type { CspVersion } from '../imps/version.ts';
import type { Announcement } from '../store/announcements.ts';
import type { Element } from '../xml/element.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import type { Effects, WaitingItem } from './service.ts';
import type { Contents } from './services/content/contents.ts';
import type { GatewayLimits } from './settings.ts';

export interface SessionView {
  /** Bare JID of the phone's user. */
  readonly user: Jid;
  /** Full JID the server bound for this session. */
  readonly jid: Jid;
  /** The ClientID as the phone wrote it. */
  readonly clientId: StructureOf<'ClientID'>;
  /**
   * The version the Login-Request fixed: server-originated requests are written in it. In a handler: that of the request, which
   * is nearly always the same.
   */
  readonly version: CspVersion;
  readonly personality: Personality;
  /** What was agreed in ClientCapability; defaults before that. */
  readonly capabilities: Capabilities;
  /** Leaves of WVCSPFeat agreed in Service; everything served before that. */
  readonly features: ReadonlySet<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** It speaks over short messages, each of which costs somebody money. */
  readonly isOnSms: boolean;
  /** The web, and what makes pictures smaller; undefined: contents of messages are neither fetched nor uploaded. */
  readonly contents: Contents | undefined;
  /** What its user may ask for. */
  readonly limits: GatewayLimits;

  /** Sends a request and resolves with its result. `to` absent: the user's own account. Default time-out 20 s. */
  iq(request: IqRequest): Promise<Outcome<Stanza, IqFault>>;
  /** Commits effects outside a handler: from a timer or a task. Rejects when the store fails. */
  apply(effects: Effects): Promise<void>;
  /** Work nobody waits for. Its effects are applied when it resolves; a failure is logged. Dropped when the session ends. */
  run(task: () => Promise<Effects | void>): void;
  /** As `run`, between two requests of the phone: none is being worked on meanwhile. */
  between(task: () => Promise<Effects | void>): void;
  /** A timer that ends with the session. A failing task is logged. */
  after(delayMs: number, task: () => Effects | void | Promise<Effects | void>): Disposable;

  /** A durable value of the account, as last `set`. */
  setting(key: string): Promise<string | undefined>;
  /** What the operator has to say to this account now, oldest first. */
  announcements(): Promise<readonly Announcement[]>;
  /** The session's value of a slot, made at first use. */
  slot<Value>(slot: Slot<Value>): Value;
  /** What waits for this phone, in order, held requests included; of one kind, or all. */
  waiting(kind?: string): Promise<readonly WaitingItem[]>;
}

/**
 * A place for a service's own data in each session. Plain slots may hold anything mutable and are made anew after a restart
 * (see onResume). Kept slots hold JSON, are replaced by the `keep` effect and survive a restart of the gateway.
 */
export interface Slot<Value> {
  readonly name: string;
  readonly kept: boolean;
  readonly make: (session: SessionView) => Value;
}
export const slot = <Value>(name: string, make: (session: SessionView) => Value): Slot<Value> => ({
  name,
  kept: false,
  make,
});
export const keptSlot = <Value>(name: string, start: NoInfer<Value> & {}): Slot<Value> => ({
  name,
  kept: true,
  make: () => start,
});

export interface IqRequest {
  readonly type: 'get' | 'set';
  readonly to?: Jid;
  readonly child: Element;
  readonly timeoutMs?: number;
}

export type IqFault =
  /** The error answer; `condition` is undefined when it carries none. */
  | { readonly reason: 'error'; readonly condition: string | undefined; readonly stanza: Stanza }
  | { readonly reason: 'timeout' }
  | { readonly reason: 'link-lost' };

/** What ClientCapability settled. Lengths in octets. */
export interface Capabilities {
  /** P: NewMessage with the content. N: MessageNotification, the phone fetches. */
  readonly deliveryMethod: 'P' | 'N';
  readonly anyContent: boolean;
  readonly contentTypes: readonly string[];
  /** Largest content to be pushed / fetched. */
  readonly pushLength: number;
  readonly pullLength: number;
  /** 1.3: largest text (AcceptedTextContentLength); undefined: the two above hold for text too. */
  readonly textLength: number | undefined;
  /** 1.3: largest content of a type (AcceptedRichContentLength), by lower-case type. */
  readonly richLengths: Readonly<Record<string, number>>;
  /** Contents may be given as BASE64. */
  readonly takesBase64: boolean;
  /** Largest whole message the phone parses. */
  readonly parserSize: number;
  /** Transactions that may stand in one answer. */
  readonly transactionsPerMessage: number;
  readonly clientType: string;
  readonly language: string | undefined;
  /** Agreed wake-up channels, in order of preference; empty: the phone polls. */
  readonly cirMethods: readonly string[];
  /** Seconds. */
  readonly serverPollMin: number;
  /** 1.3: of several sessions of the account, the highest gets its messages, as far as the server goes by it; 0 to 127. */
  readonly priority: number | undefined;
  /** 1.3 OnlineETEMHandling: every session of the account gets every message, or the server decides; undefined: did not say. */
  readonly online: 'FORKALL' | 'SERVERLOGIC' | undefined;
}

/**
 * What one family of phones needs beside the rule, found out at sign-in (User-Agent, ClientID, form of its transaction ids).
 * Every switch is a COMPAT: where it is used stands which client shows the need.
 */
export interface Personality {
  readonly family: 'nokia-s60' | 'android' | 'motorola' | 'unknown';
  /** COMPAT: S60 drops MessageNotification and has no GetMessage; every message is pushed whatever it asked for. (services/faults.test.ts) */
  readonly pushOnly: boolean;
  /** COMPAT: the S60 5th edition presence plug-in gives every user of a notification the first one's values. (services/presence/first-picture.test.ts) */
  readonly onePresencePerNotification: boolean;
  /** COMPAT: AOSP keeps only the last transaction of a message. (suite/messages.ts) */
  readonly oneTransactionPerMessage: boolean;
  /** COMPAT: AOSP reads the direct children of UserMapList as mappings. (services/groups/people.test.ts) */
  readonly flatUserMapList: boolean;
  /** COMPAT: S60 shows NOT_AVAILABLE as offline, AOSP means away by it. (mapping/presence-table.test.ts) */
  readonly notAvailableMeansAway: boolean;
  /** Sends a request whose answer did not come again under another TransactionID. */
  readonly retriesUnderNewId: boolean;
  /**
   * COMPAT: Nokia's applications share one session, and each asks for the functions of its own alone; what a RAZR V3 asks for
   * is not known. They are served whatever they did not ask for. (session/negotiation.test.ts)
   */
  readonly usesWhatItDidNotAskFor: boolean;
}
