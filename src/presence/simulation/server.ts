// A server of the simulation: a presence view, and around it as much of an XMPP server as the view can see. Its users'
// presence goes to whoever may see it, probes are answered from what is so, and a Store survives crashes.

import { makePresenceState, type PresenceState } from '../state.ts';
import { step } from '../step.ts';
import type { PresenceEvent, PresenceOptions, Shown } from '../view.ts';
import type { Link, LinkEnd, Stanza } from './link.ts';
import type { World } from './world.ts';

/** How a server answers a probe for somebody who is not there, or may not be seen. */
export type Refusal = 'bare' | 'error' | 'nothing' | 'strange resource';

/** One client of a user: what it says of itself, and what it was shown of others. */
export interface Client {
  readonly user: string;
  readonly resource: string;
  payload: string;
  /** By full address. */
  readonly picture: Map<string, string>;
}

/** Told of whatever the outside can see. */
export interface Witness {
  shown(server: Server, client: Client, presence: Shown): void;
  /** The truth about a user of the server is another now. */
  changed(user: string): void;
}

export class Server implements LinkEnd {
  readonly name: string;
  readonly users: readonly string[];
  readonly clients: Client[] = [];
  readonly links: Link[] = [];
  /** Whom each user is subscribed to. Survives. */
  readonly sees = new Map<string, Set<string>>();
  /** Who may see each user. Survives. */
  readonly seenBy = new Map<string, Set<string>>();
  /** When this process did not run though it was alive. */
  readonly sleeps: { readonly from: number; readonly to: number }[] = [];
  isRunning = true;
  #isAsleep = false;
  readonly #world: World;
  readonly #witness: Witness;
  readonly #options: Partial<PresenceOptions>;
  readonly #refusal: Refusal;
  #state: PresenceState;
  #startedAt = 0;
  #alarmAt = Number.POSITIVE_INFINITY;
  /** Which process this is: what belongs to an earlier one does not happen any more. */
  #life = 0;
  readonly #inbox: (() => void)[] = [];
  readonly #store = new Map<string, { readonly payload: string; readonly at: number }>();
  readonly #storesInMs: number;

  constructor(world: World, name: string, userCount: number, options: Partial<PresenceOptions>, witness: Witness) {
    this.#world = world;
    this.name = name;
    this.#options = options;
    this.#witness = witness;
    this.#refusal = world.pick<Refusal>(['bare', 'error', 'nothing', 'strange resource']);
    this.#storesInMs = world.pick([0, 1_000, 30_000]);
    this.users = Array.from({ length: userCount }, (_, i) => `u${i}@${name}`);
    for (const user of this.users) {
      this.sees.set(user, new Set());
      this.seenBy.set(user, new Set());
    }
    this.#state = makePresenceState(options, world.below(1e9));
  }

  get isAwake(): boolean {
    return this.isRunning && !this.#isAsleep;
  }

  /** Once, when the rosters are set, and after each crash. */
  start(): void {
    this.isRunning = true;
    this.#life++;
    this.#startedAt = this.#world.now - this.#world.below(1e6);
    this.#state = makePresenceState(this.#options, this.#world.below(1e9));
    for (const [user, contacts] of this.sees) for (const contact of contacts) this.#addContact(user, contact);
    const entries = [...this.#store].map(([key, { payload, at }]) => {
      const [user = '', contact = '', resource = ''] = key.split(' ');
      return { user, contact, resource, payload, ageMs: this.#world.now - at };
    });
    for (let i = 0; i < entries.length; i += 10) this.tell({ type: 'restored', entries: entries.slice(i, i + 10) });
  }

