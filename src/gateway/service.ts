// How a CSP service plugs in. A service is plain data: the primitives it answers, the leaves of the feature tree it
// makes true, the XMPP stanzas it takes. Handlers do not write anywhere: they return an answer and a list of effects, and
// the gateway commits the durable effects together with the answer in ONE store transaction before the answer leaves for
// the phone. So "SendMessage-Response 200" means that the stanza is stored, and a repeated request has no second effect.
//
// A service that is no longer wanted is removed by deleting its folder and its line in services/index.ts.

import type { Primitive, PrimitiveName, PrimitiveOf, StructureOf } from '../imps/primitives.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import type { News } from './news.ts';
import type { SessionView, Slot } from './session-view.ts';

export interface Service {
  /** Kebab-case; also the prefix of its settings. */
  readonly name: string;
  /** CSP version and section titles, XEPs: for the support table in the docs. */
  readonly specs: readonly string[];
  /** The leaves of WVCSPFeat it makes true, such as 'GCLI' or 'NEWM'. Only these are ever granted in Service-Response. */
  readonly leaves: readonly string[];
  /** The client's primitives it answers, each owned by exactly one service: a second owner is an error at start-up. */
  readonly primitives: { readonly [Name in PrimitiveName]?: Handler<Name> };
  /** How what is too large for a phone is handed over in pieces. Has one owner. */
  readonly cutting?: Cutting;
  /** What it puts into the waiting queue. A kind has one owner too. */
  readonly kinds?: { readonly [kind: string]: WaitingKind };

  /**
   * A stanza that came over the session's Link, answers to `session.iq` excepted. The services are asked in the order of
   * services/index.ts; the first that returns anything but undefined has taken it. The stanza is acknowledged to the
   * server only when the effects are committed; rejecting ends the Link, and the server delivers the stanza again.
   * It may run between two awaits of a handler of the same session. It must not await `session.iq`: the answer stands
   * behind this stanza in the Link's order. Use `session.run` for that.
   */
  readonly onStanza?: (stanza: Stanza, session: SessionView) => Taken | undefined | Promise<Taken | undefined>;
  /** After a sign-in: the Login-Response is about to leave, the Link is open. */
  readonly onStart?: (session: SessionView) => void | Effects | Promise<void | Effects>;
  /**
   * CSP 1.3: what a Login-Request says to this service, and what the Result of the Login-Response has to say for it. The
   * session is there, `onStart` has run.
   */
  readonly onLogin?: (request: PrimitiveOf<'Login-Request'>, session: SessionView) => Promise<Greeting>;
  /** Before a request is served, other than those that keep the session itself: a Status that refuses it. Must be quick. */
  readonly refuses?: (request: Primitive, session: SessionView) => PrimitiveOf<'Status'> | undefined;
  /**
   * The session has a new Link: after a restart of the gateway, or after the old Link was lost. The session's last broadcast
   * presence has been sent again already; slots that are not kept are new.
   */
  readonly onResume?: (session: SessionView) => void | Effects | Promise<void | Effects>;
  /** ClientCapability- or Service-Request was answered: `session.capabilities` or `session.features` is new. */
  readonly onNegotiated?: (session: SessionView) => void | Effects | Promise<void | Effects>;
  /** What another session of the account did; of `set`, what this one did too. After its commit. */
  readonly onNews?: (news: News, session: SessionView) => void | Effects | Promise<void | Effects>;
  /** The session is over: logged out, expired, replaced or ended by the server. The Link closes after this. */
  readonly onEnd?: (session: SessionView) => void;
}

export interface Greeting {
  readonly result?: Partial<StructureOf<'Result'>>;
  readonly effects: Effects;
}

/** Effects of a stanza that a service took; an empty list is fine. */
export type Taken = Effects;

export type Handler<Name extends PrimitiveName> = (
  request: PrimitiveOf<Name>,
  session: SessionView,
) => Reply | Promise<Reply>;

/** The answer alone, or with effects. Throwing is for broken surroundings: the phone gets Status 500 and may try again. */
export type Reply = Primitive | { readonly answer: Primitive; readonly effects: Effects };

export type Effects = readonly Effect[];

/** `send`, `enqueue`, `settle`, `set` and `keep` of one list, and the answer, are committed together: all or nothing. */
export type Effect =
  /**
   * A stanza that must arrive (messages, subscription requests). Stored, then sent; sent again with the same id on the next
   * Link until the next hop has it. Give it an id.
   */
  | { readonly do: 'send'; readonly stanza: Stanza }
  /** A stanza that is state, not news (presence, receipts of little worth): sent after the commit, not stored. */
  | { readonly do: 'tell'; readonly stanza: Stanza }
  /** A request to this phone. */
  | { readonly do: 'enqueue'; readonly request: ServerRequest }
  /** Removes waiting requests (their `seq`): the user rejected or deleted a message, news was overtaken. */
  | { readonly do: 'settle'; readonly waiting: readonly number[] }
  /** A durable value of the account, for all its sessions; undefined removes it. Keys get the service's name in front. */
  | { readonly do: 'set'; readonly key: string; readonly value: string | undefined }
  /** … made of the value it has when it is committed: two sessions may change it at the same moment. */
  | {
      readonly do: 'change';
      readonly key: string;
      readonly change: (value: string | undefined) => string | undefined;
    }
  /** A new value for a kept slot of this session. */
  | { readonly do: 'keep'; readonly slot: Slot<unknown>; readonly value: unknown }
  /** Something for the account's other sessions (`onNews`), once the rest is committed. */
  | { readonly do: 'spread'; readonly news: News };

