// Walks the schema: every key with its kind, default and description, for the reference and for advice.

import { z } from 'zod';
import { allowedBy } from './values.ts';

export interface Key {
  /** '[]' stands for each entry of a list. */
  readonly path: readonly string[];
  /** A section has keys of its own, which follow it. */
  readonly isSection: boolean;
  readonly description: string;
  /** What may stand there, as in "must be …". */
  readonly allowed: string;
  /** Undefined: there is none, and the key may or (`isRequired`) may not be left out. */
  readonly defaultValue: unknown;
  readonly isRequired: boolean;
}

export const keysOf = (schema: z.ZodType, path: readonly string[] = []): readonly Key[] => {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([name, child]) => {
      const here = describe(child as z.ZodType, [...path, name]);
      return [here, ...keysOf(child as z.ZodType, here.path)];
    });
  if (inner instanceof z.ZodArray) return keysOf(inner.element as z.ZodType, [...path, '[]']);
  return [];
};

/** The names allowed in the section at `path`. */
export const keysAt = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] => {
  let inner = unwrap(schema);
  for (const part of path) {
    if (inner instanceof z.ZodArray) inner = unwrap(inner.element as z.ZodType);
    else if (inner instanceof z.ZodObject) inner = unwrap(inner.shape[String(part)] as z.ZodType);
  }
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
};

const describe = (schema: z.ZodType, path: readonly string[]): Key => {
  const inner = unwrap(schema);
  const withDefault = schema instanceof z.ZodDefault;
  return {
    path,
    isSection: inner instanceof z.ZodObject,
    description: descriptionOf(schema),
    allowed: allowedIn(schema),
    defaultValue: withDefault ? schema.def.defaultValue : undefined,
    isRequired: !schema.safeParse(undefined).success,
  };
};

const descriptionOf = (schema: z.ZodType): string => {
  for (let layer: z.ZodType | undefined = schema; layer; layer = below(layer))
    if (layer.description !== undefined) return layer.description;
  throw new Error('a configuration key without a description');
};

const allowedIn = (schema: z.ZodType): string => {
  for (let layer: z.ZodType | undefined = schema; layer; layer = below(layer)) {
    const words = allowedBy(layer);
    if (words !== undefined) return words;
    if (layer instanceof z.ZodArray) return `a list, each ${allowedIn(layer.element as z.ZodType)}`;
    if (layer instanceof z.ZodObject) return 'a section';
  }
  throw new Error('a configuration key that does not say what it allows');
};

const unwrap = (schema: z.ZodType): z.ZodType => {
  const next = below(schema);
  return next ? unwrap(next) : schema;
};

const below = (schema: z.ZodType): z.ZodType | undefined =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
    ? (schema.def.innerType as z.ZodType)
    : undefined;
