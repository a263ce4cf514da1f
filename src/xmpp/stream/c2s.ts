// A client's stream as its server sees it: the contract between the socket half (acceptC2s, in accept.ts) and the server,
// which knows accounts, sessions and routes. RFC 6120, XEP-0198.
//
//   acceptC2s(socket, options) ── negotiates TLS, SASL ──► options.bind(stream, account, resource) ──► C2sSession
//   then   stream ── stanza(…) ──► session            session ── stream.send(…) ──► the client
//          stream ── acked([tags]) ──► session         and ended(end, unacked), exactly once

import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { Element } from '../../xml/element.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import type { Jid } from '../jid.ts';
import type { Mechanism } from '../sasl/mechanisms.ts';
import type { ScramKeys } from '../sasl/scram-keys.ts';
import type { Stanza, StanzaCondition } from '../stanza.ts';
import type { StreamError } from './conditions.ts';
import type { StreamLimits } from './limits.ts';
import type { ResumableStreams } from './resumable-streams.ts';

/** What one client's connection may cost. With a `handlingMax` above 1 the session itself must see to the order of stanzas. */
export interface C2sLimits extends StreamLimits {
  /** Failed SASL exchanges before the stream is closed (RFC 6120 §6.4.5 wants at least 2 and at most 5 retries). */
  readonly authTriesMax: number;
}

export const defaultC2sLimits: C2sLimits = {
  xmlBeforeAuth: { bytesMax: 10_000, depthMax: 16, elementsMax: 200 },
  xml: {},
  authMs: 30_000,
  authTriesMax: 5,
  bytesPerSecondBeforeAuth: 10_000,
  bytesPerSecond: 1_000_000,
  burstBytes: 1_000_000,
  elementsPerSecond: 250,
  burstElements: 1_000,
  handlingMax: 1,
  idleMs: 300_000,
  answerMs: 60_000,
  keepaliveMs: 0,
  closeMs: 5_000,
  unackedMax: 2_000,
  unackedCharsMax: 4_000_000,
  resumeMs: 600_000,
};

export interface Credentials {
  readonly keys: readonly ScramKeys[];
  /** Told (<account-disabled/>) only to somebody who has proven the password. */
  readonly isDisabled?: boolean;
}

export interface C2sAuthentication {
  /** Mechanisms to offer, where they make sense (PLUS needs channel binding, PLAIN needs TLS). Default: all we know. */
  readonly mechanisms?: readonly Mechanism[];
  /** What is kept for an account (a bare JID of our domain), if it exists. Rejecting answers <temporary-auth-failure/>. */
  lookup(account: Jid): Promise<Credentials | undefined>;
  /**
   * Asked before every look-up, so that guessing passwords is slow: resolves when this attempt may be looked at, with false
   * when it may not, which answers <temporary-auth-failure/>. Default: at once.
   */
  admit?(account: Jid, remote: string): Promise<boolean>;
  /** Salts of accounts that do not exist are derived from this; keep it as long as the accounts. At least 16 octets. */
  readonly fakeSaltSecret: Uint8Array;
  /** Iterations that accounts usually have here, told for accounts that do not exist. */
  readonly iterations: number;
  /** PLAIN on a stream without TLS. Default false. */
  readonly allowsPlainWithoutTls?: boolean;
  /** Hears of every finished attempt, for counters and logs. */
  attempted?(attempt: AuthAttempt): void;
}

export interface AuthAttempt {
  readonly remote: string;
  readonly mechanism: string;
  /** Undefined when it did not come to a name. */
  readonly account: Jid | undefined;
  /** 'success' or the SASL condition (RFC 6120 §6.5). */
  readonly outcome: string;
}

