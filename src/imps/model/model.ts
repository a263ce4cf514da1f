// The content model of CSP, joined from its families and made ready for use: one ElementModel per element and, where a
// leaf's meaning depends on its parent, per place.

import { type CspVersion, cspVersions } from '../version.ts';
import { attributes } from './attributes.ts';
import { capability } from './capability.ts';
import { common } from './common.ts';
import { contacts } from './contacts.ts';
import type { Family, LeafType } from './family.ts';
import { features } from './features.ts';
import { group } from './group.ts';
import { im } from './im.ts';
import { bitOf, everyVersion, type Particle, parseContent, parseNamed, parseNames, type Versions } from './notation.ts';
import { presence } from './presence.ts';
import { session } from './session.ts';
import { shared } from './shared.ts';
import { later } from './v13.ts';

export const families: Readonly<Record<string, Family>> = {
  session,
  capability,
  features,
  common,
  contacts,
  presence,
  attributes,
  im,
  group,
  later,
  shared,
};

export interface ElementModel {
  readonly name: string;
  /** Structures have children; `any` holds elements that are not ours; the rest are leaves. */
  readonly type: 'structure' | 'any' | 'enum' | LeafType;
  /** Written and checked in this order. */
  readonly content: readonly Particle[];
  /** Every child that occurs in any version, by name. */
  readonly slots: ReadonlyMap<string, Slot>;
  /** May stand empty, as a name. */
  readonly alone: boolean;
  /** The child that plain text stands for, and the versions in which it is written so. */
  readonly plain: { readonly child: string; readonly versions: Versions } | undefined;
  /** The child whose tags may be missing. */
  readonly bare: Slot | undefined;
  /** enum: the values by how they compare (see enumKey), each with its versions. */
  readonly values: ReadonlyMap<string, { readonly value: string; readonly versions: Versions }>;
  /** enum: other values are taken too. */
  readonly open: boolean;
}

export interface Slot {
  readonly name: string;
  readonly element: ElementModel;
  /** Occurs more than once in some version: an array in values. */
  readonly many: boolean;
  readonly versions: Versions;
  /** May be missing in a value that was read. */
  readonly optional: boolean;
}

export interface PrimitiveModel {
  readonly element: ElementModel;
  readonly versions: Versions;
  readonly from: 'client' | 'server' | 'both';
  readonly mode: 'Request' | 'Response' | 'either';
  readonly session: 'Inband' | 'Outband' | 'either';
  /** A leaf of the feature tree; a branch's name for its part that is not negotiable; or `core`. */
  readonly feature: string;
  /** What answers it on success, by version; `nothing` stands for an empty answer. Status may always answer instead. */
  readonly answers: readonly { readonly name: string; readonly versions: Versions }[];
}

/** Enumerated values compare without case and underscores. COMPAT: `NONE` (BASE64 writers), `NOTAVAILABLE` (Nokia S60
 *  5th edition). Test: read-message.test.ts. */
export const enumKey = (value: string): string => value.replaceAll('_', '').toUpperCase();

interface Draft {
  name: string;
  type: ElementModel['type'];
  content: Particle[];
  slots: Map<string, Slot>;
  alone: boolean;
  plain: ElementModel['plain'];
  bare: Slot | undefined;
  values: Map<string, { value: string; versions: Versions }>;
  open: boolean;
}

const drafts = new Map<string, Draft>();
const draft = (name: string, type: ElementModel['type']): Draft => {
  if (drafts.has(name)) throw new Error(`content model: ${name} is described twice`);
  const made: Draft = {
    name: name.slice(name.indexOf('/') + 1),
    type,
    content: [],
    slots: new Map(),
    alone: false,
    plain: undefined,
    bare: undefined,
    values: new Map(),
    open: false,
  };
  drafts.set(name, made);
  return made;
};

