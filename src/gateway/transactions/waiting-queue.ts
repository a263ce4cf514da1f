// What waits for one phone: requests the server originates, in order, each kept until the phone has acknowledged it.
//
// An entry is handed out under a TransactionID of ours; the phone's answer with that id settles it. An answer that does not
// come within `redeliverMs` makes the entry waiting again, to be handed out under a new id (Nokia S60 drops an id it has
// seen); an acknowledgement that comes late, under the old id, counts all the same.
//
// Order: the earliest goes first, and of one kind nothing more is handed out while a hand-out of an earlier answer is open;
// one answer may hold several for a phone that takes them. So a message whose answer got lost is not overtaken by the
// next one, while other kinds go on.
//
// No clock, no I/O: `now` is passed in (monotonic ms), the caller stores what must be stored.

import { LateMap } from '../../base/late.ts';
import type { WaitingItem } from '../service.ts';

export interface Entry extends WaitingItem {
  /** Kept in the store: `seq` is the store's. */
  readonly durable: boolean;
  readonly urgent: boolean;
  /** Newest of a key wins while it has not been handed out. */
  readonly key: string | undefined;
}

interface Slot {
  entry: Entry;
  /** The hand-out it is part of, if any: current or lapsed. */
  handOut: HandOut | undefined;
  tries: number;
  isGone: boolean;
}

interface HandOut {
  readonly id: string;
  readonly kind: string;
  at: number;
  readonly slots: Slot[];
}

export class WaitingQueue {
  readonly #redeliverMs: number;
  readonly #mayGo: (entry: Entry) => boolean;
  readonly #slots: Slot[] = [];
  /** Hand-outs that still hold something unsettled, lapsed ones included, by TransactionID. */
  readonly #handOuts = new LateMap<string, HandOut>();
  #nextVolatile = -1;
  #news = 0;

