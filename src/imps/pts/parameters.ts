// The children of a primitive as parameters, and back: each under its sourced code in the sourced form where it has one and
// fits it, else under our code, else under its name, in our form.

import type { WbxmlElement } from '../../wbxml/document.ts';
import { type ElementModel, primitives, type Slot } from '../model/model.ts';
import { bitOf } from '../model/notation.ts';
import { leaf } from '../value-to-tree.ts';
import type { CspVersion } from '../version.ts';
import { sourcedParameters } from './codes.ts';
import { elementCodes, isSourced, textParameters } from './names.ts';
import type { Parameter, Value } from './syntax.ts';
import {
  attributeNamesToValue,
  attributesFromValue,
  attributesToValue,
  branch,
  capabilitiesFromValue,
  capabilitiesToValue,
  fromValue,
  functionsFromValue,
  functionsToValue,
  groupOf,
  listOfValue,
  listToValue,
  nicksFromValue,
  nicksToValue,
  presencesFromValue,
  presencesToValue,
  propertiesFromValue,
  propertiesToValue,
  textIn,
  toValue,
} from './values.ts';

type Trees = readonly WbxmlElement[];

/** The parameters that say what a primitive holds. `ours`: whoever reads it has our codes. */
export const parametersOf = (tree: WbxmlElement, ours: boolean): Parameter[] => {
  const byName = Map.groupBy(tree.children, ({ name }) => name);
  const model = primitives.get(tree.name)?.element;
  return [...byName].flatMap(([name, trees]) => {
    const code = sourcedCode(tree.name, name);
    // COMPAT Android's plug-in fails on a group with nothing in it. Test: vectors.txt, "a list without anybody".
    if (code === 'UN' && !ours && isSourced(tree.name) && trees[0]?.children.length === 0) return [];
    const value = code === undefined ? undefined : sourcedValue(code, tree.name, trees, ours);
    if (code !== undefined && value !== undefined) return { name: code, value };
    const [first] = trees as [WbxmlElement];
    const isMany = model?.slots.get(name)?.many === true;
    return { name: elementCodes.codeOf(name), value: isMany ? manyToValue(trees) : toValue(first) };
  });
};

/** Leaves: `a` or `(a,b)`; structures always in a group, so that one of them is told from its own pairs. */
const manyToValue = (trees: Trees): Value => {
  const values = trees.map((tree) => toValue(tree));
  const [first] = values;
  return values.length === 1 && typeof first === 'string' ? first : values;
};

const sourcedCode = (primitive: string, name: string): string | undefined => {
  switch (name) {
    case 'DigestSchema':
      return primitive === 'Login-Response' ? 'DI' : 'SH';
    case 'Functions':
      return primitive === 'Service-Response' ? 'NF' : 'RF';
    case 'PresenceSubList':
      return primitive === 'UpdatePresence-Request' ? 'UV' : 'PS';
    default:
      return sourcedCodes.get(name);
  }
};
const sourcedCodes = new Map([...sourcedParameters].flatMap(([code, names]) => names.map((name) => [name, code])));

/** The value in the sourced form; undefined when it does not fit into it. */
const sourcedValue = (code: string, primitive: string, trees: Trees, ours: boolean): Value => {
  const [first] = trees as [WbxmlElement];
  switch (code) {
    case 'UI':
    case 'CL':
      return listed(trees);
    case 'CI':
      return clientToValue(first);
    case 'SH':
    case 'DI':
      return listToValue(trees.map(({ text = '' }) => text));
    case 'CA':
    case 'AP':
      return capabilitiesToValue(first);
    case 'RF':
    case 'NF':
    case 'AF':
      return functionsToValue(first);
    case 'ST':
      return resultToValue(first, isSourced(primitive) && !ours);
    case 'UN':
    case 'AN':
    case 'RN':
      return nicksToValue(first);
    case 'CP':
      return propertiesToValue(first);
    case 'UV':
      return attributesToValue(first);
    case 'PS':
      return attributeNamesToValue(first);
    case 'PR':
      return presencesToValue(trees);
    default:
      return first.text ?? '';
  }
};

