// Values that thousands of objects hold and of which there are few: equal ones are kept once.

/**
 * `keyOf`: what is equal of equal values, and of no others. Returns the first of its kind that came. `max`: so many are
 * remembered; then all are forgotten, and those that come later are kept once among themselves. What strangers make longer than
 * anybody needs, in characters of the key, is not remembered.
 */
export const interned = <Value>(max: number, keyOf: (value: Value) => string): ((value: Value) => Value) => {
  const known = new Map<string, Value>();
  return (value) => {
    const key = keyOf(value);
    if (key.length > keyMax) return value;
    const first = known.get(key);
    if (first !== undefined) return first;
    if (known.size >= max) known.clear();
    known.set(key, value);
    return value;
  };
};

const keyMax = 1_000;
