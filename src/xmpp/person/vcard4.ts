// XEP-0292 vCard4 over XMPP 0.14 (RFC 6351, RFC 6350), read and written. It lives in a node of personal eventing.

import { child, childrenNamed, childText, type Element, el, textOf } from '../../xml/element.ts';
import { type Person, type Phone, splitName } from './person.ts';

export const vcard4Ns = 'urn:ietf:params:xml:ns:vcard-4.0';
export const vcard4Node = 'urn:xmpp:vcard4';

const textMax = 1000;
const manyMax = 8;

export const personOfVcard4 = (vcard: Element): Person => {
  const short = (text: string | undefined): string | undefined => text?.trim().slice(0, textMax) || undefined;
  const many = (name: string): Element[] =>
    childrenNamed(vcard, name)
      .sort((a, b) => preferenceOf(a) - preferenceOf(b))
      .slice(0, manyMax);
  /** A property's value, whatever its type (RFC 6351 §5). */
  const valueIn = (property: Element, ...types: readonly string[]): string | undefined =>
    types.map((type) => short(childText(property, type))).find((one) => one !== undefined);
  const text = (name: string): string | undefined => {
    const [first] = many(name);
    return first && valueIn(first, 'text', 'uri');
  };
  const part = (parent: Element | undefined, name: string): string | undefined =>
    parent && short(childText(parent, name));
  const fullName = text('fn');
  const name = child(vcard, 'n');
  const isNamed = part(name, 'given') !== undefined || part(name, 'surname') !== undefined;
  const split = fullName === undefined ? undefined : splitName(fullName);
  const [place] = many('adr');
  const birthday = child(vcard, 'bday');
  return {
    fullName,
    first: isNamed ? part(name, 'given') : split?.first,
    last: isNamed ? part(name, 'surname') : split?.last,
    nick: text('nickname'),
    emails: many('email').flatMap((one) => valueIn(one, 'text') ?? []),
    phones: many('tel').flatMap((one): Phone[] => {
      const number = valueIn(one, 'uri', 'text')?.replace(/^tel:/i, '');
      const types = typesOf(one);
      return number ? [{ number, kind: types.has('fax') ? 'fax' : types.has('cell') ? 'cell' : 'voice' }] : [];
    }),
    street: part(place, 'street'),
    city: part(place, 'locality'),
    region: part(place, 'region'),
    postcode: part(place, 'code'),
    country: part(place, 'country'),
    organisation: text('org'),
    title: text('title'),
    birthday: birthday && valueIn(birthday, 'date', 'date-time', 'text'),
    note: text('note'),
    urls: many('url').flatMap((one) => valueIn(one, 'uri', 'text') ?? []),
    languages: many('lang').flatMap((one) => valueIn(one, 'language-tag') ?? []),
    timeZone: many('tz').flatMap((one) => valueIn(one, 'utc-offset', 'text') ?? [])[0],
  };
};

/** XEP-0292 §3: everything of the person, and nothing else. */
export const vcard4Of = (person: Person): Element => {
  const texts = (name: string, value: string | undefined) =>
    value !== undefined && el(name, null, el('text', null, value));
  const piece = (name: string, value: string | undefined): Element => el(name, null, value ?? '');
  const { first, last, street, city, region, postcode, country } = person;
  const fullName = person.fullName ?? [first, last].filter(Boolean).join(' ');
  return el(
    'vcard',
    { xmlns: vcard4Ns },
    texts('fn', fullName || person.nick),
    (first ?? last) !== undefined && el('n', null, piece('surname', last), piece('given', first)),
    texts('nickname', person.nick),
    person.birthday !== undefined && el('bday', null, el('text', null, person.birthday)),
    (street ?? city ?? region ?? postcode ?? country) !== undefined &&
      el(
        'adr',
        null,
        piece('street', street),
        piece('locality', city),
        piece('region', region),
        piece('code', postcode),
        piece('country', country),
      ),
    person.phones.map(({ number, kind }) =>
      el('tel', null, el('parameters', null, el('type', null, el('text', null, kind))), el('text', null, number)),
    ),
    person.emails.map((one) => el('email', null, el('text', null, one))),
    texts('org', person.organisation),
    texts('title', person.title),
    texts('note', person.note),
    person.urls.map((one) => el('url', null, el('uri', null, one))),
    person.languages.map((one) => el('lang', null, el('language-tag', null, one))),
    person.timeZone !== undefined &&
      el('tz', null, el(/^[+-]\d/.test(person.timeZone) ? 'utc-offset' : 'text', null, person.timeZone)),
  );
};

/** RFC 6350 §5.3: 1 to 100, 1 being the most preferred; without, the least. */
const preferenceOf = (property: Element): number => {
  const pref = child(property, 'parameters');
  const found = pref && child(pref, 'pref');
  const value = found && Number.parseInt(childText(found, 'integer') ?? textOf(found), 10);
  return value !== undefined && value >= 1 && value <= 100 ? value : 101;
};

const typesOf = (property: Element): ReadonlySet<string> => {
  const parameters = child(property, 'parameters');
  const types = parameters && child(parameters, 'type');
  return new Set((types ? childrenNamed(types, 'text') : []).map((one) => textOf(one).trim().toLowerCase()));
};
