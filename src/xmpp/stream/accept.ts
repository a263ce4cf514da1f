// Takes a client's socket from its first octet to a bound (or resumed) session: does what the Responder machine asks for.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { XmlFault } from '../../xml/limits.ts';
import { channelBindingsOf } from '../sasl/channel-binding.ts';
import { mechanisms } from '../sasl/mechanisms.ts';
import { provesPassword } from '../sasl/scram-keys.ts';
import {
  type AcceptC2s,
  type C2sLimits,
  type C2sOptions,
  type C2sSession,
  defaultC2sLimits,
  type FeatureContext,
} from './c2s.ts';
import { type Attachment, ClientStream } from './client-stream.ts';
import type { StreamError } from './conditions.ts';
import { Responder, type ResponderEffect, type ResponderEvent } from './responder.ts';
import { wrapServerTls } from './tls.ts';
import { Connection, type ConnectionListener } from './transport.ts';

export const acceptC2s: AcceptC2s = (socket, options) => new Negotiation(socket, options).stream;

class Negotiation implements ConnectionListener {
  readonly stream: ClientStream;
  readonly #options: C2sOptions;
  readonly #limits: C2sLimits;
  readonly #connection: Connection;
  readonly #responder: Responder;
  readonly #remote: string;
  readonly #deadline: Disposable;
  #isSecuring = false;
  #isOver = false;
  #session: C2sSession | undefined;

