// RFC 7622: XMPP addresses, `local@domain/resource`. A Jid is canonical: its parts are prepared when it is made, so equal
// addresses are equal text.
//
//   - The resource is everything after the first slash; the local part everything before the first @ of what is left.
//   - No part that is there is empty, and none has more than 1023 octets of UTF-8 once it is prepared.
//   - local: an account name without case (UsernameCaseMapped, RFC 8265), and none of " & ' / : < > @ or space
//   - domain: a domain name with Unicode labels, or an IP address (idna.ts)
//   - resource: any text without control characters, compared as it is (OpaqueString, RFC 8265)

import { bad, good, type Outcome } from '../base/outcome.ts';
import { prepareDomain } from './idna.ts';
import { opaqueString, usernameCaseMapped } from './precis.ts';

export type JidFault = { readonly reason: 'jid-malformed'; readonly part: 'local' | 'domain' | 'resource' };

export class Jid {
  readonly local: string | undefined;
  readonly domain: string;
  readonly resource: string | undefined;
  readonly #text: string;
  #bare: Jid | undefined;

  /** Use Jid.parse or Jid.of: the parts must be prepared already. `text` is their text when that is at hand. */
  private constructor(local: string | undefined, domain: string, resource: string | undefined, text?: string) {
    this.local = local;
    this.domain = domain;
    this.resource = resource;
    const canonical = `${local === undefined ? '' : `${local}@`}${domain}${resource === undefined ? '' : `/${resource}`}`;
    this.#text = canonical === text ? text : canonical;
  }

  /** Reads and prepares an address (RFC 7622 §3). */
  static parse(text: string): Outcome<Jid, JidFault> {
    const known = parsed.get(text);
    if (known) return known;
    // A part of a longer text keeps all of it in memory for as long as the address lives, so it is copied first.
    const own = text.length > 3 * (3 * octetsMax + 2) || !text.isWellFormed() ? text : Buffer.from(text).toString();
    const slash = own.indexOf('/');
    const before = slash < 0 ? own : own.slice(0, slash);
    const at = before.indexOf('@');
    const made = Jid.#make(
      at < 0 ? undefined : before.slice(0, at),
      before.slice(at + 1),
      slash < 0 ? undefined : own.slice(slash + 1),
      own,
    );
    if (own.length <= cachedLengthMax) parsed.set(own, made);
    return made;
  }

  /** Makes an address of parts that need preparing. */
  static of(local: string | undefined, domain: string, resource?: string): Outcome<Jid, JidFault> {
    return Jid.#make(local, domain, resource);
  }

  static #make(local: string | undefined, domain: string, resource: string | undefined, text?: string) {
    const preparedLocal = local === undefined ? undefined : prepareLocal(local);
    if (preparedLocal === undefined && local !== undefined)
      return bad({ reason: 'jid-malformed', part: 'local' } as const);
    const preparedDomain = domain.length > octetsMax ? undefined : prepareDomain(domain);
    if (preparedDomain === undefined || isTooLong(preparedDomain))
      return bad({ reason: 'jid-malformed', part: 'domain' } as const);
    const preparedResource = resource === undefined ? undefined : prepareResource(resource);
    if (preparedResource === undefined && resource !== undefined)
      return bad({ reason: 'jid-malformed', part: 'resource' } as const);
    return good(new Jid(preparedLocal, preparedDomain, preparedResource, text));
  }

  /** For constants and addresses that are known to be right. Throws TypeError otherwise. */
  static from(text: string): Jid {
    const read = Jid.parse(text);
    if (!read.ok) throw new TypeError(`not an XMPP address: ${read.fault.part}`);
    return read.value;
  }

  get isBare(): boolean {
    return this.resource === undefined;
  }

  /** The same address without its resource. */
  get bare(): Jid {
    if (this.resource === undefined) return this;
    this.#bare ??= new Jid(this.local, this.domain, undefined);
    return this.#bare;
  }

  /** The same account with this resource. Throws TypeError when the resource is not a good one. */
  withResource(resource: string): Jid {
    const prepared = prepareResource(resource);
    if (prepared === undefined) throw new TypeError('not an XMPP resource');
    return new Jid(this.local, this.domain, prepared);
  }

  equals(other: Jid | undefined): boolean {
    return other !== undefined && this.#text === other.#text;
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

const octetsMax = 1023;
// Preparing may make a text shorter, but not by much: whatever is longer than this cannot become short enough.
const isHopeless = (given: string): boolean => given.length > 3 * octetsMax || !given.isWellFormed();
const isTooLong = (prepared: string): boolean =>
  prepared.length * 3 > octetsMax && Buffer.byteLength(prepared, 'utf8') > octetsMax;

/** RFC 7622 §3.3. Undefined when the text cannot be a local part. */
const prepareLocal = (given: string): string | undefined => {
  if (given === '' || isHopeless(given)) return undefined;
  // Any printable ASCII is fine but space and the characters that §3.3.1 excludes.
  const isPlain = /^[!#-%(-.0-9;=?A-Z[-~]+$/.test(given);
  const prepared = isPlain ? given.toLowerCase() : usernameCaseMapped(given);
  return prepared === undefined || isTooLong(prepared) || /["&'/:<>@]/.test(prepared) ? undefined : prepared;
};

/** RFC 7622 §3.4. Undefined when the text cannot be a resource. */
const prepareResource = (given: string): string | undefined => {
  if (given === '' || isHopeless(given)) return undefined;
  const prepared = /^[ -~]+$/.test(given) ? given : opaqueString(given);
  return prepared === undefined || isTooLong(prepared) ? undefined : prepared;
};

/**
 * What parse has answered lately. The same few addresses come with every stanza; two generations of a fixed size hold them
 * without bookkeeping per use: when the young one is full, it becomes the old one, and what is asked for again moves up.
 */
class RecentlyParsed {
  #young = new Map<string, Outcome<Jid, JidFault>>();
  #old = new Map<string, Outcome<Jid, JidFault>>();

  get(text: string): Outcome<Jid, JidFault> | undefined {
    const young = this.#young.get(text);
    if (young) return young;
    const old = this.#old.get(text);
    // The address's own text is the key, never the one asked with: that may be a part of something large.
    if (old?.ok) this.set(old.value.toString(), old);
    return old;
  }

  set(text: string, answer: Outcome<Jid, JidFault>): void {
    if (this.#young.size >= generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, answer);
  }
}
const generationSize = 5_000;
const cachedLengthMax = 256;
const parsed = new RecentlyParsed();
