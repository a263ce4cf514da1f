// What a search asks for: pairs of an element and a text, all of which must hold (CSP 1.1, 1.2, 1.3 "Search"). Texts match as
// a part, whatever the case of letters.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { Enums, PrimitiveOf } from '../../../imps/primitives.ts';
import type { CspVersion } from '../../../imps/version.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { jidOfUser, nameOfUser } from '../../mapping/address.ts';
import type { GroupCriterion, GroupField } from './groups.ts';

/** What may be known of somebody; `user` is the name before the @. */
export const fields = [
  'user',
  'first',
  'last',
  'nick',
  'email',
  'phone',
  'city',
  'country',
  'gender',
  'marital',
  'intention',
  'interests',
  'ageMin',
  'ageMax',
] as const;
export type Field = (typeof fields)[number];

export interface Hit {
  /** Bare. */
  readonly jid: Jid;
  readonly known: Readonly<Partial<Record<Field, string>>>;
  /** Undefined: nobody here can know. */
  readonly isOnline?: boolean | undefined;
}

export interface Criterion {
  readonly field: Field;
  readonly text: string;
}
export interface Criteria {
  readonly kind: 'users';
  readonly pairs: readonly Criterion[];
  /** Only who is (true) or is not (false) online. */
  readonly isOnline: boolean | undefined;
}
export interface GroupCriteria {
  readonly kind: 'groups';
  readonly pairs: readonly GroupCriterion[];
}

type Element = Enums['SearchElement'];

const fieldOf: Readonly<Partial<Record<Element, Field>>> = {
  USER_ID: 'user',
  USER_FIRST_NAME: 'first',
  USER_LAST_NAME: 'last',
  USER_EMAIL_ADDRESS: 'email',
  USER_ALIAS: 'nick',
  USER_MOBILE_NUMBER: 'phone',
  USER_FRIENDLY_NAME: 'nick',
  USER_CITY: 'city',
  USER_COUNTRY: 'country',
  USER_GENDER: 'gender',
  USER_MARITAL_STATUS: 'marital',
  USER_INTENTION: 'intention',
  USER_INTERESTS_HOBBIES: 'interests',
  USER_AGE_MIN: 'ageMin',
  USER_AGE_MAX: 'ageMax',
};

const groupFieldOf: Readonly<Partial<Record<Element, GroupField>>> = {
  GROUP_ID: 'id',
  GROUP_NAME: 'name',
  GROUP_TOPIC: 'topic',
  GROUP_USER_ID_JOINED: 'joined',
  GROUP_USER_ID_OWNER: 'owner',
  GROUP_USER_ID_AUTOJOIN: 'autojoin',
};

const textMax = 200;
const pairsMax = 16;

/**
 * The pairs of a request. Faults with a CSP code: 562 (1.3) or 402 for what cannot be searched for, 537 for what would find
 * everybody.
 */
export const criteriaOf = (
  request: PrimitiveOf<'Search-Request'>,
  home: string,
  version: CspVersion,
): Outcome<Criteria | GroupCriteria, { readonly code: number; readonly text: string }> => {
  const cannot = (text: string) => bad({ code: version === '1.3' ? 562 : 402, text });
  const asked = (request.SearchPairList ?? []).flatMap(({ SearchPair }) => SearchPair ?? []);
  if (asked.length === 0) return cannot('nothing to search for');
  if (asked.length > pairsMax) return cannot(`at most ${pairsMax} things can be searched for at a time`);
  if (/\b(or|not)\b/i.test(request.AdvancedCriteria ?? '')) return cannot('all pairs have to hold');
  const groups = asked.flatMap(({ SearchElement, SearchString }) => {
    const field = groupFieldOf[SearchElement];
    return field ? [{ field, text: SearchString.trim().slice(0, textMax) }] : [];
  });
  if (groups.length > 0)
    return groups.length === asked.length
      ? good({ kind: 'groups', pairs: groups })
      : cannot('users and groups at the same time');
  const pairs: Criterion[] = [];
  let isOnline: boolean | undefined;
  for (const { SearchElement: element, SearchString: raw } of asked) {
    const text = raw.trim().slice(0, textMax);
    if (element === 'USER_ONLINE_STATUS') {
      isOnline = !/^(f|false|0|offline)$/i.test(text);
      continue;
    }
    const field = fieldOf[element];
    if (!field) return cannot(`${element} cannot be searched for`);
    if (text === '') continue;
    if ((field === 'ageMin' || field === 'ageMax') && !/^\d{1,3}$/.test(text))
      return cannot('an age is a number of years');
    // Whoever types a whole address means the user before the @.
    const jid = field === 'user' && /@|^wv:/i.test(text) ? jidOfUser(text, home) : undefined;
    pairs.push({ field, text: jid ? (nameOfUser(jid) ?? text) : text });
  }
  if (pairs.length === 0 && isOnline === undefined) return bad({ code: 537, text: 'nothing to tell people apart by' });
  return good({ kind: 'users', pairs, isOnline });
};

/** Does it hold for somebody? `answered`: fields that the directory it came from has looked at already. */
export const matches = ({ pairs, isOnline }: Criteria, hit: Hit, answered: ReadonlySet<Field> = new Set()): boolean =>
  (isOnline === undefined || hit.isOnline === isOnline) &&
  pairs.every(({ field, text }) => {
    const value = hit.known[field];
    return value === undefined ? answered.has(field) : folded(value).includes(folded(text));
  });

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
