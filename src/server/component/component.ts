// One component's domain (XEP-0114): ours whether the component is connected or not. While it is not, whoever writes to it is
// told so at once (<remote-server-timeout/>, as Prosody does); what it is not known to have read when it goes comes back
// likewise.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { Throttle } from '../../base/throttle.ts';
import type {
  ComponentClaim,
  ComponentEnd,
  ComponentSession,
  ComponentStream,
} from '../../xmpp/component/component.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { StreamError } from '../../xmpp/stream/conditions.ts';
import type { Service } from '../elsewhere.ts';
import { remoteReach } from '../points.ts';
import { mayBounce } from '../router.ts';
import type { Server } from '../server.ts';
import type { ComponentEvents } from './events.ts';
import { PrivilegedEntity } from './privileges/privileged-entity.ts';
import type { ComponentSettings } from './settings.ts';

export type ComponentServer = Pick<Server, 'hosts' | 'addService' | 'route'>;

export class Component implements Service {
  readonly domain: string;
  readonly name: string | undefined;
  readonly jid: Jid;
  readonly #settings: ComponentSettings;
  readonly #server: ComponentServer;
  readonly #events: ComponentEvents;
  readonly #guesses: Throttle;
  readonly #privileges: PrivilegedEntity;
  readonly #isOurs: Disposable;
  #stream: ComponentStream | undefined;
  #told: boolean | undefined;

  constructor(settings: ComponentSettings, server: ComponentServer, events: ComponentEvents, guesses: Throttle) {
    this.jid = Jid.from(settings.domain);
    this.domain = this.jid.domain;
    this.name = settings.name;
    this.#settings = settings;
    this.#server = server;
    this.#events = events;
    this.#guesses = guesses;
    this.#isOurs = server.addService(this);
    this.#privileges = new PrivilegedEntity({
      component: this.jid,
      privileges: settings.privileges ?? {},
      hosts: server.hosts,
      isConnected: () => this.#stream !== undefined,
      deliver: (stanza) => this.deliver(stanza, true),
      denied: (privilege) => events.denied(this.domain, privilege),
      failed: (cause) => events.failed(this.domain, undefined, cause),
    });
    this.#tellReach();
  }

  get isConnected(): boolean {
    return this.#stream !== undefined;
  }

  /** See Service.deliver: resolves when the component has read it, or whoever sent it was answered. */
  async deliver(stanza: Stanza, isBroadcast = false): Promise<void> {
    this.#events.sent(this.domain);
    if (await this.#stream?.send(stanza)) return;
    this.#events.undelivered(this.domain);
    if (isBroadcast || !mayBounce(stanza)) return;
    await this.#server.route(stanza.error('remote-server-timeout', { text: 'the component is not connected' }));
  }

  /** See ComponentOptions.admit. */
  async admit(
    stream: ComponentStream,
    { proves, remote }: ComponentClaim,
  ): Promise<Outcome<ComponentSession, StreamError>> {
    const refuse = (error: StreamError): Outcome<ComponentSession, StreamError> => {
      this.#events.refused(this.domain, error.condition, remote);
      return bad(error);
    };
    if (!(await this.#guesses.admit(this.domain, remote)))
      return refuse({ condition: 'resource-constraint', text: 'too many attempts wait' });
    if (!proves(this.#settings.secret)) {
      this.#guesses.failed(this.domain, remote);
      return refuse({ condition: 'not-authorized', text: 'the handshake does not fit the secret' });
    }
    this.#guesses.succeeded(this.domain, remote);
    const before = this.#stream;
    if (before) {
      if (this.#settings.onConflict !== 'replace')
        return refuse({ condition: 'conflict', text: 'the component is connected already' });
      this.#stream = undefined;
      void before.close({ condition: 'conflict', text: 'replaced by a new connection' });
    }
    this.#stream = stream;
    return good(new Session(this, stream));
  }

  opened(stream: ComponentStream): void {
    this.#events.connected(this.domain, stream.remote);
    this.#privileges.connected();
    this.#tellReach();
  }

  /** A stanza from the component. */
  async receive(stanza: Stanza): Promise<void> {
    this.#events.received(this.domain);
    try {
      await (this.#privileges.take(stanza) ?? this.#server.route(stanza));
    } catch (cause) {
      this.#events.failed(this.domain, stanza, cause);
      if (mayBounce(stanza)) await this.deliver(stanza.error('internal-server-error', { type: 'wait' }));
    }
  }

  ended(stream: ComponentStream, end: ComponentEnd): void {
    this.#events.ended(this.domain, end);
    // One that was replaced is not the way to the component any more.
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#tellReach();
  }

  /** The domain is nobody's from now on. Its streams end first: that is the door's matter. */
  [Symbol.dispose](): void {
    this.#privileges[Symbol.dispose]();
    this.#isOurs[Symbol.dispose]();
  }

  #tellReach(): void {
    if (this.#told === this.isConnected) return;
    this.#told = this.isConnected;
    const reach = { domain: this.domain, isReachable: this.isConnected };
    for (const { hooks } of this.#server.hosts.values()) hooks.tell(remoteReach, reach);
  }
}

class Session implements ComponentSession {
  readonly #component: Component;
  readonly #stream: ComponentStream;

  constructor(component: Component, stream: ComponentStream) {
    this.#component = component;
    this.#stream = stream;
  }

  opened(): void {
    this.#component.opened(this.#stream);
  }

  stanza(stanza: Stanza): Promise<void> {
    return this.#component.receive(stanza);
  }

  ended(end: ComponentEnd): void {
    this.#component.ended(this.#stream, end);
  }
}
