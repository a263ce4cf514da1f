// The hook points of the server: where features take hold. Each domain has its own set of listeners.

import { decide, fold, route, tell } from '../base/hooks.ts';
import type { Element } from '../xml/element.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { Stanza, StanzaCondition, StanzaErrorType } from '../xmpp/stanza.ts';
import type { Session, SessionEnd } from './sessions/session.ts';
import type { LocalUser } from './users/local-user.ts';
import type { Turn } from './users/turns.ts';

/** A stanza that one of our users' sessions sent, in that user's turn. `from` is the session's full JID. */
export interface Sent {
  readonly user: LocalUser;
  readonly session: Session;
  readonly stanza: Stanza;
  readonly turn: Turn;
}

/** A stanza that arrived for one of our users, whoever sent it, in that user's turn. */
export interface Received {
  readonly user: LocalUser;
  readonly stanza: Stanza;
  readonly turn: Turn;
}

/** An IQ request that the server answers: for itself or on behalf of an account. */
export interface Request {
  readonly stanza: Stanza;
  readonly from: Jid;
  /** Its one child, which the owner was found by. */
  readonly payload: Element;
  /** The asking session, when it asks its own server or its own account. */
  readonly session?: Session;
}
export interface AccountRequest extends Request {
  /** The account that was asked, in its turn. */
  readonly user: LocalUser;
  readonly turn: Turn;
  /** Does the account itself ask? */
  readonly isOwn: boolean;
}
/** The answer, a result or an error; undefined when it was given already. */
export type Answer = Stanza | undefined | Promise<Stanza | undefined>;

export interface Refusal {
  readonly condition: StanzaCondition;
  readonly type?: StanzaErrorType;
  readonly text?: string;
  readonly extra?: Element;
  /** Nobody is told: neither an answer nor a delivery. */
  readonly isSilent?: boolean;
}

/** Work that a feature asks for, to be done in order within the account's turn. */
export type Work = (turn: Turn) => void | Promise<void>;

/**
 * The way between this domain and another server's was lost or could not be made (not: an idle stream was closed in good
 * order), or is there again. Told once per change.
 */
export interface RemoteReach {
  readonly domain: string;
  readonly isReachable: boolean;
}
export const remoteReach = tell<RemoteReach>()('remote-reach', ['any']);

/** Work before anybody is let in, and after everybody has left. */
export const starts = fold<readonly (() => Promise<void>)[], undefined>()('starts', ['any']);
export const stops = fold<readonly (() => Promise<void>)[], undefined>()('stops', ['any']);

/** May this session send this? */
export const maySend = decide<Sent, Refusal>()('may-send', ['rate', 'block-list']);
/** May this be delivered to the account? */
export const mayDeliver = decide<{ readonly user: LocalUser; readonly stanza: Stanza }, Refusal>()('may-deliver', [
  'block-list',
  'quota',
]);

/** Presence from a session, by its type: 'available' and 'unavailable' without address, 'directed', 'subscribe', … */
export const presenceSent = route<(sent: Sent) => void | Promise<void>>()('presence-sent');
/** Presence for an account, by its type ('available' when it has none). */
export const presenceReceived = route<(received: Received) => void | Promise<void>>()('presence-received');

/** Presence, available or unavailable, for the bare address of an account of the domain, whether in memory or not; also
 * what the account's own sessions broadcast. Told when it arrives, outside the account's turn; the presence view hears it
 * last, so that others can tell what is new. */
export const presenceNews = tell<Stanza>()('presence-news', ['any', 'view']);
/** A contact may see the account from now on, or again; in the account's turn. */
export const seenFromNow = tell<{ readonly user: LocalUser; readonly contact: Jid }>()('seen-from-now', ['any']);

/** IQ requests to the server itself and to accounts, by `requestKey`. */
export const serverRequest = route<(request: Request) => Answer>()('iq-to-server');
export const accountRequest = route<(request: AccountRequest) => Answer>()('iq-to-account');
export const requestKey = (type: string, xmlns: string, name: string): string => `${type} {${xmlns}}${name}`;

/** A result or an error for the server itself, which may have asked something. */
export const serverAnswered = tell<Stanza>()('iq-answer-to-server', ['any']);

/** A result or an error for the bare address of an account, in its turn: somebody may have asked in the account's name. */
export const accountAnswered = tell<Received>()('iq-answer-to-account', ['any']);

/** What clients see of a contact has changed, in the account's turn; `contact` is bare. */
export const rosterChanged = tell<{ readonly user: LocalUser; readonly contact: string }>()('roster-changed', ['any']);

