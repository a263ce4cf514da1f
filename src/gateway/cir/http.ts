// CIR over HTTP (SHTTP, from CSP 1.2 on): the phone asks a URL of its own every few seconds; 200 means poll, 204 means nothing.

import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import type { Channel } from './method.ts';

/** A phone that has asked within this asks again soon. Android asks every 10 s while its data channel is idle. */
const freshMs = 45_000;
/** Sessions that are over: whoever still asks is told to poll, and hears it then. */
const endedMax = 5000;
const endedKeptMs = 60 * 60_000;

/** 'unknown': no session has that URL. */
export type Asked = 'poll' | 'nothing' | 'unknown';

export interface CirHttpOptions {
  readonly host: Host;
  /** The phone asks: it is there. */
  readonly opened: (session: Session) => void;
}

export class CirHttp implements Channel {
  readonly #options: CirHttpOptions;
  readonly #byToken = new Map<string, Session>();
  readonly #askedAt = new Map<Session, number>();
  /** Those that are to be told at their next question. */
  readonly #due = new Map<Session, () => void>();
  readonly #ended = new Map<string, number>();

  constructor(options: CirHttpOptions) {
    this.#options = options;
  }

  /** The unguessable part of the session's URL: 26 characters, 154 bits. */
  tokenOf(session: Session): string {
    const token = session.state.reach?.token ?? this.#options.host.random.id(26);
    session.state.reach = { ...session.state.reach, token };
    this.#byToken.set(token, session);
    return token;
  }

  /** A session that was there before a restart. */
  restored(session: Session): void {
    const { token } = session.state.reach ?? {};
    if (token !== undefined) this.#byToken.set(token, session);
  }

  asked(token: string): Asked {
    const session = this.#byToken.get(token);
    if (!session || session.isEnded) return this.#ended.has(token) ? 'poll' : 'unknown';
    if (!session.state.capabilities.cirMethods.includes('SHTTP')) return 'nothing';
    this.#askedAt.set(session, this.#options.host.clock.mono());
    this.#options.opened(session);
    const tell = this.#due.get(session);
    this.#due.delete(session);
    tell?.();
    return tell ? 'poll' : 'nothing';
  }

  canReach(session: Session): boolean {
    const at = this.#askedAt.get(session);
    return (
      at !== undefined &&
      session.state.capabilities.cirMethods.includes('SHTTP') &&
      this.#options.host.clock.mono() - at < freshMs
    );
  }

  wake(session: Session, sent: () => void): void {
    this.#due.set(session, sent);
  }

  cancel(session: Session): boolean {
    return this.#due.delete(session);
  }

  forget(session: Session): void {
    const { token } = session.state.reach ?? {};
    this.#askedAt.delete(session);
    this.#due.delete(session);
    if (token === undefined || !this.#byToken.delete(token)) return;
    const now = this.#options.host.clock.mono();
    this.#ended.set(token, now);
    for (const [first, at] of this.#ended) {
      if (this.#ended.size <= endedMax && now - at < endedKeptMs) break;
      this.#ended.delete(first);
    }
  }
}
