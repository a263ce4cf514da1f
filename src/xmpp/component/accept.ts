// XEP-0114 Jabber Component Protocol 1.6, "accept": a component's socket from its first octet to its end.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { escapeAttr, textOf } from '../../xml/element.ts';
import type { XmlFault } from '../../xml/limits.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import type { Stanza } from '../stanza.ts';
import { elementOf, isStanza, stanzaOf } from '../stanza-reader.ts';
import { type StreamError, streamErrorOf, streamErrorText } from '../stream/conditions.ts';
import { checkHeader } from '../stream/header.ts';
import { Connection, type ConnectionListener } from '../stream/transport.ts';
import type {
  AcceptComponent,
  ComponentEnd,
  ComponentOptions,
  ComponentSession,
  ComponentStream,
} from './component.ts';
import { provesSecret } from './handshake.ts';
import { type ComponentLimits, defaultComponentLimits } from './limits.ts';
import { SignsOfLife } from './signs-of-life.ts';

export const componentNamespace = 'jabber:component:accept';

export const acceptComponent: AcceptComponent = (socket, options) => new AcceptedComponent(socket, options);

class AcceptedComponent implements ComponentStream, ConnectionListener {
  readonly remote: string;
  readonly #options: ComponentOptions;
  readonly #limits: ComponentLimits;
  readonly #connection: Connection;
  readonly #signs: SignsOfLife;
  readonly #deadline: Disposable;
  /** Of our header; undefined before it was sent. */
  #id: string | undefined;
  #domain: Jid | undefined;
  #lang: string | undefined;
  #session: ComponentSession | undefined;
  #isOver = false;
  #end: ComponentEnd | undefined;
  #handling = 0;
  #whenRoom: (() => void) | undefined;

