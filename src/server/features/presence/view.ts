// The presence view (src/presence) at work: it is told what happens, and what it asks for is done. It decides what of the
// contacts' presence a user's sessions are shown: news once, the whole view at sign-in, and the end of what may no longer be
// seen. For contacts on this server the truth is at hand, so the view is set right from it instead of by probes.

import { presencePayload } from '../../../presence/payload.ts';
import { knownOf, makePresenceState, type PresenceState } from '../../../presence/state.ts';
import { step } from '../../../presence/step.ts';
import type { PresenceEffect, PresenceEvent, Shown } from '../../../presence/view.ts';
import type { Element } from '../../../xml/element.ts';
import { parseChildren } from '../../../xml/reader.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza, stanzaNamespace } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import type { Received } from '../../points.ts';
import type { Parcel, Session } from '../../sessions/session.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { presencesFor } from './broadcast.ts';

const views = new WeakMap<Host, View>();

/** Each domain has its own. */
export const viewOf = (host: Host): View => {
  let view = views.get(host);
  if (!view) {
    view = new View(host);
    views.set(host, view);
  }
  return view;
};

class View {
  readonly #host: Host;
  readonly #state: PresenceState;
  #alarm: Disposable | undefined;
  /** Directed presence of strangers that a user's sessions were shown, by full JID, so that they are told of its end. */
  readonly #strangers = new WeakMap<LocalUser, Set<string>>();

  constructor(host: Host) {
    this.#host = host;
    this.#state = makePresenceState({}, Math.floor(host.random.fraction() * 0x7fffffff));
  }

  /** A session has become available: everything it may see, in one write. Call it in the account's turn. */
  arrive(user: LocalUser, session: Session): void {
    const shown: Stanza[] = [];
    for (const { jid, presence } of user.available) if (presence && jid !== session.jid) shown.push(presence);
    for (const { contact, subscription } of user.roster.records)
      if (subscription === 'to' || subscription === 'both') this.#setRight(user, contact);
    const effects = step(
      this.#state,
      { type: 'session-available', user: user.jid.toString(), session: session.jid.toString() },
      this.#host.clock.mono(),
    );
    for (const effect of effects)
      if (effect.type === 'deliver') shown.push(...stanzasOf(effect.presences));
      else this.#perform(effect);
    session.deliverAll(shown.map((stanza): Parcel => ({ stanza: stanza.with({ to: session.jid }) })));
  }

  /** A session is not available any more. */
  depart(session: Session): void {
    this.#tell({ type: 'session-gone', user: session.user.jid.toString(), session: session.jid.toString() });
  }

  /** Presence for the user's bare JID, in the account's turn. */
  receive({ user, stanza }: Received): void {
    const { from } = stanza;
    if (!from) return;
    if (from.bare.equals(user.jid)) user.deliverTo(user.available, stanza);
    else if (user.roster.sees(from)) this.#receiveFromContact(user, from, stanza);
    else this.#receiveFromStranger(user, from, stanza);
  }

  /** The contact may be seen from now on, or again. */
  add(user: LocalUser, contact: Jid): void {
    if (user.available.length > 0 && !user.blocks.has(contact)) this.#setRight(user, contact.bare.toString());
  }

  /** The contact may not be seen any more: whatever was shown of it is taken back. */
  remove(user: LocalUser, contact: Jid): void {
    this.#tell({ type: 'contact-removed', user: user.jid.toString(), contact: contact.bare.toString() });
  }

  /** The account goes out of memory. */
  letGo(user: LocalUser): void {
    for (const { contact } of user.roster.records)
      this.#tell({ type: 'contact-removed', user: user.jid.toString(), contact });
  }

