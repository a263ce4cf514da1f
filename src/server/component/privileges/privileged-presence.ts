// XEP-0356 §7: a component is shown the presence of our accounts, and with 'roster' that of their contacts: what is new, once
// however many accounts see it, and everything known when it connects.

import { presencePayload } from '../../../presence/payload.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { PrivilegedOptions } from './privileged-entity.ts';

/** Resources remembered; further ones are shown and forgotten. */
const knownMax = 200_000;
/** … of one contact; further ones are not shown: a component must not be told of what it will not be told the end of. */
const resourcesMax = 32;

interface Shown {
  stanza: Stanza;
  /** Bare addresses of our accounts that see it. */
  readonly seenBy: Set<string>;
}

export class PrivilegedPresence {
  readonly #options: PrivilegedOptions;
  readonly #seesContacts: boolean;
  /** By bare address, then by resource. */
  readonly #known = new Map<string, Map<string, Shown>>();
  #count = 0;

  constructor(options: PrivilegedOptions, type: 'none' | 'managed_entity' | 'roster' = 'none') {
    this.#options = options;
    this.#seesContacts = type === 'roster';
  }

  /** Presence for an account's bare address. */
  hear(host: Host, stanza: Stanza): void {
    const { from, to, type } = stanza;
    if (!from || !to || (type !== undefined && type !== 'unavailable')) return;
    if (from.bare.equals(to.bare)) return this.#note(stanza, from, to.bare.toString());
    if (!this.#seesContacts || from.domain === this.#options.component.domain) return;
    if (type === 'unavailable') {
      if (this.#known.has(from.bare.toString())) this.#forget(from, to.bare.toString(), stanza);
      return;
    }
    const said = ofSize(stanza, host.limits.presenceMax);
    host.users
      .turn(to, (user) => {
        if (user?.roster.sees(from) && !user.blocks.has(from)) this.#note(said, from, user.jid.toString());
      })
      .catch((cause: unknown) => this.#options.failed(cause));
  }

  /** Does the account still see the contact? In its turn. */
  rosterChanged(user: LocalUser, contact: string): void {
    const jid = Jid.from(contact);
    if (!user.roster.sees(jid)) this.#forget(jid, user.jid.toString());
  }

  /** Nobody knows any more who is there at that domain; whoever is will be heard again. */
  lose(domain: string): void {
    for (const bare of [...this.#known.keys()]) {
      const jid = Jid.from(bare);
      if (jid.domain === domain) this.#forget(jid);
    }
  }

  /** §8: everything, to a component that has just connected. */
  tellAll(): void {
    for (const resources of this.#known.values()) for (const { stanza } of resources.values()) this.#tell(stanza);
  }

  #note(stanza: Stanza, from: Jid, account: string): void {
    if (stanza.type === 'unavailable') return this.#forget(from, account, stanza);
    const bare = from.bare.toString();
    const resources = this.#known.get(bare) ?? new Map<string, Shown>();
    const shown = resources.get(from.resource ?? '');
    if (shown) {
      shown.seenBy.add(account);
      if (presencePayload(shown.stanza) === presencePayload(stanza)) return;
      shown.stanza = stanza;
    } else if (resources.size >= resourcesMax) return;
    else if (this.#count < knownMax) {
      this.#count++;
      resources.set(from.resource ?? '', { stanza, seenBy: new Set([account]) });
      this.#known.set(bare, resources);
    }
    this.#tell(stanza);
  }

  /** One account, or without it every one, does not see the resource (or the whole contact) any more. */
  #forget(from: Jid, account?: string, stanza?: Stanza): void {
    const bare = from.bare.toString();
    const resources = this.#known.get(bare);
    if (!resources) return;
    for (const [resource, { seenBy }] of [...resources]) {
      if (from.resource !== undefined && from.resource !== resource) continue;
      if (account !== undefined && (!seenBy.delete(account) || seenBy.size > 0)) continue;
      resources.delete(resource);
      this.#count--;
      const full = resource === '' ? from.bare : from.bare.withResource(resource);
      this.#tell(stanza?.with({ from: full }) ?? Stanza.make({ kind: 'presence', type: 'unavailable', from: full }));
    }
    if (resources.size === 0) this.#known.delete(bare);
  }

  #tell(stanza: Stanza): void {
    if (!this.#options.isConnected()) return;
    this.#options
      .deliver(stanza.with({ to: this.#options.component }))
      .catch((cause: unknown) => this.#options.failed(cause));
  }
}

/** Of one that is larger than our own users' may be, whether and how somebody is there: it is kept, and may come from anywhere. */
const ofSize = (stanza: Stanza, charactersMax: number): Stanza => {
  if (stanza.inner.length <= charactersMax) return stanza;
  const { from, to } = stanza;
  const shown = stanza.elements.filter(({ name, children }) => name === 'show' && children.join('').length < 10);
  return Stanza.make({ kind: 'presence', from, to }, ...shown);
};
