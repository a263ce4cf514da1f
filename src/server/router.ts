// Where a stanza goes: by its address, to the server itself, to one of our accounts, or elsewhere (RFC 6120 §10,
// RFC 6121 §8). Everything a session sends comes in by `handleSent`; everything for an address of ours by `Router.route`.

import type { Jid } from '../xmpp/jid.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import type { Carrier, Service } from './elsewhere.ts';
import type { ServerEvents } from './events.ts';
import type { Host } from './host.ts';
import { accountIq, iqFault, isRequest, serverIq, sessionIq } from './iq.ts';
import { deliverMessage } from './messages/deliver.ts';
import { messageType, toNobody } from './messages/rules.ts';
import { mayDeliver, presenceNews, presenceReceived, type Received, type Refusal } from './points.ts';
import type { LocalUser } from './users/local-user.ts';
import type { Turn } from './users/turns.ts';

export class Router {
  readonly #events: ServerEvents;
  readonly #hosts = new Map<string, Host>();
  readonly #services = new Map<string, Service>();
  #carrier: Carrier | undefined;

  constructor(events: ServerEvents) {
    this.#events = events;
  }

  addHost(host: Host): void {
    this.#hosts.set(host.domain.toString(), host);
  }

  /** From now until it is disposed of, the service owns its domain. Throws RangeError when somebody else does. */
  addService(service: Service): Disposable {
    const { domain } = service;
    if (this.isOurs(domain)) throw new RangeError(`the domain ${domain} is taken`);
    this.#services.set(domain, service);
    return {
      [Symbol.dispose]: () => {
        if (this.#services.get(domain) === service) this.#services.delete(domain);
      },
    };
  }

  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  /** Who takes stanzas to other servers; nobody does at first, and senders are told that there is no way. */
  setCarrier(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  /** Does the domain have its accounts here? */
  isLocal(domain: string): boolean {
    return this.#hosts.has(domain);
  }

  /** May nobody else speak for the domain? */
  isOurs(domain: string): boolean {
    return this.#hosts.has(domain) || this.#services.has(domain);
  }

  /** See Host.route and Host.broadcast. */
  route(stanza: Stanza, isBroadcast = false): Promise<void> {
    const { to } = stanza;
    if (!to || !stanza.from) return Promise.reject(new TypeError('a routed stanza has both addresses'));
    this.#events.routed(stanza);
    const host = this.#hosts.get(to.domain);
    if (!host) return this.#elsewhere(to, stanza, isBroadcast);
    if (to.local === undefined) return toServer(host, to, stanza);
    if (isNews(stanza) && to.isBare) host.hooks.tell(presenceNews, stanza);
    // News of presence is for sessions, and an account that is not in memory has none: the view has heard it, which is enough.
    if (isNews(stanza) && !host.users.isPresent(to)) return Promise.resolve();
    return host.users.turn(to, (user, turn) =>
      user ? toAccount(user, stanza, turn) : toNoAccount(host, stanza, turn),
    );
  }

  async #elsewhere(to: Jid, stanza: Stanza, isBroadcast: boolean): Promise<void> {
    const service = this.#services.get(to.domain);
    if (service) return service.deliver(stanza, isBroadcast);
    if (this.#carrier) return this.#carrier.carry(stanza, isBroadcast);
    if (!isBroadcast && mayBounce(stanza)) await this.route(stanza.error('remote-server-not-found'));
  }
}

/** Errors and answers are never answered (RFC 6120 §8.3.1), nor is news that somebody has gone. */
export const mayBounce = ({ kind, type }: Stanza): boolean =>
  type !== 'error' &&
  !(kind === 'iq' && type === 'result') &&
  !(kind === 'presence' && type !== undefined && type !== 'subscribe');

const isNews = ({ kind, type }: Stanza): boolean =>
  kind === 'presence' && (type === undefined || type === 'unavailable' || type === 'error');

const toServer = async (host: Host, to: Jid, stanza: Stanza): Promise<void> => {
  if (stanza.kind === 'iq') {
    const fault = iqFault(stanza);
    if (fault !== undefined) {
      if (mayBounce(stanza)) await host.route(stanza.error('bad-request', { text: fault }));
    } else if (to.resource === undefined) await serverIq(host, stanza);
    else if (isRequest(stanza)) await host.route(stanza.error('service-unavailable'));
  } else if (stanza.kind === 'message' && toNobody[messageType(stanza)] === 'refuse')
    await host.route(stanza.error('service-unavailable'));
  // Presence for the server itself says nothing that it needs to know.
};

/** RFC 6121 §8.5.1. To whoever asks, no account looks like an account that keeps to itself. */
const toNoAccount = (host: Host, stanza: Stanza, turn: Turn): void => {
  switch (stanza.kind) {
    case 'iq':
      if (isRequest(stanza)) turn.also(host.route(stanza.error('service-unavailable')));
      return;
    case 'message':
      if (toNobody[messageType(stanza)] === 'refuse') turn.also(host.route(stanza.error('service-unavailable')));
      return;
    case 'presence':
      if (stanza.type === 'probe' && stanza.from && stanza.to)
        turn.also(
          host.broadcast(
            stanza.with({ type: 'unsubscribed', from: stanza.to.bare, to: stanza.from.bare, id: undefined }),
          ),
        );
      return;
    default:
      stanza.kind satisfies never;
  }
};

const toAccount = (user: LocalUser, stanza: Stanza, turn: Turn): void | Promise<void> => {
  const { host } = user;
  const refusal = host.hooks.ask(mayDeliver, { user, stanza });
  if (refusal) {
    const answer = refused(stanza, refusal);
    if (answer) turn.also(host.route(answer));
    return;
  }
  const received: Received = { user, stanza, turn };
  switch (stanza.kind) {
    case 'message':
      return deliverMessage(received);
    case 'presence':
      return host.hooks.owner(presenceReceived, stanza.type ?? 'available')?.(received);
    case 'iq': {
      const fault = iqFault(stanza);
      if (fault !== undefined) {
        if (mayBounce(stanza)) turn.also(host.route(stanza.error('bad-request', { text: fault })));
        return;
      }
      return stanza.to?.isBare ? accountIq(received) : sessionIq(received);
    }
    default:
      stanza.kind satisfies never;
  }
};

/** The answer to a refused stanza, if it gets one. */
export const refused = (stanza: Stanza, { condition, isSilent, ...options }: Refusal): Stanza | undefined => {
  if (isSilent || !mayBounce(stanza) || (stanza.kind === 'presence' && stanza.type === undefined)) return undefined;
  return stanza.error(condition, options);
};