  #receiveFromContact(user: LocalUser, from: Jid, stanza: Stanza): void {
    const about = { user: user.jid.toString(), contact: from.bare.toString(), resource: from.resource ?? '' };
    this.#addPair(user, about.contact);
    if (stanza.type === 'error') this.#tell({ type: 'error', user: about.user, contact: about.contact });
    else if (stanza.type === 'unavailable')
      this.#tell({ type: 'unavailable', ...about, payload: presencePayload(stanza) });
    else this.#tell({ type: 'available', ...about, payload: presencePayload(stanza) });
  }

  #receiveFromStranger(user: LocalUser, from: Jid, stanza: Stanza): void {
    if (stanza.type === 'error') return;
    const known = this.#strangers.get(user) ?? new Set();
    this.#strangers.set(user, known);
    const key = from.toString();
    if (stanza.type === 'unavailable') {
      if (known.delete(key)) user.deliverTo(user.available, stanza);
    } else if (known.has(key) || known.size < this.#host.limits.directedPresenceMax) {
      // Nobody can make us remember more strangers than that.
      known.add(key);
      user.deliverTo(user.available, stanza);
    }
  }

  /** Makes the view of one contact agree with what is known here: for a local contact, everything. */
  #setRight(user: LocalUser, contact: string): void {
    const jid = Jid.from(contact);
    if (user.blocks.has(jid)) return;
    this.#addPair(user, contact);
    if (!this.#host.isLocal(jid.domain)) return;
    const about = { user: user.jid.toString(), contact };
    const other = this.#host.inUse(contact);
    const truth = other?.roster.letsSee(user.jid) ? presencesFor(other, user.jid) : [];
    const there = new Set(truth.map(({ from }) => from?.resource ?? ''));
    for (const { resource } of knownOf(this.#state, about.user, contact))
      if (!there.has(resource)) this.#tell({ type: 'unavailable', ...about, resource });
    for (const stanza of truth)
      this.#tell({
        type: 'available',
        ...about,
        resource: stanza.from?.resource ?? '',
        payload: presencePayload(stanza),
      });
  }

  #addPair(user: LocalUser, contact: string): void {
    const isLocal = this.#host.isLocal(contact.slice(contact.indexOf('@') + 1));
    this.#tell({ type: 'contact-added', user: user.jid.toString(), contact, isLocal });
  }

  #tell(event: PresenceEvent): void {
    for (const effect of step(this.#state, event, this.#host.clock.mono())) this.#perform(effect);
  }

  #perform(effect: PresenceEffect): void {
    const host = this.#host;
    switch (effect.type) {
      case 'deliver': {
        const user = host.inUse(effect.user);
        if (!user) return;
        const stanzas = stanzasOf(effect.presences);
        for (const session of user.available)
          if (effect.to === 'all' || effect.to === session.jid.toString())
            session.deliverAll(stanzas.map((stanza) => ({ stanza: stanza.with({ to: user.jid }) })));
        return;
      }
      case 'probe':
        host
          .broadcast(
            Stanza.make({
              kind: 'presence',
              type: 'probe',
              from: Jid.from(effect.user),
              to: Jid.from(effect.contact),
            }),
          )
          .catch((cause: unknown) => host.events.failed(undefined, cause));
        return;
      case 'arm':
        this.#alarm?.[Symbol.dispose]();
        this.#alarm = host.clock.after(effect.at - host.clock.mono(), () => this.#tell({ type: 'tick' }));
        return;
      case 'snapshot':
      case 'forget':
        // Only remote contacts are in a snapshot, and nobody carries their presence yet (see carryElsewhere).
        return;
      default:
        effect satisfies never;
    }
  }
}

const stanzasOf = (presences: readonly Shown[]): Stanza[] => {
  // Many contacts say the same; its text is read once.
  const read = new Map<string, readonly Element[]>();
  return presences.map(({ contact, resource, isAvailable, payload }) => {
    const elements = read.get(payload) ?? elementsOfPayload(payload);
    read.set(payload, elements);
    const bare = Jid.from(contact);
    const from = resource === '' ? bare : bare.withResource(resource);
    return Stanza.make({ kind: 'presence', type: isAvailable ? undefined : 'unavailable', from }, ...elements);
  });
};

const elementsOfPayload = (payload: string): readonly Element[] => {
  if (payload === '') return [];
  const read = parseChildren(payload, stanzaNamespace, { bytesMax: Number.MAX_SAFE_INTEGER });
  return read.ok ? read.value.filter((one): one is Element => typeof one !== 'string') : [];
};
