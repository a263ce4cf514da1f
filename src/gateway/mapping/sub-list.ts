// PresenceSubList of CSP: as a list of wishes (names), as values to the phone, as an update from it.

import type { StructureOf } from '../../imps/primitives.ts';
import {
  type AttributeName,
  attributeNames,
  type attributesByDevice,
  type OwnAttributes,
  type Parts,
  personAttributes,
  pictureAttributes,
  readableAttributes,
} from './presence-table.ts';

export type SubList = StructureOf<'PresenceSubList'>;

/** The attributes named; none named means all, which is undefined. */
export const wishOf = (list: SubList | undefined): readonly AttributeName[] | undefined => {
  const named = list ? attributeNames.filter((name) => list[name] !== undefined) : [];
  return named.length === 0 ? undefined : named;
};

/** Both wishes together. */
export const joinWishes = (
  a: readonly AttributeName[] | undefined,
  b: readonly AttributeName[] | undefined,
): readonly AttributeName[] | undefined =>
  a && b ? attributeNames.filter((name) => a.includes(name) || b.includes(name)) : allAnd(a ?? b);

/** All, and of those that come only to who names them, these. */
const allAnd = (names: readonly AttributeName[] | undefined): readonly AttributeName[] | undefined => {
  const isFetched = (name: AttributeName): boolean => pictureAttributes.has(name) || personAttributes.has(name);
  return names?.some(isFetched) ? attributeNames.filter((name) => names.includes(name) || !isFetched(name)) : undefined;
};

/** A list of names: what stands in authorizations and attribute lists. */
export const namesOnly = (names: readonly AttributeName[]): SubList =>
  Object.fromEntries(names.map((name) => [name, deviceBound.has(name) ? [true] : true])) as SubList;

/** In the model these may occur several times, one per device (1.3). */
const deviceBound: ReadonlySet<AttributeName> = new Set([
  'OnlineStatus',
  'Registration',
  'ClientInfo',
  'TimeZone',
  'GeoLocation',
  'Address',
  'FreeTextLocation',
  'PLMN',
  'CommCap',
]);

/**
 * The full set of values for a phone. A wished attribute without a value goes out with Qualifier F, which clears what the
 * phone may still show; one that XMPP can never tell is left out unless `own`.
 * COMPAT: AOSP replaces everything by what one notification says, and ignores what has no Qualifier T. (presence-table.test.ts)
 */
export const withValues = (
  seen: OwnAttributes,
  wish: readonly AttributeName[] | undefined,
  version: string,
  own = false,
  byDevice: ReturnType<typeof attributesByDevice> = {},
): SubList => {
  // Of somebody who shows nothing at all, that much is said.
  if (!wish && Object.keys(seen).length === 0) return { OnlineStatus: [{ Qualifier: false }] };
  const list: Partial<Record<AttributeName, unknown>> = {};
  for (const name of attributeNames) {
    if (name === 'InfoLink' && version === '1.1') continue;
    if (wish ? !wish.includes(name) : seen[name] === undefined) continue;
    const parts = seen[name];
    if (!parts && !own && !readableAttributes.has(name)) continue;
    const one = parts ? { Qualifier: true, ...parts } : { Qualifier: false };
    const several = version === '1.3' ? byDevice[name] : undefined;
    list[name] = several
      ? several.map(({ resource, parts }) => ({ Qualifier: true, ...parts, ...clientIdOf(resource) }))
      : deviceBound.has(name)
        ? [one]
        : one;
  }
  return list as SubList;
};

/** How a phone knows one of a contact's clients by: its resource. One that no phone has room for is not named. */
const clientIdOf = (resource: string): { readonly ClientID?: { readonly URL: string } } =>
  resource === '' || resource.length > clientIdMax ? {} : { ClientID: { URL: resource } };
const clientIdMax = 64;

/** Merges an update into a user's own attributes: those present replace, Qualifier F withdraws, others stay. */
export const updated = (own: OwnAttributes, list: SubList): OwnAttributes => {
  const next: { [Name in AttributeName]?: Parts } = { ...own };
  for (const name of attributeNames) {
    const given = list[name];
    // Several, one per device (1.3): the last is the phone's own.
    const one = Array.isArray(given) ? given.at(-1) : given;
    if (one === undefined) continue;
    const { Qualifier, ClientID: _, ...parts } = one === true ? { Qualifier: undefined } : (one as Parts);
    // COMPAT: S60 5th edition leaves PresenceValue out to say that there is none. (presence-table.test.ts)
    if (Qualifier === false || Object.keys(parts).length === 0) delete next[name];
    else next[name] = parts;
  }
  return next;
};
