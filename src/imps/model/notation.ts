// The reader of the notation that family.ts explains.

import { type CspVersion, cspVersions } from '../version.ts';

/** A set of versions, by bit: 1.1 is 1, 1.2 is 2, 1.3 is 4. */
export type Versions = number;
export const everyVersion: Versions = 7;
export const bitOf = (version: CspVersion): Versions => 1 << cspVersions.indexOf(version);

/** `+` and `1` must be there; `!` must be written but not read. */
export type Count = '1' | '?' | '*' | '+' | '!';

export type Particle =
  | {
      readonly kind: 'element';
      readonly name: string;
      readonly count: Count;
      readonly versions: Versions;
      readonly bare: boolean;
    }
  | {
      readonly kind: 'all' | 'one' | 'first';
      readonly parts: readonly Particle[];
      readonly count: Count;
      readonly versions: Versions;
    };

/** `1.2-`, `-1.2`, `1.3` or `1.1-1.2` as a set of versions. */
export const parseVersions = (text: string): Versions => {
  const found = /^(\d\.\d)?(-)?(\d\.\d)?$/.exec(text);
  const index = (version: string | undefined, otherwise: number): number =>
    version === undefined ? otherwise : cspVersions.indexOf(version as CspVersion);
  const first = index(found?.[1], 0);
  const last = index(found?.[3], found?.[2] ? 2 : first);
  if (!found || !/\d/.test(text) || first < 0 || last < first) throw new Error(`'${text}' is no range of versions`);
  let versions = 0;
  for (let at = first; at <= last; at++) versions |= 1 << at;
  return versions;
};

/** `Name{1.2-}` as name and versions. */
export const parseNamed = (text: string): { name: string; versions: Versions } => {
  const found = /^([^\s{}]+)(?:\{([^}]*)\})?$/.exec(text);
  if (!found) throw new Error(`'${text}' is no name`);
  return { name: found[1] ?? '', versions: found[2] === undefined ? everyVersion : parseVersions(found[2]) };
};

/** Names separated by commas, blanks or line ends. */
export const parseNames = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '');

/** The particles of one content description, in order. */
export const parseContent = (text: string): Particle[] => {
  const tokens = text.match(/[(),|/]|<?[A-Za-z][\w-]*>?|[?*+!]|\{[^}]*\}|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`content model: '${tokens[at] ?? 'the end'}' out of place in '${text.trim()}'`);
  };
  const suffix = (): { count: Count; versions: Versions } => {
    let count: Count = '1';
    let versions = everyVersion;
    if (/^[?*+!]$/.test(tokens[at] ?? '')) count = tokens[at++] as Count;
    if (tokens[at]?.startsWith('{')) versions = parseVersions((tokens[at++] ?? '').slice(1, -1));
    return { count, versions };
  };
  const particle = (): Particle => {
    if (tokens[at] === '(') {
      at++;
      const { parts, separator } = list(')');
      const kind = separator === ',' ? 'all' : separator === '|' ? 'one' : 'first';
      return { kind, parts, ...suffix() };
    }
    const token = tokens[at++] ?? '';
    const bare = token.startsWith('<');
    const name = bare ? token.slice(1, -1) : token;
    if (!/^[A-Za-z][\w-]*$/.test(name)) fail();
    return { kind: 'element', name, bare, ...suffix() };
  };
  const list = (end: string | undefined): { parts: Particle[]; separator: string } => {
    const parts: Particle[] = [];
    let separator = ',';
    while (tokens[at] !== end) {
      parts.push(particle());
      if (/^[,|/]$/.test(tokens[at] ?? '')) {
        if (parts.length > 1 && tokens[at] !== separator) fail();
        separator = tokens[at++] ?? '';
      } else if (tokens[at] !== end) fail();
    }
    at++;
    return { parts, separator };
  };
  return list(undefined).parts;
};
