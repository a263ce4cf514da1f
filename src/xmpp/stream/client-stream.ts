// A client's stream after sign-in, as its server has it. It outlives its connection: with XEP-0198 a client may come back on
// another one (`takeOver`), and until then what is sent waits here.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import type { XmlFault } from '../../xml/limits.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import type { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import { Stanza } from '../stanza.ts';
import { elementOf, isStanza, stanzaOf } from '../stanza-reader.ts';
import { countOf, countTooHigh, enabledText, failedText, resumedText } from '../stream-management/nonzas.ts';
import type { C2sEnd, C2sLimits, C2sSession, C2sStream } from './c2s.ts';
import { type StreamError, streamErrorOf, streamErrorText } from './conditions.ts';
import type { ResumableStreams } from './resumable-streams.ts';
import { Traffic, type TrafficOwner } from './traffic.ts';
import type { Connection, ConnectionListener } from './transport.ts';

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

export class ClientStream implements C2sStream, TrafficOwner {
  readonly #options: ClientStreamOptions;
  #state: C2sStream['state'] = 'negotiating';
  #attached: Attachment;
  #session: C2sSession | undefined;
  /** Ends a connection that has no session yet; the negotiation's business. */
  readonly #endNegotiation: (error: StreamError | undefined) => void;
  #successor: ClientStream | undefined;
  readonly #traffic: Traffic;
  #id: string | undefined;
  #resumeMs = 0;
  #ending: C2sEnd | undefined;
  #pingId: string | undefined;
  #timer: Disposable | undefined;
  #taking: Promise<unknown> = Promise.resolve();
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: ClientStreamOptions, attached: Attachment, endNegotiation: (error?: StreamError) => void) {
    this.#options = options;
    this.#traffic = new Traffic(options.clock, options.limits, this);
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
    return this.#state;
  }
  get isManaged(): boolean {
    return this.#traffic.isManaged;
  }
  get unackedCount(): number {
    return this.#traffic.sent.length;
  }
  /** For the book of resumable streams: only streams with a session are in it. */
  get account(): Jid {
    return (this.#session as C2sSession).jid.bare;
  }
  get handledCount(): number {
    return this.#traffic.handled.h;
  }

  send(stanza: Stanza, tag?: number): boolean {
    if (this.#state === 'closing' || this.#state === 'ended') return false;
    this.#traffic.send(stanza, tag);
    if (this.#traffic.isOverrun) this.#overrun();
    return true;
  }

  close(error?: StreamError): Promise<void> {
    if (this.#successor) return this.#successor.close(error);
    if (this.#state === 'negotiating') this.#endNegotiation(error);
    else if (this.#state === 'detached') this.#end({ reason: 'closed-by-server', ...(error && { error }) });
    else if (this.#state === 'established') {
      if (error) this.#fail(error);
      else {
        this.#state = 'closing';
        this.#ending = { reason: 'closed-by-server' };
        this.#attached.connection.write(this.#traffic.lastAnswer);
        this.#attached.connection.close();
      }
    }
    return this.#ended.promise;
  }

  /** The connection is the session's from now on. `first` is what negotiation has left to say. */
  establish(session: C2sSession, attached: Attachment, first: string): void {
    this.#session = session;
    this.#attached = attached;
    this.#state = 'established';
    attached.connection.listener = this.#listenerOf(attached);
    attached.connection.write(first);
    this.#traffic.attach(attached.connection);
    this.#traffic.watch();
  }

  /**
   * The connection ended (or went on with another stream) without a session; `session`: it went in the middle of binding,
   * and what was made has to hear of its end; `successor`: the stream it went on with, which `close` is then about.
   */
  abandon(session?: C2sSession, successor?: ClientStream): void {
    if (this.#state !== 'negotiating') return;
    this.#session = session;
    this.#successor = successor;
    this.#end({ reason: 'lost' });
  }

  /**
   * Goes on with another connection, whose client has `h` of our stanzas. Waits until what has arrived on the old one is
   * handled: only then is it known what the client has to send again. False: the session is over.
   */
  takeOver(attached: Attachment, h: number): Promise<boolean | StreamError> {
    const taking = this.#taking.then(() => this.#takeOver(attached, h));
    // The next in turn goes on whatever became of this one; who asked for this one hears of its failure.
    this.#taking = taking.catch(() => {});
    return taking;
  }

  async #takeOver(attached: Attachment, h: number): Promise<boolean | StreamError> {
    if (this.#state !== 'established' && this.#state !== 'detached') return false;
    const old = this.#attached;
    if (this.#state === 'established') {
      // What is not handled yet is not counted, so the client sends it again: it must not be handled twice.
      old.connection.listener = { ...silentListener, disconnected: old.disconnected };
      old.connection.finish(streamErrorText({ condition: 'conflict', text: 'Resumed elsewhere' }));
      this.#setDetached();
    }
    const { handled } = this.#traffic;
    await new Promise<void>((resolve) => handled.whenSettled(resolve));
    if (this.#state !== 'detached') return false;
    if (attached.connection.isOver) return true;
    const taken = this.#traffic.resumed(h);
    if (!taken.ok) return countTooHigh(h, this.#traffic.sent.sentCount);
    this.#timer?.[Symbol.dispose]();
    this.#attached = attached;
    this.#state = 'established';
    const { connection } = attached;
    connection.listener = this.#listenerOf(attached);
    connection.write(resumedText(this.#id ?? '', handled.h));
    this.#traffic.attach(connection);
    this.#traffic.watch();
    this.#session?.resumed?.();
    return true;
  }

  #listenerOf(attached: Attachment): ConnectionListener {
    return {
      opened: () => this.#fail({ condition: 'bad-format' }),
      element: (element) => this.#element(element),
      closed: () => this.#closedByClient(),
      faulted: (fault: XmlFault) => this.#fail({ condition: fault.reason, text: fault.text }),
      disconnected: (error) => {
        attached.disconnected();
        this.#disconnected(error);
      },
      flushing: () => this.#traffic.flushing(),
    };
  }

  #element(element: StreamElement): void | Promise<void> {
    if (isStanza(element) && element.xmlns === ns.client) return this.#stanza(element);
    if (element.xmlns === ns.sm) return this.#management(element);
    if (element.xmlns === ns.stream && element.name === 'error') {
      const error = streamErrorOf(elementOf(element));
      this.#options.log.info(
        { jid: String(this.jid), condition: error.condition },
        'the client ended its stream with an error',
      );
      return this.#closedByClient();
    }
    if (!this.#session?.nonza?.(element)) this.#fail({ condition: 'unsupported-stanza-type' });
  }

  #stanza(element: StreamElement): void | Promise<void> {
    const read = stanzaOf(element, this.#attached.lang);
    if (!read.ok) return this.#malformed(read.fault.attribute, read.fault.stanza);
    const stanza = read.value;
    return this.#traffic.handle(() => {
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
    if (attribute === 'from') return this.#fail({ condition: 'invalid-from' });
    const { type } = stanza;
    if (type !== 'error' && type !== 'result') this.send(stanza.error('jid-malformed'));
    void this.#traffic.handle(() => {});
  }

  #management({ name, attrs }: StreamElement): void {
    const { connection } = this.#attached;
    if (name === 'r' && this.isManaged) this.#traffic.answer();
    else if (name === 'a' && this.isManaged) {
      const h = countOf(attrs);
      if (h === undefined) return this.#fail({ condition: 'invalid-xml', text: 'h' });
      const taken = this.#traffic.acknowledged(h);
      if (!taken.ok) this.#fail(countTooHigh(h, this.#traffic.sent.sentCount));
    } else if (name === 'enable' && !this.isManaged) this.#enable(attrs);
    else if (name === 'enable' || name === 'resume') connection.write(failedText('unexpected-request'));
    else this.#fail({ condition: 'unsupported-stanza-type' });
  }

  #enable(attrs: StreamElement['attrs']): void {
    const { limits, random, resumables } = this.#options;
    const wished = /^\d{1,8}$/.test(attrs['max'] ?? '') ? Number(attrs['max']) * 1000 : limits.resumeMs;
    this.#resumeMs = attrs['resume'] === 'true' || attrs['resume'] === '1' ? Math.min(wished, limits.resumeMs) : 0;
    if (this.#resumeMs > 0) {
      this.#id = random.id(24);
      resumables.add(this.#id, this);
    }
    this.#attached.connection.write(
      enabledText(this.#id === undefined ? undefined : { id: this.#id, maxMs: this.#resumeMs }),
    );
    this.#traffic.manage();
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

  timedOut(): void {
    // A stream error would end a session that can still be resumed.
    if (this.#id !== undefined) this.#attached.connection.destroy();
    else this.#fail({ condition: 'connection-timeout' }, 'lost');
  }

  handlerFailed(error: unknown): void {
    this.#options.log.error({ jid: String(this.jid), err: error }, 'a stanza could not be handled');
    const failure: StreamError = { condition: 'internal-server-error' };
    if (this.#state === 'detached') this.#end({ reason: 'closed-by-server', error: failure });
    else this.#fail(failure);
  }

  #overrun(): void {
    if (this.#state === 'detached') this.#end({ reason: 'overrun' });
    else if (this.#state === 'established') this.#fail({ condition: 'resource-constraint' }, 'overrun');
  }

  #fail(error: StreamError, reason: C2sEnd['reason'] = 'closed-by-server'): void {
    if (this.#state !== 'established' && this.#state !== 'closing') return;
    this.#state = 'closing';
    this.#ending ??= { reason, error };
    // The last acknowledgement tells the client what it need not send again (XEP-0198 §4).
    this.#attached.connection.finish(this.#traffic.lastAnswer + streamErrorText(error));
  }

  #closedByClient(): void {
    if (this.#state !== 'established' && this.#state !== 'closing') return;
    this.#state = 'closing';
    this.#ending ??= { reason: 'closed-by-client' };
    const { connection } = this.#attached;
    this.#traffic.handled.whenSettled(() => {
      connection.write(this.#traffic.lastAnswer);
      connection.finishClose();
    });
  }

  #disconnected(error: Error | undefined): void {
    if (this.#state === 'ended' || this.#state === 'detached') return;
    this.#options.log.debug({ jid: String(this.jid), err: error }, 'connection gone');
    if (this.#id !== undefined && !this.#ending) return this.#setDetached();
    this.#traffic.handled.whenSettled(() => this.#end(this.#ending ?? { reason: 'lost' }));
  }

  #setDetached(): void {
    this.#state = 'detached';
    this.#traffic.detach();
    this.#timer = this.#options.clock.after(this.#resumeMs, () => this.#end({ reason: 'lost' }));
    this.#session?.detached?.();
  }

  #end(end: C2sEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#timer?.[Symbol.dispose]();
    this.#traffic.detach();
    if (this.#id !== undefined) this.#options.resumables.end(this.#id);
    this.#session?.ended(end, this.#traffic.unacked);
    this.#ended.resolve();
  }
}

const silentListener: ConnectionListener = {
  opened() {},
  element() {},
  closed() {},
  faulted() {},
  disconnected() {},
};
