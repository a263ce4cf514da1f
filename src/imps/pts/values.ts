// Element trees as values of the plain text syntax, and back.
//
// Sourced forms are kept where there are any: lists of users, nicknames, properties, capabilities, functions, presence. What
// has no source has one form for everything: a leaf is its text, a structure a group of pairs (code,value), an element
// without content a pair without value.

import type { WbxmlElement } from '../../wbxml/document.ts';
import { type ElementModel, elements } from '../model/model.ts';
import { leaf } from '../value-to-tree.ts';
import {
  attributeCodes,
  type Codes,
  capabilityCodes,
  elementCodes,
  featureCodes,
  propertyCodes,
  valuesOf,
} from './names.ts';
import type { Value } from './syntax.ts';

export const branch = (name: string, children: readonly WbxmlElement[]): WbxmlElement => ({
  name,
  xmlns: undefined,
  attributes: undefined,
  children,
  text: undefined,
  opaque: undefined,
});

const textOf = (value: Value): string => (typeof value === 'string' ? value : '');
export const groupOf = (value: Value): readonly Value[] => (typeof value === 'object' ? value : []);
export const textIn = (parent: WbxmlElement, name: string): string | undefined => {
  const found = parent.children.find((child) => child.name === name);
  return found && (found.text ?? '');
};
const modelOf = (model: ElementModel | undefined, name: string): ElementModel | undefined =>
  model?.slots.get(name)?.element ?? model?.bare?.element.slots.get(name)?.element ?? elements.get(name);

// --- Our form for everything ---

export const toValue = (tree: WbxmlElement, codes: Codes = elementCodes): Value => {
  if (tree.name === 'PresenceSubList') return attributesToValue(tree);
  if (tree.children.length === 0) {
    const model = elements.get(tree.name);
    // A leaf without text is an empty text; a structure without children is nothing.
    return tree.text ?? (model && model.type !== 'structure' && model.type !== 'flag' ? '' : undefined);
  }
  return tree.children.map((child) => toPair(child, codes));
};

const toPair = (tree: WbxmlElement, codes: Codes): Value => {
  const value = toValue(tree, codes);
  return value === undefined ? [codes.codeOf(tree.name)] : [codes.codeOf(tree.name), value];
};

export const fromValue = (
  name: string,
  value: Value,
  model: ElementModel | undefined,
  codes = elementCodes,
): WbxmlElement => {
  if (name === 'PresenceSubList') return attributesFromValue(value, true);
  if (typeof value !== 'object') return leaf(name, textOf(value));
  return branch(
    name,
    pairsOf(value).map(([code, inner]) => {
      const child = codes.nameOf(code);
      return fromValue(child, inner, modelOf(model, child), codes);
    }),
  );
};

const pairsOf = (value: Value): readonly (readonly [string, Value])[] =>
  groupOf(value).flatMap((pair) => {
    const [code, inner] = groupOf(pair);
    return typeof code === 'string' ? [[code, inner] as const] : [];
  });

// --- Sourced forms ---

/** `a` alone, `(a,b)` for several. */
export const listToValue = (texts: readonly string[]): Value => (texts.length === 1 ? texts[0] : [...texts]);
export const listOfValue = (value: Value): readonly string[] =>
  typeof value === 'string' ? [value] : groupOf(value).filter((one): one is string => typeof one === 'string');

/** `((nick,user),(,user))`. */
export const nicksToValue = (tree: WbxmlElement): Value =>
  tree.children.map((child) =>
    child.name === 'UserID'
      ? [undefined, child.text ?? '']
      : [textIn(child, 'Name') ?? '', textIn(child, 'UserID') ?? ''],
  );
export const nicksFromValue = (name: string, value: Value): WbxmlElement =>
  branch(
    name,
    groupOf(value).flatMap((pair) => {
      const [nick, user] = groupOf(pair);
      const id = leaf('UserID', textOf(user));
      return user === undefined ? [] : [nick === undefined ? id : branch('NickName', [leaf('Name', textOf(nick)), id])];
    }),
  );

