// Random elements for property tests: normalised as readers give them (no empty text, no two texts in a row).

import fc from 'fast-check';
import type { Child, Element } from './element.ts';

const name = fc.constantFrom('message', 'body', 'x', 'été', 'a-b.c_d', 'Ω', 'query');
const xmlns = fc.constantFrom('jabber:client', 'urn:a', `urn:b'"<&>`, '', 'http://example.org/ns#{1}');
const character = fc.oneof(
  fc.constantFrom('&', '<', '>', '"', "'", '\n', '\t', '\r', ']]>', ' ', 'é', '👋', '\uFFFD'),
  fc.string({ maxLength: 3 }).map((text) => text.replace(/[\0-\x08\x0B-\x1F]/g, '')),
);
const text = fc.array(character, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
const key = fc.constantFrom('to', 'xml:lang', 'xml:space', '{urn:a}to', '{urn:c}é', '__proto__', 'constructor');
const attrs = fc
  .array(fc.tuple(key, text), { maxLength: 4 })
  // Object.fromEntries makes `__proto__` a property like any other.
  .map((entries) => Object.fromEntries(entries));

export const anyElement: fc.Arbitrary<Element> = fc.letrec<{ element: Element }>((tie) => ({
  element: fc
    .record({
      name,
      xmlns,
      attrs,
      children: fc.array(fc.oneof({ maxDepth: 4 }, text as fc.Arbitrary<Child>, tie('element')), { maxLength: 4 }),
    })
    .map((element) => ({ ...element, children: joined(element.children) })),
})).element;

const joined = (children: readonly Child[]): Child[] => {
  const all: Child[] = [];
  for (const one of children) {
    const last = all.at(-1);
    if (typeof one === 'string' && one === '') continue;
    if (typeof one === 'string' && typeof last === 'string') all[all.length - 1] = last + one;
    else all.push(one);
  }
  return all;
};
