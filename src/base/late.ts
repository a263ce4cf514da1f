// A Map and a Set for objects of which there are thousands, in fields that seldom hold more than an entry: V8 sets aside some 220
// octets for a Map and 190 for a Set, empty or not. These make theirs when there is need of one, and let go of it with the last
// entry; a Map of one entry has none either.

const noSet = new Set<never>();

export class LateMap<Key, Value> {
  #map: Map<Key, Value> | undefined;
  /** The only entry, while there is no map. */
  #only: { readonly key: Key; value: Value } | undefined;

  get size(): number {
    return this.#map?.size ?? (this.#only ? 1 : 0);
  }
  get(key: Key): Value | undefined {
    if (this.#map) return this.#map.get(key);
    return this.#only?.key === key ? this.#only.value : undefined;
  }
  has(key: Key): boolean {
    return this.#map ? this.#map.has(key) : this.#only !== undefined && this.#only.key === key;
  }
  set(key: Key, value: Value): this {
    if (this.#map) this.#map.set(key, value);
    else if (!this.#only) this.#only = { key, value };
    else if (this.#only.key === key) this.#only.value = value;
    else {
      this.#map = new Map([[this.#only.key, this.#only.value]]).set(key, value);
      this.#only = undefined;
    }
    return this;
  }
  delete(key: Key): boolean {
    if (this.#map) {
      const isDeleted = this.#map.delete(key);
      if (this.#map.size === 0) this.#map = undefined;
      return isDeleted;
    }
    const isDeleted = this.has(key);
    if (isDeleted) this.#only = undefined;
    return isDeleted;
  }
  clear(): void {
    this.#map?.clear();
    this.#map = this.#only = undefined;
  }
  /** What is added meanwhile may be passed over, unlike in a Map. */
  entries(): IteratorObject<[Key, Value], undefined> {
    return this.#map?.entries() ?? (this.#only ? [[this.#only.key, this.#only.value] as [Key, Value]] : []).values();
  }
  keys(): IteratorObject<Key, undefined> {
    return this.#map?.keys() ?? (this.#only ? [this.#only.key] : []).values();
  }
  values(): IteratorObject<Value, undefined> {
    return this.#map?.values() ?? (this.#only ? [this.#only.value] : []).values();
  }
  [Symbol.iterator](): IteratorObject<[Key, Value], undefined> {
    return this.entries();
  }
}

export class LateSet<Value> {
  #set: Set<Value> | undefined;

  get size(): number {
    return this.#set?.size ?? 0;
  }
  has(value: Value): boolean {
    return this.#set?.has(value) ?? false;
  }
  add(value: Value): this {
    this.#set ??= new Set();
    this.#set.add(value);
    return this;
  }
  delete(value: Value): boolean {
    const isDeleted = this.#set?.delete(value) ?? false;
    if (this.#set?.size === 0) this.#set = undefined;
    return isDeleted;
  }
  clear(): void {
    this.#set?.clear();
    this.#set = undefined;
  }
  values(): SetIterator<Value> {
    return (this.#set ?? noSet).values();
  }
  [Symbol.iterator](): SetIterator<Value> {
    return this.values();
  }
}