  crash(): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.#isAsleep = false;
    this.#life++;
    this.#inbox.splice(0);
    this.#alarmAt = Number.POSITIVE_INFINITY;
    for (const link of this.links) link.crash(this);
    this.clients.splice(0);
    for (const user of this.users) this.#witness.changed(user);
  }

  sleep(ms: number): void {
    if (!this.isAwake) return;
    const from = this.#world.now;
    this.sleeps.push({ from, to: from + ms });
    this.#isAsleep = true;
    const life = this.#life;
    this.#world.after(ms, () => {
      if (this.#life !== life) return;
      this.#isAsleep = false;
      // Timers come before whatever was received meanwhile.
      if (this.#alarmAt <= this.#mono()) this.#ring();
      for (const run of this.#inbox.splice(0)) run();
    });
  }

  signIn(user: string, resource: string): void {
    if (!this.isAwake || this.clients.some((one) => one.user === user && one.resource === resource)) return;
    const client: Client = { user, resource, payload: '', picture: new Map() };
    this.clients.push(client);
    this.tell({ type: 'session-available', user, session: resource });
    this.#broadcast(client, 'available');
  }

  change(client: Client, payload: string): void {
    if (!this.isAwake || client.payload === payload) return;
    client.payload = payload;
    this.#broadcast(client, 'available');
  }

  signOut(client: Client): void {
    if (!this.isAwake) return;
    this.clients.splice(this.clients.indexOf(client), 1);
    this.tell({ type: 'session-gone', user: client.user, session: client.resource });
    this.#broadcast(client, 'unavailable');
  }

  /** The user may see the contact from now on. */
  subscribe(user: string, contact: string): void {
    this.sees.get(user)?.add(contact);
    if (this.isRunning) this.#addContact(user, contact);
  }

  unsubscribe(user: string, contact: string): void {
    this.sees.get(user)?.delete(contact);
    if (this.isRunning) this.tell({ type: 'contact-removed', user, contact });
  }

  /** What the contact may see of the user: resources and what they say. */
  truthOf(user: string, contact: string): Map<string, string> {
    const truth = new Map<string, string>();
    if (this.seenBy.get(user)?.has(contact))
      for (const client of this.clients) if (client.user === user) truth.set(client.resource, client.payload);
    return truth;
  }

  receive(stanza: Stanza): void {
    if (!this.isRunning) return;
    if (!this.isAwake) return void this.#inbox.push(() => this.receive(stanza));
    const { from, resource, to, payload } = stanza;
    if (stanza.type === 'probe') this.#answer(from, to);
    else if (stanza.type === 'error') this.tell({ type: 'error', user: to, contact: from });
    else this.tell({ type: stanza.type, user: to, contact: from, resource, payload });
  }

  hear(news: 'link-down' | 'link-up', domain: string): void {
    if (!this.isAwake) this.#inbox.push(() => this.hear(news, domain));
    else this.tell({ type: news, domain });
  }

  tell(event: PresenceEvent): void {
    for (const effect of step(this.#state, event, this.#mono()))
      switch (effect.type) {
        case 'deliver':
          for (const client of this.clients)
            if (client.user === effect.user && (effect.to === 'all' || effect.to === client.resource))
              for (const one of effect.presences) this.#witness.shown(this, client, one);
          break;
        case 'probe':
          this.#send({ type: 'probe', from: effect.user, to: effect.contact, resource: '', payload: '' });
          break;
        case 'arm':
          this.#arm(effect.at);
          break;
        case 'snapshot':
          this.#write(() => {
            for (const { user, contact, resource, payload } of effect.changes) {
              const key = `${user} ${contact} ${resource}`;
              if (payload === undefined) this.#store.delete(key);
              else this.#store.set(key, { payload, at: this.#world.now - this.#storesInMs });
            }
          });
          break;
        case 'forget':
          this.#write(() => {
            for (const key of this.#store.keys())
              if (key.startsWith(`${effect.user} ${effect.contact} `)) this.#store.delete(key);
          });
          break;
        default:
          effect satisfies never;
      }
  }

  #addContact(user: string, contact: string): void {
    const isLocal = contact.endsWith(`@${this.name}`);
    this.tell({ type: 'contact-added', user, contact, isLocal });
    if (isLocal)
      for (const [resource, payload] of this.truthOf(contact, user))
        this.tell({ type: 'available', user, contact, resource, payload });
  }

  #broadcast({ user, resource, payload }: Client, type: 'available' | 'unavailable'): void {
    this.#witness.changed(user);
    for (const to of this.seenBy.get(user) ?? []) this.#send({ type, from: user, resource, to, payload });
  }

  #answer(asker: string, user: string): void {
    const truth = this.truthOf(user, asker);
    const from = { from: user, to: asker };
    for (const [resource, payload] of truth) this.#send({ type: 'available', ...from, resource, payload });
    if (truth.size > 0 || this.#refusal === 'nothing') return;
    if (this.#refusal === 'error') this.#send({ type: 'error', ...from, resource: '', payload: '' });
    else
      this.#send({ type: 'unavailable', ...from, resource: this.#refusal === 'bare' ? '' : 'never-seen', payload: '' });
  }

  #send(stanza: Stanza): void {
    const domain = stanza.to.slice(stanza.to.indexOf('@') + 1);
    if (domain === this.name) this.receive(stanza);
    else this.links.find((link) => link.other(this).name === domain)?.send(this, stanza);
  }

  /** Write-behind: what was not written at a crash is lost. */
  #write(run: () => void): void {
    const life = this.#life;
    if (this.#storesInMs === 0) run();
    else this.#world.after(this.#storesInMs, () => this.#life === life && run());
  }

  #arm(at: number): void {
    this.#alarmAt = at;
    const life = this.#life;
    this.#world.after(at - this.#mono(), () => {
      if (this.#life === life && this.#alarmAt === at && this.isAwake) this.#ring();
    });
  }

  #ring(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.tell({ type: 'tick' });
  }

  #mono(): number {
    return this.#world.now - this.#startedAt;
  }
}
