// Takes a socket to another server from its first octet to an authenticated stream: does what the Initiator machine asks for.

import type { Duplex } from 'node:stream';
import type { XmlFault } from '../../xml/limits.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { ns } from '../namespaces.ts';
import { isStanza } from '../stanza-reader.ts';
import { type StreamError, streamErrorText } from '../stream/conditions.ts';
import { wrapClientTls } from '../stream/tls.ts';
import type { Connection, ConnectionListener } from '../stream/transport.ts';
import { type PeerCertificate, provesDomain, serverCertificate } from './certificate.ts';
import { Initiator, type InitiatorEffect, type InitiatorEvent } from './initiator.ts';
import { defaultS2sLimits } from './limits.ts';
import { Resumption } from './resumption.ts';
import type { OpenS2s, OpenS2sOptions, PeerHints, Proof, S2sFault, S2sLimits } from './s2s.ts';
import { type Negotiated, ServerStream } from './server-stream.ts';
import { liftLimits, prepareSocket, strangersConnection } from './socket.ts';
import { formatTlsSession, parseTlsSession } from './tls-session.ts';

export const openS2s: OpenS2s = (socket, options) => {
  const opening = new Opening(socket, options);
  void opening.start();
  return opening.stream;
};

/** Stanzas that the other side sent while it was not known yet which stream they are for. */
const earlyMax = 1_000;
/** Each TLS session that the other side offers to go on with is kept anew, and it may offer any number: so many, and so large. */
const [ticketsMax, ticketBytesMax] = [4, 16_384];

class Opening implements ConnectionListener {
  readonly stream: ServerStream;
  readonly #options: OpenS2sOptions;
  readonly #limits: S2sLimits;
  readonly #connection: Connection;
  readonly #initiator: Initiator;
  readonly #remote: string;
  readonly #deadline: Disposable;
  readonly #resume: Resumption | undefined;
  #h = 0;
  #certificate: PeerCertificate | undefined;
  #tlsSession: Buffer | undefined;
  #tickets = 0;
  #learnt: PeerHints | undefined;
  #lang: string | undefined;
  readonly #early: StreamElement[] = [];
  #expectsHeader = false;
  #isSecuring = false;
  #isOver = false;