/** `((DN,Friends),(DE,T))`. */
export const propertiesToValue = (tree: WbxmlElement): Value =>
  tree.children.map((child) => [propertyCodes.codeOf(textIn(child, 'Name') ?? ''), textIn(child, 'Value')]);
export const propertiesFromValue = (value: Value): WbxmlElement =>
  branch(
    'ContactListProperties',
    groupOf(value).map((pair) => {
      const [name, held] = groupOf(pair);
      return branch('Property', [
        leaf('Name', propertyCodes.nameOf(textOf(name))),
        ...(held === undefined ? [] : [leaf('Value', textOf(held))]),
      ]);
    }),
  );

/** `((CT,MP),(SC,ST))`. An address is its URL alone. */
export const capabilitiesToValue = (tree: WbxmlElement): Value =>
  tree.children.map((child) => {
    const url = child.children.length === 1 ? textIn(child, 'URL') : undefined;
    const held = url ?? (child.children.length ? toValue(child) : valuesOf(child.name).codeOf(child.text ?? ''));
    return [capabilityCodes.codeOf(child.name), held];
  });
export const capabilitiesFromValue = (name: string, value: Value): WbxmlElement =>
  branch(
    name,
    pairsOf(value).map(([code, held]) => {
      const child = capabilityCodes.nameOf(code);
      const model = elements.get(child);
      if (typeof held === 'object') return fromValue(child, held, model);
      const text = valuesOf(child).nameOf(textOf(held));
      const isAddress = model?.type === 'structure' && !model.plain && model.slots.has('URL');
      return isAddress ? branch(child, [leaf('URL', text)]) : leaf(child, text);
    }),
  );

/** `(FF,PF,GCLI)`: a code per leaf or whole branch. */
export const functionsToValue = (tree: WbxmlElement): Value => {
  const names: string[] = [];
  const walk = (element: WbxmlElement): void => {
    if (element.children.length === 0) names.push(featureCodes.codeOf(element.name));
    else for (const child of element.children) walk(child);
  };
  for (const child of tree.children) walk(child);
  return names;
};
export const functionsFromValue = (name: string, value: Value): WbxmlElement => {
  const root: Growing = { name: 'WVCSPFeat', children: [] };
  for (const code of listOfValue(value)) {
    let here = root;
    for (const step of pathOf(featureCodes.nameOf(code))) {
      let next = here.children.find((child) => child.name === step);
      if (!next) {
        next = { name: step, children: [] };
        here.children.push(next);
      }
      here = next;
    }
  }
  return branch(name, [grown(root)]);
};
interface Growing {
  readonly name: string;
  readonly children: Growing[];
}
const grown = ({ name, children }: Growing): WbxmlElement => branch(name, children.map(grown));

/** From below WVCSPFeat to the feature; a name that is none stands at the top, and is passed over as unknown there. */
const pathOf = (name: string): readonly string[] => (name === 'WVCSPFeat' ? [] : (paths.get(name) ?? [name]));
const paths = new Map<string, readonly string[]>();
const walkFeatures = (model: ElementModel, above: readonly string[]): void => {
  for (const { name, element } of model.slots.values()) {
    paths.set(name, [...above, name]);
    walkFeatures(element, [...above, name]);
  }
};
walkFeatures(elements.get('WVCSPFeat') as ElementModel, []);

// --- Presence ---

const partCodes = attributeCodes;

/**
 * Attributes with their values: `((OS,T,T),(UA,T,AV),(CF,T,((CT,MP),(CP,x))))`, the second being the qualifier. An attribute
 * that stands alone is its code.
 */
export const attributesToValue = (tree: WbxmlElement): Value =>
  tree.children.map((attribute) => {
    const code = attributeCodes.codeOf(attribute.name);
    if (attribute.children.length === 0) return code;
    const parts = attribute.children.filter(({ name }) => name !== 'Qualifier');
    const [only] = parts;
    const isSingle = parts.length === 1 && only?.name === 'PresenceValue';
    const text = only?.text ?? '';
    return [
      code,
      textIn(attribute, 'Qualifier'),
      isSingle ? valuesOf(attribute.name).codeOf(text) : parts.length ? parts.map(partToValue) : undefined,
    ];
  });