/** Effect makers, to write handlers with. */
export const send = (stanza: Stanza): Effect => ({ do: 'send', stanza });
export const tell = (stanza: Stanza): Effect => ({ do: 'tell', stanza });
export const enqueue = (request: ServerRequest): Effect => ({ do: 'enqueue', request });
export const settle = (...waiting: readonly number[]): Effect => ({ do: 'settle', waiting });
export const set = (key: string, value: string | undefined): Effect => ({ do: 'set', key, value });
export const spread = (news: News): Effect => ({ do: 'spread', news });
export const keep = <Value>(slot: Slot<Value>, value: NoInfer<Value>): Effect => ({ do: 'keep', slot, value });

/** A request the server originates: it waits in the session's one queue, in order, until the phone has acknowledged it. */
export interface ServerRequest {
  /** One of the service's `kinds`. */
  readonly kind: string;
  readonly primitive: Primitive;
  /** Stored: survives a restart (messages, reports). Otherwise it lives and dies with this process (presence). */
  readonly durable: boolean;
  /**
   * Where it came from, such as sender and stanza id. Of one origin only the first is kept (for a day), so that a stanza
   * delivered twice is not shown twice. Durable requests only.
   */
  readonly origin?: string;
  /** For messages: the CSP MessageID. MessageDelivered and RejectMessage find it by this. */
  readonly messageId?: string;
  /** Not handed out after this long; `onSettled` then hears 'expired'. */
  readonly expiresInMs?: number;
  /** Newest wins: a request of the same kind and key that has not been handed out yet is replaced, in its place. */
  readonly replaces?: string;
  /**
   * Kept but never handed out by itself: a message whose phone was sent a MessageNotification and that fetches it with
   * GetMessage. Acknowledged by MessageDelivered with its messageId all the same.
   */
  readonly held?: boolean;
  /** False: no wake-up on the CIR channel for this alone; it goes along with the next poll. Default true. */
  readonly urgent?: boolean;
}

export interface Cutting {
  /**
   * Cuts a whole message, and keeps the pieces. Returns the first as it stands in the place of the transaction with that id;
   * undefined when it cannot be cut. room: octets that a piece may have.
   */
  cut(whole: Uint8Array, transactionId: string, room: number, session: SessionView): Primitive | undefined;
  /** What the first piece of that transaction is a piece of, as long as the pieces are kept. */
  infoOf(transactionId: string, session: SessionView): StructureOf<'SegmentInfo'> | undefined;
}

export interface WaitingKind {
  /** True: what is left when the session ends waits for the account's next session (messages). */
  readonly outlivesSession: boolean;
  /** A last look when it is handed out: the primitive in the form this session needs. */
  readonly shape?: (primitive: Primitive, session: SessionView) => Primitive;
  /**
   * Several that stand next to each other in the queue as one primitive (Presence elements of one notification), or undefined
   * when this session wants them one by one. The gateway joins as many as the phone's ParserSize takes.
   */
  readonly join?: (primitives: readonly Primitive[], session: SessionView) => Primitive | undefined;
  /**
   * A smaller form of a primitive whose message is `excess` octets above the phone's ParserSize, or undefined when there is
   * none: it is then settled as 'too-large'.
   */
  readonly shrink?: (primitive: Primitive, excess: number, session: SessionView) => Primitive | undefined;
  /** What follows from its end; committed together with its removal. */
  readonly onSettled?: (item: WaitingItem, end: WaitingEnd, session: SessionView) => Effects;
}

export interface WaitingItem {
  /** Unique and ascending within the process for non-durable ones (negative), within the store for durable ones. */
  readonly seq: number;
  readonly kind: string;
  readonly primitive: Primitive;
  readonly messageId: string | undefined;
  readonly held: boolean;
  /** Wall-clock ms. */
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

export type WaitingEnd =
  /** The phone acknowledged it; `code` is that of its Status (200 for MessageDelivered). */
  | { readonly how: 'acknowledged'; readonly code: number }
  | { readonly how: 'expired' }
  | { readonly how: 'too-large' }
  /** Handed out again and again, never acknowledged: clients drop what they do not know. Only kinds that do not outlive the session. */
  | { readonly how: 'unanswered' };
