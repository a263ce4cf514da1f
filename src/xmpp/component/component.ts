// A component's stream as its server sees it (XEP-0114, "accept"): the contract between the socket half (accept.ts) and the
// server, which knows domains, secrets and routes.
//
//   acceptComponent(socket, options) ── header ──► options.knows(domain)
//                                   ── handshake ──► options.admit(claim) ──► ComponentSession
//   then   stream ── stanza(…) ──► session     session ── stream.send(…) ──► the component     and ended(end), exactly once

import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { Jid } from '../jid.ts';
import type { Stanza } from '../stanza.ts';
import type { StreamError } from '../stream/conditions.ts';
import type { ComponentLimits } from './limits.ts';

export interface ComponentOptions {
  /** In whose name the component is asked for signs of life: the server's domain. */
  readonly server: Jid;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: Partial<ComponentLimits>;
  /** Is there a component of that domain? */
  knows(domain: string): boolean;
  /**
   * May the stream speak for its domain? Resolves as soon as this attempt may be looked at. The refusal ends the stream. Once
   * it resolves with a session, the session is told of the end whatever happens.
   */
  admit(stream: ComponentStream, claim: ComponentClaim): Promise<Outcome<ComponentSession, StreamError>>;
  /** The connection is gone: once per call of acceptComponent, for the listener's own counting. */
  disconnected?(): void;
}

export interface ComponentClaim {
  readonly domain: string;
  readonly remote: string;
  /** Does the handshake prove this secret? */
  proves(secret: string): boolean;
}

/** The server's half. */
export interface ComponentSession {
  /** The handshake is answered: from now on the component may be written to. */
  opened(): void;
  /**
   * A stanza from the component, in order, with both addresses and a `from` of its domain. While too many promises are
   * unsettled nothing is read. Never rejects.
   */
  stanza(stanza: Stanza): void | Promise<void>;
  /** The stream is over; what was lost with it has been told to whoever handed it over. */
  ended(end: ComponentEnd): void;
}

export type ComponentEnd = {
  readonly reason:
    | 'closed-by-component'
    | 'closed-by-server' // close() was called, or a stream error was sent; `error` says which
    | 'lost'; // the connection broke
  readonly error?: StreamError;
};

export interface ComponentStream {
  readonly remote: string;
  /** Stanzas that the component is not known to have read. */
  readonly unconfirmedCount: number;
  /**
   * Sends a stanza after all before it. Resolves with true when the component has read it, and with false when the stream
   * ended before that was known; then it may have read it all the same.
   */
  send(stanza: Stanza): Promise<boolean>;
  /** Ends the stream. What was sent before goes out first. Resolves when the connection is gone. */
  close(error?: StreamError): Promise<void>;
}

/** Takes over a connected socket. Needs no further care: it ends by itself. */
export type AcceptComponent = (socket: Duplex, options: ComponentOptions) => ComponentStream;
