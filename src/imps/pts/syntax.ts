// The grammar of the plain text syntax: a preamble, then parameters whose values are texts and groups of values. Total: any
// text gives a message or a fault. (CSP reference §6.3)

import { bad, good, type Outcome } from '../../base/outcome.ts';

/** A text; a group; undefined where nothing stands (a quoted empty text is ''). */
export type Value = string | readonly Value[] | undefined;

export interface Parameter {
  readonly name: string;
  readonly value: Value;
}

export interface PtsText {
  /** Two digits, or XX (version discovery). */
  readonly version: string;
  /** Two letters, upper case. */
  readonly code: string;
  /** 0 to 999. */
  readonly id: string;
  readonly parameters: readonly Parameter[];
}

export interface PtsLimits {
  readonly characters: number;
  /** Groups inside one another. */
  readonly depth: number;
  /** Parameters and values in all. */
  readonly values: number;
}
export const defaultPtsLimits: PtsLimits = { characters: 65_536, depth: 24, values: 10_000 };

export interface PtsFault {
  readonly reason: 'syntax' | 'limit' | 'not-csp';
  /** The character, counted from 0. */
  readonly at: number;
}

/** The letters of a segment are not part of a whole message; segments.ts reads them. */
const preamble = /^WV(\d\d|XX)([A-Z]{2})(0|[1-9]\d{0,2})(?=[ \r\n]|$)/i;

export const readText = (text: string, limits: PtsLimits = defaultPtsLimits): Outcome<PtsText, PtsFault> => {
  if (text.length > limits.characters) return bad({ reason: 'limit', at: limits.characters });
  const found = preamble.exec(text);
  if (!found) return bad({ reason: 'not-csp', at: 0 });
  const [whole, version = '', code = '', id = ''] = found;
  const reader = new Reader(text, whole.length, limits);
  const parameters = reader.parameters();
  if (reader.fault) return bad(reader.fault);
  return good({ version: version.toUpperCase(), code: code.toUpperCase(), id, parameters });
};

class Reader {
  fault: PtsFault | undefined;
  #at: number;
  #values = 0;
  readonly #text: string;
  readonly #limits: PtsLimits;

  constructor(text: string, at: number, limits: PtsLimits) {
    this.#text = text;
    this.#at = at;
    this.#limits = limits;
  }

  parameters(): Parameter[] {
    const found: Parameter[] = [];
    for (;;) {
      const before = this.#at;
      while (/[ \r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
      if (this.fault || this.#at >= this.#text.length) return found;
      if (this.#at === before) return this.#fail('syntax') ?? found;
      const name = /[^ =\r\n"(),&]+/y;
      name.lastIndex = this.#at;
      const [told] = name.exec(this.#text) ?? [];
      if (told === undefined) return this.#fail('syntax') ?? found;
      this.#at += told.length;
      if (!this.#count()) return found;
      let value: Value;
      if (this.#text[this.#at] === '=') {
        this.#at++;
        value = this.#value(0);
      }
      found.push({ name: told, value });
    }
  }

  #value(depth: number): Value {
    if (!this.#count()) return undefined;
    const character = this.#text[this.#at];
    if (character === '(') return this.#group(depth + 1);
    if (character === '"') return this.#quoted();
    // COMPAT Android's plug-in writes presence values as the user typed them, unquoted: inside a group a blank, and all but
    // the comma and the parenthesis, is text. Test: vectors.txt.
    const plain = depth > 0 ? /[^,)]*/y : /[^ \r\n"(),=&]*/y;
    plain.lastIndex = this.#at;
    const [text = ''] = plain.exec(this.#text) ?? [];
    this.#at += text.length;
    return text === '' ? undefined : text;
  }

  #group(depth: number): Value {
    if (depth > this.#limits.depth) return this.#fail('limit');
    const values: Value[] = [];
    for (;;) {
      this.#at++; // The parenthesis, then commas.
      values.push(this.#value(depth));
      if (this.fault) return undefined;
      const next = this.#text[this.#at];
      if (next === ',') continue;
      if (next !== ')') return this.#fail('syntax');
      this.#at++;
      return values;
    }
  }

  #quoted(): Value {
    let text = '';
    for (let start = this.#at + 1; ; ) {
      const end = this.#text.indexOf('"', start);
      if (end < 0) return this.#fail('syntax');
      text += this.#text.slice(start, end);
      this.#at = end + 1;
      if (this.#text[this.#at] !== '"') return text;
      text += '"';
      start = this.#at + 1;
    }
  }

  #count(): boolean {
    if (++this.#values <= this.#limits.values) return true;
    this.#fail('limit');
    return false;
  }

  #fail(reason: PtsFault['reason']): undefined {
    this.fault ??= { reason, at: this.#at };
    return undefined;
  }
}

export const writeText = ({ version, code, id, parameters }: PtsText): string =>
  [`WV${version}${code}${id}`, ...parameters.map(writeParameter)].join(' ');

const writeParameter = ({ name, value }: Parameter): string =>
  value === undefined ? name : `${name}=${writeValue(value)}`;

const writeValue = (value: Value): string => {
  if (value === undefined) return '';
  if (typeof value !== 'string') return `(${value.map(writeValue).join(',')})`;
  return value === '' || /[ \r\n"(),=&]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
};
