// The presence view (src/presence) at work: it is told what happens, and what it asks for is done. It decides what of the
// contacts' presence a user's sessions are shown: news once, the whole view at sign-in, and the end of what may no longer be
// seen. It holds every contact of every account of the domain, whether the account is in memory or not. For contacts on this
// server the truth is at hand, so the view is set right from it instead of by probes.

import { describe } from '../../../presence/describe.ts';
import { presencePayload } from '../../../presence/payload.ts';
import { knownOf, makePresenceState, type PresenceState, sizeOf } from '../../../presence/state.ts';
import { step } from '../../../presence/step.ts';
import { unconfirmedOf } from '../../../presence/unconfirmed.ts';
import type { ContactDescription, PresenceEffect, PresenceEvent, SnapshotEntry } from '../../../presence/view.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import type { Received } from '../../points.ts';
import type { Parcel, Session } from '../../sessions/session.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { presencesFor } from './broadcast.ts';
import { readPairs } from './known-pairs.ts';
import { rehearse } from './rehearsal.ts';
import { stanzasOf } from './shown.ts';
import { Snapshot } from './snapshot.ts';

/** What a presence says. Of one that is larger than our own users' may be, whether and how somebody is there. */
const payloadOf = (stanza: Stanza, charactersMax: number): string => {
  if (stanza.inner.length <= charactersMax) return presencePayload(stanza);
  const kept = stanza.elements.filter(({ name, children }) => name === 'show' && children.join('').length < 10);
  return presencePayload(Stanza.make({ kind: 'presence' }, ...kept));
};

/** Less than this a busy machine or a clock that is being adjusted may be off. */
const sleepMinMs = 30_000;

const outcomes = ['sent', 'available', 'unavailable', 'error', 'unanswered', 'void'] as const;

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

export class View {
  readonly #host: Host;
  readonly #state: PresenceState;
  readonly #snapshot: Snapshot;
  /** Of the probes counted so far, what the counters have. */
  readonly #probesTold = { sent: 0, available: 0, unavailable: 0, error: 0, unanswered: 0, void: 0 };
  #isStopped = false;
  #alarm: Disposable | undefined;
  /** What the clock on the wall is ahead of monotonic time; it grows by itself in a sleep that stops the latter (Linux). */
  #wallAheadMs: number;
  /** Directed presence of strangers that a user's sessions were shown, by full JID, so that they are told of its end. */
  readonly #strangers = new WeakMap<LocalUser, Set<string>>();

  constructor(host: Host) {
    this.#host = host;
    this.#state = makePresenceState(host.presence, Math.floor(host.random.fraction() * 0x7fffffff));
    this.#wallAheadMs = host.clock.wall() - host.clock.mono();
    this.#snapshot = new Snapshot(host.store.presence, host.clock, (cause) => host.events.snapshotFailed(cause));
  }

  // ---- the server's beginning and end

