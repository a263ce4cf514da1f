// What waits for another server: a queue, and behind it what was handed to a stream and is not known to have arrived. When a
// stream is lost, that comes first again, in its order (RFC 6120 §10.1).

import type { MonoMs, WallMs } from '../../base/clock.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { Fate } from './fates.ts';
import type { QueueMax } from './settings.ts';

export interface Entry {
  readonly stanza: Stanza;
  readonly fate: Fate;
  readonly isBroadcast: boolean;
  readonly chars: number;
  /** Numbers the entry within its link, in order of arrival. */
  readonly tag: number;
  readonly arrivedAt: MonoMs;
  readonly receivedAt: WallMs;
  readonly deadline: MonoMs;
  readonly newsKey: string | undefined;
  /** In the Store: its number, or the promise of it. */
  stored: number | Promise<number> | undefined;
  /** It left our hands, and without XEP-0198 nobody said that it arrived. */
  isOut: boolean;
  /** Delivered, given back or overtaken by later news: nothing more is done with it. */
  isDone: boolean;
  /** Told when the entry is safe: stored, delivered or answered. */
  readonly safe: PromiseWithResolvers<void> | undefined;
}

/** What all links together hold. */
export class Budget {
  readonly #max: QueueMax;
  stanzas = 0;
  chars = 0;

  constructor(max: QueueMax) {
    this.#max = max;
  }

  /**
   * Is there room for one more, for a link that holds this much? It never holds more than a seventh of what it leaves free: the
   * fuller it gets the less each may hold, so that servers that read nothing leave room for the rest.
   */
  takes(chars: number, of: QueueMax): boolean {
    const left = { stanzas: this.#max.stanzas - this.stanzas, chars: this.#max.chars - this.chars };
    return of.stanzas < left.stanzas / 7 && of.chars + chars <= left.chars / 7;
  }
}

export class Outbox {
  readonly #max: QueueMax;
  readonly #budget: Budget;
  #queue: Entry[] = [];
  #head = 0;
  readonly #sent = new Map<number, Entry>();
  readonly #news = new Map<string, Entry>();
  #stanzas = 0;
  #chars = 0;
  /** Handed to a stream, and still in its hands. */
  #inHands = 0;
  #charsInHands = 0;

  constructor(max: QueueMax, budget: Budget) {
    this.#max = max;
    this.#budget = budget;
  }

  /** Everything that is not done. */
  get size(): number {
    return this.#stanzas;
  }
  get chars(): number {
    return this.#chars;
  }
  get inHands(): number {
    return this.#inHands;
  }
  get charsInHands(): number {
    return this.#charsInHands;
  }

  /** False: there is no room. */
  push(entry: Entry): boolean {
    if (
      this.#stanzas >= this.#max.stanzas ||
      this.#chars + entry.chars > this.#max.chars ||
      !this.#budget.takes(entry.chars, { stanzas: this.#stanzas, chars: this.#chars })
    )
      return false;
    if (entry.newsKey !== undefined) {
      const earlier = this.#news.get(entry.newsKey);
      if (earlier) this.done(earlier);
      this.#news.set(entry.newsKey, entry);
    }
    this.#queue.push(entry);
    this.#count(entry, 1);
    return true;
  }

  /** The entry whose turn it is. */
  get first(): Entry | undefined {
    for (;;) {
      const entry = this.#queue[this.#head];
      if (!entry?.isDone) return entry;
      this.#forward();
    }
  }

  /** The first entry was handed to a stream. */
  sent(entry: Entry): void {
    this.#forward();
    this.#forgetNews(entry);
    this.#sent.set(entry.tag, entry);
    this.#hold(entry, 1);
  }

  sentEntry(tag: number): Entry | undefined {
    return this.#sent.get(tag);
  }

  /** It left our hands; whether it arrived is to be seen. */
  out(entry: Entry): void {
    if (entry.isOut || entry.isDone) return;
    this.#hold(entry, -1);
    entry.isOut = true;
  }

  /** What is out and unproven, in order. */
  get unproven(): readonly Entry[] {
    return [...this.#sent.values()].filter(({ isOut }) => isOut);
  }
  get isProven(): boolean {
    for (const { isOut } of this.#sent.values()) if (isOut) return false;
    return true;
  }

  done(entry: Entry): void {
    if (entry.isDone) return;
    if (this.#sent.delete(entry.tag) && !entry.isOut) this.#hold(entry, -1);
    this.#forgetNews(entry);
    entry.isDone = true;
    this.#count(entry, -1);
  }

  /** The stream is gone: what it had comes first again. */
  restore(): void {
    if (this.#sent.size === 0) return;
    const back = [...this.#sent.values()];
    for (const entry of back) {
      if (!entry.isOut) this.#hold(entry, -1);
      entry.isOut = false;
    }
    this.#sent.clear();
    this.#queue = [...back, ...this.#queue.slice(this.#head)];
    this.#head = 0;
  }

  /** Everything that waits and is not with a stream, in order. */
  get waiting(): readonly Entry[] {
    return this.#queue.slice(this.#head).filter(({ isDone }) => !isDone);
  }
  /** … and what is with a stream before it. */
  get all(): readonly Entry[] {
    return [...this.#sent.values(), ...this.waiting];
  }

  /** The next deadline of what waits. */
  get nextDeadline(): MonoMs | undefined {
    let next: MonoMs | undefined;
    for (let at = this.#head; at < this.#queue.length; at++) {
      const { isDone, deadline } = this.#queue[at] as Entry;
      if (!isDone && (next === undefined || deadline < next)) next = deadline;
    }
    return next;
  }

  #forward(): void {
    this.#head++;
    if (this.#head < 64 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  #forgetNews({ newsKey, tag }: Entry): void {
    if (newsKey !== undefined && this.#news.get(newsKey)?.tag === tag) this.#news.delete(newsKey);
  }

  #count({ chars }: Entry, sign: 1 | -1): void {
    this.#stanzas += sign;
    this.#chars += sign * chars;
    this.#budget.stanzas += sign;
    this.#budget.chars += sign * chars;
  }

  #hold({ chars }: Entry, sign: 1 | -1): void {
    this.#inHands += sign;
    this.#charsInHands += sign * chars;
  }
}
