// Takes another server's socket from its first octet to an authenticated stream: does what the Receiver machine asks for.

import type { Duplex } from 'node:stream';
import type { XmlFault } from '../../xml/limits.ts';
import { prepareDomain } from '../idna.ts';
import { Jid } from '../jid.ts';
import type { StreamError } from '../stream/conditions.ts';
import { wrapServerTls } from '../stream/tls.ts';
import type { Connection, ConnectionListener } from '../stream/transport.ts';
import { failedText } from '../stream-management/nonzas.ts';
import { clientCertificate, provesDomain } from './certificate.ts';
import { defaultS2sLimits } from './limits.ts';
import { Receiver, type ReceiverEffect, type ReceiverEvent } from './receiver.ts';
import type { Resumables } from './resumption.ts';
import type { AcceptS2s, AcceptS2sOptions, Pair, Proof, S2sLimits } from './s2s.ts';
import { type Negotiated, ServerStream } from './server-stream.ts';
import { liftLimits, prepareSocket, strangersConnection } from './socket.ts';

export const acceptS2s: AcceptS2s = (socket, options) => new Acceptance(socket, options).stream;

class Acceptance implements ConnectionListener {
  readonly stream: ServerStream;
  readonly #options: AcceptS2sOptions;
  readonly #limits: S2sLimits;
  readonly #connection: Connection;
  readonly #receiver: Receiver;
  readonly #remote: string;
  readonly #deadline: Disposable;
  #isSecuring = false;
  #isOver = false;
  #pair: Pair | undefined;

  constructor(socket: Duplex, options: AcceptS2sOptions) {
    const limits = { ...defaultS2sLimits, ...options.limits };
    const { clock, random, log, isOurs, policyFor, isOurKey, secureContextFor, offersBidi } = options;
    this.#options = options;
    this.#limits = limits;
    this.#remote = prepareSocket(socket);
    const resumables = options.resumables as Resumables | undefined;
    this.#receiver = new Receiver({
      isOurs,
      policyFor,
      canTls: (local) => secureContextFor(local) !== undefined,
      offersBidi,
      canManage: resumables !== undefined,
      newId: () => random.id(22),
    });
    this.#connection = strangersConnection(socket, clock, limits, this);
    this.stream = new ServerStream(
      {
        dialback: { direction: 'in', isOurs, policyFor, isOurKey, makeKey: options.dialbackKey },
        findOut: options.verifyKey,
        limits,
        clock,
        newId: () => random.id(24),
        log,
        resumables,
      },
      this.#negotiated,
      {
        end: (error) => this.#fail(error),
        admitted: (pair, proof) => this.#establish(pair, proof),
        resume: (id, h) => this.#resume(id, h),
      },
    );
    this.stream.listener = options.listener(this.stream);
    this.#deadline = clock.after(limits.authMs, () => {
      if (this.#isSecuring) this.#connection.destroy(new Error('time to authenticate is over'));
      this.#fail({ condition: 'connection-timeout', text: 'time to authenticate is over' });
    });
    if (options.isDirectTls) void this.#secure(true);
  }

  get #negotiated(): Negotiated {
    const { isSecure, isBidi, id, lang, certificate } = this.#receiver;
    return {
      connection: this.#connection,
      remote: this.#remote,
      isSecure,
      isBidi,
      streamId: id,
      lang,
      certificate,
      proves: (remote, policy) => provesDomain(certificate, remote, policy),
    };
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
    this.#over();
    this.#options.log.debug({ address: this.#remote, err: error }, 'connection gone before a domain was authenticated');
    this.stream.failed({
      reason: 'failed',
      fault: { reason: 'unreachable', text: 'the connection ended', condition: 'remote-server-timeout' },
    });
  }

  flushing(): ReturnType<ServerStream['flushing']> {
    return this.stream.flushing();
  }

  #over(): void {
    this.#isOver = true;
    this.#deadline[Symbol.dispose]();
  }

  #fail(error: StreamError | undefined): void {
    if (this.#isOver) return;
    if (error) void this.#perform(this.#receiver.fail(error));
    else this.#connection.close();
  }

  #step(event: ReceiverEvent): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    const effects = this.#receiver.step(event);
    this.stream.negotiated = this.#negotiated;
    return this.#perform(effects);
  }

  #perform(effects: readonly ReceiverEffect[]): Promise<void> | undefined {
    let asked: Promise<void> | undefined;
    for (const effect of effects) asked = this.#do(effect) ?? asked;
    return asked;
  }

  #do(effect: ReceiverEffect): Promise<void> | undefined {
    switch (effect.do) {
      case 'send':
        this.#connection.write(effect.text);
        return undefined;
      case 'start-tls':
        return this.#secure(false);
      case 'restart':
        this.#connection.restart();
        return undefined;
      case 'announce':
        this.#options.announced?.(effect.pair);
        return undefined;
      case 'dialback':
        this.stream.dialback(effect.element);
        return undefined;
      case 'established':
        this.#establish(effect.pair, effect.proof);
        return undefined;
      case 'fail': {
        const { condition, text } = effect.error;
        const { claimed } = this.#receiver;
        const fields = { address: this.#remote, claimed, condition, text };
        // Who came only to have a key verified goes this way as well.
        if (condition === 'connection-timeout') this.#options.log.debug(fields, 'a server did not authenticate');
        else this.#options.log.info(fields, 'a server was refused');
        this.#over();
        this.#connection.finish(effect.text);
        this.stream.failed({
          reason: 'failed',
          error: effect.error,
          fault: { reason: 'policy', text: text ?? condition, condition: 'policy-violation' },
        });
        return undefined;
      }
    }
  }

  async #secure(isDirect: boolean): Promise<void> {
    const { secureContextFor, log } = this.#options;
    const usual = secureContextFor(this.#pair?.local) ?? secureContextFor(undefined);
    // Octets after <starttls/> in clear text were not meant for this stream by the other server, whoever put them there.
    if (!isDirect && this.#connection.hasMore)
      return this.#fail({ condition: 'policy-violation', text: 'data after starttls' });
    if (!usual) return this.#connection.destroy(new Error('no certificate for TLS'));
    let chosen = usual;
    const choose = (name: string | undefined) => {
      chosen = (name === undefined ? undefined : secureContextFor(prepareDomain(name))) ?? usual;
      return chosen;
    };
    this.#isSecuring = true;
    try {
      await this.#connection.upgrade(
        (raw) => wrapServerTls(raw, choose, { isDirect, protocol: 'xmpp-server' }),
        (tls) => void this.#step({ type: 'secured', certificate: clientCertificate(tls, chosen) }),
      );
    } catch (error) {
      log.info({ address: this.#remote, claimed: this.#receiver.claimed, err: error }, 'TLS handshake failed');
    } finally {
      this.#isSecuring = false;
    }
  }

  #establish(pair: Pair, proof: Proof): void {
    this.#pair = pair;
    this.#over();
    liftLimits(this.#connection, this.#limits);
    this.#options.log.debug({ address: this.#remote, ...pair, proof }, 'a server is authenticated');
    this.stream.establish(pair, proof);
  }

  async #resume(id: string, h: number): Promise<void> {
    const resumables = this.#options.resumables as Resumables;
    const pair = this.#pair as Pair;
    const account = Jid.from(pair.remote);
    const found = resumables.find(id, account);
    const outcome = found ? await found.takeOver(this.#negotiated, pair, h) : false;
    if (outcome === true) this.stream.abandon();
    else if (outcome === false)
      this.#connection.write(failedText('item-not-found', found ? undefined : resumables.past(id, account)));
    else await this.stream.close(outcome);
  }
}
