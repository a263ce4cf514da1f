// The view's snapshot on its way to the Store: written behind, so that no stanza waits for it. Changes of a second go in one
// transaction, the last one of each entry only. What a crash takes is the last second; what is written is whole.

import type { Clock } from '../../../base/clock.ts';
import type { PresenceEffect } from '../../../presence/view.ts';
import type { PresenceChange, PresenceStore } from '../../../store/store.ts';

const delayMs = 1_000;
/** … sooner when so many wait, … */
const waitingMax = 500;
/** … and this long after the Store has failed. */
const retryMs = 10_000;
/** The most in one transaction: everything else waits for it. */
const batchMax = 500;

/** Payloads that nobody says any more are looked for in so many at a time, so often. */
const tidyMax = 500;
const tidyMs = 60_000;

/** What waits for one pair: that it be forgotten, and then these entries. */
interface Waiting {
  readonly account: string;
  readonly contact: string;
  isForgotten: boolean;
  readonly entries: Map<string, PresenceChange>;
}

export class Snapshot {
  readonly #store: PresenceStore;
  readonly #clock: Clock;
  readonly #failed: (cause: unknown) => void;
  #pairs = new Map<string, Waiting>();
  #count = 0;
  #timer: { readonly at: number; readonly timer: Disposable } | undefined;
  #writing: Promise<void> | undefined;
  #tidying: Disposable | undefined;

  constructor(store: PresenceStore, clock: Clock, failed: (cause: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Changes that wait to be written. */
  get waiting(): number {
    return this.#count;
  }

  take(effect: Extract<PresenceEffect, { readonly type: 'snapshot' | 'forget' }>): void {
    if (effect.type === 'forget') {
      const pair = this.#pair(effect.user, effect.contact);
      this.#count -= pair.entries.size;
      pair.entries.clear();
      if (!pair.isForgotten) this.#count++;
      pair.isForgotten = true;
    } else {
      const confirmedAt = this.#clock.wall();
      for (const { user: account, contact, resource, payload } of effect.changes)
        this.#put(
          payload === undefined
            ? { do: 'drop', account, contact, resource }
            : { do: 'keep', account, contact, resource, payload, confirmedAt },
        );
    }
    this.#arm(this.#count >= waitingMax ? 0 : delayMs);
  }

  /** From now on, payloads nobody says any more are dropped now and then. */
  tidy(from = 0): void {
    this.#tidying = this.#clock.after(tidyMs, () => {
      this.#store.tidy(from, tidyMax).then(
        (next) => this.#tidying && this.tidy(next),
        (cause: unknown) => {
          this.#failed(cause);
          if (this.#tidying) this.tidy(from);
        },
      );
    });
  }

  /** Resolves when all that waits is written, or the Store has failed. */
  async flush(): Promise<void> {
    this.#disarm();
    await this.#writing;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  [Symbol.dispose](): void {
    this.#disarm();
    this.#tidying?.[Symbol.dispose]();
    this.#tidying = undefined;
  }

  #pair(account: string, contact: string): Waiting {
    const key = `${account} ${contact}`;
    let pair = this.#pairs.get(key);
    if (!pair) {
      pair = { account, contact, isForgotten: false, entries: new Map() };
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  #put(change: Exclude<PresenceChange, { readonly do: 'forget' }>): void {
    const { entries } = this.#pair(change.account, change.contact);
    if (!entries.has(change.resource)) this.#count++;
    entries.set(change.resource, change);
  }

  #arm(inMs: number): void {
    const at = this.#clock.mono() + inMs;
    if (this.#writing || (this.#timer && this.#timer.at <= at)) return;
    this.#disarm();
    this.#timer = { at, timer: this.#clock.after(inMs, () => void this.flush()) };
  }

  #disarm(): void {
    this.#timer?.timer[Symbol.dispose]();
    this.#timer = undefined;
  }

  async #write(): Promise<void> {
    while (this.#pairs.size > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#store.write(batch);
      } catch (cause) {
        this.#failed(cause);
        this.#giveBack(batch);
        const at = this.#clock.mono() + retryMs;
        this.#timer = { at, timer: this.#clock.after(retryMs, () => void this.flush()) };
        return;
      }
    }
  }

  #takeBatch(): PresenceChange[] {
    const batch: PresenceChange[] = [];
    for (const [key, { account, contact, isForgotten, entries }] of this.#pairs) {
      if (batch.length >= batchMax) break;
      if (isForgotten) batch.push({ do: 'forget', account, contact });
      batch.push(...entries.values());
      this.#pairs.delete(key);
    }
    this.#count -= batch.length;
    return batch;
  }

  /** What has changed since counts more. */
  #giveBack(batch: readonly PresenceChange[]): void {
    const newer = this.#pairs;
    this.#pairs = new Map();
    this.#count = 0;
    for (const change of batch)
      if (change.do !== 'forget') this.#put(change);
      else {
        this.#pair(change.account, change.contact).isForgotten = true;
        this.#count++;
      }
    for (const { account, contact, isForgotten, entries } of newer.values()) {
      if (isForgotten) this.take({ type: 'forget', user: account, contact });
      for (const change of entries.values()) if (change.do !== 'forget') this.#put(change);
    }
  }
}