export interface C2sOptions {
  readonly domain: string;
  /** Undefined: TLS is not offered. A function chooses by the server name the client asked for. */
  readonly tls?: SecureContext | ((serverName: string | undefined) => SecureContext);
  /** No sign-in before TLS. */
  readonly requireTls: boolean;
  /** TLS from the first octet (XEP-0368). */
  readonly isDirectTls?: boolean;
  readonly limits?: Partial<C2sLimits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly authentication: C2sAuthentication;
  /** The server's book of sessions that a client may come back to; one for all its listeners. */
  readonly resumables: ResumableStreams;
  /** Additional stream features: in-band registration before sign-in, roster versioning after it… */
  features?(context: FeatureContext): readonly Element[];
  /**
   * An IQ before sign-in (XEP-0077): the answer, or undefined to refuse it with <not-authorized/>. The stanza has no
   * trustworthy `from`.
   */
  unauthenticatedIq?(iq: Stanza, context: FeatureContext): Promise<Stanza | undefined>;
  /** Binds a resource (RFC 6120 §7); `resource` is undefined when the client leaves the choice to us. */
  bind(
    stream: C2sStream,
    account: Jid,
    resource: string | undefined,
  ): Promise<Outcome<C2sSession, { readonly condition: StanzaCondition; readonly text?: string }>>;
  /** This connection is gone, whatever became of its session: once per call of acceptC2s, for the listener's own counting. */
  disconnected?(): void;
}

export interface FeatureContext {
  readonly isSecure: boolean;
  readonly account: Jid | undefined;
  readonly remote: string;
}

/** The server's half. */
export interface C2sSession {
  /** The full JID bound. */
  readonly jid: Jid;
  /**
   * A stanza from the client, in order, as it was sent (`from` is the client's claim, unchecked). It counts as handled, and
   * is acknowledged, when the promise resolves: when it is stored or with the next acknowledged hop. A rejection closes the
   * stream with <internal-server-error/>; the stanza is then not acknowledged.
   */
  stanza(stanza: Stanza): void | Promise<void>;
  /** Another element (client state indication…): false when it means nothing to the session, which ends the stream. */
  nonza?(element: StreamElement): boolean;
  /** The client has these (or, without XEP-0198, they went out of our hands): the tags given to `send`, in order. */
  acked?(tags: readonly number[]): void;
  /** The connection is gone, the client may come back; `send` goes on as if nothing had happened. */
  detached?(): void;
  /** It came back, on the same stream object. */
  resumed?(): void;
  /** The stream is over for good. `unacked`: what `send` took and nobody is known to have, in order. Called once. */
  ended(end: C2sEnd, unacked: readonly Sent[]): void;
}

export interface Sent {
  readonly stanza: Stanza;
  readonly tag: number | undefined;
}

export type C2sEnd = {
  readonly reason:
    | 'closed-by-client' // </stream:stream>
    | 'closed-by-server' // close() was called, or a stream error was sent; `error` says which
    | 'lost' // the connection broke and was not resumed in time
    | 'overrun'; // the client does not read or acknowledge: a queue passed its limit
  readonly error?: StreamError;
};

export interface C2sStream {
  /** The client's address, for logs. */
  readonly remote: string;
  readonly isSecure: boolean;
  /** Undefined before it is bound. */
  readonly jid: Jid | undefined;
  readonly state: 'negotiating' | 'established' | 'detached' | 'closing' | 'ended';
  /** XEP-0198 is on: what `acked` tells is what the client said. */
  readonly isManaged: boolean;
  /** Stanzas that the client is not known to have yet. */
  readonly unackedCount: number;
  /**
   * Sends a stanza after all before it; never blocks, never throws. `tag`, if given, comes back in `acked` or in `ended`.
   * After the end it does nothing and returns false: the stanza was not taken.
   */
  send(stanza: Stanza, tag?: number): boolean;
  /**
   * Closes the stream, with an error if one is given (<conflict/>, <system-shutdown/>, <reset/>…). What was sent before
   * goes out first. Resolves when the connection is closed, after twice `closeMs` at the latest; `ended` has been called then.
   */
  close(error?: StreamError): Promise<void>;
}

/** Takes over a connected socket. Needs no further care: it ends by itself. */
export type AcceptC2s = (socket: Duplex, options: C2sOptions) => C2sStream;
