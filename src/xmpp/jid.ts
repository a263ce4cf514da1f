// RFC 7622: XMPP addresses. A Jid is canonical: its parts are prepared when it is made, so equal addresses are equal text.

import { bad, good, type Outcome } from '../base/outcome.ts';

export type JidFault = { readonly reason: 'jid-malformed'; readonly part: 'local' | 'domain' | 'resource' };

export class Jid {
  readonly local: string | undefined;
  readonly domain: string;
  readonly resource: string | undefined;
  readonly #text: string;
  #bare: Jid | undefined;

  /** Use Jid.parse or Jid.of: the parts must be prepared already. */
  private constructor(local: string | undefined, domain: string, resource: string | undefined) {
    this.local = local;
    this.domain = domain;
    this.resource = resource;
    this.#text = `${local === undefined ? '' : `${local}@`}${domain}${resource === undefined ? '' : `/${resource}`}`;
  }

  /** Reads and prepares an address (RFC 7622 §3). */
  static parse(text: string): Outcome<Jid, JidFault> {
    const slash = text.indexOf('/');
    const before = slash < 0 ? text : text.slice(0, slash);
    const at = before.indexOf('@');
    return Jid.of(
      at < 0 ? undefined : before.slice(0, at),
      before.slice(at + 1),
      slash < 0 ? undefined : text.slice(slash + 1),
    );
  }

  /** Makes an address of parts that need preparing. */
  static of(local: string | undefined, domain: string, resource?: string): Outcome<Jid, JidFault> {
    // TODO(2) PRECIS and IDNA2008.
    if (local !== undefined && (local === '' || local.length > 1023))
      return bad({ reason: 'jid-malformed', part: 'local' });
    if (domain === '' || domain.length > 1023) return bad({ reason: 'jid-malformed', part: 'domain' });
    if (resource !== undefined && (resource === '' || resource.length > 1023))
      return bad({ reason: 'jid-malformed', part: 'resource' });
    return good(new Jid(local?.toLowerCase(), domain.toLowerCase(), resource));
  }

  /** For constants and addresses that are known to be right. Throws TypeError otherwise. */
  static from(text: string): Jid {
    const parsed = Jid.parse(text);
    if (!parsed.ok) throw new TypeError(`not an XMPP address: ${parsed.fault.part}`);
    return parsed.value;
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
    const made = Jid.of(this.local, this.domain, resource);
    if (!made.ok) throw new TypeError('not an XMPP resource');
    return made.value;
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