for (const family of Object.values(families)) {
  for (const [name, text] of Object.entries(family.content)) {
    if (text === 'any') draft(name, 'any');
    else draft(name, 'structure').content = parseContent(text);
  }
  for (const [type, names] of Object.entries(family.leaves ?? {}))
    for (const name of parseNames(names)) draft(name, type as LeafType);
  for (const [name, text] of Object.entries(family.enums ?? {})) {
    const made = draft(name, 'enum');
    for (const row of text.split('|').map((value) => value.trim())) {
      if (row === '...') made.open = true;
      else {
        const { name: value, versions } = parseNamed(row);
        made.values.set(enumKey(value), { value, versions });
      }
    }
  }
}
for (const family of Object.values(families)) {
  for (const name of parseNames(family.alone ?? '')) known(name).alone = true;
  for (const [name, text] of Object.entries(family.plain ?? {})) {
    const { name: child, versions } = parseNamed(text);
    known(name).plain = { child, versions: text.includes('{') ? versions : 0 };
  }
}

function known(name: string, parent?: string): Draft {
  const found = (parent === undefined ? undefined : drafts.get(`${parent}/${name}`)) ?? drafts.get(name);
  if (!found) throw new Error(`content model: ${name} stands in ${parent ?? 'a list'} but is not described`);
  return found;
}

/** Gathers the children of one structure over all versions. */
const collect = (parent: Draft, parts: readonly Particle[], within: Versions, isMany: boolean): void => {
  for (const part of parts) {
    const versions = part.versions & within;
    const many = isMany || part.count === '*' || part.count === '+';
    if (part.kind !== 'element') {
      collect(parent, part.parts, versions, many);
      continue;
    }
    const before = parent.slots.get(part.name);
    const slot: Slot = {
      name: part.name,
      element: known(part.name, parent.name),
      many: many || before?.many === true,
      versions: versions | (before?.versions ?? 0),
      optional: true,
    };
    parent.slots.set(part.name, slot);
    if (part.bare) parent.bare = slot;
  }
};

/** Whether a reader may rely on the child in that version. */
const isCertain = (parts: readonly Particle[], name: string, version: CspVersion): boolean =>
  parts.some(
    (part) =>
      (part.versions & bitOf(version)) !== 0 &&
      (part.count === '1' || part.count === '+') &&
      (part.kind === 'element'
        ? part.name === name && !part.bare
        : part.kind === 'all' && isCertain(part.parts, name, version)),
  );

const joinSlots = (one: Draft, versions: Versions): void => {
  collect(one, one.content, everyVersion, false);
  for (const [name, slot] of one.slots) {
    const own = cspVersions.filter((version) => versions & bitOf(version));
    const optional = !own.every((version) => isCertain(one.content, name, version));
    one.slots.set(name, { ...slot, optional });
  }
  if (one.bare) one.bare = one.slots.get(one.bare.name);
};

/** Every structure and leaf by name; a leaf that differs by parent also as `Parent/Leaf`. */
export const elements: ReadonlyMap<string, ElementModel> = drafts;

/** Other spellings that are read, by spelling. */
export const aliases: ReadonlyMap<string, string> = new Map(
  Object.values(families).flatMap((family) => Object.entries(family.aliases ?? {})),
);

const rowsOf = (family: Family): [string, PrimitiveModel][] =>
  (family.primitives ?? '')
    .split('\n')
    .filter((row) => row.trim() !== '')
    .map((row) => {
      const [, named = '', from, mode, over, feature = '', answers = ''] =
        /^\s*(\S+)\s+(client|server|both)\s+(Request|Response|either)\s+(Inband|Outband|either)\s+(\S+)\s*(.*)$/.exec(
          row,
        ) ?? [];
      const { name, versions } = parseNamed(named);
      const model = {
        element: known(name),
        versions,
        from: from as PrimitiveModel['from'],
        mode: mode as PrimitiveModel['mode'],
        session: over as PrimitiveModel['session'],
        feature,
        answers: answers === '' ? [] : answers.split(/,\s*/).map(parseNamed),
      };
      return [name, model];
    });

export const primitives: ReadonlyMap<string, PrimitiveModel> = new Map(Object.values(families).flatMap(rowsOf));

for (const [name, one] of drafts) joinSlots(one, primitives.get(name)?.versions ?? everyVersion);
