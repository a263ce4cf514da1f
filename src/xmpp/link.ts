// A Link is one XMPP client session seen from the client: send a stanza, receive stanzas, close. The gateway speaks to
// every XMPP server through it and never knows which kind it holds: `in-process` (src/server/link.ts hands stanzas straight
// to our own server's session) or `c2s` (src/xmpp/client, a real client stream to any other server).

import type { Outcome } from '../base/outcome.ts';
import type { Jid } from './jid.ts';
import type { Stanza } from './stanza.ts';

export interface Link {
  /** The full JID the server bound. */
  readonly jid: Jid;
  /** Namespaces of stream features the server offered after authentication (roster versioning, blocking is disco's matter). */
  readonly features: ReadonlySet<string>;
  /**
   * Sends one stanza, after all those sent before it. Resolves once the next hop has it safe: stored or acknowledged
   * (XEP-0198). Rejects with LinkLostError when that cannot be known any more; the stanza may then be sent again on the
   * next Link with the same id.
   */
  send(stanza: Stanza): Promise<void>;
  /** Signs out: unavailable presence, end of stream. Never rejects. */
  close(): Promise<void>;
  /**
   * What is needed to take this session up again after a restart of this process, or undefined where that can't be. It says
   * how far both sides had got, so it is good for the moment it is taken: keep the latest.
   */
  resumption(): LinkResumption | undefined;
  /**
   * Leaves without signing out, for an orderly stop: nothing more is received, the server keeps the session for whoever opens
   * it with what this resolves to. Stanzas not acknowledged by then reject with LinkLostError and are sent again by `send` on
   * the next Link with the same id; those that turn out to have arrived are not sent twice. Without resumption: as `close`.
   */
  detach?(): Promise<LinkResumption | undefined>;
}

/** Opaque to the gateway; JSON-safe. */
export type LinkResumption = { readonly [key: string]: string | number };

export interface LinkReceiver {
  /**
   * A stanza for this client, one at a time and in order. The stanza counts as received, and is acknowledged to the server,
   * when the returned promise resolves: resolve only when it is stored or needs no storing.
   */
  stanza(stanza: Stanza): void | Promise<void>;
  /** The Link is gone and will not come back by itself. Called once, also after close(). */
  closed(end: LinkEnd): void;
}

export type LinkEnd = {
  readonly reason:
    | 'closed' // close() was called here
    | 'replaced' // stream error <conflict/>
    | 'signed-out' // the account was removed or disabled, or the server ended the session
    | 'lost'; // connection lost and not resumed, or server shut down
  readonly text?: string;
};

export type LinkCredentials =
  /** The user's password, to be proven to the server by the best SASL mechanism both know. */
  | { readonly kind: 'password'; readonly password: string }
  /** The gateway has proven the user by itself (a restored session of our own server). Only in-process Links take this. */
  | { readonly kind: 'trusted' };

export interface LinkRequest {
  /** Bare JID. */
  readonly account: Jid;
  /** Wished resource; the server may bind another. */
  readonly resource: string;
  readonly credentials: LinkCredentials;
  /** From `resumption()` of the same session before a restart. A server that cannot resume gives a new session. */
  readonly resume?: LinkResumption;
}

export type LinkFault = {
  readonly reason:
    | 'not-authorized' // wrong password, or no such account: the same to whoever asks
    | 'account-disabled'
    | 'credentials-needed' // 'trusted' on a Link that cannot take it
    | 'no-common-mechanism'
    | 'tls-required' // configured but not offered, or the certificate does not hold
    | 'unreachable' // no connection, or timed out
    | 'refused'; // the server answered with another error; `text` says which
  readonly text: string;
};

/** One per XMPP domain whose users may sign in from a phone. */
export interface LinkProvider {
  readonly domain: string;
  open(request: LinkRequest, receiver: LinkReceiver): Promise<Outcome<Link, LinkFault>>;
}

/** The Link went away before the next hop had acknowledged a stanza. */
export class LinkLostError extends Error {
  override readonly name = 'LinkLostError';
}