  constructor(socket: Duplex, options: ComponentOptions) {
    const limits = { ...defaultComponentLimits, ...options.limits };
    const { clock } = options;
    this.#options = options;
    this.#limits = limits;
    const tcp = socket as Partial<Socket>;
    this.remote = tcp.remoteAddress ?? 'local';
    tcp.setNoDelay?.(true);
    tcp.setKeepAlive?.(true, limits.idleMs);
    this.#connection = new Connection(
      socket,
      {
        clock,
        xml: limits.xml,
        closeMs: limits.closeMs,
        keepaliveMs: limits.keepaliveMs,
        bytesPerSecond: limits.bytesPerSecondBeforeAuth,
        burstBytes: Math.min(limits.burstBytes, 16_384),
      },
      this,
    );
    this.#signs = new SignsOfLife({
      connection: this.#connection,
      clock,
      random: options.random,
      limits,
      isReading: () => this.#handling < limits.handlingMax && !this.#connection.hasMore,
      gaveNone: (text) => this.#fail({ condition: 'connection-timeout', text }),
      isMute: () => options.log.info({ component: this.#domain?.domain }, 'the component answers no pings'),
    });
    this.#deadline = clock.after(limits.authMs, () =>
      this.#fail({ condition: 'connection-timeout', text: 'time for the handshake is over' }),
    );
  }

  get unconfirmedCount(): number {
    return this.#signs.unconfirmed.count;
  }

  // ---- towards the component

  send(stanza: Stanza): Promise<boolean> {
    if (!this.#session || this.#isOver) return Promise.resolve(false);
    const text = stanza.toXml();
    const { unconfirmed } = this.#signs;
    return new Promise((resolve) => {
      unconfirmed.add({ chars: text.length, settle: (fate) => resolve(fate === 'read') });
      this.#connection.write(text);
      if (unconfirmed.count > this.#limits.unconfirmedMax || unconfirmed.chars > this.#limits.unconfirmedCharsMax)
        this.#fail({ condition: 'policy-violation', text: 'too many stanzas wait to be read' });
    });
  }

  async close(error?: StreamError): Promise<void> {
    if (error) this.#fail(error);
    else if (!this.#isOver) {
      this.#finish({ reason: 'closed-by-server' });
      this.#connection.close();
    }
    await this.#connection.drained();
  }

  flushing(): { readonly text: string; readonly sent?: () => void } | undefined {
    return this.#session && !this.#isOver ? this.#signs.flushing() : undefined;
  }

  // ---- from the component

  opened(header: StreamHeader): void {
    const { attrs } = header;
    const named = Jid.parse(attrs['to'] ?? '');
    const domain = named.ok && named.value.equals(Jid.from(named.value.domain)) ? named.value : undefined;
    const error = this.#headerFault(header, domain);
    this.#id = this.#options.random.id(22);
    // XEP-0114 is older than stream features: a version would promise them.
    const from = escapeAttr(domain?.toString() ?? attrs['to'] ?? this.#options.server.toString());
    this.#connection.write(
      `<?xml version='1.0'?><stream:stream from='${from}' id='${this.#id}' xmlns='${componentNamespace}' xmlns:stream='${ns.stream}'>`,
    );
    if (error) this.#fail(error);
    else {
      this.#domain = domain;
      this.#lang = attrs['xml:lang'];
    }
  }

  #headerFault(header: StreamHeader, domain: Jid | undefined): StreamError | undefined {
    const fault = checkHeader(header, componentNamespace);
    if (fault && fault.condition !== 'unsupported-version') return fault;
    if (header.attrs['to'] === undefined)
      return { condition: 'improper-addressing', text: "the header needs 'to', the domain of the component" };
    return domain && this.#options.knows(domain.domain)
      ? undefined
      : { condition: 'host-unknown', text: 'no component of that domain is configured' };
  }

  element(element: StreamElement): void | Promise<void> {
    if (this.#isOver || !this.#domain) return;
    if (element.name === 'error' && element.xmlns === ns.stream) {
      this.#finish({ reason: 'closed-by-component', error: streamErrorOf(elementOf(element)) });
      this.#connection.finishClose();
      return;
    }
    if (!this.#session) return this.#handshake(element, this.#domain);
    if (!isStanza(element))
      return this.#fail({ condition: 'unsupported-stanza-type', text: 'neither message, presence nor iq' });
    return this.#read(element, this.#session, this.#domain);
  }

  closed(): void {
    this.#finish({ reason: 'closed-by-component' });
    this.#connection.finishClose();
  }

  faulted({ reason, text }: XmlFault): void {
    if (this.#id === undefined) this.#greetNobody();
    this.#fail({ condition: reason, text });
  }

  disconnected(error: Error | undefined): void {
    this.#options.log.debug({ remote: this.remote, err: error }, 'a connection for components is gone');
    this.#finish({ reason: 'lost' });
    this.#signs[Symbol.dispose]();
    if (this.#end) this.#session?.ended(this.#end);
    this.#options.disconnected?.();
  }

  async #handshake(element: StreamElement, domain: Jid): Promise<void> {
    const isOne = element.name === 'handshake' && element.xmlns === componentNamespace && element.children.length === 0;
    if (!isOne) return this.#fail({ condition: 'not-authorized', text: 'a handshake comes first' });
    const given = textOf(elementOf(element));
    const id = this.#id ?? '';
    try {
      const admitted = await this.#options.admit(this, {
        domain: domain.domain,
        remote: this.remote,
        proves: (secret) => provesSecret(given, id, secret),
      });
      if (!admitted.ok) return this.#fail(admitted.fault);
      // An end that came meanwhile is told when the connection is gone.
      this.#session = admitted.value;
      if (this.#isOver) return;
    } catch (error) {
      this.#options.log.error({ remote: this.remote, err: error }, 'a handshake could not be looked at');
      return this.#fail({ condition: 'internal-server-error' });
    }
    this.#deadline[Symbol.dispose]();
    const { bytesPerSecond, burstBytes, elementsPerSecond, burstElements } = this.#limits;
    this.#connection.limitRate(bytesPerSecond, burstBytes);
    this.#connection.limitElements(elementsPerSecond, burstElements);
    this.#connection.write('<handshake/>');
    this.#signs.start(domain, this.#options.server);
    this.#session.opened();
  }

  #read(element: StreamElement, session: ComponentSession, domain: Jid): void | Promise<void> {
    const read = stanzaOf(element, this.#lang);
    if (!read.ok && read.fault.attribute === 'from') return this.#invalidFrom();
    const received = read.ok ? read.value : read.fault.stanza;
    // COMPAT: XEP-0114 wants `from`; Prosody 0.12 fills it in where it is missing (accept.test.ts).
    const stanza = received.from ? received : received.with({ from: domain });
    if (stanza.from?.domain !== domain.domain) return this.#invalidFrom();
    if (!read.ok) return this.#refuse(stanza, 'jid-malformed');
    if (!stanza.to) return this.#refuse(stanza, 'bad-request');
    if (this.#signs.isAnswer(stanza)) return;
    const handled = session.stanza(stanza);
    return handled && this.#count(handled);
  }

  /** While there is room the next stanza need not wait for this one. */
  #count(handled: Promise<void>): void | Promise<void> {
    this.#handling++;
    const done = (): void => {
      this.#handling--;
      this.#whenRoom?.();
      this.#whenRoom = undefined;
    };
    handled.then(done, (cause: unknown) => {
      done();
      this.#options.log.error({ err: cause }, "a component's stanza could not be handled");
      this.#fail({ condition: 'internal-server-error' });
    });
    if (this.#handling < this.#limits.handlingMax) return;
    return new Promise((resolve) => {
      this.#whenRoom = resolve;
    });
  }

  #refuse(stanza: Stanza, condition: 'jid-malformed' | 'bad-request'): void {
    if (stanza.type === 'error' || (stanza.kind === 'iq' && stanza.type === 'result')) return;
    this.#connection.write(stanza.error(condition).with({ from: this.#options.server }).toXml());
  }

  #invalidFrom(): void {
    this.#fail({ condition: 'invalid-from', text: `not an address of ${this.#domain}` });
  }

  // ---- the end

  #fail(error: StreamError): void {
    if (this.#isOver) return;
    if (this.#id === undefined) this.#greetNobody();
    this.#finish({ reason: 'closed-by-server', error });
    this.#connection.finish(streamErrorText(error));
  }

  /** RFC 6120 §4.9.1.2: an error about the header still follows a header. */
  #greetNobody(): void {
    this.#id = '';
    this.#connection.write(
      `<?xml version='1.0'?><stream:stream from='${escapeAttr(this.#options.server.toString())}' xmlns='${componentNamespace}' xmlns:stream='${ns.stream}'>`,
    );
  }

  #finish(end: ComponentEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end = end;
    this.#deadline[Symbol.dispose]();
    this.#signs.stop();
  }
}
