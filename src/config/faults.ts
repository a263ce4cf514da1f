// From a refusal to one line: where it is in the file, the key's full name, what is wrong and what is allowed.

import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { bad, good, type Outcome } from '../base/outcome.ts';
import { keysAt, keysOf } from './keys.ts';

export interface Source {
  toJS(): unknown;
  /** The line of the value at `path`, or of the nearest thing around it that the file has. */
  lineOf(path: readonly PropertyKey[]): number;
  /** The line of a key itself. */
  lineOfKey(path: readonly PropertyKey[], key: string): number;
}

export const parseYaml = (text: string): Outcome<Source, { readonly line: number; readonly text: string }> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const [error] = document.errors;
  if (error)
    return bad({ line: lineAt(error.pos[0]), text: `not YAML: ${error.message.split('\n')[0]?.replace(/:$/, '')}` });
  const at = (path: readonly PropertyKey[]): unknown =>
    path.length ? document.getIn(path, true) : (document.contents ?? undefined);
  const lineOfKey = (path: readonly PropertyKey[], key: string): number | undefined => {
    const map = at(path);
    const pair = isMap(map)
      ? map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
      : undefined;
    return isNode(pair?.key) && pair.key.range ? lineAt(pair.key.range[0]) : undefined;
  };
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let end = path.length; end > 0; end--) {
      const last = path[end - 1];
      const line = typeof last === 'string' ? lineOfKey(path.slice(0, end - 1), last) : undefined;
      if (line !== undefined) return line;
      const node = at(path.slice(0, end));
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  try {
    const value: unknown = document.toJS();
    return good({
      toJS: () => value,
      lineOf,
      lineOfKey: (path, key) => lineOfKey(path, key) ?? lineOf(path),
    });
  } catch (cause) {
    // References without a target, or too many of them.
    return bad({ line: 1, text: `not YAML: ${(cause as Error).message.split('\n')[0]}` });
  }
};

/** `line: key …` for the first of the faults. */
export const faultLine = (source: Source, schema: z.ZodType, error: z.ZodError): string => {
  const [issue] = error.issues;
  if (!issue) return '1: refused';
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return `${source.lineOfKey(path, key)}: ${name([...path, key])} is not a key; ${advice(schema, path, key)}`;
  }
  const where = name(path);
  return `${source.lineOf(path)}: ${where}${where && ' '}${wrong(issue)}${found(source, path)}`;
};

const wrong = (issue: z.core.$ZodIssue): string =>
  issue.message.startsWith('must') || issue.message.startsWith('is') ? issue.message : `is wrong: ${issue.message}`;

const name = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text ? `${text}.${String(part)}` : String(part);
  }, '');

/** The value refused, when it says something in one short piece. */
const found = (source: Source, path: readonly PropertyKey[]): string => {
  let value: unknown = source.toJS();
  for (const part of path) {
    if (value === null || typeof value !== 'object') return '';
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  if (value === undefined) return ', and is missing';
  if (value !== null && typeof value === 'object') return '';
  const text = JSON.stringify(value);
  return `, not ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
};

const advice = (schema: z.ZodType, path: readonly PropertyKey[], key: string): string => {
  const here = keysAt(schema, path);
  const near = nearest(key, here);
  if (near !== undefined) return `did you mean ${name([...path, near])}?`;
  const elsewhere = keysOf(schema).find(({ path }) => path.at(-1) === key);
  if (elsewhere) return `did you mean ${name(elsewhere.path)}?`;
  return `allowed here: ${here.join(', ')}`;
};

const nearest = (key: string, candidates: readonly string[]): string | undefined => {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(plain(key), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(key.length > 3 ? 2 : 1, Math.ceil(key.length / 4))
    ? best.candidate
    : undefined;
};

/** Letters to add, remove or replace to make one text of the other (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};
