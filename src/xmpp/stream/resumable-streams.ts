// The sessions a client may come back to (XEP-0198 §5), by the id they were given; and, for a while, how much was handled
// of those that are over, so that a client that comes too late still learns what it need not send again. One per server.

import type { Jid } from '../jid.ts';

/** What a resumable stream is to the connection that wants to go on with it: see ClientStream. */
export interface Resumable {
  readonly account: Jid;
  readonly handledCount: number;
}

export class ResumableStreams<Stream extends Resumable = Resumable> {
  readonly #streams = new Map<string, Stream>();
  readonly #past = new Map<string, { readonly account: Jid; readonly h: number }>();
  readonly #lost = new Map<Stream, string>();
  readonly #limits: { readonly pastMax: number; readonly lostOfOneMax: number; readonly lostMax: number };

  /** `lostOfOneMax`, `lostMax`: see `lost`. Without them there are as many as there are. */
  constructor(options: { readonly pastMax?: number; readonly lostOfOneMax?: number; readonly lostMax?: number } = {}) {
    const endless = Number.POSITIVE_INFINITY;
    this.#limits = { pastMax: 10_000, lostOfOneMax: endless, lostMax: endless, ...options };
  }

  /** Sessions that can be resumed, with and without a connection. */
  get size(): number {
    return this.#streams.size;
  }

  add(id: string, stream: Stream): void {
    this.#streams.set(id, stream);
  }

  /** The stream is over for good. */
  end(id: string): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    this.#lost.delete(stream);
    this.#past.set(id, { account: stream.account, h: stream.handledCount });
    if (this.#past.size > this.#limits.pastMax)
      for (const oldest of this.#past.keys()) return void this.#past.delete(oldest);
  }

  /** The stream lost its connection. Returns one for which that is one too many: the one that lost it first. */
  lost(stream: Stream): Stream | undefined {
    const account = stream.account.toString();
    const { lostOfOneMax, lostMax } = this.#limits;
    this.#lost.set(stream, account);
    const ofOne = [...this.#lost].filter(([, whose]) => whose === account);
    if (ofOne.length > lostOfOneMax) return ofOne[0]?.[0];
    if (this.#lost.size > lostMax) return this.#lost.keys().next().value;
    return undefined;
  }

  /** It has one again. */
  found(stream: Stream): void {
    this.#lost.delete(stream);
  }

  /** Undefined also when it is another account's: whose it is, is nobody else's business. */
  find(id: string, account: Jid): Stream | undefined {
    const stream = this.#streams.get(id);
    return stream?.account.equals(account) ? stream : undefined;
  }

  /** Every one of the account. */
  of(account: Jid): Stream[] {
    return [...this.#streams.values()].filter((stream) => stream.account.equals(account));
  }

  /** `h` of a session that is over. */
  past(id: string, account: Jid): number | undefined {
    const past = this.#past.get(id);
    return past?.account.equals(account) ? past.h : undefined;
  }
}
