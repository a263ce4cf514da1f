// Reading: an element tree (from XML or WBXML) to the value of a primitive, by the content model and leniently: children in
// any order, other versions' children taken, unknown ones passed over, each with a note. What a primitive cannot do without
// is a fault.

import type { WbxmlElement } from '../wbxml/document.ts';
import { readDate } from './date.ts';
import type { Note, PrimitiveFault } from './message.ts';
import { aliases, type ElementModel, enumKey, primitives, type Slot } from './model/model.ts';
import { bitOf, type Particle, type Versions } from './model/notation.ts';
import type { Primitive } from './primitives.ts';
import { type CspVersion, cspVersions } from './version.ts';

type Value = string | number | boolean | Uint8Array | Fields | readonly WbxmlElement[];
interface Fields {
  [name: string]: Value | Value[];
}

/** What one message's reading gathers. */
export interface Reading {
  readonly version: CspVersion;
  readonly notes: Note[];
}

/** Notes are for logs: a hostile message must not make a list of its own size. */
const notesMax = 64;
export const note = (reading: Reading, kind: Note['kind'], path: string, name: string): void => {
  if (reading.notes.length < notesMax) reading.notes.push({ kind, path, name: name.slice(0, 80) });
};

/** Reads the primitive that `tree` is. The fault tells what is missing or wrong, and where. */
export const readPrimitive = (
  tree: WbxmlElement,
  reading: Reading,
): { readonly content: Primitive } | { readonly fault: PrimitiveFault } => {
  const name = canonical(tree.name);
  const model = primitives.get(name);
  const unknown = { reason: 'unknown', code: 501, primitive: name.slice(0, 80), path: name.slice(0, 80) } as const;
  if (!model) return { fault: unknown };
  if (!(model.versions & bitOf(reading.version))) {
    // COMPAT Android's half-done 1.3 keeps requests of 1.2, which Status answers. One that has an answer of its own cannot
    // be answered in this version. Test: read-message.test.ts, "another version's primitive".
    const { answers } = model;
    if (answers.length > 0 && !answers.some((answer) => answer.name === 'Status')) return { fault: unknown };
    note(reading, 'version', '', name);
  }
  if (model.element.type === 'any') return { content: { name, content: tree.children } as unknown as Primitive };
  const reader = new Reader(reading, name);
  const fields: Fields = { name };
  reader.children(model.element, tree, name, fields, true);
  return reader.fault ? { fault: reader.fault } : { content: fields as unknown as Primitive };
};

/** Reads a structure outside of a primitive, such as SegmentInfo; undefined when it is not all there. */
export const readStructure = (model: ElementModel, tree: WbxmlElement, reading: Reading): object | undefined => {
  const reader = new Reader(reading, model.name);
  const fields: Fields = {};
  reader.children(model, tree, model.name, fields, true);
  return reader.fault ? undefined : fields;
};

/** The name that the model has for an element as it was spelt. */
export const canonical = (name: string): string => aliases.get(name) ?? name;

class Reader {
  fault: PrimitiveFault | undefined;
  readonly #reading: Reading;
  readonly #primitive: string;
  readonly #bit: Versions;

  constructor(reading: Reading, primitive: string) {
    this.#reading = reading;
    this.#primitive = primitive;
    this.#bit = bitOf(reading.version);
  }

