// XEP-0054 vcard-temp 1.3.0, read.

import { child, childrenNamed, childText, type Element, textOf } from '../../xml/element.ts';
import { type Person, type Phone, splitName } from './person.ts';

export const vcardTempNs = 'vcard-temp';
/** The part of CSP's public profile that vCards have no field for, in a vCard: one element for each property. */
export const profileNs = 'urn:onesoup:imps:profile';

/** Longer texts are cut; of things that there may be many of, so many count. */
const textMax = 1000;
const manyMax = 8;

export const personOfVcardTemp = (vcard: Element): Person => {
  const text = (parent: Element | undefined, name: string): string | undefined =>
    (parent && childText(parent, name)?.trim().slice(0, textMax)) || undefined;
  const many = (name: string): Element[] => childrenNamed(vcard, name).slice(0, manyMax);
  const fullName = text(vcard, 'FN');
  const name = child(vcard, 'N');
  const split = fullName === undefined ? undefined : splitName(fullName);
  const isNamed = text(name, 'GIVEN') !== undefined || text(name, 'FAMILY') !== undefined;
  const place = child(vcard, 'ADR');
  return {
    fullName,
    first: isNamed ? text(name, 'GIVEN') : split?.first,
    last: isNamed ? text(name, 'FAMILY') : split?.last,
    nick: text(vcard, 'NICKNAME'),
    emails: many('EMAIL').flatMap((one) => text(one, 'USERID') ?? (textOf(one).trim().slice(0, textMax) || [])),
    phones: many('TEL').flatMap((one): Phone[] => {
      const number = text(one, 'NUMBER') ?? textOf(one).trim().slice(0, textMax);
      return number ? [{ number, kind: child(one, 'FAX') ? 'fax' : child(one, 'CELL') ? 'cell' : 'voice' }] : [];
    }),
    street: text(place, 'STREET'),
    city: text(place, 'LOCALITY'),
    region: text(place, 'REGION'),
    postcode: text(place, 'PCODE'),
    country: text(place, 'CTRY'),
    organisation: text(child(vcard, 'ORG'), 'ORGNAME'),
    title: text(vcard, 'TITLE'),
    birthday: text(vcard, 'BDAY'),
    note: text(vcard, 'DESC') ?? text(vcard, 'NOTE'),
    urls: many('URL').flatMap((one) => textOf(one).trim().slice(0, textMax) || []),
    languages: [],
    timeZone: text(vcard, 'TZ'),
  };
};

/** The properties of a public profile that stand in a vCard of their own, by lower-case name: gender, age, intention … */
export const profileOfVcardTemp = (vcard: Element): ReadonlyMap<string, string> => {
  const own = child(vcard, 'profile', profileNs);
  const properties = new Map<string, string>();
  for (const one of own?.children ?? [])
    if (typeof one !== 'string' && one.xmlns === profileNs) {
      const value = textOf(one).trim().slice(0, textMax);
      if (value) properties.set(one.name, value);
    }
  return properties;
};
