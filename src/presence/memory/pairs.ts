// The pairs (user, contact) and their entries, as rows. A contact is its domain and the part before the '@', so that there
// is no table of contacts; what a pair hangs on (its user, its domain, the second in which it is due) is a list through
// its columns.

import { HashTable, stir } from './hash.ts';
import { Links, none, Rows } from './rows.ts';
import type { TextId } from './texts.ts';

/** A row of Pairs. */
export type PairId = number;
/** A row of Entries. */
export type EntryId = number;

export class Pairs {
  readonly #rows = new Rows();
  /** Whose contact it is: UserNode.id. */
  readonly user = this.#rows.column();
  /** DomainNode.id. */
  readonly domain = this.#rows.column();
  /** The part of the address before the '@'; `none` when there is none. */
  readonly local = this.#rows.column();
  /** The first of the contact's available resources: most pairs have none or one. */
  readonly first = this.#rows.column();
  /** When all of the contact's resources were last known. */
  readonly checkedAt = this.#rows.column();
  /** When the last probe went out. */
  readonly probedAt = this.#rows.column();
  /** What became of it; see probes.ts. Negative for a local contact, which is never probed. */
  readonly probe = this.#rows.column();
  /** The second in which to look at this pair again; see wheel.ts. */
  readonly due = this.#rows.column();
  readonly ofUser = new Links(this.#rows.column(), this.#rows.column());
  readonly ofDomain = new Links(this.#rows.column(), this.#rows.column());
  readonly inBucket = new Links(this.#rows.column(), this.#rows.column());
  readonly #table = new HashTable(this.#rows.column(), (pair) =>
    hashOf(this.user.get(pair), this.domain.get(pair), this.local.get(pair)),
  );

  get count(): number {
    return this.#rows.count;
  }

  get bytes(): number {
    return this.#rows.bytes + this.#table.bytes;
  }

  /** `none` when there is no such pair. */
  find(user: number, domain: number, local: TextId): PairId {
    let pair = this.#table.candidate(hashOf(user, domain, local));
    while (pair !== none && !this.#is(pair, user, domain, local)) pair = this.#table.after(pair);
    return pair;
  }

  add(user: number, domain: number, local: TextId): PairId {
    const pair = this.#rows.take();
    this.user.set(pair, user);
    this.domain.set(pair, domain);
    this.local.set(pair, local);
    for (const column of [this.first, this.checkedAt, this.probedAt, this.due]) column.set(pair, none);
    this.probe.set(pair, 0);
    this.#table.add(pair);
    return pair;
  }

  remove(pair: PairId): void {
    this.#table.remove(pair);
    this.#rows.giveBack(pair);
  }

  #is(pair: PairId, user: number, domain: number, local: TextId): boolean {
    return this.user.get(pair) === user && this.domain.get(pair) === domain && this.local.get(pair) === local;
  }
}

const hashOf = (user: number, domain: number, local: TextId): number =>
  stir(Math.imul(user, 0x9e3779b1) ^ Math.imul(domain + 1, 0x7feb352d) ^ Math.imul(local + 1, 0x846ca68b));

/** An available resource of a contact, as one user may see it. */
export class Entries {
  readonly #rows = new Rows();
  readonly resource = this.#rows.column();
  readonly payload = this.#rows.column();
  /** When its server last said so. */
  readonly seenAt = this.#rows.column();
  /** The next resource of the same contact. */
  readonly next = this.#rows.column();

  get count(): number {
    return this.#rows.count;
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  add(resource: TextId, payload: TextId, seenAt: number, next: EntryId): EntryId {
    const entry = this.#rows.take();
    this.resource.set(entry, resource);
    this.payload.set(entry, payload);
    this.seenAt.set(entry, seenAt);
    this.next.set(entry, next);
    return entry;
  }

  remove(entry: EntryId): void {
    this.#rows.giveBack(entry);
  }
}
