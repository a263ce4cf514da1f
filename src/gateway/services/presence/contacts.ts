// What this session knows of its contacts' presence over XMPP: a view per session, fed by stanzas. (RFC 6121 §4, XEP-0163)

import { LateMap } from '../../../base/late.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import {
  type ContactPresence,
  type Extras,
  foldContact,
  type ResourcePresence,
  readEvent,
  readPresence,
} from '../../mapping/contact-presence.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { Devices } from './devices.ts';

interface Contact {
  /** By resource, the one heard last at the end. */
  readonly resources: LateMap<string, ResourcePresence>;
  events: Extras;
  /** The status left at going offline. */
  lastStatus: string | undefined;
  /** Monotonic ms. */
  heardAt: number;
}

const noEvents: Contact['events'] = {};

/** A lost Link is not opened again within this: what was heard since then came over the new one. */
const renewedMs = 500;

const resourcesMax = 16;

export class Contacts {
  readonly #byUser = new Map<string, Contact>();
  readonly devices: Devices;
  readonly #session: SessionView;

  constructor(session: SessionView) {
    this.#session = session;
    this.devices = new Devices(session);
  }

  /** True when anything was heard of the contact since the Link is up. */
  has(user: Jid): boolean {
    return this.#byUser.has(user.toString());
  }

  of(user: Jid): ContactPresence {
    const contact = this.#byUser.get(user.toString());
    return foldContact(
      contact?.resources.values() ?? [],
      contact?.events ?? noEvents,
      (caps) => this.devices.of(caps),
      contact?.lastStatus,
    );
  }

  /** Is that resource known to be available? */
  isAvailable(full: Jid): boolean {
    return this.#byUser.get(full.bare.toString())?.resources.has(full.resource ?? '') ?? false;
  }

  /** Takes presence or a personal event. Returns the contact it is about, or undefined when it is about none. */
  hear(stanza: Stanza): Jid | undefined {
    const { from } = stanza;
    if (from?.local === undefined) return undefined;
    if (stanza.kind === 'message') {
      const extras = readEvent(stanza);
      const contact = extras && this.#contact(from.bare);
      if (!contact) return undefined;
      contact.events = { ...contact.events, ...extras };
      return from.bare;
    }
    const contact = this.#contact(from.bare);
    if (!contact) return undefined;
    const resource = from.resource ?? '';
    if (stanza.type === undefined) {
      const presence = readPresence(stanza);
      contact.resources.delete(resource);
      if (contact.resources.size < resourcesMax) contact.resources.set(resource, presence);
      if (presence.caps !== undefined) this.devices.ask(from, presence.caps);
    } else {
      // Bare unavailable, and an error: none of the contact's resources is there.
      if (from.isBare || stanza.type === 'error') contact.resources.clear();
      else contact.resources.delete(resource);
      const status = stanza.child('status');
      contact.lastStatus =
        status && stanza.type === 'unavailable' ? status.children.join('').slice(0, 1024) : undefined;
    }
    return from.bare;
  }

  /** The contact is no longer seen: removed, or the subscription ended. */
  forget(user: Jid): void {
    this.#byUser.delete(user.toString());
  }

  /** The Link is a new one: presence is told anew, and part of it may have come already. What is older goes. */
  renew(): void {
    const from = this.#session.clock.mono() - renewedMs;
    for (const [user, { heardAt }] of this.#byUser) if (heardAt < from) this.#byUser.delete(user);
  }

  /** Those of whose client this is the kind. */
  withCaps(caps: string): Jid[] {
    return [...this.#byUser]
      .filter(([, { resources }]) => [...resources.values()].some((one) => one.caps === caps))
      .map(([user]) => Jid.from(user));
  }

  #contact(user: Jid): Contact | undefined {
    const known = this.#byUser.get(user.toString());
    const heardAt = this.#session.clock.mono();
    if (known) {
      known.heardAt = heardAt;
      return known;
    }
    if (this.#byUser.size >= this.#session.limits.watchedMax) return undefined;
    const made: Contact = { resources: new LateMap(), events: noEvents, lastStatus: undefined, heardAt };
    this.#byUser.set(user.toString(), made);
    return made;
  }
}

export const contacts = slot<Contacts>('presence-contacts', (session) => new Contacts(session));
