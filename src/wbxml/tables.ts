// The token tables as the codec uses them: arrays by token for reading, one record by name for writing.

import { type TagPage, tagPages, tagPages10 } from './csp-tags.ts';
import {
  booleanElements,
  type ContentKind,
  dateElements,
  decimalElements,
  decimalElements10,
  enumeratedElements,
  integerElements,
  tokensInText,
  valuesByElement,
  valuesWrittenAsText,
} from './csp-typed.ts';
import { attributeValuePages10, valueRows } from './csp-values.ts';
import { type CspVersion, cspVersions } from './document.ts';

/** What the codec knows of an element. */
export interface Tag {
  readonly name: string;
  readonly page: number;
  /** 05 to 3F. */
  readonly token: number;
  readonly kind: ContentKind;
  /** The values written as EXT_T_0 in this element, by text. */
  readonly choices: ReadonlyMap<string, number> | undefined;
  /** EXT_T_0 numbers read differently in this element. */
  readonly ownValues: ReadonlyMap<number, string> | undefined;
  /** In CSP 1.0 two names stand on two pages: the other one, chosen when the parent is from its page. */
  readonly twin: Tag | undefined;
}

export interface Tables {
  /** By page × 64 + token. */
  readonly tags: readonly (Tag | undefined)[];
  readonly byName: ReadonlyMap<string, Tag>;
  /** EXT_T_0 strings by number. */
  readonly values: readonly (string | undefined)[];
  /** Attribute value tokens by page × 256 + token. */
  readonly attributeValues: readonly (string | undefined)[];
}

interface Row {
  readonly token: number;
  readonly name: string;
  readonly versions: readonly CspVersion[];
  readonly isReadOnly: boolean;
}

/** COMPAT AOSP's IMPS client uses the 1.3 tables for every version, so an unknown token is looked up in the other
 *  versions, in this order; 1.0 shares no layout with them. Test: vectors/forms.txt, "later-tables". */
const fallback: Readonly<Record<CspVersion, readonly CspVersion[]>> = {
  '1.0': [],
  '1.1': ['1.2', '1.3'],
  '1.2': ['1.1', '1.3'],
  '1.3': ['1.2', '1.1'],
};

const built = new Map<CspVersion, Tables>();

/** The tables of a version, compiled when first asked for. */
export function tablesFor(version: CspVersion): Tables {
  let tables = built.get(version);
  if (!tables) {
    tables = compile(version);
    built.set(version, tables);
  }
  return tables;
}

function compile(version: CspVersion): Tables {
  const values: (string | undefined)[] = [];
  const valueTokens = new Map<string, number>();
  if (version !== '1.0') {
    const rows = parseRows(valueRows);
    for (const from of [version, ...fallback[version]])
      for (const row of rows) if (row.versions.includes(from)) values[row.token] ??= row.name;
    // The first token wins: IM is 12 rather than 68 and SMS 43 rather than 75, the ones that Nokia reads in Cap.
    for (const row of rows)
      if (row.versions.includes(version) && !valueTokens.has(row.name) && !valuesWrittenAsText.has(row.name))
        valueTokens.set(row.name, row.token);
  }

  const tags: (Tag | undefined)[] = [];
  const byName = new Map<string, Tag>();
  const pages = (version === '1.0' ? tagPages10 : tagPages).map(({ page, rows }: TagPage) => ({
    page,
    rows: parseRows(rows),
  }));
  for (const from of [version, ...fallback[version]])
    for (const { page, rows } of pages)
      for (const row of rows) {
        const slot = page * 64 + row.token;
        if (tags[slot] || !(row.isReadOnly || version === '1.0' || row.versions.includes(from))) continue;
        const tag = describe(version, row.name, page, row.token, valueTokens, byName.get(row.name));
        tags[slot] = tag;
        if (from === version && !row.isReadOnly) byName.set(row.name, tag);
      }

  const attributeValues: (string | undefined)[] = [];
  if (version === '1.0')
    for (const { page, rows } of attributeValuePages10)
      for (const row of parseRows(rows)) attributeValues[page * 256 + row.token] = row.name;
  return { tags, byName, values, attributeValues };
}

function describe(
  version: CspVersion,
  name: string,
  page: number,
  token: number,
  valueTokens: ReadonlyMap<string, number>,
  twin: Tag | undefined,
): Tag {
  const only = (allowed: readonly string[]): ReadonlyMap<string, number> | undefined => {
    const pairs = allowed.flatMap((text) => {
      const value = valueTokens.get(text);
      return value === undefined ? [] : [[text, value] as const];
    });
    return pairs.length ? new Map(pairs) : undefined;
  };
  let choices: ReadonlyMap<string, number> | undefined;
  const listed = Object.hasOwn(tokensInText, name) ? tokensInText[name] : undefined;
  if (booleanElements.includes(name)) choices = only(['T', 'F']);
  else if (enumeratedElements.includes(name)) choices = valueTokens.size ? valueTokens : undefined;
  else if (listed) choices = only(listed);
  const ownValues = version === '1.3' && Object.hasOwn(valuesByElement, name) ? valuesByElement[name] : undefined;
  return { name, page, token, kind: kindOf(version, name), choices, ownValues, twin };
}

function kindOf(version: CspVersion, name: string): ContentKind {
  if (integerElements.includes(name)) return 'integer';
  if (decimalElements.includes(name) || (version === '1.0' && decimalElements10.includes(name))) return 'decimal';
  return dateElements.includes(name) ? 'date' : 'text';
}

/** Rows as csp-tags.ts explains them. */
function parseRows(text: string): Row[] {
  return text
    .trim()
    .split(/,\s+/)
    .map((row) => {
      const [token = '', name = '', span = '1.1+'] = row.split(' ');
      const isReadOnly = span === 'read';
      const [first = '', last = span.endsWith('+') ? '1.3' : first] = span.replace('+', '').split('-');
      const versions = isReadOnly ? [] : cspVersions.filter((version) => version >= first && version <= last);
      return { token: Number.parseInt(token, 16), name, versions, isReadOnly };
    });
}
