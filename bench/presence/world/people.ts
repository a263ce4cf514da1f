// Who there is: one user at home for each size of contact list, and contacts dealt out over the remote domains in turn, so
// that a small list is the beginning of a large one.

import { digits } from '../report/units.ts';

export const homeDomain = 'home.test';
export const password = 'secret';
/** The only remote domain, where one is enough. */
export const firstRemote = 'r01.test';
/** A user without contacts: whoever only wants a link set up. */
export const loner = 'loner';

export interface Contact {
  readonly name: string;
  readonly domain: string;
  /** The local parts of the users at home who see this contact, and whom it sees. */
  readonly seenBy: readonly string[];
}

export const addressOf = ({ name, domain }: Contact): string => `${name}@${domain}`;
export const userOf = (size: number): string => `u${size}`;

export const domainsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `r${digits(i + 1, 2)}.test`);

export const contactsFor = (sizes: readonly number[], domains: readonly string[]): Contact[] =>
  Array.from({ length: Math.max(0, ...sizes) }, (_, k) => ({
    name: `c${digits(Math.floor(k / domains.length), 3)}`,
    domain: domains[k % domains.length] ?? '',
    seenBy: sizes.filter((size) => k < size).map(userOf),
  }));

/** The contact list of a user. */
export const contactsOf = (user: string, contacts: readonly Contact[]): Contact[] =>
  contacts.filter(({ seenBy }) => seenBy.includes(user));
