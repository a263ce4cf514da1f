// What an account that wants to be found is found by, and what is shown of it: read out of its vCards.

import type { DirectoryEntry, DirectoryField } from '../../../store/store.ts';
import type { Person } from '../../../xmpp/person/person.ts';

/** What searchers see of somebody, beside the address. Never an e-mail address or a number. */
export interface Shown {
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly nick?: string | undefined;
  readonly city?: string | undefined;
  readonly country?: string | undefined;
}

/** Texts match whatever the case of their letters. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase().trim();

/** Fields that match as a whole: nobody learns an address or a number by guessing at it piece by piece. */
export const wholeFields: ReadonlySet<DirectoryField> = new Set(['email', 'phone', 'gender', 'marital']);

/** Two spellings of one value are one. Numbers are compared without their country's or their operator's prefix of zeros. */
export const canonical = (field: DirectoryField, text: string): string => {
  if (field === 'phone') return text.replace(/^tel:/i, '').replace(/\D/g, '').replace(/^0+/, '');
  const value = folded(text);
  if (field === 'gender') return { m: 'male', f: 'female' }[value] ?? value;
  return value;
};

const textMax = 200;
/** Whole values stand between these, so that a part of the text is a whole value. */
export const fence = '\n';
const fenced = (values: readonly string[]): string => {
  const known = values.filter((one) => one !== '');
  return known.length === 0 ? '' : `${fence}${known.join(fence)}${fence}`;
};

/** `profile`: properties of the public profile by lower-case name. `account`: a bare JID. */
export const entryOf = (account: string, person: Person, profile: ReadonlyMap<string, string>): DirectoryEntry => {
  const { first, last, nick = person.fullName, city, country, emails, phones } = person;
  const known: Partial<Record<DirectoryField, string | undefined>> = {
    user: account.slice(0, account.indexOf('@')),
    first,
    last,
    nick,
    city,
    country,
    intention: profile.get('intention'),
    interests: profile.get('interests'),
  };
  const fields: Partial<Record<DirectoryField, string>> = {};
  for (const [field, text] of Object.entries(known) as [DirectoryField, string | undefined][])
    if (text !== undefined) fields[field] = folded(text).slice(0, textMax);
  const whole = (field: DirectoryField, values: readonly (string | undefined)[]): void => {
    const text = fenced(values.flatMap((one) => (one === undefined ? [] : canonical(field, one).slice(0, textMax))));
    if (text !== '') fields[field] = text;
  };
  whole('email', emails);
  whole(
    'phone',
    phones.filter(({ kind }) => kind !== 'fax').map(({ number }) => number),
  );
  whole('gender', [profile.get('gender')]);
  whole('marital', [profile.get('marital_status')]);
  const years = Number.parseInt(profile.get('age') ?? '', 10);
  const shown: Shown = { first, last, nick, city, country };
  return {
    account,
    fields,
    age: years >= 0 && years <= 150 ? years : undefined,
    shown: JSON.stringify(shown),
  };
};
