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
  readonly #pastMax: number;

  constructor(options: { readonly pastMax?: number } = {}) {
    this.#pastMax = options.pastMax ?? 10_000;
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
    this.#past.set(id, { account: stream.account, h: stream.handledCount });
    if (this.#past.size > this.#pastMax) for (const oldest of this.#past.keys()) return void this.#past.delete(oldest);
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
