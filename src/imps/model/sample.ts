// Random values of the content model, for tests: whatever a version allows, drawn from a seed.

import { type Random, seededRandom } from '../../base/random.ts';
import { cspDate } from '../date.ts';
import type { Primitive } from '../primitives.ts';
import type { CspVersion } from '../version.ts';
import { type ElementModel, primitives, type Slot } from './model.ts';
import { bitOf, type Particle } from './notation.ts';

/** A primitive of that name with whatever children the seed says, complete as the version's writer demands. */
export const samplePrimitive = (name: string, version: CspVersion, seed: number): Primitive => {
  const model = primitives.get(name);
  if (!model) throw new Error(`no primitive is called ${name}`);
  const draw = new Draw(version, seededRandom(seed));
  const fields = model.element.type === 'any' ? { content: draw.extensions() } : draw.structure(model.element, 0);
  return { name, ...fields } as unknown as Primitive;
};

type Fields = Record<string, unknown>;

class Draw {
  readonly #version: CspVersion;
  readonly #random: Random;
  constructor(version: CspVersion, random: Random) {
    this.#version = version;
    this.#random = random;
  }

  structure(model: ElementModel, depth: number): Fields {
    const fields: Fields = {};
    for (const part of model.content) this.#part(part, model, fields, depth, false);
    return fields;
  }

  extensions(): unknown[] {
    return [{ name: 'Vendor', xmlns: 'urn:vendor', attributes: undefined, children: [], text: 'v', opaque: undefined }];
  }

  #part(part: Particle, parent: ElementModel, fields: Fields, depth: number, repeats: boolean): void {
    if (!(part.versions & bitOf(this.#version))) return;
    // Deep down, only what must be there.
    const isOptional = part.count === '?' || part.count === '*';
    if (isOptional && this.#random.fraction() < 0.4 + depth * 0.15) return;
    const many = part.count === '*' || part.count === '+';
    if (part.kind === 'all') {
      for (const inner of part.parts) this.#part(inner, parent, fields, depth, repeats || many);
      return;
    }
    if (part.kind !== 'element') {
      const open = part.parts.filter((inner) => inner.versions & bitOf(this.#version));
      const chosen = open[Math.floor(this.#random.fraction() * open.length)];
      if (chosen) this.#part(chosen, parent, fields, depth, repeats || many);
      return;
    }
    const slot = parent.slots.get(part.name) as Slot;
    if (slot.name in fields) return;
    const count = many || repeats ? 1 + Math.floor(this.#random.fraction() * 2) : 1;
    const values = Array.from({ length: count }, () => this.#value(slot.element, depth + 1));
    fields[slot.name] = slot.many ? values : values[0];
  }

  #value(model: ElementModel, depth: number): unknown {
    switch (model.type) {
      case 'structure': {
        if (model.alone && this.#random.fraction() < 0.3) return true;
        const fields = this.structure(model, depth);
        // A structure that may stand alone and has nothing in it is one that does.
        if (model.alone && Object.keys(fields).length === 0) return true;
        if (model.plain && model.plain.versions & bitOf(this.#version)) return { [model.plain.child]: this.#id() };
        return fields;
      }
      case 'any':
        return this.extensions();
      case 'integer':
        return Math.floor(2 ** (this.#random.fraction() * 32)) >>> 0;
      case 'boolean':
        return this.#random.fraction() < 0.5;
      case 'date':
        return cspDate(Math.floor(this.#random.fraction() * 4e12));
      case 'flag':
        return true;
      case 'enum': {
        const values = [...model.values.values()].filter(({ versions }) => versions & bitOf(this.#version));
        const isOther = model.open && this.#random.fraction() < 0.2;
        return isOther ? 'X-OTHER' : values[Math.floor(this.#random.fraction() * values.length)]?.value;
      }
      case 'id':
        return this.#id();
      default:
        return this.#text();
    }
  }

  #id(): string {
    return this.#pick([
      'wv:ann@home.test',
      'http://c.test/1',
      'text/plain',
      'T',
      'IM',
      'a&b<c>',
      'ö',
      '0',
      'x y',
      '10',
    ]);
  }
  #text(): string {
    return this.#pick([
      '',
      ' ',
      'Hej på dig',
      'T',
      '1 < 2 & 3',
      ']]>',
      '\u{1F600}',
      'a\nb\tc',
      'text/plain',
      'GR',
      '"\'',
      'P',
    ]);
  }
  #pick(from: readonly string[]): string {
    return from[Math.floor(this.#random.fraction() * from.length)] ?? '';
  }
}
