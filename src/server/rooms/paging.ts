// XEP-0059 Result Set Management 1.0: pages of a list that is in order of unique names.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import { childText, type Element, el } from '../../xml/element.ts';
import { ns } from './names.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined when all of the list is there and nobody asked for pages. */
  readonly set: Element | undefined;
}

/** So many at once, whoever asks for more; also without asking. */
const pageMax = 200;

/** `set`: of the request. The fault: it asks for something that pages are not. */
export const page = <Item>(
  list: readonly Item[],
  nameOf: (item: Item) => string,
  set: Element | undefined,
): Outcome<Page<Item>, 'bad-request'> => {
  const wish = (name: string): string | undefined => (set ? childText(set, name) : undefined);
  const number = (name: string): number | undefined | 'wrong' => {
    const text = wish(name);
    return text === undefined ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : 'wrong';
  };
  const [max, index] = [number('max'), number('index')];
  if (max === 'wrong' || index === 'wrong') return bad('bad-request');
  const size = Math.min(max ?? pageMax, pageMax);
  const [after, before] = [wish('after'), wish('before')];
  let start = index ?? 0;
  if (after !== undefined) start = firstAfter(list, nameOf, after);
  else if (before !== undefined) {
    const end = before === '' ? list.length : firstAfter(list, nameOf, before, true);
    start = Math.max(0, end - size);
    return good(made(list, nameOf, start, end));
  }
  const end = Math.min(list.length, start + size);
  if (!set && end === list.length) return good({ items: list, set: undefined });
  return good(made(list, nameOf, start, end));
};

/** The place of the first name after this one, or not before it; the name itself need not be there any more. */
const firstAfter = <Item>(
  list: readonly Item[],
  nameOf: (item: Item) => string,
  name: string,
  orEqual = false,
): number => {
  const found = list.findIndex((one) => (orEqual ? nameOf(one) >= name : nameOf(one) > name));
  return found < 0 ? list.length : found;
};

const made = <Item>(list: readonly Item[], nameOf: (item: Item) => string, start: number, end: number): Page<Item> => {
  const items = list.slice(start, end);
  const [first, last] = [items[0], items.at(-1)];
  return {
    items,
    set: el(
      'set',
      { xmlns: ns.rsm },
      first !== undefined && el('first', { index: String(start) }, nameOf(first)),
      last !== undefined && el('last', null, nameOf(last)),
      el('count', null, String(list.length)),
    ),
  };
};