const partToValue = (part: WbxmlElement): Value => {
  const value = part.children.length ? part.children.map(partToValue) : toValue(part, partCodes);
  const told = typeof value === 'string' ? valuesOf(part.name).codeOf(value) : value;
  return told === undefined ? [partCodes.codeOf(part.name)] : [partCodes.codeOf(part.name), told];
};

/** Attributes by name alone: `OS`, or `(OS,UA)`. */
export const attributeNamesToValue = (tree: WbxmlElement): Value => {
  const value = groupOf(attributesToValue(tree));
  return value.length === 1 && typeof value[0] === 'string' ? value[0] : value;
};

/** Both forms, and parts of an attribute by name: `(CF,(CT,CP))`. `isInner`: undefined is a list without attributes. */
export const attributesFromValue = (value: Value, isInner = false): WbxmlElement => {
  if (typeof value === 'string') return branch('PresenceSubList', [leaf(attributeCodes.nameOf(value), '')]);
  const group = groupOf(value);
  const [first, second] = group;
  const isParts =
    !isInner &&
    group.length === 2 &&
    typeof first === 'string' &&
    typeof second === 'object' &&
    namesParts(first, second);
  const entries = isParts ? [group] : group;
  return branch('PresenceSubList', entries.flatMap(attributeFromValue));
};

/** Whether the names are parts of that attribute, rather than another attribute with its own. */
const namesParts = (code: string, names: readonly Value[]): boolean => {
  const model = elements.get(attributeCodes.nameOf(code));
  const [name] = names;
  return typeof name === 'string' && model?.slots.has(partCodes.nameOf(name)) === true;
};

const attributeFromValue = (entry: Value): readonly WbxmlElement[] => {
  if (typeof entry === 'string') return [leaf(attributeCodes.nameOf(entry), '')];
  const [code, ...rest] = groupOf(entry);
  if (typeof code !== 'string') return [];
  const name = attributeCodes.nameOf(code);
  // Two: without qualifier; a group of plain names asks for parts, and stands for the attribute.
  const [qualifier, value] = rest.length >= 2 ? rest : [undefined, rest[0]];
  const children: WbxmlElement[] = typeof qualifier === 'string' ? [leaf('Qualifier', qualifier)] : [];
  if (typeof value === 'string') children.push(leaf('PresenceValue', valuesOf(name).nameOf(value)));
  else children.push(...partsFromValue(value));
  return [branch(name, children)];
};

/** `((CT,MP),(CP,x))`, or a single pair without the outer parentheses. */
const partsFromValue = (value: Value): readonly WbxmlElement[] => {
  const group = groupOf(value);
  const pairs = typeof group[0] === 'string' && group.length === 2 ? [group] : group;
  return pairsOf(pairs).map(([code, held]) => {
    const name = partCodes.nameOf(code);
    if (typeof held === 'object') return branch(name, partsFromValue(held));
    return leaf(name, typeof held === 'string' ? valuesOf(name).nameOf(held) : '');
  });
};

/** `(user,((OS,T,T)))`, or several in a group; undefined when a Presence holds what has no place in it. */
export const presencesToValue = (trees: readonly WbxmlElement[]): Value => {
  const values: Value[] = [];
  for (const { children } of trees) {
    const [user, list, ...more] = children;
    if (user?.name !== 'UserID' || (list && list.name !== 'PresenceSubList') || more.length) return undefined;
    // COMPAT Android's plug-in fails on a group with nothing in it. Test: vectors.txt, "nothing is known of somebody".
    values.push(list?.children.length ? [user.text ?? '', attributesToValue(list)] : [user.text ?? '']);
  }
  return values.length === 1 ? values[0] : values;
};
export const presencesFromValue = (value: Value): readonly WbxmlElement[] => {
  const group = groupOf(value);
  // COMPAT a gateway wrapped a single one twice, which reads as a list of one. Test: vectors.txt.
  const all = typeof group[0] === 'string' ? [group] : group;
  return all.map((one) => {
    const [user, list] = typeof one === 'string' ? [one] : groupOf(one);
    const id = leaf('UserID', textOf(user));
    return branch('Presence', list === undefined ? [id] : [id, attributesFromValue(list, true)]);
  });
};
