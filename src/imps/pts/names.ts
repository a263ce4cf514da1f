// Codes and names, both ways.

import {
  capabilities,
  features,
  listProperties,
  sourcedAttributes,
  sourcedParameters,
  sourcedPrimitives,
  valueCodes,
} from './codes.ts';
import { ourAttributes, ourElements, ourPrimitives } from './ours.ts';

const turned = (map: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...map].map(([code, name]) => [name, code]));

/** A table in both directions. What has no code travels under its own name; codes are of any case. */
export interface Codes {
  codeOf(name: string): string;
  nameOf(code: string): string;
}
const codesOf = (...maps: readonly ReadonlyMap<string, string>[]): Codes => {
  const names = new Map(maps.flatMap((map) => [...map]));
  const codes = turned(names);
  return {
    codeOf: (name) => codes.get(name) ?? name,
    nameOf: (code) => names.get(code.toUpperCase()) ?? code,
  };
};

export const primitiveNames: ReadonlyMap<string, string> = new Map([...sourcedPrimitives, ...ourPrimitives]);
export const primitiveCodes = turned(primitiveNames);
/** Whether a client that knows only the sourced codes may get it. */
export const isSourced = (primitive: string): boolean => sourcedPrimitives.has(primitiveCodes.get(primitive) ?? '');

/** Elements inside a parameter: those of ours, and the sourced ones whose value is a text in any place. */
const plainParameters = ['UI', 'CL', 'SC', 'TL', 'KA', 'DL'].map(
  (code) => [code, sourcedParameters.get(code)?.[0] ?? ''] as const,
);
export const elementCodes = codesOf(ourElements, new Map(plainParameters));
export const capabilityCodes = codesOf(capabilities);
export const featureCodes = codesOf(features);
export const propertyCodes = codesOf(listProperties);
export const attributeCodes = codesOf(sourcedAttributes, ourAttributes);

const noCodes = codesOf();
const values = new Map(Object.entries(valueCodes).map(([element, map]) => [element, codesOf(map)]));
/** The codes of an element's values. */
export const valuesOf = (element: string): Codes => values.get(element) ?? noCodes;

/** Sourced parameters that are always a text, by element. */
export const textParameters: ReadonlyMap<string, string> = new Map(
  ['PW', 'DB', 'NO', 'SC', 'TL', 'KA', 'CR', 'AR', 'DC', 'RL', 'DL', 'AS', 'SI'].map((code) => [
    sourcedParameters.get(code)?.[0] ?? '',
    code,
  ]),
);
