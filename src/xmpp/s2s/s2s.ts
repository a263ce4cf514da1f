// A stream between servers, seen from either side: the contract between the socket half (openS2s, acceptS2s, in this folder)
// and federation (src/server/s2s), which knows domains, queues and routes. RFC 6120, XEP-0220, XEP-0178, XEP-0288, XEP-0198.
//
//   openS2s(socket, options)     ours to them: TLS, then EXTERNAL or dialback, then stanzas out (and in, with XEP-0288)
//   acceptS2s(socket, options)   theirs to us: the same from the other side
//
//   stream ── authenticated(pair), stanza(…), acked([tags]) ──► listener       owner ── stream.send(…) ──► the other server
//   and ended(end), exactly once
//
// Domains are canonical text (Jid.domain). A stream is authenticated for pairs of domains, one or many (piggybacking).

import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { Stanza, StanzaCondition } from '../stanza.ts';
import type { StreamError } from '../stream/conditions.ts';
import type { StreamLimits } from '../stream/limits.ts';

/** Whom stanzas go between: one of our domains and one of the other server's. */
export interface Pair {
  readonly local: string;
  readonly remote: string;
}

/** How the other side of a pair was shown to be who it says. */
export type Proof =
  | 'external' // SASL EXTERNAL (XEP-0178)
  | 'certificate' // a certificate valid for the domain, with dialback's elements and without dialling back (XEP-0344)
  | 'dialback' // XEP-0220
  | 'pinned'; // a certificate agreed on beforehand (XEP-0361 §4)

/** What is asked of one remote domain. */
export interface PeerPolicy {
  /** 'required': no stanza without TLS; 'optional': where it is offered; 'off': never (closed networks). */
  readonly tls: 'required' | 'optional' | 'off';
  /** SHA-256 of the certificate's public key (SPKI) or of the whole certificate, hex in lower case; any of them will do, and nothing else. */
  readonly pins?: readonly string[] | undefined;
  /** May XEP-0220 prove the domain? False: only a valid (or pinned) certificate does. */
  readonly allowsDialback: boolean;
}

/** What one other server's connection may cost. Its owner has the stanzas of one sender handled in order. */
export interface S2sLimits extends StreamLimits {
  /** Pairs authenticated on one stream, and keys being verified for it at a time. */
  readonly pairsMax: number;
  readonly verifyingMax: number;
}

/** A key to be verified by the server that is said to have made it (XEP-0220 §2.3, §2.4). */
export interface KeyRequest {
  /** Who is to be proven, and whom to: `remote` asked for leave to send to `local`. */
  readonly pair: Pair;
  /** Of the stream on which it asked. */
  readonly streamId: string;
  readonly key: string;
}
export type KeyVerdict =
  | { readonly verdict: 'valid' | 'invalid' }
  /** It could not be found out: the condition to answer with (XEP-0220 §2.4, 'remote-server-timeout' and so on). */
  | { readonly verdict: 'error'; readonly condition: StanzaCondition };

/** What the other server offered last time, so that the next stream need not wait to be told (JSON-safe). */
export interface PeerHints {
  readonly starttls?: boolean;
  readonly external?: boolean;
  readonly dialback?: boolean;
  readonly bidi?: boolean;
  readonly sm?: boolean;
  /** It reads what comes before it has answered (urn:xmpp:features:pipelining). */
  readonly pipelining?: boolean;
  /** It resumes TLS sessions: the ticket, base64. */
  readonly tlsSession?: string;
}

export interface PeerCertificate {
  /** Names it is for. */
  readonly names: readonly string[];
  readonly issuer: string;
  /** ISO 8601. */
  readonly validUntil: string;
  /** SHA-256 of the certificate's public key (SPKI), hex in lower case: what can be pinned. */
  readonly pin: string;
  /** An authority we trust stands behind it, and its time has not run out. */
  readonly isTrusted: boolean;
}