/** Users and lists: `a` or `(a,b)`; undefined when a user has more than an address, or a list of lists is empty. */
const listed = (trees: Trees): Value => {
  const texts: string[] = [];
  for (const tree of trees) {
    if (tree.children.length === 0 && /^(UserID|ContactList)$/.test(tree.name)) texts.push(tree.text ?? '');
    else if (tree.children.length && tree.children.every(({ name }) => /^(UserID|ContactList)$/.test(name))) {
      if (tree.name === 'User' && tree.children.length > 1) return undefined;
      texts.push(...tree.children.map(({ text = '' }) => text));
    } else return undefined;
  }
  return texts.length ? listToValue(texts) : undefined;
};

/** The URL, else the telephone number; undefined when it has both, or neither. */
const clientToValue = (tree: WbxmlElement): Value => {
  if (tree.children.length === 0) return tree.text;
  const [only, ...more] = tree.children;
  const text = only?.text ?? '';
  const isNumber = only?.name === 'MSISDN';
  return more.length || text === '' || numberPattern.test(text) !== isNumber ? undefined : text;
};
const numberPattern = /^\+?\d+$/;

/**
 * `200` or `(200,text)`. A client that knows the sourced codes alone fails on more: in what such a client may get, details
 * are left out.
 */
const resultToValue = (tree: WbxmlElement, isBrief: boolean): Value => {
  const code = textIn(tree, 'Code') ?? '';
  const text = textIn(tree, 'Description');
  const hasMore = tree.children.some(({ name }) => name !== 'Code' && name !== 'Description');
  if (hasMore && !isBrief) return undefined;
  return text === undefined ? code : [code, text];
};

/** The children that a parameter says; empty for one that is not known there. */
export const childrenOf = (
  { name, value }: Parameter,
  model: ElementModel,
  version: CspVersion,
): { readonly known: boolean; readonly children: Trees } => {
  const slotsOf = (names: readonly string[]): readonly Slot[] => names.flatMap((one) => model.slots.get(one) ?? []);
  const sourced = slotsOf(name.length === 2 ? (sourcedParameters.get(name.toUpperCase()) ?? []) : []);
  const slot = sourced.find(({ versions }) => versions & bitOf(version)) ?? sourced[0];
  if (slot) return { known: true, children: fromSourced(slot, name.toUpperCase(), value) };
  const [own] = slotsOf([elementCodes.nameOf(name)]);
  if (!own) return { known: false, children: [] };
  const isList = own.many && typeof value === 'object';
  const values = isList ? groupOf(value) : [value];
  return { known: true, children: values.map((one) => fromValue(own.name, one, own.element)) };
};

const fromSourced = ({ name, element }: Slot, code: string, value: Value): Trees => {
  switch (name) {
    case 'UserID':
    case 'ContactList':
    case 'DigestSchema':
      return listOfValue(value).map((text) => leaf(name, text));
    case 'User':
      return listOfValue(value).map((text) => branch(name, [leaf('UserID', text)]));
    case 'UserIDList':
      return [
        branch(
          name,
          listOfValue(value).map((text) => leaf('UserID', text)),
        ),
      ];
    case 'ContactListIDList':
      return [
        branch(
          name,
          listOfValue(value).map((text) => leaf('ContactList', text)),
        ),
      ];
    case 'ClientID':
      return [
        typeof value === 'string'
          ? branch(name, [leaf(numberPattern.test(value) ? 'MSISDN' : 'URL', value)])
          : fromValue(name, value, element),
      ];
    case 'CapabilityList':
    case 'AgreedCapabilityList':
      return [capabilitiesFromValue(name, value)];
    case 'Functions':
    case 'AllFunctions':
      return [functionsFromValue(name, value)];
    case 'Result':
      return [resultFromValue(value)];
    case 'NickList':
    case 'AddNickList':
    case 'RemoveNickList':
      return [nicksFromValue(name, value)];
    case 'ContactListProperties':
      return [propertiesFromValue(value)];
    case 'PresenceSubList':
      return [attributesFromValue(value, code === 'UV')];
    case 'Presence':
      return presencesFromValue(value);
    default:
      return textParameters.has(name)
        ? [leaf(name, typeof value === 'string' ? value : '')]
        : [fromValue(name, value, element)];
  }
};

const resultFromValue = (value: Value): WbxmlElement => {
  const [code, text] = typeof value === 'string' ? [value] : groupOf(value);
  return branch('Result', [
    ...(typeof code === 'string' ? [leaf('Code', code)] : []),
    ...(typeof text === 'string' ? [leaf('Description', text)] : []),
  ]);
};
