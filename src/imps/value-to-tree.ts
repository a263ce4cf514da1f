// Writing: the value of a primitive to an element tree, strictly by the content model: its order, and only what the version
// has. Children that the version lacks are left out, so that one value may serve several versions.

import type { WbxmlElement } from '../wbxml/document.ts';
import { type ElementModel, elements, enumKey, primitives, type Slot } from './model/model.ts';
import { bitOf, type Particle, type Versions } from './model/notation.ts';
import type { Primitive } from './primitives.ts';
import { holdsAny } from './tree-to-value.ts';
import { type CspVersion, namespaces } from './version.ts';

/** A value that the model does not allow: a mistake of ours, since nothing a peer sends is written unchecked. */
export class CspWriteError extends Error {
  override readonly name = 'CspWriteError';
}

type Fields = Readonly<Record<string, unknown>>;

/** The element that stands for the primitive in that version. Throws CspWriteError. */
export const primitiveTree = (primitive: Primitive, version: CspVersion): WbxmlElement => {
  const model = primitives.get(primitive.name);
  if (!model) throw new CspWriteError(`no primitive is called ${primitive.name}`);
  if (!(model.versions & bitOf(version))) throw new CspWriteError(`${primitive.name} does not exist in CSP ${version}`);
  if (model.element.type === 'any')
    return { name: primitive.name, children: (primitive as unknown as { content: WbxmlElement[] }).content };
  return structureTree(model.element, primitive as unknown as Fields, version);
};

/** The element that stands for a structure. Throws CspWriteError. */
export const structureTree = (model: ElementModel, fields: object, version: CspVersion): WbxmlElement => {
  const children: WbxmlElement[] = [];
  for (const part of model.content) put(part, model, fields as Fields, version, bitOf(version), children);
  const xmlns = model.name === 'PresenceSubList' ? namespaces[version].pa : undefined;
  return { name: model.name, xmlns, attributes: undefined, children, text: undefined, opaque: undefined };
};

const put = (
  part: Particle,
  parent: ElementModel,
  fields: Fields,
  version: CspVersion,
  bit: Versions,
  into: WbxmlElement[],
): void => {
  if (!(part.versions & bit)) return;
  if (part.kind === 'element') {
    putElement(part, parent, fields[part.name], version, into);
    return;
  }
  if (part.kind !== 'all' && part.count !== '*' && part.count !== '+') {
    const held = part.parts.filter((inner) => inner.versions & bit && holdsAny(inner, fields));
    // A name may stand in several alternatives: the one that has all the names there are.
    const chosen =
      held.length < 2 || part.kind === 'first'
        ? held[0]
        : held.find((one) => held.every((other) => covers(one, other, fields)));
    if (held.length > 0 && !chosen) throw new CspWriteError(`${parent.name} holds two of a choice`);
    if (chosen) put(chosen, parent, fields, version, bit, into);
    else if (part.count === '1' && !part.parts.some((inner) => inner.versions & bit && mayBeEmpty(inner)))
      throw new CspWriteError(`${parent.name} needs one of a choice in CSP ${version}`);
    return;
  }
  if ((part.count === '?' || part.count === '*') && !holdsAny(part, fields)) return;
  for (const inner of part.parts) put(inner, parent, fields, version, bit, into);
};

/** Whether everything of `other` that the value holds has a place in `one`. */
const covers = (one: Particle, other: Particle, fields: Fields): boolean =>
  other.kind === 'element'
    ? fields[other.name] === undefined || names(one).includes(other.name)
    : other.parts.every((inner) => covers(one, inner, fields));
const names = (part: Particle): readonly string[] =>
  part.kind === 'element' ? [part.name] : part.parts.flatMap(names);

const mayBeEmpty = (part: Particle): boolean => {
  if (part.count === '?' || part.count === '*' || part.count === '!') return true;
  if (part.kind === 'element') return false;
  return part.kind === 'all' ? part.parts.every(mayBeEmpty) : part.parts.some(mayBeEmpty);
};