  /** Fills `into` with the children of `tree`; `isTop` for the primitive itself, whose lists must not be empty. */
  children(model: ElementModel, tree: WbxmlElement, path: string, into: Fields, isTop: boolean): void {
    if (tree.attributes) for (const { name } of tree.attributes) this.#note('attribute', path, name);
    const { slots, bare } = model;
    let loose: Fields | undefined;
    for (const child of tree.children) {
      const slot = slots.get(child.name) ?? slots.get(canonical(child.name));
      if (slot) {
        if (!(slot.versions & this.#bit)) this.#note('version', path, slot.name);
        this.#put(slot, child, path, into);
        continue;
      }
      const inner = bare?.element.slots.get(canonical(child.name));
      if (!bare || !inner) {
        this.#note('unknown', path, child.name);
        continue;
      }
      // The tags of a `<A>` were left out; the same child again begins the next A.
      if (loose === undefined || inner.name in loose) {
        loose = {};
        if (bare.many) ((into[bare.name] ??= []) as Value[]).push(loose);
        else into[bare.name] = loose;
      }
      this.#put(inner, child, path, loose);
    }
    if (this.fault) return;
    for (const part of needs(model, this.#reading.version)) {
      const missing = lacks(part, into, this.#bit);
      if (missing === undefined) continue;
      const slot = slots.get(missing);
      if (slot?.many && !isTop) {
        into[missing] = [];
        continue;
      }
      // Present, but not as a value of its type: the note says so already.
      const isWrong = tree.children.some((child) => canonical(child.name) === missing && hasContent(child));
      this.fault = {
        reason: isWrong ? 'value' : 'missing',
        code: isWrong ? 402 : 400,
        primitive: this.#primitive,
        path: `${path}/${missing}`,
      };
      return;
    }
    if (loose !== undefined && bare) this.#checkLoose(bare, into, path);
  }

  #checkLoose(bare: Slot, into: Fields, path: string): void {
    const all = into[bare.name];
    for (const one of (Array.isArray(all) ? all : [all]) as Fields[])
      for (const part of needs(bare.element, this.#reading.version)) {
        const missing = lacks(part, one, this.#bit);
        if (missing !== undefined)
          this.fault ??= { reason: 'missing', code: 400, primitive: this.#primitive, path: `${path}/${missing}` };
      }
  }

  #put(slot: Slot, child: WbxmlElement, path: string, into: Fields): void {
    if (slot.many) {
      const value = this.#value(slot.element, child, path);
      if (value === undefined) return;
      const list = ((into[slot.name] as Value[] | undefined) ??= []);
      // 1.1 clients offer several digest schemes in one element.
      if (slot.name === 'DigestSchema') list.push(...(value as string).split(/[\s,]+/).filter((one) => one !== ''));
      else list.push(value);
    } else if (slot.name in into) this.#note('repeated', path, slot.name);
    else {
      const value = this.#value(slot.element, child, path);
      if (value !== undefined) into[slot.name] = value;
    }
  }

  #value(model: ElementModel, tree: WbxmlElement, path: string): Value | undefined {
    switch (model.type) {
      case 'structure':
        return this.#structure(model, tree, `${path}/${model.name}`);
      case 'any':
        return tree.children;
      case 'binary':
        return tree.opaque ?? tree.text ?? '';
      case 'flag':
        return true;
      default: {
        if (tree.children.length > 0) this.#note('unknown', `${path}/${model.name}`, tree.children[0]?.name ?? '');
        const value = leafValue(model, tree.text ?? '');
        if (value === undefined) this.#note('value', path, model.name);
        return value;
      }
    }
  }

  #structure(model: ElementModel, tree: WbxmlElement, path: string): Value {
    const fields: Fields = {};
    if (tree.children.length === 0) {
      const text = tree.text?.trim() ?? '';
      if (text === '' && model.alone) return true;
      const plain = model.plain && model.slots.get(model.plain.child);
      if (text !== '' && plain) {
        const value = leafValue(plain.element, text);
        if (value !== undefined) fields[plain.name] = value;
        return fields;
      }
    }
    this.children(model, tree, path, fields, false);
    return fields;
  }

  #note(kind: Note['kind'], path: string, name: string): void {
    note(this.#reading, kind, path, name);
  }
}

const hasContent = (tree: WbxmlElement): boolean => tree.children.length > 0 || (tree.text ?? '').trim() !== '';

/** The value that a leaf's text stands for; undefined when it is none of its type. An empty boolean or number is none. */
const leafValue = (model: ElementModel, text: string): string | number | boolean | undefined => {
  switch (model.type) {
    case 'text':
      return text;
    case 'id':
      return text.trim();
    case 'integer': {
      const digits = text.trim();
      if (!/^\+?\d{1,10}$/.test(digits)) return undefined;
      const value = Number(digits);
      return value <= 0xffffffff ? value : undefined;
    }
    case 'boolean':
      return booleans.get(text.trim().toUpperCase());
    case 'date':
      return readDate(text);
    case 'enum': {
      const trimmed = text.trim();
      if (trimmed === '') return undefined;
      return model.values.get(enumKey(trimmed))?.value ?? (model.open ? trimmed : undefined);
    }
    default:
      return undefined;
  }
};

/** COMPAT AOSP reads booleans in any case, so clients get away with writing them so. Test: read-message.test.ts. */
const booleans: ReadonlyMap<string, boolean> = new Map([
  ['T', true],
  ['F', false],
  ['TRUE', true],
  ['FALSE', false],
  ['1', true],
  ['0', false],
]);

/** The particles whose absence is a fault, by version. */
const needed = new Map<ElementModel, readonly (readonly Particle[])[]>();
const needs = (model: ElementModel, version: CspVersion): readonly Particle[] => {
  let byVersion = needed.get(model);
  if (!byVersion) {
    byVersion = cspVersions.map((one) =>
      model.content.filter((part) => (part.versions & bitOf(one)) !== 0 && lacks(part, {}, bitOf(one)) !== undefined),
    );
    needed.set(model, byVersion);
  }
  return byVersion[cspVersions.indexOf(version)] ?? [];
};

/** The name of a child that the particle requires of a reader and that is not there. */
const lacks = (part: Particle, fields: Fields, bit: Versions): string | undefined => {
  if (!(part.versions & bit)) return undefined;
  if (part.kind === 'element') {
    if (part.count !== '1' && part.count !== '+') return undefined;
    return part.name in fields ? undefined : part.name;
  }
  const optional = part.count !== '1' && part.count !== '+';
  if (optional && !holdsAny(part, fields)) return undefined;
  if (part.kind === 'all') {
    for (const inner of part.parts) {
      const missing = lacks(inner, fields, bit);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
  let first: string | undefined;
  for (const inner of part.parts) {
    // In another version's form is good enough: AOSP keeps the 1.2 forms in 1.3.
    const missing = inner.versions & bit ? lacks(inner, fields, bit) : undefined;
    if (missing === undefined && (inner.versions & bit) !== 0) return undefined;
    first ??= missing;
  }
  return first;
};

/** Whether the value has any of the particle's children. */
export const holdsAny = (part: Particle, fields: object): boolean =>
  part.kind === 'element'
    ? (fields as Fields)[part.name] !== undefined
    : part.parts.some((inner) => holdsAny(inner, fields));