export interface S2sStream {
  readonly direction: 'out' | 'in';
  /** The other server's IP address and port, for logs. */
  readonly remote: string;
  readonly isSecure: boolean;
  /** What the other server showed, whether valid or not, for operators; undefined without TLS or when it showed none. */
  readonly certificate?: PeerCertificate | undefined;
  /** XEP-0198 is on: what `acked` tells is what the other server said. */
  readonly isManaged: boolean;
  readonly state: 'negotiating' | 'established' | 'detached' | 'closing' | 'ended';
  /**
   * It goes on with `OpenS2sOptions.resume`: the stream itself has sent again what was unacked, and `acked` will tell. False once
   * a pair is authenticated: the other server had forgotten, and the owner sends anew what it wants sent. Known with `authenticated`.
   */
  readonly isResumed: boolean;
  /** Monotonic ms of the last octets received. */
  readonly lastHeardAt: number;
  readonly unackedCount: number;
  /**
   * May stanzas of the pair be handed to it now? An incoming stream carries only with XEP-0288. An outgoing one may already when
   * `openS2s` returns: then hints say that the other server reads ahead, and what is sent in the same turn of the event loop
   * leaves with the request to authenticate, once the other side's certificate was found good.
   */
  carries(pair: Pair): boolean;
  /** Pairs that the other side may send for. */
  readonly pairs: readonly Pair[];
  /**
   * Sends a stanza of a pair that it carries, after all before it; never blocks. `tag`, if given, comes back in `acked` or in
   * `ended`. False: it was not taken.
   */
  send(stanza: Stanza, tag?: number): boolean;
  /** Asks for leave to send for one more pair (XEP-0220 §2.6.1, piggybacking); `authenticated` or `refused` answers. */
  authenticate(pair: Pair): void;
  /** Can more pairs be asked for on it? */
  readonly takesMorePairs: boolean;
  /** Asks the other server whether it made the key; it may be asked before the stream is authenticated. Never rejects. */
  verify(request: KeyRequest): Promise<KeyVerdict>;
  /** Closes in good order, with an error if one is given. What was sent before goes out first. Resolves when it is closed. */
  close(error?: StreamError): Promise<void>;
}

/** The owner's half. */
export interface S2sListener {
  /** The pair was proven: from now on `stream.carries(pair)` says whether we may send for it, `pairs` whether they may. */
  authenticated(pair: Pair, proof: Proof): void;
  /** The other server (or our policy) refused the pair; the stream may live on for others. */
  refused(pair: Pair, fault: S2sFault): void;
  /**
   * A stanza from the other server, in order; its `from` and `to` belong to an authenticated pair. It is acknowledged when the
   * promise resolves; a rejection ends the stream with <internal-server-error/>.
   */
  stanza(stanza: Stanza): void | Promise<void>;
  /** The other server has these (or, without XEP-0198, they went out of our hands). */
  acked(tags: readonly number[]): void;
  /**
   * An incoming stream lost its connection and waits for the other server to resume it: nothing can be sent meanwhile, what is
   * unacked it keeps. `resumed` or `ended` follows.
   */
  detached?(): void;
  resumed?(): void;
  /** What to remember for the next stream to that domain. May be called more than once; the last word counts. */
  learnt?(remote: string, hints: PeerHints): void;
  /** The stream is over. `unacked`: what `send` took and nobody is known to have, in order, resumable streams excepted. */
  ended(end: S2sEnd): void;
}

export interface Sent {
  readonly stanza: Stanza;
  readonly tag: number | undefined;
}

export interface S2sFault {
  readonly reason:
    | 'policy' // our own policy forbids it (no TLS, no valid certificate)
    | 'refused' // the other server does
    | 'invalid' // dialback: the key is not theirs
    | 'unreachable' // broken off, timed out
    | 'protocol'; // what it said makes no sense
  /** For logs and operators: what to do next, where that can be said. */
  readonly text: string;
  /** What the sender of a stanza that cannot go is told. */
  readonly condition: StanzaCondition;
  /** The hints were out of date, and only that: better ones are `learnt`; dial again at once, once. */
  readonly isStaleHint?: true;
}

