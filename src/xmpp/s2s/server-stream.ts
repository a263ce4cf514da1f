// A stream between servers from the first dialback element on, whichever side began it: who may send for whom, stanzas, and
// what its owner hears. Acknowledgements, resumption and the end it has from StreamLife, as clients' streams do.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import type { Stanza } from '../stanza.ts';
import { isStanza, stanzaOf } from '../stanza-reader.ts';
import type { StreamError } from '../stream/conditions.ts';
import { type Carried, type LifeEnd, type LifeOwner, StreamLife } from '../stream/stream-life.ts';
import type { Traffic } from '../stream/traffic.ts';
import { addressingFault } from './addressing.ts';
import { type CertificateProof, describeCertificate, type PeerCertificate } from './certificate.ts';
import type { DialbackStream } from './dialback.ts';
import { DialbackDesk, type DialbackDeskOptions, type DialbackHost } from './dialback-desk.ts';
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

export interface ServerStreamOptions extends DialbackDeskOptions {
  readonly limits: S2sLimits;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
  /** Incoming streams: where those wait that can be resumed. */
  readonly resumables: Resumables | undefined;
}

/** What negotiation knows of the connection, now. */
export interface Negotiated extends Carried {
  readonly remote: string;
  readonly isSecure: boolean;
  readonly isBidi: boolean;
  readonly streamId: string;
  readonly lang: string | undefined;
  readonly certificate?: PeerCertificate | undefined;
  proves(remote: string, policy: PeerPolicy): CertificateProof | undefined;
}

/** The half that negotiates; it hears what only it can make sense of. */
export interface Negotiator extends Pick<LifeOwner, 'opened' | 'resume'> {
  /** Ends a stream that is not established: with an error to say, or in silence. */
  end(error: StreamError | undefined): void;
  /** Dialback admitted the other side, or us, or neither, for the first pair. */
  admitted?(pair: Pair, proof: Proof): void;
  granted?(pair: Pair): void;
  refused?(pair: Pair, fault: S2sFault): void;
  /** On an established stream, what is no stanza. Is it to be expected? */
  element?(element: StreamElement): boolean;
}

/** Who wants XEP-0198 says so at once; on a link as slow as that, later. */
const enableMs = 5_000;

export class ServerStream implements S2sStream, LifeOwner<Negotiated> {
  readonly direction: 'in' | 'out';
  readonly #options: ServerStreamOptions;
  readonly #negotiator: Negotiator;
  readonly #life: StreamLife<Negotiated>;
  readonly #desk: DialbackDesk;
  #negotiated: Negotiated;
  #listener: S2sListener | undefined;
  /** Pairs the other side may send for, and pairs we may. */
  readonly #admitted = new Pairs();
  readonly #granted = new Pairs();
  #sendsAheadFor: Pair | undefined;
  #isResumed = false;
  /** To be given back in `ended` when it was not tried. */
  #earlier: Resumption | undefined;
  /** Tells the owner of the pair, once it is clear that the stream is a new one. */
  #introduction: (() => void) | undefined;
  #timer: Disposable | undefined;
  #end: Partial<S2sEnd> | undefined;
  #hasNoted = false;

  constructor(options: ServerStreamOptions, negotiated: Negotiated, negotiator: Negotiator) {
    const { clock, limits, log, newId, resumables } = options;
    const add = (): string => {
      const id = newId();
      resumables?.add(id, this);
      return id;
    };
    const book = resumables && { add, end: (id: string) => resumables.end(id) };
    this.direction = options.dialback.direction;
    this.#options = options;
    this.#negotiated = negotiated;
    this.#negotiator = negotiator;
    this.#life = new StreamLife({ clock, limits, log, book }, this);
    this.#desk = new DialbackDesk(options, this.#facts(), this.#dialbackHost());
  }