/** The namespaces that disco#info shows, of the server or of an account. Whoever answers to one adds it. */
export interface DiscoTarget {
  readonly kind: 'server' | 'account';
}
export const discoFeatures = fold<readonly string[], DiscoTarget>()('disco-features', ['any']);
export const discoItems = fold<readonly Element[], DiscoTarget>()('disco-items', ['any']);
/** A category and a type from the registry of XEP-0030. */
export interface DiscoIdentity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
  readonly lang?: string;
}
/** Identities beside the one that every server and every account has. */
export const discoIdentities = fold<readonly DiscoIdentity[], DiscoTarget>()('disco-identities', ['any']);
/** Who answers for nodes of an account, and lists them, to those who may see it. `node` undefined: the account itself. */
export interface AccountDisco {
  readonly request: AccountRequest;
  readonly wants: 'info' | 'items';
  readonly node: string | undefined;
}
export const discoOfAccount = decide<AccountDisco, Answer>()('disco-of-account', ['pubsub']);
/** Who answers for nodes of the server, to accounts of its own. */
export interface ServerDisco {
  readonly request: Request;
  readonly wants: 'info' | 'items';
  readonly node: string;
}
export const discoOfServer = decide<ServerDisco, Answer>()('disco-of-server', ['commands']);

/** Commands of the server for its own accounts (XEP-0050), by node; and what lists them. */
export interface CommandRun {
  readonly request: Request;
  /** The account that runs it. */
  readonly account: Jid;
  /** Of the form that came filled in; undefined when none came, and the command shows its own. */
  readonly values: ReadonlyMap<string, readonly string[]> | undefined;
}
export type CommandStep =
  /** A form to be filled in. */
  | { readonly status: 'executing'; readonly form: Element }
  | { readonly status: 'completed'; readonly text: string }
  | { readonly status: 'refused'; readonly condition: StanzaCondition; readonly text: string };
export const serverCommand = route<(run: CommandRun) => CommandStep | Promise<CommandStep>>()('server-command');
export const serverCommands = fold<readonly { readonly node: string; readonly name: string }[], undefined>()(
  'server-commands',
  ['any'],
);

/** An account's vCard (XEP-0054), as it came to be stored, and as it is stored: what stands elsewhere need not stand here. */
export const vcardToStore = decide<
  { readonly user: LocalUser; readonly vcard: Element; readonly turn: Turn },
  Promise<Element>
>()('vcard-to-store', ['avatar']);
/** … as it is stored, empty when it is not, and as `asker` sees it. */
export const vcardToShow = decide<
  { readonly user: LocalUser; readonly vcard: Element; readonly asker: Jid },
  Promise<Element>
>()('vcard-to-show', ['avatar']);
/** An account's vCard was stored: work that follows from it. */
export const vcardStored = fold<readonly Work[], LocalUser>()('vcard-stored', ['any']);
/** A node of an account is not what it was (XEP-0060): something was published, retracted, configured. Work that follows. */
export const nodeChanged = fold<readonly Work[], { readonly user: LocalUser; readonly node: string }>()(
  'node-changed',
  ['any'],
);
/** A presence that one of our sessions is about to have sent, as it goes out. */
export const presenceToSend = decide<Sent, Stanza | Promise<Stanza | undefined>>()('presence-to-send', ['avatar']);

/** Further children of <stream:features/> after authentication. */
export const streamFeatures = fold<readonly Element[], { readonly isAuthenticated: boolean }>()('stream-features', [
  'any',
]);

/** A session becomes available: its first presence, or its first with a priority that takes messages. Work in this order. */
export interface Arrival {
  readonly user: LocalUser;
  readonly session: Session;
  readonly isInitial: boolean;
  /** Its priority went from none or negative to non-negative. */
  readonly takesMessages: boolean;
}
export const arrives = fold<readonly Work[], Arrival>()('arrives', ['requests', 'messages']);
/** A session leaves its account: it is off the account's list, and can still be spoken to. */
export interface Departure {
  readonly user: LocalUser;
  readonly session: Session;
  readonly end: SessionEnd;
}
export const departs = fold<readonly Work[], Departure>()('departs', ['presence', 'rest']);
/** An account is about to be removed: say goodbye in its name. Its data goes afterwards, with the account's record. */
export const leavesForGood = fold<readonly Work[], LocalUser>()('leaves-for-good', ['subscriptions', 'rest']);

/** An account nobody uses goes out of memory: what is known of it beside the Store goes with it. */
export const letGo = tell<LocalUser>()('let-go', ['any']);

/** A message was written by a session, and is on its way. */
export const messageSent = tell<Sent>()('message-sent', ['any']);
/** A message was handed to sessions of the account; not when it waits, and not again when it comes out of the Store. */
export interface Delivered {
  readonly user: LocalUser;
  readonly stanza: Stanza;
  readonly sessions: readonly Session[];
}
export const messageDelivered = tell<Delivered>()('message-delivered', ['any']);

/** What is worth counting and hearing: sign-ins and sign-outs. */
export const sessionBound = tell<Session>()('session-bound', ['any']);

/** An IQ from a stream that has not signed in (XEP-0077); `remote` is the client's address. */
export interface StrangerRequest {
  readonly stanza: Stanza;
  readonly payload: Element;
  readonly remote: string;
}
export const strangerRequest = route<(request: StrangerRequest) => Answer>()('iq-before-sign-in');