  /** Brings back all that the Store has: who sees whom, and what was seen last. Before anybody is let in. */
  async start(): Promise<void> {
    const { store, domain, clock, events } = this.#host;
    const startedAt = clock.mono();
    let pairs = 0;
    let entries = 0;
    await readPairs(store, domain.toString(), (page) => {
      pairs += page.length;
      for (const { account, contact } of page) this.expect(account, contact);
    });
    const suffix = `@${domain}`;
    const wall = clock.wall();
    await store.presence.read((page) => {
      const own = page.filter(({ account }) => account.endsWith(suffix));
      entries += own.length;
      this.#tell({
        type: 'restored',
        entries: own.map(
          ({ account, contact, resource, payload, confirmedAt }): SnapshotEntry => ({
            user: account,
            contact,
            resource,
            payload,
            // A clock that was set back says nothing about ages.
            ageMs: Math.max(0, wall - confirmedAt),
          }),
        ),
      });
    });
    this.#snapshot.tidy();
    rehearse();
    events.presenceRestored(domain, { pairs, entries, ms: clock.mono() - startedAt });
  }

  /** Nothing more is asked of anybody, and what the Store should have is there. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    await this.#snapshot.flush();
    this.#snapshot[Symbol.dispose]();
  }

  #tick(): void {
    const { clock } = this.#host;
    const aheadMs = clock.wall() - clock.mono();
    const sleptMs = aheadMs - this.#wallAheadMs;
    this.#wallAheadMs = aheadMs;
    // A clock that was put right looks the same, and costs no more than a question to everybody.
    if (sleptMs > sleepMinMs) this.#tell({ type: 'slept', ms: sleptMs });
    this.#tell({ type: 'tick' });
  }

  // ---- sessions

  /**
   * A session has become available: everything it may see, in one write. Call it in the account's turn. What is returned
   * asks after those of whom too little is known, and can wait until more urgent things are done.
   */
  arrive(user: LocalUser, session: Session): () => void {
    const shown: Stanza[] = [];
    for (const { jid, presence } of user.available)
      if (presence && jid !== session.jid) shown.push(presence.with({ to: session.jid }));
    for (const { contact, subscription } of user.roster.records)
      if (subscription === 'to' || subscription === 'both') this.#check(user, contact);
    const effects = step(
      this.#state,
      { type: 'session-available', user: user.jid.toString(), session: session.jid.toString() },
      this.#host.clock.mono(),
    );
    for (const effect of effects)
      if (effect.type === 'deliver') shown.push(...stanzasOf(effect.presences, session.jid));
    session.deliverAll(shown.map((stanza): Parcel => ({ stanza })));
    return () => {
      for (const effect of effects) if (effect.type !== 'deliver') this.#perform(effect);
    };
  }

  /** A session is not available any more. */
  depart(session: Session): void {
    this.#tell({ type: 'session-gone', user: session.user.jid.toString(), session: session.jid.toString() });
  }

  // ---- news of contacts

  /** Presence for the user's bare JID, in the account's turn. */
  receive({ user, stanza }: Received): void {
    const { from } = stanza;
    if (!from) return;
    if (from.bare.equals(user.jid)) user.deliverTo(user.available, stanza);
    else if (user.roster.sees(from)) {
      this.expect(user.jid.toString(), from.bare.toString());
      this.#receiveFromContact(user.jid.toString(), from, stanza);
    } else this.#receiveFromStranger(user, from, stanza);
  }

  /** Presence for the bare JID of an account that is not in memory: it need not be, for the view knows whom it sees. */
  overhear(stanza: Stanza): void {
    const { from, to } = stanza;
    if (from && to) this.#receiveFromContact(to.toString(), from, stanza);
  }

  /** The way to another server was lost, or is there again. */
  reach(domain: string, isReachable: boolean): void {
    if (this.#state.domains.has(domain)) this.#host.events.contactsDoubted(domain, isReachable);
    this.#tell({ type: isReachable ? 'link-up' : 'link-down', domain });
  }

  // ---- rosters and block lists

  /** The account sees the contact; for accounts that are not in memory. */
  expect(account: string, contact: string, isNew = false): void {
    const isLocal = this.#host.isLocal(contact.slice(contact.indexOf('@') + 1));
    this.#tell({ type: 'contact-added', user: account, contact, isLocal, isNew });
  }

  /** The contact may be seen from now on, or again. */
  add(user: LocalUser, contact: Jid): void {
    if (!user.blocks.has(contact)) this.#setRight(user, contact.bare.toString());
  }

  /** The contact may not be seen any more: whatever was shown of it is taken back. */
  remove(user: LocalUser, contact: Jid): void {
    this.#tell({ type: 'contact-removed', user: user.jid.toString(), contact: contact.bare.toString() });
  }

  // ---- for whoever has something for those who are there

  /** Contacts that the account sees, with their available resources, of those whom `isFor` says. */
  known(account: string, isFor: (contact: Jid) => boolean) {
    return this.describe(account).flatMap(({ contact: address, resources }) => {
      if (resources.length === 0) return [];
      const contact = Jid.from(address);
      return isFor(contact) ? { contact, resources } : [];
    });
  }

  /** What the account was shown last of a resource, while it is available. */
  payloadOf(account: string, { bare, resource = '' }: Jid): string | undefined {
    return knownOf(this.#state, account, bare.toString()).find((one) => one.resource === resource)?.payload;
  }

  // ---- for operators

  describe(account: string): ContactDescription[] {
    return describe(this.#state, account, this.#host.clock.mono());
  }

  counts(): { readonly pairs: number; readonly entries: number; readonly unconfirmed: number } {
    return { ...sizeOf(this.#state), unconfirmed: unconfirmedOf(this.#state) };
  }

  #receiveFromContact(user: string, from: Jid, stanza: Stanza): void {
    const about = { user, contact: from.bare.toString(), resource: from.resource ?? '' };
    const { presenceMax } = this.#host.limits;
    if (stanza.type === undefined) this.#tell({ type: 'available', ...about, payload: payloadOf(stanza, presenceMax) });
    else if (stanza.type === 'unavailable')
      this.#tell({ type: 'unavailable', ...about, payload: payloadOf(stanza, presenceMax) });
    // Of one resource, an error says that this one is not there.
    else if (from.isBare) this.#tell({ type: 'error', user, contact: about.contact });
    else this.#tell({ type: 'unavailable', ...about });
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

  /** A session is about to be shown this contact: it is in the view, and what is known here is known there. */
  #check(user: LocalUser, contact: string): void {
    const account = user.jid.toString();
    const domain = contact.slice(contact.indexOf('@') + 1);
    if (!this.#host.isLocal(domain)) {
      if (user.blocks.size === 0 || !user.blocks.has(Jid.from(contact))) this.expect(account, contact);
      return;
    }
    const isThere = (this.#host.inUse(contact)?.available.length ?? 0) > 0;
    if (isThere !== knownOf(this.#state, account, contact).length > 0) this.add(user, Jid.from(contact));
  }

  /** Makes the view of one contact agree with what is known here: for a local contact, everything. */
  #setRight(user: LocalUser, contact: string): void {
    const jid = Jid.from(contact);
    this.expect(user.jid.toString(), contact, true);
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

  #tell(event: PresenceEvent): void {
    // Other servers may speak until their links are closed, which is after the last of us has left.
    if (this.#isStopped) return;
    const effects = step(this.#state, event, this.#host.clock.mono());
    for (const effect of effects) this.#perform(effect);
    // There are a million of these at a start, and nothing to count.
    if (event.type !== 'contact-added') this.#count(event, effects);
  }

  #count(event: PresenceEvent, effects: readonly PresenceEffect[]): void {
    const { events } = this.#host;
    const { probesCounted } = this.#state;
    for (const outcome of outcomes) {
      const count = probesCounted[outcome] - this.#probesTold[outcome];
      if (count > 0) events.probed(outcome, count);
      this.#probesTold[outcome] = probesCounted[outcome];
    }
    const delivered = effects.filter((effect) => effect.type === 'deliver');
    if (event.type === 'available') {
      const isShown = delivered.length > 0 || !this.#host.inUse(event.user)?.available.length;
      if (!isShown) events.presenceSuppressed();
    } else if (delivered.length > 0 && !(event.type === 'unavailable' && event.resource !== '')) {
      let gone = 0;
      for (const { presences } of delivered) gone += presences.filter(({ isAvailable }) => !isAvailable).length;
      if (gone > 0) events.presenceSynthesised(gone);
    }
  }

  #perform(effect: PresenceEffect): void {
    const host = this.#host;
    switch (effect.type) {
      case 'deliver': {
        const user = host.inUse(effect.user);
        if (!user) return;
        const stanzas = stanzasOf(effect.presences, user.jid);
        for (const session of user.available)
          if (effect.to === 'all' || effect.to === session.jid.toString())
            session.deliverAll(stanzas.map((stanza) => ({ stanza })));
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
        this.#alarm = host.clock.after(Math.max(0, effect.at - host.clock.mono()), () => this.#tick());
        return;
      case 'snapshot':
      case 'forget':
        return this.#snapshot.take(effect);
      default:
        effect satisfies never;
    }
  }
}
