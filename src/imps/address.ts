// wv: addresses: users, contact lists and groups, and the JIDs they stand for. CSP "The wv: address".
//
//   [wv:] user [@domain]             wv:mila@relay.example    wv:+46700000000@relay.example
//   [wv:] user/resource [@domain]    wv:mila/buddies@relay.example: a contact list, or a group that mila owns
//   [wv:] /resource [@domain]        wv:/walkers@relay.example: a group of the server's own
//
// Which of list and group it is only the element around it says. The scheme and the domain may be missing, letters compare
// without case, and in names `/ @ + : %`, blanks and what is not ASCII travel as %XX of their UTF-8 octets. Phones escape
// more than that, or less.

export interface Address {
  /** Unescaped, in the spelling given; '' for a group of the server's own. */
  readonly user: string;
  /** A list's or group's name, unescaped; absent for a user. */
  readonly resource?: string | undefined;
  /** Absent when it was not given and there is no default. */
  readonly domain?: string | undefined;
}

/** Characters. Longer texts are no addresses: local part and resource of a JID have 1023 octets at most. */
const lengthMax = 4096;

/** Reads an address as phones write it; `defaultDomain` stands in for a missing domain. undefined: it is none. */
export const parseAddress = (text: string, defaultDomain?: string): Address | undefined => {
  if (text.length > lengthMax) return undefined;
  const bare = text.trim().replace(/^wv:/i, '').trim();
  const at = bare.lastIndexOf('@');
  const names = at < 0 ? bare : bare.slice(0, at);
  const written = at < 0 ? '' : unescapeName(bare.slice(at + 1).trim());
  if (/[/@\s]/.test(written)) return undefined;
  const domain = written !== '' ? written : defaultDomain;
  const slash = names.indexOf('/');
  const user = unescapeName((slash < 0 ? names : names.slice(0, slash)).trim());
  const resource = slash < 0 ? undefined : unescapeName(names.slice(slash + 1).trim());
  if (resource === '' || (user === '' && resource === undefined)) return undefined;
  return { user, ...(resource !== undefined && { resource }), ...(domain !== undefined && { domain }) };
};

/** The address in full, in the spelling of its parts. */
export const formatAddress = ({ user, resource, domain }: Address): string => {
  const name = /^\+\d+$/.test(user) ? user : escapeName(user);
  const list = resource === undefined ? '' : `/${escapeName(resource)}`;
  return `wv:${name}${list}${domain === undefined ? '' : `@${escapeName(domain)}`}`;
};

/** One text for all spellings of an address: for comparing and as a key. */
export const addressKey = (address: Address): string =>
  formatAddress({
    user: address.user.toLowerCase(),
    resource: address.resource?.toLowerCase(),
    domain: address.domain?.toLowerCase(),
  });

/** The canonical form of a text: complete, escaped and in lower case. undefined: it is no address. */
export const canonicalAddress = (text: string, defaultDomain?: string): string | undefined => {
  const address = parseAddress(text, defaultDomain);
  return address && addressKey(address);
};

/** Whether two texts name the same thing. */
export const isSameAddress = (one: string, other: string, defaultDomain?: string): boolean => {
  const key = canonicalAddress(one, defaultDomain);
  return key !== undefined && key === canonicalAddress(other, defaultDomain);
};

const reserved = /[/@+:%\s]|[^\u0021-\u007e]/u;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `%XX` for what may not stand in a name. */
export const escapeName = (name: string): string => {
  if (!reserved.test(name)) return name;
  let out = '';
  for (const one of name.toWellFormed()) {
    if (!reserved.test(one)) out += one;
    else for (const octet of encoder.encode(one)) out += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
};

/** The reverse; a `%` without two digits, or octets that are no UTF-8, stay as they are. */
export const unescapeName = (name: string): string =>
  name.includes('%')
    ? name.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
        const octets = Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16));
        try {
          return decoder.decode(octets);
        } catch (cause) {
          if (cause instanceof TypeError) return run;
          throw cause;
        }
      })
    : name;

/**
 * The characters that the local part of a JID writes as `\xx` (XEP-0106), which in wv: addresses are `%XX` or themselves.
 * The backslash's own escape `\5c` is left alone, so that every JID comes back as it went.
 */
const jidEscapes: ReadonlyMap<string, string> = new Map([
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
]);
const jidUnescapes: ReadonlyMap<string, string> = new Map(
  [...jidEscapes].map(([character, code]) => [code, character]),
);
const localOf = (name: string): string => name.toLowerCase().replace(/[ "&'/:<>@]/g, (c) => jidEscapes.get(c) ?? c);
const nameOf = (local: string): string =>
  local.replace(/\\(?:20|22|26|27|2f|3a|3c|3e|40)/g, (c) => jidUnescapes.get(c) ?? c);

/** The address of an XMPP account, given its bare JID; of a server when there is no local part: undefined. */
export const addressOfJid = (bareJid: string): Address | undefined => {
  const at = bareJid.indexOf('@');
  if (at <= 0) return undefined;
  return { user: nameOf(bareJid.slice(0, at)), domain: bareJid.slice(at + 1) };
};

/** The address of a room, given its bare JID `room@service`: `wv:/room@service`. */
export const addressOfRoom = (bareJid: string): Address | undefined => {
  const at = bareJid.indexOf('@');
  if (at <= 0) return undefined;
  return { user: '', resource: nameOf(bareJid.slice(0, at)), domain: bareJid.slice(at + 1) };
};

/** The bare JID, not yet prepared, of a user or of a room; undefined for lists, owned groups and without a domain. */
export const jidOfAddress = (
  address: Address,
): { readonly kind: 'user' | 'room'; readonly jid: string } | undefined => {
  const { user, resource, domain } = address;
  if (domain === undefined) return undefined;
  if (resource === undefined) return { kind: 'user', jid: `${localOf(user)}@${domain.toLowerCase()}` };
  return user === '' ? { kind: 'room', jid: `${localOf(resource)}@${domain.toLowerCase()}` } : undefined;
};
