// One attempt to get a stream to a server: does what the Initiator machine asks for.

import { connect as connectTcp, type Socket } from 'node:net';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { XmlFault } from '../../xml/limits.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import type { LinkFault } from '../link.ts';
import { channelBindingsOf } from '../sasl/channel-binding.ts';
import { Initiator, type InitiatorEffect, type InitiatorEvent, type InitiatorOptions } from '../stream/initiator.ts';
import { wrapClientTls } from '../stream/tls.ts';
import { Connection, type ConnectionListener } from '../stream/transport.ts';
import { type ClientOptions, defaultClientLimits } from './options.ts';

export type Established = Extract<InitiatorEffect, { do: 'established' }>;
export type Resumed = Extract<InitiatorEffect, { do: 'resumed' }>;
/** `isSessionGone`: trying to resume the same session again is of no use. */
export type NegotiationFault = LinkFault & { readonly isSessionGone: boolean };

export interface Attempt {
  readonly options: ClientOptions;
  readonly resume: InitiatorOptions['resume'];
  readonly mayBindAnew: boolean;
  /** host and port to try instead of the configured ones (XEP-0198 `location`). */
  readonly location?: { readonly host: string; readonly port: number } | undefined;
  resumeFailed?(h: number | undefined): void;
  /** Takes the connection over: gives the listener that hears everything from here on. The next event waits for `then`. */
  ready(
    connection: Connection,
    result: Established | Resumed,
  ): { readonly listener: ConnectionListener; readonly then?: Promise<void> };
}

export const negotiate = (attempt: Attempt): Promise<Outcome<void, NegotiationFault>> =>
  new Promise((resolve) => new Negotiation(attempt, resolve).start());

class Negotiation implements ConnectionListener {
  readonly #attempt: Attempt;
  readonly #finish: (outcome: Outcome<void, NegotiationFault>) => void;
  readonly #initiator: Initiator;
  readonly #connection: Connection;
  readonly #deadline: Disposable;
  #isOver = false;
  #tlsFault: string | undefined;

  constructor(attempt: Attempt, finish: (outcome: Outcome<void, NegotiationFault>) => void) {
    const { options, resume, mayBindAnew, location } = attempt;
    const { account, password, resource, mechanisms, clock, random, server } = options;
    const limits = { ...defaultClientLimits, ...options.limits };
    this.#attempt = attempt;
    this.#finish = finish;
    this.#initiator = new Initiator({
      account,
      password,
      resource,
      tls: server.tls === 'direct' ? 'required' : server.tls,
      allowsPlainWithoutTls: server.tls === 'off',
      mechanisms,
      resume,
      mayBindAnew,
      newId: () => random.id(22),
    });
    const { host, port } = location ?? server;
    const socket = (options.connect ?? overTcp)(host, port);
    this.#connection = new Connection(socket, { clock, xml: limits.xml, closeMs: limits.closeMs }, this);
    this.#deadline = clock.after(limits.connectMs, () => this.#fail('unreachable', 'timed out', true));
  }

  start(): void {
    if (this.#attempt.options.server.tls === 'direct') void this.#secure(true);
    else void this.#step({ type: 'start' });
  }

  opened(header: StreamHeader): Promise<void> | undefined {
    return this.#step({ type: 'open', header });
  }

  element(element: StreamElement): Promise<void> | undefined {
    return this.#step({ type: 'element', element });
  }

  closed(): void {
    this.#fail('refused', 'the server ended the stream');
  }

  faulted(fault: XmlFault): void {
    this.#fail('refused', `what the server sends is ${fault.reason}`);
  }

  disconnected(error: Error | undefined): void {
    this.#fail(
      this.#tlsFault ? 'tls-required' : 'unreachable',
      this.#tlsFault ?? error?.message ?? 'connection closed',
    );
  }

  #fail(reason: LinkFault['reason'], text: string, isStuck = false): void {
    this.#end({ reason, text, isSessionGone: false });
    if (isStuck) this.#connection.destroy();
    else this.#connection.finish('');
  }

  #end(fault: NegotiationFault | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline[Symbol.dispose]();
    this.#finish(fault ? bad(fault) : good(undefined));
  }

  #step(event: InitiatorEvent): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    let pending: Promise<void> | undefined;
    for (const effect of this.#initiator.step(event)) pending = this.#do(effect) ?? pending;
    return pending;
  }

  #do(effect: InitiatorEffect): Promise<void> | undefined {
    switch (effect.do) {
      case 'send':
        this.#connection.write(effect.text);
        return undefined;
      case 'restart':
        this.#connection.restart();
        return undefined;
      case 'start-tls':
        return this.#secure(false);
      case 'compute':
        return effect.scram.answer(effect.challenge).then((answer) => this.#step({ type: 'computed', answer }));
      case 'resume-failed':
        this.#attempt.resumeFailed?.(effect.h);
        return undefined;
      case 'give-up': {
        const { fault, isSessionGone = false } = effect;
        this.#end({ ...fault, isSessionGone });
        this.#connection.finish('');
        return undefined;
      }
      case 'established':
      case 'resumed': {
        const { listener, then } = this.#attempt.ready(this.#connection, effect);
        this.#connection.listener = listener;
        this.#end(undefined);
        return then;
      }
    }
  }

  async #secure(isDirect: boolean): Promise<void> {
    const { server } = this.#attempt.options;
    if (!isDirect && this.#connection.hasMore) return this.#fail('tls-required', 'data before the TLS handshake');
    const isRequired = server.tls === 'required' || server.tls === 'direct';
    let isTrusted = false;
    try {
      await this.#connection.upgrade(
        (raw) => wrapClientTls(raw, server.domain, { isDirect, ca: server.ca }),
        (socket) => {
          isTrusted = server.insecure === true || socket.authorized;
          if (isRequired && !isTrusted) {
            this.#tlsFault = `certificate: ${String(socket.authorizationError)}`;
            this.#connection.destroy();
          } else this.#step({ type: 'secured', bindings: channelBindingsOf(socket, false), isTrusted });
        },
      );
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
      // A connection that broke under the handshake says nothing about what the server offers.
      const reason = cause === undefined || isOfTheNetwork(cause) ? 'unreachable' : 'tls-required';
      this.#fail(reason, `TLS: ${cause?.message ?? 'connection closed'}`);
    }
  }
}

const isOfTheNetwork = (error: Error): boolean =>
  'code' in error && /^E(CONNRESET|PIPE|CONNABORTED|TIMEDOUT|NETUNREACH|HOSTUNREACH)$/.test(String(error.code));

const overTcp = (host: string, port: number): Socket => {
  const socket = connectTcp({ host, port });
  socket.setNoDelay(true);
  return socket;
};
