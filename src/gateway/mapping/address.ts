// CSP "wv: address" and RFC 7622: the same people under two spellings.
//
//   wv:mila@relay.example        mila@relay.example          a user
//   wv:%2B4670@relay.example     +4670@relay.example         phones escape with %XX what XMPP escapes with \XX (XEP-0106)
//   wv:mila/buddies@relay.example                            a contact list of mila's; XMPP has no address for it
//
// Phones leave out `wv:` and their own domain as they please; we always write both, and always the same spelling, since
// phones use the text as a key.

import { Jid } from '../../xmpp/jid.ts';

/** The user a phone means, as a bare JID; undefined when it can be no user's address. `home`: the domain left out. */
export const jidOfUser = (text: string, home: string): Jid | undefined => {
  const parts = split(text);
  if (!parts || parts.resource !== undefined || parts.user === undefined) return undefined;
  const made = Jid.of(escapeLocal(parts.user), parts.domain ?? home);
  return made.ok && made.value.resource === undefined ? made.value : undefined;
};

/** How phones write that user. Undefined for a domain or a resource alone: CSP has no such users. */
export const userOfJid = (jid: Jid): string | undefined =>
  jid.local === undefined ? undefined : `wv:${escapeName(unescapeLocal(jid.local))}@${jid.domain}`;

export interface ListAddress {
  readonly owner: Jid;
  /** Lower-case, unescaped: the list's name within its owner's lists. */
  readonly name: string;
}

/** The contact list a phone means. `user`: whose phone it is; a bare name without a slash is a list of theirs. */
export const listOfText = (text: string, user: Jid): ListAddress | undefined => {
  const parts = split(text);
  if (!parts) return undefined;
  const name = (parts.resource ?? parts.user)?.toLowerCase();
  if (name === undefined || name === '' || /[\0-\x1f\x7f]/.test(name)) return undefined;
  const local = parts.resource === undefined || parts.user === undefined ? user.local : escapeLocal(parts.user);
  if (local === undefined) return undefined;
  const owner = Jid.of(local, parts.domain ?? user.domain);
  return owner.ok ? { owner: owner.value, name } : undefined;
};

/** The address of a user's contact list. */
export const textOfList = (user: Jid, name: string): string =>
  `wv:${escapeName(unescapeLocal(user.local ?? ''))}/${escapeName(name)}@${user.domain}`;

// ---- parts -----------------------------------------------------------------------------------------------------------

interface Parts {
  readonly user: string | undefined;
  readonly resource: string | undefined;
  readonly domain: string | undefined;
}

const addressLengthMax = 2048;

/** `[wv:](user | user/resource | /resource)[@domain]`, each part unescaped. */
const split = (text: string): Parts | undefined => {
  if (text.length > addressLengthMax) return undefined;
  const bare = text.trim().replace(/^wv:/i, '');
  const at = bare.indexOf('@');
  const name = at < 0 ? bare : bare.slice(0, at);
  const domain = at < 0 ? undefined : bare.slice(at + 1);
  if (name === '' || domain === '' || domain?.includes('@')) return undefined;
  const slash = name.indexOf('/');
  const user = unescapeName(slash < 0 ? name : name.slice(0, slash));
  const resource = slash < 0 ? undefined : unescapeName(name.slice(slash + 1));
  if (user === false || resource === false || resource === '') return undefined;
  return { user: user === '' ? undefined : user, resource, domain };
};

/** Undoes %XX; false when the octets are no UTF-8. A lone % stands for itself. */
const unescapeName = (text: string): string | false => {
  if (!text.includes('%')) return text;
  const octets: number[] = [];
  for (let i = 0; i < text.length; ) {
    const hex = text[i] === '%' ? /^[0-9A-Fa-f]{2}/.exec(text.slice(i + 1, i + 3)) : null;
    if (hex) {
      octets.push(Number.parseInt(hex[0], 16));
      i += 3;
    } else {
      const char = String.fromCodePoint(text.codePointAt(i) ?? 0);
      octets.push(...new TextEncoder().encode(char));
      i += char.length;
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(octets));
  } catch {
    return false;
  }
};

/** Raw are the printable ASCII characters but `/ @ : %` and a plus sign; a telephone number keeps its leading plus. */
const escapeName = (name: string): string => {
  const number = /^\+[0-9]+$/.test(name);
  let text = '';
  for (const char of name) {
    if ((/[!-~]/.test(char) && !/[/@:%+]/.test(char)) || (number && char === '+')) text += char;
    else
      for (const octet of new TextEncoder().encode(char))
        text += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
};

/** XEP-0106 §4.2: the characters a localpart cannot hold, and a backslash that would look like an escape. */
const escapeLocal = (name: string): string =>
  name
    .replace(/\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)/gi, '\\5c')
    .replace(/[ "&'/:<>@]/g, (c) => `\\${c.charCodeAt(0).toString(16)}`);

const unescapeLocal = (local: string): string =>
  local.replace(/\\(20|22|26|27|2f|3a|3c|3e|40|5c)/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
