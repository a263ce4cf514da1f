// Does what came match what was expected? Everything counts (names, namespaces, attributes, children in order, text) but
// for what the expectation leaves open in so many words: the text or attribute value '*'.

import type { Child, Element } from '../../xml/element.ts';

/** The first difference in words, or undefined when there is none. */
export const difference = (expected: Element, actual: Element): string | undefined => {
  const where = `<${expected.name}>`;
  if (expected.name !== actual.name) return `${where} expected, <${actual.name}> came`;
  if (expected.xmlns !== actual.xmlns) return `${where} is in '${actual.xmlns}', not in '${expected.xmlns}'`;
  for (const name of new Set([...Object.keys(expected.attrs), ...Object.keys(actual.attrs)])) {
    const wanted = expected.attrs[name];
    const given = actual.attrs[name];
    if (wanted !== given && !(wanted === '*' && given !== undefined))
      return `${where} has ${name}=${quoted(given)}, not ${quoted(wanted)}`;
  }
  const wanted = meaningful(expected.children);
  const given = meaningful(actual.children);
  if (wanted.length === 1 && wanted[0] === '*') return given.length > 0 ? undefined : `${where} is empty`;
  for (let index = 0; index < Math.max(wanted.length, given.length); index++) {
    const one = wanted[index];
    const other = given[index];
    if (one === undefined) return `${where} has more: ${typeof other === 'string' ? other : `<${other?.name}>`}`;
    if (other === undefined) return `${where} lacks ${typeof one === 'string' ? quoted(one) : `<${one.name}>`}`;
    if (typeof one === 'string' || typeof other === 'string') {
      if (one !== other) return `${where} has ${describe(other)}, not ${describe(one)}`;
      continue;
    }
    const fault = difference(one, other);
    if (fault !== undefined) return `${where} ${fault}`;
  }
  return undefined;
};

const quoted = (text: string | undefined): string => (text === undefined ? 'nothing' : `'${text}'`);
const describe = (child: Child): string => (typeof child === 'string' ? quoted(child) : `<${child.name}>`);
/** Script authors indent: white space around elements says nothing. */
const meaningful = (children: readonly Child[]): Child[] =>
  children.map((one) => (typeof one === 'string' ? one.trim() : one)).filter((one) => one !== '');