const putElement = (
  part: Particle & { kind: 'element' },
  parent: ElementModel,
  value: unknown,
  version: CspVersion,
  into: WbxmlElement[],
): void => {
  const slot = parent.slots.get(part.name) as Slot;
  if (value === undefined || value === null) {
    if (part.count === '1' && !repeated.has(part))
      throw new CspWriteError(`${parent.name} needs ${part.name} in CSP ${version}`);
    if (part.count === '+') throw new CspWriteError(`${parent.name} needs one ${part.name} or more in CSP ${version}`);
    // Absent means F, and the version wants it said.
    if (part.count === '!' && slot.element.type === 'boolean') into.push(leaf(part.name, 'F'));
    return;
  }
  if (!slot.many) {
    putOne(part, slot, value, version, into);
    return;
  }
  if (!Array.isArray(value)) throw new CspWriteError(`${parent.name}/${part.name} must be an array`);
  if (part.count === '+' && value.length === 0)
    throw new CspWriteError(`${parent.name} needs one ${part.name} or more in CSP ${version}`);
  // Repeatable in another version only: here the first stands for all.
  if (!repeated.has(part) && part.name === 'DigestSchema') {
    // 1.1 offers several digest schemes in one element.
    into.push(leaf(part.name, value.join(',')));
    return;
  }
  for (const one of repeated.has(part) ? value : value.slice(0, 1)) putOne(part, slot, one, version, into);
};

/** Elements that occur once by themselves, inside a group that may repeat. */
const repeated = new Set<Particle>();
const markRepeated = (part: Particle, isRepeated: boolean): void => {
  const repeats = isRepeated || part.count === '*' || part.count === '+';
  if (part.kind !== 'element') for (const inner of part.parts) markRepeated(inner, repeats);
  else if (repeats) repeated.add(part);
};
for (const { content } of elements.values()) for (const part of content) markRepeated(part, false);

const putOne = (
  part: Particle & { kind: 'element' },
  slot: Slot,
  value: unknown,
  version: CspVersion,
  into: WbxmlElement[],
): void => {
  const { element } = slot;
  if (element.type === 'any') {
    into.push({ name: part.name, children: value as WbxmlElement[] });
    return;
  }
  if (element.type !== 'structure') {
    const text = leafText(element, value, version);
    if (text !== undefined) into.push(leaf(part.name, text));
    else if (part.count !== '*' && part.count !== '?')
      throw new CspWriteError(`${part.name}: ${String(value)} does not exist in CSP ${version}`);
    return;
  }
  if (value === true && element.alone) {
    into.push(leaf(part.name, ''));
    return;
  }
  if (typeof value !== 'object' || value === null)
    throw new CspWriteError(`${part.name} must be an object, not ${typeof value}`);
  const { plain } = element;
  if (plain && plain.versions & bitOf(version)) {
    into.push(leaf(part.name, String((value as Fields)[plain.child] ?? '')));
    return;
  }
  const tree = structureTree(element, value, version);
  if (part.bare) into.push(...tree.children);
  else into.push(tree);
};

const none: readonly WbxmlElement[] = Object.freeze([]);
/** An element that holds text alone. */
export const leaf = (name: string, text: string): WbxmlElement => ({
  name,
  xmlns: undefined,
  attributes: undefined,
  children: none,
  text: text === '' ? undefined : text,
  opaque: undefined,
});

/** The text of a leaf; undefined for an enumerated value that the version lacks. */
const leafText = (model: ElementModel, value: unknown, version: CspVersion): string | undefined => {
  const wrong = (): never => {
    throw new CspWriteError(`${model.name} cannot hold ${typeof value} ${String(value).slice(0, 40)}`);
  };
  switch (model.type) {
    case 'integer':
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff
        ? `${value}`
        : wrong();
    case 'boolean':
      return value === true ? 'T' : value === false ? 'F' : wrong();
    case 'flag':
      return value === true ? '' : wrong();
    case 'enum': {
      if (typeof value !== 'string') return wrong();
      const known = model.values.get(enumKey(value));
      if (!known) return model.open ? printable(value) : wrong();
      return known.versions & bitOf(version) ? known.value : undefined;
    }
    case 'binary':
      if (value instanceof Uint8Array) return base64(value);
      return typeof value === 'string' ? printable(value) : wrong();
    default:
      return typeof value === 'string' ? printable(value) : wrong();
  }
};

/** XML cannot carry most control characters, and a WBXML string no NUL: what a user pasted must not break the message. */
const printable = (text: string): string =>
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/.test(text)
    ? text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    : text;

/** In a browser as well as in Node. */
export const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x2000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(binary);
};