  #facts(): DialbackStream {
    const now = () => this.#negotiated;
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
      admitted: this.#admitted,
      proves: (remote, policy) => now().proves(remote, policy),
    };
  }

  /** Who hears of it; before anything happens. */
  set listener(listener: S2sListener) {
    this.#listener = listener;
  }
  /** Changed by TLS, a new header, XEP-0288. */
  set negotiated(negotiated: Negotiated) {
    this.#negotiated = negotiated;
  }
  /** What it is to go on with. */
  set earlier(earlier: Resumption | undefined) {
    this.#earlier = earlier;
  }

  get remote(): string {
    return this.#negotiated.remote;
  }
  get isSecure(): boolean {
    return this.#negotiated.isSecure;
  }
  get certificate(): S2sStream['certificate'] {
    const { certificate } = this.#negotiated;
    return certificate && describeCertificate(certificate);
  }
  get isManaged(): boolean {
    return this.#life.isManaged;
  }
  get isResumed(): boolean {
    return this.#isResumed;
  }
  get state(): S2sStream['state'] {
    return this.#life.state;
  }
  get lastHeardAt(): number {
    return this.#negotiated.connection.lastHeardAt;
  }
  get unackedCount(): number {
    return this.#life.traffic.sent.length;
  }
  get pairs(): readonly Pair[] {
    return [...this.#admitted];
  }
  get takesMorePairs(): boolean {
    const { dialback, limits } = this.#options;
    const canAsk = this.direction === 'out' || (this.#negotiated.isBidi && dialback.makeKey !== undefined);
    return canAsk && this.state === 'established' && this.#granted.size < limits.pairsMax;
  }
  /** For the book of resumable streams: whose it is. */
  get account(): Jid {
    const [first] = this.#admitted;
    return Jid.from((first as Pair).remote);
  }
  get handledCount(): number {
    return this.#life.traffic.handled.h;
  }
  get who(): object {
    const [first] = this.direction === 'in' ? this.#admitted : this.#granted;
    return { direction: this.direction, address: this.remote, ...first };
  }

  carries(pair: Pair): boolean {
    if (this.state === 'established') return this.#granted.has(pair);
    const ahead = this.state === 'negotiating' ? this.#sendsAheadFor : undefined;
    return ahead !== undefined && pairKey(ahead) === pairKey(pair);
  }

  send(stanza: Stanza, tag?: number): boolean {
    const { from, to } = stanza;
    if (!from || !to || !this.carries({ local: from.domain, remote: to.domain })) return false;
    this.#life.send(stanza, tag);
    if (this.state === 'negotiating' && this.#life.traffic.isOverrun) {
      this.#end = { reason: 'overrun' };
      this.#negotiator.end({ condition: 'resource-constraint' });
    }
    return true;
  }

  authenticate(pair: Pair): void {
    if (this.#granted.has(pair)) return;
    if (this.takesMorePairs) return this.ask(pair);
    const text = 'no more pairs can be asked for on this stream';
    const fault = { reason: 'protocol', text, condition: 'remote-server-timeout' } as const;
    queueMicrotask(() => this.#listener?.refused(pair, fault));
  }

  verify(request: KeyRequest): Promise<KeyVerdict> {
    return this.#desk.verify(request);
  }

  close(error?: StreamError): Promise<void> {
    if (this.state === 'negotiating') this.#negotiator.end(error);
    else this.#life.close(error);
    return this.#life.ended;
  }

  // What negotiation does with it.

  /** Sends a dialback key. */
  ask(pair: Pair): void {
    this.#desk.ask(pair);
  }
  /** A dialback element has come. */
  dialback(element: StreamElement): void {
    this.#desk.element(element);
  }
  /** Dialback's questions may be sent from now on. */
  ready(): void {
    this.#desk.ready();
  }
  /** For the negotiator's ConnectionListener. */
  flushing(): ReturnType<Traffic['flushing']> {
    return this.#life.traffic.flushing();
  }
  /** Asks for XEP-0198. */
  enable(): void {
    this.#life.enable(this.#negotiated.connection);
  }
  /** Nothing will be counted, as far as it is known. */
  settleUncounted(): void {
    this.#life.settleUncounted();
  }

  /** What is sent for the pair leaves when `sendAhead` says so, before the other side has agreed. */
  planToSendAhead(pair: Pair): void {
    this.#sendsAheadFor = pair;
    this.#life.traffic.isHolding = true;
  }

  sendAhead(): void {
    if (this.#sendsAheadFor) this.#life.sendAhead(this.#negotiated.connection);
  }

  /** The pair is proven: what the stream lets either side send for it may be sent. */
  establish(pair: Pair, proof: Proof): void {
    const { clock, resumables } = this.#options;
    this.#sendsAheadFor = undefined;
    this.ready();
    this.#life.establish(this.#negotiated);
    // What is sent until XEP-0198 is agreed on is not let out of our hands just because it went to the socket.
    if (!this.isManaged)
      this.#life.traffic.isHolding = this.direction === 'out' || (this.#negotiated.isBidi && resumables !== undefined);
    if (this.direction === 'out') return this.#introduce(pair, proof);
    this.#timer = clock.after(enableMs, () => {
      this.#introduction?.();
      this.settleUncounted();
    });
    // Until it has said whether it resumes a stream it has, nothing is sent: it would be neither the old stream's nor counted.
    const mayResume = resumables !== undefined && resumables.of(Jid.from(pair.remote)).length > 0;
    if (!mayResume) return this.#introduce(pair, proof);
    this.#admitted.add(pair);
    this.#introduction = () => this.#introduce(pair, proof);
  }

  #introduce(pair: Pair, proof: Proof): void {
    this.#introduction = undefined;
    this.#add(pair, this.direction === 'in');
    this.#listener?.authenticated(pair, proof);
    for (const other of this.#granted) if (pairKey(other) !== pairKey(pair)) this.#tellGranted(other);
  }

  #add(pair: Pair, isTheirs: boolean): void {
    const { isBidi } = this.#negotiated;
    if (isTheirs || isBidi) this.#admitted.add(pair);
    if (!isTheirs || isBidi) this.#granted.add(pair);
  }

  /** An outgoing stream goes on with what an earlier one had; the other side has `h` of it. False: that cannot be. */
  adopt({ kept }: Resumption, h: number): boolean {
    this.#isResumed = true;
    for (const pair of kept.granted) this.#granted.add(pair);
    if (this.#negotiated.isBidi) for (const pair of kept.admitted) this.#admitted.add(pair);
    return this.#life.adopt(kept.traffic, h, kept);
  }

  /** The earlier stream is over; the other side had handled `h` of it. */
  letGo({ kept: { traffic } }: Resumption, h: number | undefined): void {
    traffic.heardBy((tags) => this.acked(tags));
    if (h !== undefined) traffic.resumed(h);
    this.#earlier = undefined;
  }

  /** An incoming stream goes on with another connection, whose server has `h` of our stanzas. False: it is over. */
  async takeOver(negotiated: Negotiated, pair: Pair, h: number): Promise<boolean | StreamError> {
    if (!this.#admitted.has(pair) || ![...this.#admitted].every(({ remote }) => this.#mayGoOn(remote, negotiated)))
      return false;
    return this.#life.takeOver(negotiated, h);
  }

  /** One domain came back and showed who it is. The others of the stream come with it, if what is asked of them is met too. */
  #mayGoOn(remote: string, { isSecure, proves }: Negotiated): boolean {
    const policy = this.#options.dialback.policyFor(remote);
    if (typeof policy === 'string' || (policy.tls === 'required' && !isSecure)) return false;
    return (policy.pins === undefined && policy.allowsDialback) || proves(remote, policy) !== undefined;
  }

  /** The connection is another stream's now. */
  abandon(): void {
    this.#introduction = undefined;
    this.#end = { reason: 'resumed' };
    this.#life.end({ reason: 'lost' });
  }

  /** Nobody is waited for any more. */
  forsake(): void {
    this.#life.end({ reason: 'lost' });
  }

  /** It never came to a pair. */
  failed(end: Omit<S2sEnd, 'unacked'>): void {
    if (this.state !== 'negotiating') return;
    this.#end = { ...end, ...this.#end, ...(this.#earlier && { resumption: this.#earlier }) };
    this.#life.end({ reason: 'lost' });
  }

  // What its life brings.

  element(element: StreamElement, isCounted = true): void | Promise<void> {
    this.#introduction?.();
    if (isStanza(element) && element.xmlns === ns.server) return this.#stanza(element, isCounted);
    if (element.xmlns === ns.dialback) return this.dialback(element);
    if (!this.#negotiator.element?.(element)) this.#life.fail({ condition: 'unsupported-stanza-type' });
  }

  /** `isCounted`: XEP-0198 counts it. */
  #stanza(element: StreamElement, isCounted: boolean): void | Promise<void> {
    const fault = addressingFault(element, this.#admitted);
    if (fault) return this.#fail(fault);
    const read = stanzaOf(element, this.#negotiated.lang);
    const handle = (): void | Promise<void> => {
      if (read.ok) return this.#listener?.stanza(read.value);
      // Servers differ in what they take for an address. Its domain is the other server's, so only this stanza is lost.
      const { stanza, attribute } = read.fault;
      this.#note({ attribute }, 'a stanza with an address that is none');
      if (attribute === 'to' && stanza.type !== 'error' && stanza.type !== 'result')
        this.send(stanza.error('jid-malformed'));
    };
    return isCounted ? this.#life.traffic.handle(handle) : handle();
  }

  opened(header: Parameters<NonNullable<LifeOwner['opened']>>[0]): boolean {
    return this.#negotiator.opened?.(header) ?? false;
  }
  async resume(id: string, h: number): Promise<void> {
    await this.#negotiator.resume?.(id, h);
    this.#introduction?.();
  }
  acked(tags: readonly number[]): void {
    this.#listener?.acked(tags);
  }
  /** An XEP-0199 ping needs an address to answer to: that is the owner's matter. */
  ping(): undefined {}
  detached(): void {
    this.#listener?.detached?.();
    this.#options.resumables?.lost(this)?.forsake();
  }
  resumed(negotiated: Negotiated): void {
    this.#options.resumables?.found(this);
    this.#negotiated = negotiated;
    this.#listener?.resumed?.();
  }
  ended(end: LifeEnd, unacked: Traffic['unacked']): void {
    this.#timer?.[Symbol.dispose]();
    this.#desk.close();
    const resumption = end.reason === 'lost' && !this.#end ? this.#resumption() : undefined;
    const left = resumption ? { resumption, unacked: [] } : { unacked };
    this.#listener?.ended({ ...end, ...this.#end, ...left });
  }

  /** What the next stream to that server goes on with. */
  #resumption(): Resumption | undefined {
    const { resumable, traffic } = this.#life;
    if (this.direction === 'in' || !resumable || !this.#isOfOneStrictness) return undefined;
    const until = this.#options.clock.mono() + resumable.resumeMs;
    return new Resumption({ ...resumable, until, granted: [...this.#granted], admitted: [...this.#admitted], traffic });
  }

  /** The next stream is asked for what the domain must meet that it is made to: no other may need more (pins, TLS, …). */
  get #isOfOneStrictness(): boolean {
    const [first] = this.#granted;
    const others = [...this.#granted, ...this.#admitted].filter(({ remote }) => remote !== first?.remote);
    if (!first || others.length === 0) return true;
    const { policyFor } = this.#options.dialback;
    const least = policyFor(first.remote);
    return typeof least !== 'string' && others.every(({ remote }) => asksNoMore(policyFor(remote), least));
  }

  #dialbackHost(): DialbackHost {
    return {
      write: (text) => this.#negotiated.connection.write(text),
      note: (fields, text) => this.#note(fields, text),
      fail: (error) => this.#fail(error),
      admit: (pair, proof) => {
        if (this.state === 'negotiating') return this.#negotiator.admitted?.(pair, proof);
        this.#add(pair, true);
        this.#listener?.authenticated(pair, proof);
      },
      grant: (pair) => {
        if (this.state === 'negotiating') return this.#negotiator.granted?.(pair);
        this.#add(pair, false);
        this.#tellGranted(pair);
      },
      refuse: (pair, fault) => {
        this.#note({ ...pair, reason: fault.reason }, fault.text);
        this.#listener?.refused(pair, fault);
        if (this.state === 'negotiating') this.#negotiator.refused?.(pair, fault);
      },
    };
  }

  #tellGranted(pair: Pair): void {
    const policy = this.#options.dialback.policyFor(pair.remote);
    const proof = typeof policy === 'string' ? undefined : this.#negotiated.proves(pair.remote, policy);
    this.#listener?.authenticated(pair, proof === 'pinned' ? 'pinned' : proof ? 'certificate' : 'dialback');
  }

  #fail(error: StreamError): void {
    if (this.state === 'negotiating') return this.#negotiator.end(error);
    this.#note({ condition: error.condition, text: error.text }, 'a stream is ended with an error');
    this.#life.fail(error);
  }

  /** A peer must not fill the log: the first such line is for operators, the rest for whoever debugs. */
  #note(fields: object, text: string): void {
    const { log } = this.#options;
    const all = { ...this.who, ...fields };
    if (this.#hasNoted) log.debug(all, text);
    else log.info(all, text);
    this.#hasNoted = true;
  }
}

const asksNoMore = (policy: PeerPolicy | string, least: PeerPolicy): boolean =>
  typeof policy !== 'string' &&
  policy.pins === undefined &&
  (policy.allowsDialback || !least.allowsDialback) &&
  (policy.tls !== 'required' || least.tls === 'required');