  constructor(socket: Duplex, options: OpenS2sOptions) {
    const limits = { ...defaultS2sLimits, ...options.limits };
    const { clock, random, log, bidi, pair, policy, resume, hints = {} } = options;
    this.#options = options;
    this.#limits = limits;
    this.#remote = prepareSocket(socket);
    if (resume instanceof Resumption && resume.until > clock.mono()) this.#resume = resume;
    const { isDirectTls, usesBidi, usesManagement, isForVerification = false } = options;
    this.#initiator = new Initiator({
      pair,
      policy,
      isDirectTls,
      hasCertificate: options.secureContext !== undefined,
      usesBidi,
      usesManagement,
      isForVerification,
      hints,
      resume: this.#resume && { id: this.#resume.kept.id, h: () => this.#h },
    });
    this.#connection = strangersConnection(socket, clock, limits, this);
    this.stream = new ServerStream(
      {
        dialback: {
          direction: 'out',
          isOurs: bidi?.isOurs ?? ((domain) => domain === pair.local),
          policyFor: (remote) => (remote === pair.remote ? policy : (bidi?.policyFor(remote) ?? 'not allowed here')),
          isOurKey: bidi?.isOurKey ?? (() => false),
          makeKey: options.dialbackKey,
        },
        findOut: bidi?.verifyKey ?? (async () => ({ verdict: 'error', condition: 'not-allowed' })),
        limits,
        clock,
        newId: () => random.id(24),
        log,
        resumables: undefined,
      },
      this.#negotiated,
      {
        end: (error) => this.#fail(error),
        granted: () => void this.#step({ type: 'granted' }),
        refused: (_, fault) => this.#giveUp(fault),
        opened: (header) => this.#openedAgain(header),
        element: (element) => this.#late(element),
      },
    );
    this.stream.listener = options.listener;
    this.stream.earlier = this.#resume;
    if (this.#initiator.sendsAhead) this.stream.planToSendAhead(pair);
    this.#deadline = clock.after(limits.authMs, () => {
      if (this.#isSecuring) this.#connection.destroy(new Error('time to authenticate is over'));
      this.#fail({ condition: 'connection-timeout', text: 'time to authenticate is over' });
    });
  }

  async start(): Promise<void> {
    // What is being handled still counts.
    if (this.#resume) this.#h = await this.#resume.handled();
    if (this.#isOver) return;
    if (this.#options.isDirectTls) await this.#secure(true);
    else await this.#step({ type: 'start' });
  }

  get #negotiated(): Negotiated {
    const { isSecure, isBidi, id } = this.#initiator;
    return {
      connection: this.#connection,
      remote: this.#remote,
      isSecure,
      isBidi,
      streamId: id,
      lang: this.#lang,
      certificate: this.#certificate,
      proves: (remote, policy) => provesDomain(this.#certificate, remote, policy),
    };
  }

  opened(header: StreamHeader): Promise<void> | undefined {
    this.#lang = header.attrs['xml:lang']?.slice(0, 35);
    return this.#step({ type: 'open', header });
  }

  element(element: StreamElement): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    if (element.xmlns === ns.dialback) {
      this.stream.dialback(element);
      return undefined;
    }
    if (isStanza(element) && this.#initiator.isProven && this.#early.length < earlyMax) {
      this.#early.push(element);
      return undefined;
    }
    return this.#step({ type: 'element', element });
  }

  closed(): void {
    this.#lost('the other server ended the stream');
    this.#connection.finishClose();
  }

  faulted({ reason, text }: XmlFault): void {
    this.#lost(`what the other server sends is ${reason}: ${text}`);
    this.#connection.finish(streamErrorText({ condition: reason, text }));
  }

  disconnected(error: Error | undefined): void {
    this.#lost(error ? `the connection broke: ${error.message}` : 'the other server closed the connection');
  }

  flushing(): ReturnType<ServerStream['flushing']> {
    return this.stream.flushing();
  }

  #lost(text: string): void {
    if (!this.#isOver) void this.#perform(this.#initiator.lost(text));
  }

  #over(): void {
    this.#isOver = true;
    this.#deadline[Symbol.dispose]();
  }

  /** Our own wish to end it. */
  #fail(error: StreamError | undefined): void {
    if (this.#isOver) return;
    this.#over();
    if (error) {
      this.#connection.finish(streamErrorText(error));
      const text = error.text ?? error.condition;
      const fault = { reason: 'unreachable', text, condition: 'remote-server-timeout' } as const;
      this.stream.failed({ reason: 'failed', error, fault });
    } else {
      this.#connection.close();
      this.stream.failed({ reason: 'closed-by-us' });
    }
  }

  #giveUp(fault: S2sFault, error?: StreamError): void {
    const { log, pair } = this.#options;
    if (this.#isOver) return void this.stream.close({ condition: 'undefined-condition', text: fault.text });
    this.#over();
    log.info({ ...pair, address: this.#remote, reason: fault.reason, err: fault.text }, 'no stream to the server');
    this.#connection.finish('');
    this.stream.failed({ reason: 'failed', fault, ...(error && { error }) });
  }

  #step(event: InitiatorEvent): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    return this.#perform(this.#initiator.step(event));
  }

  #perform(effects: readonly InitiatorEffect[]): Promise<void> | undefined {
    let asked: Promise<void> | undefined;
    this.stream.negotiated = this.#negotiated;
    for (const effect of effects) asked = this.#do(effect) ?? asked;
    return asked;
  }

  #do(effect: InitiatorEffect): Promise<void> | undefined {
    switch (effect.do) {
      case 'send':
        this.#connection.write(effect.text);
        return undefined;
      case 'start-tls':
        return this.#secure(false);
      case 'restart':
        this.#expectsHeader = true;
        this.#connection.restart();
        return undefined;
      case 'ready':
        this.stream.ready();
        return undefined;
      case 'ask':
        this.stream.ask(this.#options.pair);
        return undefined;
      case 'enable':
        this.stream.enable();
        return undefined;
      case 'unmanaged':
        this.stream.settleUncounted();
        return undefined;
      case 'send-ahead':
        this.stream.sendAhead();
        return undefined;
      case 'resumed':
        if (this.#resume && !this.stream.adopt(this.#resume, effect.h)) {
          const text = 'the other server acknowledges more than it was sent';
          this.#giveUp({ reason: 'protocol', text, condition: 'remote-server-timeout' });
        }
        return undefined;
      case 'resume-failed':
        if (this.#resume) this.stream.letGo(this.#resume, effect.h);
        return undefined;
      case 'established':
        return this.#establish(effect.proof);
      case 'learn':
        this.#learn(effect.hints);
        return undefined;
      case 'give-up':
        this.#giveUp(effect.fault, effect.error);
        return undefined;
    }
  }

  #establish(proof: Proof): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    const { pair, log } = this.#options;
    this.#over();
    liftLimits(this.#connection, this.#limits);
    log.debug({ ...pair, address: this.#remote, proof }, 'stream to the server is up');
    this.stream.establish(pair, proof);
    return this.#early.length > 0 ? this.#deliverEarly() : undefined;
  }

  async #deliverEarly(): Promise<void> {
    for (const element of this.#early.splice(0)) await this.stream.element(element, !this.stream.isResumed);
  }

  /** The header and the features that follow SASL: stanzas have not waited for them. */
  #openedAgain(header: StreamHeader): boolean {
    if (!this.#expectsHeader) return false;
    this.#expectsHeader = false;
    void this.#perform(this.#initiator.step({ type: 'open', header }));
    return true;
  }

  #late(element: StreamElement): boolean {
    if (element.xmlns !== ns.stream || element.name !== 'features') return false;
    void this.#perform(this.#initiator.step({ type: 'element', element }));
    return true;
  }

  #learn(hints: PeerHints): void {
    const { pair, listener } = this.#options;
    const { tlsSession: _, ...known } = hints;
    const session = this.#tlsSession && this.#certificate;
    const tlsSession = session && formatTlsSession(pair, this.#tlsSession as Buffer, session.raw);
    this.#learnt = hints;
    listener.learnt?.(pair.remote, { ...known, ...(tlsSession !== undefined && { tlsSession }) });
  }

  async #secure(isDirect: boolean): Promise<void> {
    const { pair, policy, secureContext, ca, hints } = this.#options;
    // Octets after <proceed/> in clear text were not said by whom TLS will show.
    if (!isDirect && this.#connection.hasMore) {
      const text = 'the other server sends data after <proceed/>';
      return this.#giveUp({ reason: 'protocol', text, condition: 'remote-server-timeout' });
    }
    const earlier = parseTlsSession(pair, hints?.tlsSession);
    this.#isSecuring = true;
    try {
      await this.#connection.upgrade(
        (raw) => {
          const session = earlier?.session;
          const tls = wrapClientTls(raw, pair.remote, {
            isDirect,
            protocol: 'xmpp-server',
            ca,
            secureContext,
            session,
          });
          return tls.on('session', (ticket: Buffer) => this.#remember(ticket));
        },
        (tls) => {
          const certificate = serverCertificate(tls, earlier?.certificate);
          // It may be gone on with once more, unless a new one comes.
          if (tls.isSessionReused()) this.#tlsSession = earlier?.session;
          this.#certificate = certificate;
          void this.#step({ type: 'secured', proof: provesDomain(certificate, pair.remote, policy) });
        },
      );
    } catch (error) {
      const { cause } = error as Error;
      this.#lost(`TLS handshake failed: ${cause instanceof Error ? cause.message : 'the connection ended'}`);
    } finally {
      this.#isSecuring = false;
    }
  }

  /** Only where the certificate was good once will it be good without being looked at again. */
  #remember(ticket: Buffer): void {
    const { pair, policy } = this.#options;
    if (++this.#tickets > ticketsMax || ticket.length > ticketBytesMax) return;
    if (!provesDomain(this.#certificate, pair.remote, policy)) return;
    this.#tlsSession = ticket;
    if (this.#learnt) this.#learn(this.#learnt);
  }
}
