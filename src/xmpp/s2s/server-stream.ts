// A stream between servers from the first dialback element on, whichever side began it. Stanzas, acknowledgements, dialback for
// further pairs and the end are the same for both. It may outlive its connection (XEP-0198 §5): an incoming one waits here to be
// taken over, an outgoing one leaves a Resumption for the next.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { XmlFault } from '../../xml/limits.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import { prepareDomain } from '../idna.ts';
import { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import type { Stanza, StanzaCondition } from '../stanza.ts';
import { elementOf, isStanza, stanzaOf } from '../stanza-reader.ts';
import { type StreamError, streamErrorOf, streamErrorText } from '../stream/conditions.ts';
import { Traffic, type TrafficOwner } from '../stream/traffic.ts';
import type { Connection, ConnectionListener } from '../stream/transport.ts';
import {
  countOf,
  countTooHigh,
  enabledText,
  enableText,
  failedText,
  requestText,
  resumedText,
} from '../stream-management/nonzas.ts';
import type { CertificateProof } from './certificate.ts';
import { Dialback, type DialbackEffect, type DialbackOptions, type DialbackStream, requestKey } from './dialback.ts';
import { Pairs, pairKey } from './pairs.ts';
import { type Resumables, Resumption } from './resumption.ts';
import type {
  KeyRequest,
  KeyVerdict,
  Pair,
  PeerPolicy,
  Proof,
  S2sEnd,
  S2sFault,
  S2sLimits,
  S2sListener,
  S2sStream,
} from './s2s.ts';

export interface ServerStreamOptions {
  readonly dialback: Omit<DialbackOptions, 'pairsMax' | 'verifyingMax'>;
  /** Asks the authoritative server, on another stream; incoming streams and bidirectional ones. */
  readonly findOut: (request: KeyRequest) => Promise<KeyVerdict>;
  readonly limits: S2sLimits;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
  /** Incoming streams: where those wait that can be resumed. */
  readonly resumables: Resumables | undefined;
}

/** What negotiation knows of the connection, now. */
export interface Negotiated {
  readonly connection: Connection;
  readonly remote: string;
  readonly isSecure: boolean;
  readonly isBidi: boolean;
  readonly streamId: string;
  readonly lang: string | undefined;
  proves(remote: string, policy: PeerPolicy): CertificateProof | undefined;
}

/** The half that negotiates; it hears what only it can make sense of. */
export interface Negotiator {
  /** Ends a stream that is not established: with an error to say, or in silence. */
  end(error: StreamError | undefined): void;
  /** Dialback admitted the other side, or us, or neither. */
  admitted?(pair: Pair, proof: Proof): void;
  granted?(pair: Pair): void;
  refused?(pair: Pair, fault: S2sFault): void;
  /** On an established stream: a header, features. Are they to be expected? */
  opened?(header: Parameters<ConnectionListener['opened']>[0]): boolean;
  element?(element: StreamElement): boolean;
  /** <resume/>, on an incoming stream. */
  resume?(id: string, h: number): Promise<void>;
}

export class ServerStream implements S2sStream, TrafficOwner {
  readonly direction: 'in' | 'out';
  readonly #options: ServerStreamOptions;
  readonly #negotiator: Negotiator;
  #negotiated: Negotiated;
  #listener: S2sListener | undefined;
  #state: S2sStream['state'] = 'negotiating';
  #traffic: Traffic;
  readonly #dialback: Dialback;
  /** Pairs the other side may send for, and pairs we may. */
  #admitted = new Pairs();
  #granted = new Pairs();
  #sendsAheadFor: Pair | undefined;
  /** Sequence number of the first stanza after our <enable/>, while it is unanswered. */
  #enabledFrom: number | undefined;
  #resumeId: string | undefined;
  #resumeMs = 0;
  #isResumed = false;
  #earlier: Resumption | undefined;
  #isReady = false;
  #isAttached = false;
  /** Tells the owner of the pair, once it is clear that the stream is a new one. */
  #report: (() => void) | undefined;
  readonly #questions = new Map<string, { readonly request: KeyRequest; settle(verdict: KeyVerdict): void }>();
  readonly #timers = new Map<string, Disposable>();
  #detachTimer: Disposable | undefined;
  #ending: Omit<S2sEnd, 'unacked'> | undefined;
  #hasNoted = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: ServerStreamOptions, negotiated: Negotiated, negotiator: Negotiator) {
    const { dialback, limits, clock } = options;
    this.direction = dialback.direction;
    this.#options = options;
    this.#negotiated = negotiated;
    this.#negotiator = negotiator;
    this.#traffic = new Traffic(clock, limits, this);
    const { pairsMax, verifyingMax } = limits;
    this.#dialback = new Dialback({ ...dialback, pairsMax, verifyingMax }, this.#facts());
  }

  #facts(): DialbackStream {
    const now = () => this.#negotiated;
    const admitted = () => this.#admitted;
    return {
      get id() {
        return now().streamId;
      },
      get isSecure() {
        return now().isSecure;
      },
      get isBidi() {
        return now().isBidi;
      },
      get admitted() {
        return admitted();
      },
      proves: (remote, policy) => now().proves(remote, policy),
    };
  }

  /** Who hears of it; before anything happens. */
  set listener(listener: S2sListener) {
    this.#listener = listener;
  }

  get remote(): string {
    return this.#negotiated.remote;
  }
  get isSecure(): boolean {
    return this.#negotiated.isSecure;
  }
  get isManaged(): boolean {
    return this.#traffic.isManaged;
  }
  get isResumed(): boolean {
    return this.#isResumed;
  }
  get state(): S2sStream['state'] {
    return this.#state;
  }
  get lastHeardAt(): number {
    return this.#negotiated.connection.lastHeardAt;
  }
  get unackedCount(): number {
    return this.#traffic.sent.length;
  }
  get pairs(): readonly Pair[] {
    return [...this.#admitted];
  }
  get takesMorePairs(): boolean {
    const canAsk =
      this.direction === 'out' || (this.#negotiated.isBidi && this.#options.dialback.makeKey !== undefined);
    return canAsk && this.#state === 'established' && this.#granted.size < this.#options.limits.pairsMax;
  }
  /** For the book of resumable streams: whose it is. */
  get account(): Jid {
    const [first] = this.#admitted;
    return Jid.from((first as Pair).remote);
  }
  get handledCount(): number {
    return this.#traffic.handled.h;
  }

  carries(pair: Pair): boolean {
    if (this.#state === 'negotiating')
      return this.#sendsAheadFor?.local === pair.local && this.#sendsAheadFor.remote === pair.remote;
    return this.#state === 'established' && this.#granted.has(pair);
  }

  send(stanza: Stanza, tag?: number): boolean {
    const { from, to } = stanza;
    if (!from || !to || !this.carries({ local: from.domain, remote: to.domain })) return false;
    this.#traffic.send(stanza, tag);
    if (this.#traffic.isOverrun) this.#fail({ condition: 'resource-constraint', text: 'too much waits' }, 'overrun');
    return true;
  }

  authenticate(pair: Pair): void {
    if (this.#granted.has(pair)) return;
    if (!this.takesMorePairs) {
      const fault = { reason: 'protocol', text: 'no more pairs can be asked for on this stream' } as const;
      queueMicrotask(() => this.#listener?.refused(pair, { ...fault, condition: 'remote-server-timeout' }));
    } else this.ask(pair);
  }

  /** Sends a dialback key; also before the stream is established. */
  ask(pair: Pair): void {
    this.#perform(this.#dialback.step({ type: 'ask', pair }));
    this.#arm(`ask ${pairKey(pair)}`, () => {
      if (!this.#dialback.forget(pair)) return;
      const text = 'the other server does not answer our dialback';
      this.#refused(pair, { reason: 'unreachable', text, condition: 'remote-server-timeout' });
    });
  }

  verify(request: KeyRequest): Promise<KeyVerdict> {
    const { promise, resolve } = Promise.withResolvers<KeyVerdict>();
    const key = requestKey(request);
    if (this.direction === 'in') resolve(cannotTell('not-allowed'));
    else if (this.#state === 'ended' || this.#state === 'closing') resolve(cannotTell('remote-server-timeout'));
    else if (this.#questions.has(key) || this.#questions.size >= this.#options.limits.verifyingMax)
      resolve(cannotTell('resource-constraint'));
    else {
      this.#questions.set(key, { request, settle: resolve });
      this.#arm(`verify ${key}`, () => {
        this.#dialback.forget(request);
        this.#settle(key, cannotTell('remote-server-timeout'));
      });
      if (this.#isReady) this.#perform(this.#dialback.step({ type: 'verify', request }));
    }
    return promise;
  }

  /** Dialback's elements may be sent from now on. */
  ready(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    for (const { request } of this.#questions.values()) this.#perform(this.#dialback.step({ type: 'verify', request }));
  }

  close(error?: StreamError): Promise<void> {
    if (this.#state === 'negotiating') this.#negotiator.end(error);
    else if (this.#state === 'detached') this.#end({ reason: 'closed-by-us', ...(error && { error }) });
    else if (this.#state === 'established') {
      if (error) this.#fail(error);
      else {
        this.#state = 'closing';
        this.#ending = { reason: 'closed-by-us' };
        const { connection } = this.#negotiated;
        // What it has of ours is worth knowing before it goes.
        const question = this.isManaged && this.unackedCount > 0 ? requestText : '';
        connection.write(this.#traffic.lastAnswer + question);
        connection.close();
      }
    }
    return this.#ended.promise;
  }

  // What negotiation does with it.

  /** What is sent for the pair leaves when `sendAhead` says so, before the other side has agreed. */
  planToSendAhead(pair: Pair): void {
    this.#sendsAheadFor = pair;
    this.#traffic.isHolding = true;
  }

  sendAhead(): void {
    if (!this.#sendsAheadFor) return;
    this.#isAttached = true;
    this.#traffic.attach(this.#negotiated.connection);
  }

  /** For the negotiator's ConnectionListener. */
  flushing(): ReturnType<Traffic['flushing']> {
    return this.#traffic.flushing();
  }

  /** Asks for XEP-0198. */
  enable(): void {
    if (this.isManaged || this.#enabledFrom !== undefined) return;
    this.#negotiated.connection.write(enableText());
    // What has not been written yet goes out behind it, and is counted.
    const { next, length } = this.#traffic.sent;
    this.#enabledFrom = this.#isAttached ? next : next - length;
    this.#traffic.isHolding = true;
  }

  /** Changed by TLS, a new header, XEP-0288. */
  set negotiated(negotiated: Negotiated) {
    this.#negotiated = negotiated;
  }

  /** Both sides may send for the pair what the stream lets them; reports it. */
  establish(pair: Pair, proof: Proof): void {
    const { connection } = this.#negotiated;
    this.#state = 'established';
    this.#sendsAheadFor = undefined;
    this.ready();
    connection.listener = this.#listenerOf();
    if (!this.#isAttached) this.#traffic.attach(connection);
    this.#isAttached = true;
    this.#awaitManagement();
    this.#traffic.watch();
    if (this.direction === 'in' && this.#mayBeResumed(pair)) {
      this.#admitted.add(pair);
      this.#report = () => this.#introduce(pair, proof);
      this.#arm('introduce', () => this.#report?.(), enableMs);
    } else this.#introduce(pair, proof);
  }

  /**
   * There is a stream of the same server that can be resumed: until it has said whether that is what this connection is for, nothing is
   * sent, for it would be neither the old stream's nor counted.
   */
  #mayBeResumed(pair: Pair): boolean {
    const { resumables } = this.#options;
    return resumables !== undefined && resumables.of(Jid.from(pair.remote)).length > 0;
  }

  #introduce(pair: Pair, proof: Proof): void {
    this.#report = undefined;
    this.#disarm('introduce');
    this.#add(pair, this.direction === 'in');
    this.#listener?.authenticated(pair, proof);
    for (const other of this.#granted) if (pairKey(other) !== pairKey(pair)) this.#tellGranted(other);
  }

  /** What is sent until XEP-0198 is agreed on is not let out of our hands just because it went to the socket. */
  #awaitManagement(): void {
    if (this.isManaged) return;
    if (this.direction === 'in') {
      this.#traffic.isHolding = this.#negotiated.isBidi && this.#options.resumables !== undefined;
      this.#arm('manage', () => this.settleUncounted(), enableMs);
    } else this.#traffic.isHolding = true;
  }

  /** Nothing will be counted, as far as it is known. */
  settleUncounted(): void {
    if (!this.isManaged && this.#enabledFrom === undefined) this.#traffic.isHolding = false;
  }

  #add(pair: Pair, isTheirs: boolean): void {
    const { isBidi } = this.#negotiated;
    if (isTheirs || isBidi) this.#admitted.add(pair);
    if (!isTheirs || isBidi) this.#granted.add(pair);
  }

  /** An outgoing stream goes on with what an earlier one had; the other side has `h` of it. False: that cannot be. */
  adopt(earlier: Resumption, h: number): boolean {
    const traffic = earlier.take();
    traffic.owner = this;
    this.#traffic = traffic;
    const taken = traffic.resumed(h);
    if (!taken.ok) return false;
    this.#isResumed = true;
    this.#resumeId = earlier.id;
    this.#resumeMs = earlier.resumeMs;
    for (const pair of earlier.granted) this.#granted.add(pair);
    if (this.#negotiated.isBidi) for (const pair of earlier.admitted) this.#admitted.add(pair);
    return true;
  }

  /** The earlier stream is over; the other side had handled `h` of it. */
  letGo(earlier: Resumption, h: number | undefined): void {
    const traffic = earlier.take();
    traffic.owner = this;
    if (h !== undefined) traffic.resumed(h);
    this.#earlier = undefined;
  }

  /** To be given back in `ended` when it was not tried. */
  set earlier(earlier: Resumption | undefined) {
    this.#earlier = earlier;
  }

  /** An incoming stream goes on with another connection, whose server has `h` of our stanzas. False: it is over. */
  async takeOver(negotiated: Negotiated, pair: Pair, h: number): Promise<boolean | StreamError> {
    if (!this.#admitted.has(pair)) return false;
    if (this.#state === 'established') {
      const old = this.#negotiated.connection;
      // What is not handled yet is not counted, so the other side sends it again: it must not be handled twice.
      old.listener = silentListener;
      old.finish(streamErrorText({ condition: 'conflict', text: 'resumed elsewhere' }));
      this.#setDetached();
    }
    if (this.#state !== 'detached') return false;
    const { handled } = this.#traffic;
    await new Promise<void>((resolve) => handled.whenSettled(resolve));
    if (this.#state !== 'detached') return false;
    if (negotiated.connection.isOver) return true;
    const taken = this.#traffic.resumed(h);
    if (!taken.ok) return countTooHigh(h, this.#traffic.sent.sentCount);
    this.#detachTimer?.[Symbol.dispose]();
    this.#negotiated = negotiated;
    this.#state = 'established';
    const { connection } = negotiated;
    connection.listener = this.#listenerOf();
    connection.write(resumedText(this.#resumeId ?? '', handled.h));
    this.#traffic.attach(connection);
    this.#traffic.watch();
    this.#listener?.resumed?.();
    return true;
  }

  /** The connection is another stream's now. */
  abandon(): void {
    this.#report = undefined;
    this.#end({ reason: 'resumed' });
  }

  /** It never came to a pair. */
  failed(end: Omit<S2sEnd, 'unacked'>): void {
    if (this.#state === 'negotiating') this.#end(end);
  }

  dialback(element: StreamElement): void {
    this.#perform(this.#dialback.step({ type: 'element', element }));
  }

  // What comes on the connection.

  #listenerOf(): ConnectionListener {
    return {
      opened: (header) => {
        if (!this.#negotiator.opened?.(header)) this.#fail({ condition: 'bad-format' });
      },
      element: (element) => this.element(element),
      closed: () => this.#closedByPeer(),
      faulted: (fault: XmlFault) => this.#fail({ condition: fault.reason, text: fault.text }),
      disconnected: (error) => this.#disconnected(error),
      flushing: () => this.#traffic.flushing(),
    };
  }

  /** An element on an established stream. `isCounted`: XEP-0198 counts it. */
  element(element: StreamElement, isCounted = true): void | Promise<void> {
    const { xmlns, name } = element;
    if (this.#report && !(xmlns === ns.sm && name === 'resume')) this.#report();
    if (isStanza(element) && xmlns === ns.server) return this.#stanza(element, isCounted);
    if (xmlns === ns.sm) return this.#management(element);
    if (xmlns === ns.dialback) return this.dialback(element);
    if (xmlns === ns.stream && name === 'error') {
      const error = streamErrorOf(elementOf(element));
      this.#note(
        'info',
        { condition: error.condition, text: error.text },
        'the other server ended the stream with an error',
      );
      this.#ending ??= { reason: 'closed-by-peer', error };
      return this.#closedByPeer();
    }
    if (!this.#negotiator.element?.(element)) this.#fail({ condition: 'unsupported-stanza-type' });
  }

  #stanza(element: StreamElement, isCounted: boolean): void | Promise<void> {
    const fault = this.#addressingFault(element);
    if (fault) return this.#fail(fault);
    const read = stanzaOf(element, this.#negotiated.lang);
    const handle = (): void | Promise<void> => {
      if (read.ok) return this.#listener?.stanza(read.value);
      // Servers differ in what they take for an address. Its domain is the other server's, so only this stanza is lost.
      const { stanza, attribute } = read.fault;
      this.#note('info', { attribute }, 'a stanza with an address that is none');
      if (attribute === 'to' && stanza.type !== 'error' && stanza.type !== 'result')
        this.send(stanza.error('jid-malformed'));
    };
    return isCounted ? this.#traffic.handle(handle) : handle();
  }

  /** RFC 6120 §8.1.1.2, §8.1.2.2: both addresses are there and belong to a pair that was proven. */
  #addressingFault({ attrs }: StreamElement): StreamError | undefined {
    const remote = domainOf(attrs['from']);
    const local = domainOf(attrs['to']);
    if (remote === undefined || local === undefined)
      return { condition: 'improper-addressing', text: "a stanza without 'from' or 'to'" };
    if (this.#admitted.has({ local, remote })) return undefined;
    if (!this.#admitted.hasRemote(remote)) return { condition: 'invalid-from' };
    return { condition: 'improper-addressing', text: 'not a pair of domains that was authenticated here' };
  }

  #management(element: StreamElement): void | Promise<void> {
    const { name, attrs } = element;
    const { connection } = this.#negotiated;
    if (name === 'r' && this.isManaged) this.#traffic.answer();
    else if (name === 'a' && this.isManaged) {
      const h = countOf(attrs);
      if (h === undefined) return this.#fail({ condition: 'invalid-xml', text: 'h' });
      const taken = this.#traffic.acknowledged(h);
      if (!taken.ok) this.#fail(countTooHigh(h, this.#traffic.sent.sentCount));
    } else if (name === 'enabled' && this.#enabledFrom !== undefined) this.#enabled(attrs);
    else if (name === 'failed' && this.#enabledFrom !== undefined) {
      this.#enabledFrom = undefined;
      this.settleUncounted();
    } else if (this.direction === 'in' && name === 'enable' && !this.isManaged && this.#options.resumables)
      this.#enableForPeer(attrs);
    else if (this.direction === 'in' && name === 'resume' && !this.isManaged && this.#negotiator.resume) {
      const h = countOf(attrs);
      const id = attrs['previd'];
      if (h === undefined || !id) return connection.write(failedText('bad-request'));
      return this.#negotiator.resume(id, h).then(() => this.#report?.());
    } else if (name === 'enable' || name === 'resume') connection.write(failedText('unexpected-request'));
    // A question that crossed our <enable/> counts nothing yet.
    else if (name !== 'r') this.#fail({ condition: 'unsupported-stanza-type' });
  }

  #enabled(attrs: StreamElement['attrs']): void {
    this.#traffic.manage(this.#enabledFrom, true);
    this.#enabledFrom = undefined;
    this.#traffic.isHolding = false;
    const isResumable = attrs['resume'] === 'true' || attrs['resume'] === '1';
    const { resumeMs } = this.#options.limits;
    if (!isResumable || !attrs['id'] || resumeMs === 0) return;
    this.#resumeId = attrs['id'];
    const maxMs = /^\d{1,8}$/.test(attrs['max'] ?? '') ? Number(attrs['max']) * 1000 : resumeMs;
    this.#resumeMs = Math.min(maxMs, resumeMs);
  }

  #enableForPeer(attrs: StreamElement['attrs']): void {
    const { limits, newId, resumables } = this.#options;
    const wished = /^\d{1,8}$/.test(attrs['max'] ?? '') ? Number(attrs['max']) * 1000 : limits.resumeMs;
    const wantsResume = attrs['resume'] === 'true' || attrs['resume'] === '1';
    this.#resumeMs = wantsResume ? Math.min(wished, limits.resumeMs) : 0;
    if (this.#resumeMs > 0) {
      this.#resumeId = newId();
      resumables?.add(this.#resumeId, this);
    }
    const id = this.#resumeId;
    this.#disarm('manage');
    this.#negotiated.connection.write(enabledText(id === undefined ? undefined : { id, maxMs: this.#resumeMs }));
    this.#traffic.manage();
  }

  #perform(effects: readonly DialbackEffect[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case 'send':
          this.#negotiated.connection.write(effect.text);
          break;
        case 'find-out':
          void this.#findOut(effect.request);
          break;
        case 'admit':
          this.#admit(effect.pair, effect.proof);
          break;
        case 'grant':
          this.#grant(effect.pair);
          break;
        case 'refuse':
          this.#disarm(`ask ${pairKey(effect.pair)}`);
          this.#refused(effect.pair, effect.fault);
          break;
        case 'settle':
          this.#settle(effect.key, effect.verdict);
          break;
        case 'note':
          this.#note('info', { ...effect.pair }, effect.text);
          break;
        case 'fail':
          if (this.#state === 'negotiating') this.#negotiator.end(effect.error);
          else this.#fail(effect.error);
      }
    }
  }

  async #findOut(request: KeyRequest): Promise<void> {
    let verdict: KeyVerdict;
    try {
      verdict = await this.#options.findOut(request);
    } catch (error) {
      this.#options.log.error({ ...request.pair, err: error }, 'a dialback key could not be verified');
      verdict = cannotTell('internal-server-error');
    }
    if (this.#state === 'negotiating' || this.#state === 'established')
      this.#perform(this.#dialback.step({ type: 'found-out', request, verdict }));
  }

  /** The other side may send for the pair. */
  #admit(pair: Pair, proof: Proof): void {
    if (this.#state === 'negotiating') return this.#negotiator.admitted?.(pair, proof);
    this.#add(pair, true);
    this.#listener?.authenticated(pair, proof);
  }

  /** We may. */
  #grant(pair: Pair): void {
    this.#disarm(`ask ${pairKey(pair)}`);
    if (this.#state === 'negotiating') return this.#negotiator.granted?.(pair);
    this.#add(pair, false);
    this.#tellGranted(pair);
  }

  #tellGranted(pair: Pair): void {
    const policy = this.#options.dialback.policyFor(pair.remote);
    const proof = typeof policy === 'string' ? undefined : this.#negotiated.proves(pair.remote, policy);
    this.#listener?.authenticated(pair, proof === 'pinned' ? 'pinned' : proof ? 'certificate' : 'dialback');
  }

  #refused(pair: Pair, fault: S2sFault): void {
    if (this.#state === 'ended') return;
    this.#note('info', { ...pair, reason: fault.reason }, fault.text);
    this.#listener?.refused(pair, fault);
    if (this.#state === 'negotiating') this.#negotiator.refused?.(pair, fault);
  }

  #settle(key: string, verdict: KeyVerdict): void {
    this.#disarm(`verify ${key}`);
    this.#questions.get(key)?.settle(verdict);
    this.#questions.delete(key);
  }

  #arm(name: string, task: () => void, ms = this.#options.limits.authMs): void {
    this.#disarm(name);
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(name);
      task();
    });
    this.#timers.set(name, timer);
  }

  #disarm(name: string): void {
    this.#timers.get(name)?.[Symbol.dispose]();
    this.#timers.delete(name);
  }

  /** A peer must not fill the log: the first such line is for operators, the rest for whoever debugs. */
  #note(level: 'info', fields: object, text: string): void {
    const { log } = this.#options;
    const all = { address: this.remote, direction: this.direction, ...fields };
    if (this.#hasNoted) log.debug(all, text);
    else log[level](all, text);
    this.#hasNoted = true;
  }

  // Traffic's owner.

  acked(tags: readonly number[]): void {
    this.#listener?.acked(tags);
  }
  timedOut(): void {
    this.#note('info', {}, 'the other server gives no sign of life');
    // A stream error would end a stream that can still be resumed.
    if (this.#resumeId !== undefined) this.#negotiated.connection.destroy(new Error('no sign of life'));
    else this.#fail({ condition: 'connection-timeout' }, 'lost');
  }
  handlerFailed(error: unknown): void {
    this.#options.log.error({ address: this.remote, err: error }, 'a stanza could not be handled');
    const failure: StreamError = { condition: 'internal-server-error' };
    if (this.#state === 'detached') this.#end({ reason: 'closed-by-us', error: failure });
    else this.#fail(failure);
  }
  /** An XEP-0199 ping needs an address to answer to: that is the owner's matter. */
  ping(): undefined {}

  // The end.

  #fail(error: StreamError, reason: S2sEnd['reason'] = 'closed-by-us'): void {
    if (this.#state === 'negotiating') {
      this.#ending ??= { reason, error };
      return this.#negotiator.end(error);
    }
    if (this.#state === 'detached') return this.#end({ reason, error });
    if (this.#state !== 'established' && this.#state !== 'closing') return;
    if (reason === 'closed-by-us')
      this.#note('info', { condition: error.condition, text: error.text }, 'stream ended with an error');
    this.#state = 'closing';
    this.#ending ??= { reason, error };
    this.#negotiated.connection.finish(this.#traffic.lastAnswer + streamErrorText(error));
  }

  #closedByPeer(): void {
    if (this.#state !== 'established' && this.#state !== 'closing') return;
    this.#state = 'closing';
    this.#ending ??= { reason: 'closed-by-peer' };
    const { connection } = this.#negotiated;
    this.#traffic.handled.whenSettled(() => {
      connection.write(this.#traffic.lastAnswer);
      connection.finishClose();
    });
  }

  #disconnected(error: Error | undefined): void {
    if (this.#state === 'ended' || this.#state === 'detached') return;
    this.#options.log.debug({ address: this.remote, direction: this.direction, err: error }, 'connection gone');
    if (!this.#ending && this.#resumeId !== undefined) {
      if (this.direction === 'in') return this.#setDetached();
      return this.#end({ reason: 'lost', resumption: this.#resumption(this.#resumeId) });
    }
    this.#traffic.handled.whenSettled(() => this.#end(this.#ending ?? { reason: 'lost' }));
  }

  #resumption(id: string): Resumption {
    return new Resumption({
      id,
      until: this.#options.clock.mono() + this.#resumeMs,
      resumeMs: this.#resumeMs,
      granted: [...this.#granted],
      admitted: [...this.#admitted],
      traffic: this.#traffic,
    });
  }

  #setDetached(): void {
    this.#state = 'detached';
    this.#traffic.detach();
    this.#detachTimer = this.#options.clock.after(this.#resumeMs, () => this.#end({ reason: 'lost' }));
    this.#listener?.detached?.();
  }

  #end(end: Omit<S2sEnd, 'unacked'>): void {
    if (this.#state === 'ended') return;
    const untried = this.#state === 'negotiating' ? this.#earlier : undefined;
    this.#state = 'ended';
    this.#detachTimer?.[Symbol.dispose]();
    this.#traffic.detach();
    if (this.direction === 'in' && this.#resumeId !== undefined) this.#options.resumables?.end(this.#resumeId);
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
    for (const key of [...this.#questions.keys()]) this.#settle(key, cannotTell('remote-server-timeout'));
    const resumption = end.resumption ?? untried;
    const unacked = end.resumption ? [] : this.#traffic.unacked;
    this.#listener?.ended({ ...end, ...(resumption && { resumption }), unacked });
    this.#ended.resolve();
  }
}

/** Who wants XEP-0198 says so at once; on a link as slow as that, later. */
const enableMs = 5_000;

const cannotTell = (condition: StanzaCondition): KeyVerdict => ({ verdict: 'error', condition });

/** Of an address whose other parts may be wrong. */
const domainOf = (address: string | undefined): string | undefined => {
  if (address === undefined) return undefined;
  const read = Jid.parse(address);
  if (read.ok) return read.value.domain;
  const bare = address.split('/', 1)[0] ?? '';
  return prepareDomain(bare.slice(bare.indexOf('@') + 1));
};

const silentListener: ConnectionListener = {
  opened() {},
  element() {},
  closed() {},
  faulted() {},
  disconnected() {},
};
