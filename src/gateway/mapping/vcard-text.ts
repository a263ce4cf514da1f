// vCards as phones have them (versions 2.1 and 3.0, text/x-vCard), read and written. Version 2.1 is written: every phone of the
// time reads it, and UTF-8 is named as its character set where a text is not plain ASCII.

import { type Person, type Phone, splitName } from '../../xmpp/person/person.ts';

const textMax = 1000;
const manyMax = 8;
const linesMax = 500;

interface Line {
  readonly name: string;
  /** Names and values of parameters, upper case; in 2.1 a value may stand without a name. */
  readonly parameters: readonly string[];
  readonly value: string;
}

/** Undefined when the text is no vCard. Of several only the first is read. */
export const readVcardText = (text: string): Person | undefined => {
  const lines = linesOf(text);
  if (lines[0]?.name !== 'BEGIN' || !/^vcard$/i.test(lines[0].value.trim())) return undefined;
  const end = lines.findIndex(({ name }) => name === 'END');
  const own = lines.slice(1, end < 0 ? undefined : end);
  const all = (name: string): Line[] => own.filter((line) => line.name === name).slice(0, manyMax);
  const short = (value: string | undefined): string | undefined =>
    (value === undefined ? undefined : unescaped(value).trim().slice(0, textMax)) || undefined;
  const one = (name: string): string | undefined => short(all(name)[0]?.value);
  const parts = (name: string): (string | undefined)[] => splitParts(all(name)[0]?.value ?? '').map(short);
  const fullName = one('FN');
  const [last, first] = parts('N');
  const split = fullName === undefined ? undefined : splitName(fullName);
  const isNamed = first !== undefined || last !== undefined;
  const [, , street, city, region, postcode, country] = parts('ADR');
  const [organisation] = parts('ORG');
  return {
    fullName,
    first: isNamed ? first : split?.first,
    last: isNamed ? last : split?.last,
    nick: one('NICKNAME') ?? one('X-NICKNAME'),
    emails: all('EMAIL').flatMap(({ value }) => short(value) ?? []),
    phones: all('TEL').flatMap(({ value, parameters }): Phone[] => {
      const number = short(value);
      const has = (type: string): boolean => parameters.some((one) => one.split(',').includes(type));
      return number ? [{ number, kind: has('FAX') ? 'fax' : has('CELL') ? 'cell' : 'voice' }] : [];
    }),
    street,
    city,
    region,
    postcode,
    country,
    organisation,
    title: one('TITLE'),
    birthday: one('BDAY'),
    note: one('NOTE'),
    urls: all('URL').flatMap(({ value }) => short(value) ?? []),
    languages: all('LANG').flatMap(({ value }) => short(value) ?? []),
    timeZone: one('TZ'),
  };
};

/** Properties, lines that were folded put together again. */
const linesOf = (text: string): Line[] => {
  const lines: Line[] = [];
  const raw = text.split(/\r\n|\r|\n/).slice(0, linesMax);
  for (let at = 0; at < raw.length; at++) {
    let whole = raw[at] ?? '';
    const isQuoted = /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE/i.test(whole);
    if (isQuoted) while (whole.endsWith('=') && at + 1 < raw.length) whole = whole.slice(0, -1) + (raw[++at] ?? '');
    else while (/^[ \t]/.test(raw[at + 1] ?? '')) whole += (raw[++at] ?? '').slice(1);
    const colon = whole.indexOf(':');
    if (colon < 0) continue;
    const [name = '', ...given] = whole.slice(0, colon).split(';');
    const parameters = given.flatMap((one) => one.toUpperCase().replace(/^(?:TYPE|ENCODING)=/, ''));
    const value = whole.slice(colon + 1);
    lines.push({
      // A group may stand before the name: item1.TEL.
      name: name
        .slice(name.lastIndexOf('.') + 1)
        .toUpperCase()
        .trim(),
      parameters,
      value: isQuoted ? unquoted(value, parameters) : value,
    });
  }
  return lines;
};

/** RFC 2045 §6.7, in the character set that the parameters name, else UTF-8. */
const unquoted = (value: string, parameters: readonly string[]): string => {
  const octets = Buffer.from(
    value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return parameters.includes('CHARSET=ISO-8859-1') ? octets.toString('latin1') : octets.toString('utf8');
};

const unescaped = (value: string): string =>
  value.replace(/\\([\\;,nN])/g, (_, one: string) => (one === 'n' || one === 'N' ? '\n' : one));

/** The parts of a value, at semicolons that are not escaped. */
const splitParts = (value: string): string[] => value.split(/(?<!\\);/);

/** A vCard 2.1. `lineEnd`: CR LF by the book. */
export const writeVcardText = (person: Person, lineEnd = '\r\n'): string => {
  const lines: string[] = ['BEGIN:VCARD', 'VERSION:2.1'];
  const add = (name: string, ...parts: readonly (string | undefined)[]): void => {
    if (parts.every((part) => part === undefined)) return;
    const values = parts.map((part) => (part ?? '').replace(/[\r\n]+/g, ' ').replaceAll(';', '\\;'));
    const value = values.join(';');
    lines.push(`${name}${/^[\x00-\x7f]*$/.test(value) ? '' : ';CHARSET=UTF-8'}:${value}`);
  };
  const { first, last, street, city, region, postcode, country } = person;
  const fullName = person.fullName ?? ([first, last].filter(Boolean).join(' ') || person.nick);
  // N is the one property that 2.1 requires.
  if (first === undefined && last === undefined) add('N', fullName ?? '', '');
  else add('N', last, first);
  add('FN', fullName);
  if (person.nick !== undefined) add('X-NICKNAME', person.nick);
  for (const { number, kind } of person.phones) add(`TEL;${kind.toUpperCase()}`, number);
  for (const email of person.emails) add('EMAIL;INTERNET', email);
  if ((street ?? city ?? region ?? postcode ?? country) !== undefined)
    add('ADR', undefined, undefined, street, city, region, postcode, country);
  add('ORG', person.organisation);
  add('TITLE', person.title);
  add('BDAY', person.birthday);
  add('NOTE', person.note);
  for (const url of person.urls) add('URL', url);
  for (const language of person.languages) add('LANG', language);
  add('TZ', person.timeZone);
  return `${[...lines, 'END:VCARD'].join(lineEnd)}${lineEnd}`;
};
