// The public profile (CSP 1.3) in a vCard (XEP-0054): what vCards have a field for stands there, so that XMPP clients show it;
// the rest in an element of our own beside it.

import { child, childText, type Element, el, elementsOf, textOf } from '../../../xml/element.ts';
import { profileNs, vcardTempNs } from '../../../xmpp/person/vcard-temp.ts';

/** Property names and, for those that vCards know, the path to their text. */
const paths = {
  PP_FRIENDLY_NAME: ['NICKNAME'],
  PP_FREE_TEXT: ['DESC'],
  PP_CITY: ['ADR', 'LOCALITY'],
  PP_COUNTRY: ['ADR', 'CTRY'],
  PP_AGE: undefined,
  PP_GENDER: undefined,
  PP_INTENTION: undefined,
  PP_INTERESTS: undefined,
  PP_MARITAL_STATUS: undefined,
} as const;
export type PropertyName = keyof typeof paths;
export const propertyNames = Object.keys(paths) as PropertyName[];
export const isPropertyName = (name: string): name is PropertyName => Object.hasOwn(paths, name);

/** The properties that a vCard shows. */
export const readProfile = (vcard: Element | undefined): Map<PropertyName, string> => {
  const profile = new Map<PropertyName, string>();
  if (!vcard) return profile;
  const own = child(vcard, 'profile', profileNs);
  for (const name of propertyNames) {
    const path = paths[name];
    const text = path ? textAt(vcard, path) : own && childText(own, tagOf(name));
    if (text) profile.set(name, text);
  }
  return profile;
};

/** The vCard with these properties and no others of a profile; everything else in it stays. */
export const writeProfile = (vcard: Element | undefined, profile: ReadonlyMap<PropertyName, string>): Element => {
  let whole = vcard ?? el('vCard', { xmlns: vcardTempNs });
  for (const name of propertyNames) {
    const path = paths[name];
    if (path) whole = withText(whole, path, profile.get(name));
  }
  const rest = elementsOf(whole).filter((one) => one.xmlns !== profileNs);
  const own = propertyNames.flatMap((name) => {
    const text = paths[name] ? undefined : profile.get(name);
    return text === undefined ? [] : [el(tagOf(name), null, text)];
  });
  return { ...whole, children: [...rest, ...(own.length > 0 ? [el('profile', { xmlns: profileNs }, ...own)] : [])] };
};

/** The name of its element. */
export const tagOf = (name: PropertyName): string => name.slice('PP_'.length).toLowerCase();

const textAt = (parent: Element, [name = '', ...rest]: readonly string[]): string | undefined => {
  const found = child(parent, name);
  if (!found) return undefined;
  return rest.length > 0 ? textAt(found, rest) : textOf(found).trim();
};

const withText = (parent: Element, [name = '', ...rest]: readonly string[], text: string | undefined): Element => {
  const old = child(parent, name);
  if (!old && text === undefined) return parent;
  const start = old ?? el(name, { xmlns: parent.xmlns });
  const changed: Element =
    rest.length > 0 ? withText(start, rest, text) : { ...start, children: text === undefined ? [] : [text] };
  const isEmpty = changed.children.length === 0;
  const children = old
    ? parent.children.flatMap((one) => (one !== old ? [one] : isEmpty ? [] : [changed]))
    : [...parent.children, changed];
  return { ...parent, children };
};