export interface S2sEnd {
  readonly reason:
    | 'closed-by-peer' // </stream:stream>, perhaps after an error
    | 'closed-by-us'
    | 'lost' // the connection broke, or the peer gave no sign of life
    | 'failed' // it never came to a pair: `fault` says why
    | 'resumed' // incoming: its connection is now that of an older stream, which hears of what comes (XEP-0198 §5)
    | 'overrun'; // a queue passed its limit
  readonly error?: StreamError | undefined;
  readonly fault?: S2sFault | undefined;
  readonly unacked: readonly Sent[];
  /** The stream can be gone on with on another connection; then it keeps what is unacked, until it was tried. */
  readonly resumption?: S2sResumption | undefined;
}

/** Opaque: for `openS2s`. */
export interface S2sResumption {
  /** Monotonic ms after which the other server has forgotten it. */
  readonly until: number;
  /** What is not known to have arrived: to be sent anew or returned when nobody resumes. */
  readonly unacked: readonly Sent[];
}

export interface OpenS2sOptions {
  readonly pair: Pair;
  readonly isDirectTls: boolean;
  readonly policy: PeerPolicy;
  /** Ours, with the certificate to show for `pair.local` and the authorities to trust: see `s2sTlsContext`. */
  readonly secureContext: SecureContext | undefined;
  /** PEM of authorities to trust instead of the usual ones, where there is no `secureContext`. */
  readonly ca?: readonly string[] | undefined;
  readonly hints?: PeerHints | undefined;
  /** XEP-0220 §2.1.1 with XEP-0185: the key for a stream with this id. */
  readonly dialbackKey: (pair: Pair, streamId: string) => string;
  /** Ask for XEP-0288, XEP-0198? */
  readonly usesBidi: boolean;
  /** For what a bidirectional stream brings besides stanzas: dialback for more of their domains. Without it, that is refused. */
  readonly bidi?: Pick<AcceptS2sOptions, 'isOurs' | 'policyFor' | 'verifyKey' | 'isOurKey'> | undefined;
  readonly usesManagement: boolean;
  /** Only to have a key verified: does not authenticate by itself. */
  readonly isForVerification?: boolean;
  readonly resume?: S2sResumption | undefined;
  readonly limits?: Partial<S2sLimits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly listener: S2sListener;
}

export interface AcceptS2sOptions {
  readonly isDirectTls: boolean;
  /** Is the domain served here? Others are answered <host-unknown/>. */
  readonly isOurs: (domain: string) => boolean;
  /** What is asked of a domain that wants to speak to us; a text: refused, and why. */
  readonly policyFor: (remote: string) => PeerPolicy | string;
  /**
   * Chosen by server name (canonical text) or by the `to` of the stream header; undefined asks for the usual one. No context: TLS
   * is not offered. Made by `s2sTlsContext`, with the authorities to trust; the same one each time, or sessions are not resumed.
   */
  readonly secureContextFor: (local: string | undefined) => SecureContext | undefined;
  readonly offersBidi: boolean;
  /** To ask for more pairs on a bidirectional stream, as in OpenS2sOptions. Without it, none are asked for. */
  readonly dialbackKey?: ((pair: Pair, streamId: string) => string) | undefined;
  /** The book of streams that may be resumed; one for all listeners. Undefined: no XEP-0198. */
  readonly resumables: S2sResumables | undefined;
  /** Told as soon as a stream header names a pair, before anything is proven: time to look up and dial. May be called by anybody. */
  readonly announced?: (pair: Pair) => void;
  /** Asks the authoritative server about a key (XEP-0220 §2.1.2 step 2). Never rejects. */
  readonly verifyKey: (request: KeyRequest) => Promise<KeyVerdict>;
  /** Did we make this key? (§2.4; `pair.local` is the domain of ours that is said to have.) */
  readonly isOurKey: (request: KeyRequest) => boolean;
  readonly limits?: Partial<S2sLimits>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Made once per stream, before anything is heard on it. */
  readonly listener: (stream: S2sStream) => S2sListener;
}

/** Incoming streams that lost their connection, by the id they were given (XEP-0198 §5). */
export interface S2sResumables {
  readonly size: number;
}

/** Takes over a connected socket (TCP, not yet TLS). Needs no further care: it ends by itself. */
export type OpenS2s = (socket: Duplex, options: OpenS2sOptions) => S2sStream;
export type AcceptS2s = (socket: Duplex, options: AcceptS2sOptions) => S2sStream;
