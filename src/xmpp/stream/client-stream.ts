// A client's stream after sign-in, as its server has it. It outlives its connection: with XEP-0198 a client may come back on
// another one (`takeOver`), and until then what is sent waits here.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import type { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import { Stanza } from '../stanza.ts';
import { isStanza, stanzaOf } from '../stanza-reader.ts';
import type { C2sEnd, C2sLimits, C2sSession, C2sStream } from './c2s.ts';
import type { StreamError } from './conditions.ts';
import type { ResumableStreams } from './resumable-streams.ts';
import { type LifeEnd, type LifeOwner, StreamLife } from './stream-life.ts';
import type { Traffic } from './traffic.ts';
import type { Connection } from './transport.ts';

export interface ClientStreamOptions {
  readonly domain: string;
  readonly limits: C2sLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly resumables: ResumableStreams;
}

/** What a connection brings along. */
export interface Attachment {
  readonly connection: Connection;
  readonly remote: string;
  readonly isSecure: boolean;
  readonly lang: string | undefined;
  /** The connection is gone, or another has taken its place. */
  readonly disconnected: () => void;
}

export class ClientStream implements C2sStream, LifeOwner<Attachment> {
  readonly #options: ClientStreamOptions;
  readonly #life: StreamLife<Attachment>;
  #attached: Attachment;
  #session: C2sSession | undefined;
  /** Ends a connection that has no session yet; the negotiation's business. */
  readonly #endNegotiation: (error: StreamError | undefined) => void;
  #successor: ClientStream | undefined;
  #pingId: string | undefined;

  constructor(options: ClientStreamOptions, attached: Attachment, endNegotiation: (error?: StreamError) => void) {
    const { clock, limits, log, random, resumables } = options;
    const add = (): string => {
      const id = random.id(24);
      resumables.add(id, this);
      return id;
    };
    const book = { add, end: (id: string) => resumables.end(id) };
    this.#options = options;
    this.#life = new StreamLife({ clock, limits, log, book }, this);
    this.#attached = attached;
    this.#endNegotiation = endNegotiation;
  }

  get remote(): string {
    return this.#attached.remote;
  }
  get isSecure(): boolean {
    return this.#attached.isSecure;
  }
  get jid(): Jid | undefined {
    return this.#session?.jid;
  }
  get state(): C2sStream['state'] {
    return this.#life.state;
  }
  get isManaged(): boolean {
    return this.#life.isManaged;
  }
  get unackedCount(): number {
    return this.#life.traffic.sent.length;
  }
  /** For the book of resumable streams: only streams with a session are in it. */
  get account(): Jid {
    return (this.#session as C2sSession).jid.bare;
  }
  get handledCount(): number {
    return this.#life.traffic.handled.h;
  }
  get who(): object {
    return { jid: String(this.jid) };
  }

  send(stanza: Stanza, tag?: number): boolean {
    if (this.state === 'closing' || this.state === 'ended') return false;
    this.#life.send(stanza, tag);
    return true;
  }

  close(error?: StreamError): Promise<void> {
    if (this.#successor) return this.#successor.close(error);
    if (this.state === 'negotiating') this.#endNegotiation(error);
    else this.#life.close(error);
    return this.#life.ended;
  }

  /** The connection is the session's from now on. `first` is what negotiation has left to say. */
  establish(session: C2sSession, attached: Attachment, first: string): void {
    this.#session = session;
    this.#attached = attached;
    this.#life.establish(attached, first);
  }

  /**
   * The connection ended (or went on with another stream) without a session; `session`: it went in the middle of binding,
   * and what was made has to hear of its end; `successor`: the stream it went on with, which `close` is then about.
   */
  abandon(session?: C2sSession, successor?: ClientStream): void {
    if (this.state !== 'negotiating') return;
    this.#session = session;
    this.#successor = successor;
    this.#life.end({ reason: 'lost' });
  }

  /** Goes on with another connection, whose client has `h` of our stanzas. False: the session is over. */
  takeOver(attached: Attachment, h: number): Promise<boolean | StreamError> {
    return this.#life.takeOver(attached, h);
  }

  element(element: StreamElement): void | Promise<void> {
    if (isStanza(element) && element.xmlns === ns.client) return this.#stanza(element);
    if (!this.#session?.nonza?.(element)) this.#life.fail({ condition: 'unsupported-stanza-type' });
  }

  #stanza(element: StreamElement): void | Promise<void> {
    const read = stanzaOf(element, this.#attached.lang);
    if (!read.ok) return this.#malformed(read.fault.attribute, read.fault.stanza);
    const stanza = read.value;
    return this.#life.traffic.handle(() => {
      if (!this.#isAnswerToPing(stanza)) return this.#session?.stanza(stanza);
    });
  }

  #isAnswerToPing({ kind, id, type }: Stanza): boolean {
    if (kind !== 'iq' || id === undefined || id !== this.#pingId || type === 'set') return false;
    this.#pingId = undefined;
    return true;
  }

  /** RFC 6120 §8.3.3.8 and §4.9.3.9. */
  #malformed(attribute: 'from' | 'to', stanza: Stanza): void {
    if (attribute === 'from') return this.#life.fail({ condition: 'invalid-from' });
    const { type } = stanza;
    if (type !== 'error' && type !== 'result') this.send(stanza.error('jid-malformed'));
    void this.#life.traffic.handle(() => {});
  }

  acked(tags: readonly number[]): void {
    this.#session?.acked?.(tags);
  }

  ping(): string {
    this.#pingId = `ping-${this.#options.random.id(10)}`;
    const ping = el('ping', { xmlns: ns.ping });
    return Stanza.make({ kind: 'iq', type: 'get', id: this.#pingId }, ping)
      .toXml()
      .replace('<iq', `<iq from='${this.#options.domain}'`);
  }

  detached(): void {
    this.#session?.detached?.();
  }

  resumed(attached: Attachment): void {
    this.#attached = attached;
    this.#session?.resumed?.();
  }

  ended(end: LifeEnd, unacked: Traffic['unacked']): void {
    this.#session?.ended({ ...end, reason: reasons[end.reason] }, unacked);
  }
}

const reasons = {
  'closed-by-peer': 'closed-by-client',
  'closed-by-us': 'closed-by-server',
  lost: 'lost',
  overrun: 'overrun',
} as const satisfies Record<LifeEnd['reason'], C2sEnd['reason']>;
