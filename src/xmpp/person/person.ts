// What is known of a person, out of either form of vCard: vcard-temp (XEP-0054) or vCard4 (XEP-0292).

export interface Person {
  readonly fullName?: string | undefined;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly nick?: string | undefined;
  readonly emails: readonly string[];
  readonly phones: readonly Phone[];
  readonly street?: string | undefined;
  readonly city?: string | undefined;
  readonly region?: string | undefined;
  readonly postcode?: string | undefined;
  readonly country?: string | undefined;
  readonly organisation?: string | undefined;
  readonly title?: string | undefined;
  /** As it is written, usually YYYY-MM-DD. */
  readonly birthday?: string | undefined;
  readonly note?: string | undefined;
  readonly urls: readonly string[];
  /** RFC 5646 tags, the preferred one first. */
  readonly languages: readonly string[];
  /** `+02:00`, or a name such as Europe/Helsinki. */
  readonly timeZone?: string | undefined;
}

export interface Phone {
  readonly number: string;
  readonly kind: 'cell' | 'fax' | 'voice';
}

export const nobody: Person = { emails: [], phones: [], urls: [], languages: [] };

/** Is anything known at all? */
export const isNobody = (person: Person): boolean =>
  Object.values(person).every((one) => one === undefined || (Array.isArray(one) && one.length === 0));

/** What `first` says, and where it says nothing, what `second` does. */
export const joinPersons = (first: Person, second: Person): Person => {
  const known = (person: Person): [string, unknown][] =>
    Object.entries(person).filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0));
  return { ...nobody, ...Object.fromEntries([...known(second), ...known(first)]) };
};

/** A name in one piece as given name and family name, where there is no better: the last word is the family's. */
export const splitName = (fullName: string): { readonly first: string; readonly last: string | undefined } => {
  const words = fullName.trim().split(/\s+/);
  const last = words.length > 1 ? words.pop() : undefined;
  return { first: words.join(' '), last };
};