  /** `mayGo`: what is false of is kept, and not handed out. */
  constructor(redeliverMs: number, mayGo: (entry: Entry) => boolean = () => true) {
    this.#redeliverMs = redeliverMs;
    this.#mayGo = mayGo;
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Grows with every entry worth a wake-up: tells news from what was told before. */
  get news(): number {
    return this.#news;
  }

  /** Entries in order, for those who look through them. */
  get entries(): readonly Entry[] {
    return this.#slots.map(({ entry }) => entry);
  }

  /** A number for an entry that is not stored. */
  volatileSeq(): number {
    return this.#nextVolatile--;
  }

  /** Puts an entry last, or in the place of the one it replaces; returns the replaced one. */
  add(entry: Entry): Entry | undefined {
    const old = entry.key === undefined ? undefined : this.#replaceable(entry.kind, entry.key);
    if (old) {
      const replaced = old.entry;
      old.entry = entry;
      return replaced;
    }
    if (entry.urgent && !entry.held) this.#news++;
    this.#slots.push({ entry, handOut: undefined, tries: 0, isGone: false });
    return undefined;
  }

  /** What a new entry of this kind and key would replace. */
  replaceable(kind: string, key: string): Entry | undefined {
    return this.#replaceable(kind, key)?.entry;
  }

  /** An entry read from the store that had been handed out before a restart: `at` in monotonic ms, maybe negative. */
  addHandedOut(entry: Entry, id: string, at: number): void {
    const known = this.#handOuts.get(id);
    const handOut = known ?? { id, kind: entry.kind, at, slots: [] };
    const slot: Slot = { entry, handOut, tries: 1, isGone: false };
    handOut.slots.push(slot);
    this.#handOuts.set(id, handOut);
    this.#slots.push(slot);
  }

  /**
   * The entries to hand out next: the first that may go, and those of its kind right behind it (which the caller may join
   * into one request, or leave). Empty when nothing may go. `inAnswer`: hand-outs that leave in the same answer, and do not
   * stand in the way.
   */
  ready(now: number, inAnswer: ReadonlySet<string> = new Set()): readonly Entry[] {
    const run: Entry[] = [];
    const busy = this.#busyKinds(now, inAnswer);
    for (const slot of this.#slots) {
      const { entry } = slot;
      const [first] = run;
      if (first && entry.kind !== first.kind) {
        // Behind the run, in its kind only: what stands between is of other kinds and keeps its own order.
        if (this.#isHeld(entry) || this.#isOpen(slot, now)) continue;
        break;
      }
      if (this.#isHeld(entry) || this.#isOpen(slot, now) || busy.has(entry.kind)) continue;
      run.push(entry);
    }
    return run;
  }

  /** Is there anything the phone should poll for? What is open is not: its acknowledgement brings the rest. */
  hasWaiting(now: number): boolean {
    return this.#slots.some((slot) => !this.#isHeld(slot.entry) && !this.#isOpen(slot, now));
  }

  /** Is there anything worth a wake-up: urgent, and not merely behind something the phone has in hand? */
  hasUrgent(now: number, which: (entry: Entry) => boolean = () => true): boolean {
    const busy = this.#busyKinds(now);
    return this.#slots.some(
      (slot) =>
        slot.entry.urgent &&
        which(slot.entry) &&
        !this.#isHeld(slot.entry) &&
        !this.#isOpen(slot, now) &&
        !busy.has(slot.entry.kind),
    );
  }

  /** When the next open hand-out lapses (monotonic ms), or undefined. */
  nextLapse(now: number): number | undefined {
    let next: number | undefined;
    for (const { handOut } of this.#slots)
      if (handOut && handOut.at + this.#redeliverMs > now)
        next = Math.min(next ?? Number.POSITIVE_INFINITY, handOut.at + this.#redeliverMs);
    return next;
  }

  /** Marks the entries as handed out under that id. True when one of them had been before. */
  handOut(entries: readonly Entry[], id: string, now: number): boolean {
    const slots = this.#slots.filter(({ entry }) => entries.includes(entry));
    const isAgain = slots.some(({ tries }) => tries > 0);
    const handOut: HandOut = { id, kind: entries[0]?.kind ?? '', at: now, slots };
    for (const slot of slots) {
      slot.handOut = handOut;
      slot.tries++;
    }
    this.#handOuts.set(id, handOut);
    return isAgain;
  }

  /** The hand-out is known not to have reached the phone: its entries may go again at once. */
  lapse(id: string): void {
    const handOut = this.#handOuts.get(id);
    if (handOut) handOut.at = Number.NEGATIVE_INFINITY;
  }

  /** What an acknowledgement with that TransactionID settles; undefined when the id is not (or no longer) ours. */
  under(id: string): readonly Entry[] | undefined {
    return this.#handOuts.get(id)?.slots.flatMap(({ entry, isGone }) => (isGone ? [] : [entry]));
  }

  byMessageId(messageId: string): Entry | undefined {
    return this.#slots.find(({ entry }) => entry.messageId === messageId)?.entry;
  }

  remove(gone: readonly Entry[]): void {
    if (gone.length === 0) return;
    const set = new Set(gone);
    let kept = 0;
    for (const slot of this.#slots) {
      slot.isGone = set.has(slot.entry);
      if (!slot.isGone) this.#slots[kept++] = slot;
    }
    this.#slots.length = kept;
    for (const [id, { slots }] of this.#handOuts) if (slots.every(({ isGone }) => isGone)) this.#handOuts.delete(id);
  }

  /** Entries handed out `triesMax` times and lapsed again. */
  unanswered(now: number, triesMax: number): readonly Entry[] {
    return this.#slots
      .filter((slot) => slot.tries >= triesMax && slot.handOut && !this.#isOpen(slot, now))
      .map(({ entry }) => entry);
  }

  /** Entries past their time that were never handed out: of the others the phone may have shown. wall: wall-clock ms. */
  expired(wall: number): readonly Entry[] {
    return this.#slots
      .filter(({ tries, entry }) => tries === 0 && entry.expiresAt !== undefined && entry.expiresAt <= wall)
      .map(({ entry }) => entry);
  }

  #isHeld(entry: Entry): boolean {
    return entry.held || !this.#mayGo(entry);
  }

  #replaceable(kind: string, key: string): Slot | undefined {
    return this.#slots.find(({ tries, entry }) => tries === 0 && entry.key === key && entry.kind === kind);
  }

  #isOpen({ handOut }: Slot, now: number): boolean {
    return handOut !== undefined && now - handOut.at < this.#redeliverMs;
  }

  /** Kinds of which a hand-out is open, but for those named. */
  #busyKinds(now: number, but?: ReadonlySet<string>): ReadonlySet<string> {
    const busy = new Set<string>();
    for (const slot of this.#slots)
      if (slot.handOut && this.#isOpen(slot, now) && !but?.has(slot.handOut.id)) busy.add(slot.handOut.kind);
    return busy;
  }
}