  constructor(socket: Duplex, options: C2sOptions) {
    const limits = { ...defaultC2sLimits, ...options.limits };
    const { authentication, clock, random, resumables } = options;
    this.#options = options;
    this.#limits = limits;
    const { remoteAddress } = socket as Partial<Socket>;
    this.#remote = remoteAddress ?? 'local';
    (socket as Partial<Socket>).setNoDelay?.(true);
    const { domain, log } = options;
    this.#responder = new Responder({
      domain,
      canTls: options.tls !== undefined,
      requireTls: options.requireTls,
      allowsPlainWithoutTls: authentication.allowsPlainWithoutTls ?? false,
      mechanisms: authentication.mechanisms ?? mechanisms,
      authTriesMax: limits.authTriesMax,
      fakeSaltSecret: authentication.fakeSaltSecret,
      iterations: authentication.iterations,
      canManage: true,
      newId: () => random.id(22),
      features: () => options.features?.(this.#context) ?? [],
      canAnswerIq: options.unauthenticatedIq !== undefined,
    });
    this.#connection = new Connection(
      socket,
      {
        clock,
        xml: limits.xmlBeforeAuth,
        closeMs: limits.closeMs,
        keepaliveMs: limits.keepaliveMs,
        bytesPerSecond: limits.bytesPerSecondBeforeAuth,
        burstBytes: Math.min(limits.burstBytes, 65_536),
      },
      this,
    );
    this.stream = new ClientStream({ domain, limits, clock, random, log, resumables }, this.#attachment, (error) =>
      this.#fail(error),
    );
    this.#deadline = clock.after(limits.authMs, () => {
      if (this.#isSecuring) this.#connection.destroy(new Error('time to sign in is over'));
      this.#fail({ condition: 'connection-timeout', text: 'time to sign in is over' });
    });
    if (options.isDirectTls) void this.#secure(true);
  }

  get #attachment(): Attachment {
    return {
      connection: this.#connection,
      remote: this.#remote,
      isSecure: this.#responder.isSecure,
      lang: this.#responder.lang,
      disconnected: () => this.#options.disconnected?.(),
    };
  }

  get #context(): FeatureContext {
    return { isSecure: this.#responder.isSecure, account: this.#responder.account, remote: this.#remote };
  }

  opened(header: Parameters<ConnectionListener['opened']>[0]): Promise<void> | undefined {
    return this.#step({ type: 'open', header });
  }

  element(element: Parameters<ConnectionListener['element']>[0]): Promise<void> | undefined {
    return this.#step({ type: 'element', element });
  }

  closed(): void {
    this.#connection.finishClose();
  }

  faulted({ reason, text }: XmlFault): void {
    this.#fail({ condition: reason, text });
  }

  disconnected(error: Error | undefined): void {
    this.#options.log.debug({ remote: this.#remote, err: error }, 'connection gone before a session was bound');
    this.#done();
    this.#options.disconnected?.();
    this.stream.abandon(this.#session);
  }

  #done(): void {
    this.#isOver = true;
    this.#deadline[Symbol.dispose]();
  }

  #fail(error: StreamError | undefined): void {
    if (this.#isOver) return;
    if (error) this.#perform(this.#responder.fail(error));
    else this.#connection.close();
  }

  /** Undefined when everything is done at once. A failure of our own surroundings ends the stream, with a word. */
  #step(event: ResponderEvent): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    return this.#perform(this.#responder.step(event))?.catch((error: unknown) => {
      this.#options.log.error({ remote: this.#remote, err: error }, 'stream negotiation failed');
      this.#fail({ condition: 'internal-server-error' });
    });
  }

  #perform(effects: readonly ResponderEffect[]): Promise<void> | undefined {
    let asked: Promise<void> | undefined;
    let text = '';
    for (const [i, effect] of effects.entries()) {
      // The answer to the bind request belongs to the session's first write.
      if (effect.do === 'send' && effects[i + 1]?.do === 'established') text = effect.text;
      else if (effect.do === 'established') this.#establish(text);
      else asked = this.#do(effect) ?? asked;
    }
    return asked;
  }

  #do(effect: ResponderEffect): Promise<void> | undefined {
    switch (effect.do) {
      case 'send':
        this.#connection.write(effect.text);
        return undefined;
      case 'restart':
        this.#connection.restart(this.#limits.xml);
        return undefined;
      case 'start-tls':
        return this.#secure(false);
      case 'lookup':
        return this.#lookup(effect.account);
      case 'check':
        return provesPassword(effect.keys, effect.password).then((isRight) => this.#step({ type: 'checked', isRight }));
      case 'answer-iq':
        return this.#options
          .unauthenticatedIq?.(effect.stanza, this.#context)
          .then((answer) => this.#step({ type: 'answered', answer }));
      case 'bind':
        return this.#bind(effect);
      case 'resume':
        return this.#resume(effect);
      case 'attempted':
        this.#options.authentication.attempted?.({ ...effect, remote: this.#remote });
        return undefined;
      case 'fail':
        this.#options.log.debug({ remote: this.#remote, condition: effect.error.condition }, 'stream refused');
        this.#done();
        this.#connection.finish(effect.text);
        return undefined;
      case 'established':
        return undefined;
    }
  }

  async #secure(isDirect: boolean): Promise<void> {
    const { tls } = this.#options;
    if (!tls) throw new Error('direct TLS without a certificate');
    // Octets after <starttls/> in clear text were not meant for this stream by the client, whoever put them there.
    if (!isDirect && this.#connection.hasMore) {
      this.#fail({ condition: 'policy-violation', text: 'data after starttls' });
      return;
    }
    this.#isSecuring = true;
    try {
      await this.#connection.upgrade(
        (raw) => wrapServerTls(raw, tls, { isDirect }),
        (socket) => this.#step({ type: 'secured', bindings: channelBindingsOf(socket, true) }),
      );
    } catch (error) {
      this.#options.log.info({ remote: this.#remote, err: error }, 'TLS handshake failed');
    } finally {
      this.#isSecuring = false;
    }
  }

  async #lookup(account: Parameters<C2sOptions['authentication']['lookup']>[0]): Promise<void> {
    let event: ResponderEvent;
    const { authentication } = this.#options;
    try {
      const isAdmitted = (await authentication.admit?.(account, this.#remote)) ?? true;
      event = isAdmitted ? { type: 'found', credentials: await authentication.lookup(account) } : { type: 'failed' };
    } catch (error) {
      this.#options.log.error({ account: String(account), err: error }, 'accounts cannot be looked up');
      event = { type: 'failed' };
    }
    await this.#step(event);
  }

  async #bind({ account, resource }: Extract<ResponderEffect, { do: 'bind' }>): Promise<void> {
    const bound = await this.#options.bind(this.stream, account, resource);
    if (!bound.ok) {
      const { condition, text } = bound.fault;
      await this.#step({ type: 'bind-refused', condition, ...(text !== undefined && { text }) });
      return;
    }
    this.#session = bound.value;
    // A connection that went away meanwhile tells the session so in `disconnected`, which is still to come.
    await this.#step({ type: 'bound', jid: bound.value.jid });
  }

  #establish(text: string): void {
    const session = this.#session as C2sSession;
    this.#session = undefined;
    this.#done();
    this.#limitRates();
    this.stream.establish(session, this.#attachment, text);
  }

  #limitRates(): void {
    const { bytesPerSecond, burstBytes, elementsPerSecond, burstElements } = this.#limits;
    this.#connection.limitRate(bytesPerSecond, burstBytes);
    this.#connection.limitElements(elementsPerSecond, burstElements);
  }

  async #resume({ account, id, h }: Extract<ResponderEffect, { do: 'resume' }>): Promise<void> {
    const { resumables } = this.#options;
    const found = resumables.find(id, account);
    const outcome = found instanceof ClientStream ? await found.takeOver(this.#attachment, h) : false;
    if (outcome === true) {
      this.#done();
      this.#limitRates();
      this.stream.abandon(undefined, found as ClientStream);
    } else if (outcome === false) await this.#step({ type: 'resume-refused', h: resumables.past(id, account) });
    else this.#fail(outcome);
  }
}
