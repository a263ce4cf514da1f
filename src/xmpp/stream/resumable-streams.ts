// The sessions a client may come back to (XEP-0198 §5), by the id they were given. One book per server.

import type { Jid } from '../jid.ts';

/** A stream that can go on with another connection. */
export interface Resumable {
  readonly account: Jid;
}

export class ResumableStreams {
  readonly #streams = new Map<string, Resumable>();

  /** Sessions that can be resumed, with and without a connection. */
  get size(): number {
    return this.#streams.size;
  }
}
