// Messages on their way, in the Store. Removals that come together are one write.

import type { WallMs } from '../../base/clock.ts';
import type { FederationStore, MessageUnderWay } from '../../store/store.ts';
import type { Pair } from '../../xmpp/s2s/s2s.ts';

const pageSize = 500;

export class UnderWay {
  readonly #store: FederationStore;
  readonly #failed: (cause: unknown) => void;
  #toRemove: number[] = [];
  #removing: Promise<void> | undefined;

  constructor(store: FederationStore, failed: (cause: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  add({ local, remote }: Pair, stanza: string, receivedAt: WallMs): Promise<number> {
    return this.#store.addUnderWay({ local, remote, stanza, receivedAt });
  }

  remove(seq: number): void {
    this.#toRemove.push(seq);
    this.#removing ??= this.#removeAll();
  }

  /** Everything, in order. */
  async *all(): AsyncGenerator<MessageUnderWay> {
    for (let after = 0; ; ) {
      const page = await this.#store.underWay(after, pageSize);
      yield* page;
      after = page.at(-1)?.seq ?? after;
      if (page.length < pageSize) return;
    }
  }

  async settled(): Promise<void> {
    await this.#removing;
  }

  async #removeAll(): Promise<void> {
    // Whatever else this turn of the event loop brings goes with it.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#toRemove.length > 0) {
      const seqs = this.#toRemove.splice(0, pageSize);
      try {
        await this.#store.removeUnderWay(seqs);
      } catch (cause) {
        // They stay, and go out once more after the next start.
        this.#failed(cause);
      }
    }
    this.#removing = undefined;
  }
}
