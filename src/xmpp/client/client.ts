// A client's session on a server, seen from the client: a Link, and what tests and benchmarks drive. It outlives its
// connection: when that breaks it comes back by itself and goes on with the same session (XEP-0198), and whoever sends or
// receives does not notice.
//
// `send` resolves when the server has the stanza: by XEP-0198, or, on servers without it, when a ping (XEP-0199) sent after
// the stanza is answered: a server handles a stream's stanzas in order, so it has then dealt with what came before.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import { el } from '../../xml/element.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import { Jid } from '../jid.ts';
import {
  type Link,
  type LinkEnd,
  type LinkFault,
  LinkLostError,
  type LinkReceiver,
  type LinkResumption,
} from '../link.ts';
import { ns } from '../namespaces.ts';
import { Stanza } from '../stanza.ts';
import { elementOf, isStanza, stanzaOf } from '../stanza-reader.ts';
import { streamErrorOf } from '../stream/conditions.ts';
import type { Managed } from '../stream/initiator.ts';
import type { Connection, ConnectionListener } from '../stream/transport.ts';
import { AckRequests } from '../stream-management/ack-requests.ts';
import { HandledCount } from '../stream-management/handled-count.ts';
import { answerText, countOf, requestText } from '../stream-management/nonzas.ts';
import { SentQueue } from '../stream-management/sent-queue.ts';
import { endOf, unreachableEnd } from './ends.ts';
import { type Established, negotiate, type Resumed } from './negotiate.ts';
import { type ClientLimits, type ClientOptions, defaultClientLimits } from './options.ts';
import { formatResumption, handledIds, parseLocation, parseResumption, type Resumption } from './resumption.ts';

interface Waiting {
  readonly stanza: Stanza;
  readonly chars: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class XmppClient implements Link {
  readonly #options: ClientOptions;
  readonly #limits: ClientLimits;
  readonly #receiver: LinkReceiver;
  #state: 'connecting' | 'online' | 'waiting' | 'closing' | 'ended' = 'connecting';
  #jid: Jid;
  #features: ReadonlySet<string> = new Set();
  #managed: Managed | undefined;
  #connection: Connection | undefined;
  readonly #sent = new SentQueue<Waiting>();
  #handled = new HandledCount();
  /** Stanzas of an earlier process that the server turned out to have: by id, each to be sent no second time. */
  readonly #alreadyHandled = new Map<string, number>();
  readonly #requests = new AckRequests({ stanzas: 1, quietMs: 0 });
  /** Without XEP-0198: the ping that stands for <r/>, and what it covers. */
  #ping: { readonly id: string; readonly upTo: number } | undefined;
  #ending: LinkEnd | undefined;
  #wasResumed = false;
  #watchTimer: Disposable | undefined;
  #retryTimer: Disposable | undefined;
  #giveUpAt = 0;
  #retries = 0;
  readonly #ended = Promise.withResolvers<void>();

  private constructor(options: ClientOptions, receiver: LinkReceiver) {
    this.#options = options;
    this.#limits = { ...defaultClientLimits, ...options.limits };
    this.#receiver = receiver;
    this.#jid = options.account;
  }

  /** Signs in, or goes on with an earlier session. */
  static async open(options: ClientOptions, receiver: LinkReceiver): Promise<Outcome<XmppClient, LinkFault>> {
    const client = new XmppClient(options, receiver);
    const earlier = options.resume && parseResumption(options.resume);
    const opened = await client.#connect(earlier, true);
    if (opened.ok) return good(client);
    // Some servers end the stream over a session they do not like; it must not keep the user out.
    const second = earlier && opened.fault.isSessionGone ? await client.#connect(undefined, true) : opened;
    if (second.ok) return good(client);
    const { reason, text } = second.fault;
    return bad({ reason, text });
  }

  get jid(): Jid {
    return this.#jid;
  }
  get features(): ReadonlySet<string> {
    return this.#features;
  }
  /** XEP-0198 is on. */
  get isManaged(): boolean {
    return this.#managed !== undefined;
  }
  /** `open` went on with the earlier session it was given. */
  get wasResumed(): boolean {
    return this.#wasResumed;
  }
  get isOnline(): boolean {
    return this.#state === 'online';
  }
  get unackedCount(): number {
    return this.#sent.length;
  }

  send(stanza: Stanza): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#wasHandledEarlier(stanza)) resolve();
    else if (this.#state === 'closing' || this.#state === 'ended') reject(new LinkLostError('the session is over'));
    else if (this.#sent.length >= this.#limits.unackedMax || this.#sent.chars >= this.#limits.unackedCharsMax)
      reject(new LinkLostError('too much waits for the server'));
    else {
      const text = stanza.toXml();
      this.#sent.push({ stanza, chars: text.length, resolve, reject });
      if (this.#state === 'online') {
        this.#requests.sent(this.#options.clock.mono());
        this.#connection?.write(text);
      }
    }
    return promise;
  }

  close(): Promise<void> {
    if (this.#state === 'online') {
      this.#ending = { reason: 'closed' };
      this.#state = 'closing';
      this.#connection?.write(Stanza.make({ kind: 'presence', type: 'unavailable' }).toXml() + this.#lastAnswer());
      this.#connection?.close();
    } else if (this.#state === 'waiting' || this.#state === 'connecting') this.#end({ reason: 'closed' });
    return this.#ended.promise;
  }

  /** Drops the connection as a broken network would; the session then comes back by itself, if it can. */
  dropConnection(): void {
    this.#connection?.destroy();
  }

  async detach(): Promise<LinkResumption | undefined> {
    if (this.#state === 'ended' || this.#managed?.id === undefined) {
      await this.close();
      return undefined;
    }
    const connection = this.#connection;
    this.#ending = { reason: 'closed', text: 'detached' };
    this.#retryTimer?.[Symbol.dispose]();
    connection?.destroy();
    // What is being handled still counts.
    await connection?.drained();
    const resumption = this.resumption();
    this.#end(this.#ending);
    return resumption;
  }

  resumption(): LinkResumption | undefined {
    const id = this.#managed?.id;
    if (id === undefined || this.#state === 'ended') return undefined;
    const unacked = Array.from(this.#sent, ({ stanza }) => stanza.id ?? '');
    const acked = (this.#sent.sentCount - unacked.length + 2 ** 32) % 2 ** 32;
    const { location, maxMs } = this.#managed ?? {};
    return formatResumption({ id, jid: this.#jid, h: this.#handled.h, acked, unacked, location, maxMs });
  }

  /** Said before the end, or the server would keep for later what we have (XEP-0198 §4). */
  #lastAnswer(): string {
    return this.isManaged ? answerText(this.#handled.h) : '';
  }

  #wasHandledEarlier({ id }: Stanza): boolean {
    if (id === undefined || this.#alreadyHandled.size === 0) return false;
    const times = this.#alreadyHandled.get(id) ?? 0;
    if (times > 1) this.#alreadyHandled.set(id, times - 1);
    else this.#alreadyHandled.delete(id);
    return times > 0;
  }

  #connect(earlier: Resumption | undefined, isFirst: boolean): ReturnType<typeof negotiate> {
    const own = this.#managed?.id === undefined ? undefined : { id: this.#managed.id, h: this.#handled.h };
    return negotiate({
      options: this.#options,
      resume: isFirst ? earlier && { id: earlier.id, h: earlier.h } : own,
      mayBindAnew: isFirst,
      location: parseLocation(earlier?.location ?? this.#managed?.location),
      resumeFailed: (h) => this.#resumeFailed(h, earlier),
      ready: (connection, result) => this.#ready(connection, result, earlier),
    });
  }

  /** What the old session's server still knows to have handled need not be sent again (XEP-0198 §5 `failed`). */
  #resumeFailed(h: number | undefined, earlier: Resumption | undefined): void {
    if (h === undefined) return;
    if (earlier) this.#noteHandled(h, earlier);
    else this.#acknowledged(h);
  }

  #noteHandled(h: number, earlier: Resumption): void {
    for (const id of handledIds(earlier, h)) this.#alreadyHandled.set(id, (this.#alreadyHandled.get(id) ?? 0) + 1);
  }

  #ready(connection: Connection, result: Established | Resumed, earlier: Resumption | undefined) {
    const listener = this.#listenerOf(connection);
    if (this.#state === 'closing' || this.#state === 'ended') {
      connection.finish('');
      return { listener };
    }
    connection.listener = listener;
    this.#connection = connection;
    this.#retries = 0;
    this.#state = 'online';
    this.#watch(connection);
    if (result.do === 'resumed') {
      if (earlier) this.#goOn(earlier, result.h);
      else this.#resumed(connection, result.h);
      return { listener, then: nextTurn() };
    }
    this.#jid = result.jid;
    this.#features = result.features;
    this.#managed = result.managed;
    if (result.managed) this.#sent.manage();
    return { listener, then: this.#deliverEarly(connection, result.early) };
  }

  /** Takes an earlier process's session up. */
  #goOn(earlier: Resumption, h: number): void {
    this.#wasResumed = true;
    this.#jid = earlier.jid;
    this.#managed = { id: earlier.id, location: earlier.location, maxMs: earlier.maxMs };
    this.#handled = new HandledCount(earlier.h);
    this.#sent.manage(h);
    this.#noteHandled(h, earlier);
  }

  #resumed(connection: Connection, h: number): void {
    this.#handled = new HandledCount(this.#handled.h);
    if (!this.#acknowledged(h)) return;
    for (const { stanza } of this.#sent) connection.write(stanza.toXml());
    this.#requests.restart(this.#sent.length, this.#options.clock.mono());
    connection.wake();
  }

  async #deliverEarly(connection: Connection, stanzas: readonly Stanza[]): Promise<void> {
    await nextTurn();
    try {
      for (const stanza of stanzas) await this.#receiver.stanza(stanza);
    } catch (error) {
      this.#notTaken(connection, error);
    }
  }

  #listenerOf(connection: Connection): ConnectionListener {
    return {
      opened() {},
      element: (element) => this.#element(connection, element),
      closed: () => {
        this.#ending ??= { reason: 'signed-out', text: 'the server ended the session' };
        connection.write(this.#lastAnswer());
        connection.finishClose();
      },
      faulted: (fault) => connection.destroy(new Error(`what the server sends is ${fault.reason}: ${fault.text}`)),
      disconnected: (error) => {
        if (connection === this.#connection) this.#disconnected(error);
      },
      flushing: () => this.#flushing(),
    };
  }

  #element(connection: Connection, element: StreamElement): void | Promise<void> {
    const { name, xmlns, attrs } = element;
    if (isStanza(element)) return this.#stanza(connection, element);
    if (xmlns === ns.stream && name === 'error') {
      this.#ending ??= endOf(streamErrorOf(elementOf(element)));
      return connection.finishClose();
    }
    if (xmlns !== ns.sm || !this.isManaged) return; // an extension we did not ask for; nothing hangs on it
    const h = countOf(attrs);
    if (name === 'r') connection.write(answerText(this.#handled.h));
    else if (name === 'a' && h !== undefined && this.#acknowledged(h)) {
      this.#requests.answered(this.#sent.length);
      if (this.#sent.length > 0) connection.wake();
    }
  }

  #stanza(connection: Connection, element: StreamElement): void | Promise<void> {
    const read = stanzaOf(element);
    const handled = this.#handled;
    const ticket = handled.begin();
    if (!read.ok) {
      this.#options.log.warn(
        { jid: String(this.#jid), attribute: read.fault.attribute },
        'a stanza with a bad address',
      );
      return handled.finish(ticket);
    }
    if (this.#isAnswerToPing(read.value)) return handled.finish(ticket);
    const failed = (error: unknown): void => this.#notTaken(connection, error);
    try {
      const pending = this.#receiver.stanza(read.value);
      if (pending) return pending.then(() => handled.finish(ticket), failed);
      handled.finish(ticket);
    } catch (error) {
      failed(error);
    }
  }

  /** The receiver could not take a stanza: the server has to keep it, and to send it again on the next connection. */
  #notTaken(connection: Connection, error: unknown): void {
    this.#options.log.error({ jid: String(this.#jid), err: error }, 'a stanza could not be taken');
    connection.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  #isAnswerToPing(stanza: Stanza): boolean {
    if (stanza.kind !== 'iq' || !this.#ping || stanza.id !== this.#ping.id) return false;
    const { upTo } = this.#ping;
    this.#ping = undefined;
    if (!this.isManaged) {
      for (const { resolve } of this.#sent.flushed(upTo)) resolve();
      this.#requests.answered(this.#sent.length);
      if (this.#sent.length > 0) this.#connection?.wake();
    }
    return true;
  }

  /** False: the server acknowledges what it was never sent, and nothing it says can be relied on. */
  #acknowledged(h: number): boolean {
    const taken = this.#sent.acknowledged(h);
    if (taken.ok) for (const { resolve } of taken.value) resolve();
    else {
      this.#ending ??= { reason: 'lost', text: taken.fault };
      this.#connection?.finish('');
    }
    return taken.ok;
  }

  #flushing(): { text: string } | undefined {
    if (this.#requests.dueInMs(this.#options.clock.mono()) === undefined) return undefined;
    this.#requests.asked();
    return { text: this.isManaged ? requestText : this.#newPing() };
  }

  #newPing(): string {
    const id = `ping-${this.#options.random.id(10)}`;
    this.#ping = { id, upTo: this.#sent.next };
    const to = Jid.from(this.#jid.domain);
    return Stanza.make({ kind: 'iq', type: 'get', id, to }, el('ping', { xmlns: ns.ping })).toXml();
  }

  /** Notices a connection that is dead without saying so. */
  #watch(connection: Connection): void {
    const { clock } = this.#options;
    const { pingMs, answerMs } = this.#limits;
    const arm = (ms: number, task: () => void): void => {
      this.#watchTimer?.[Symbol.dispose]();
      this.#watchTimer = clock.after(ms, task);
    };
    const check = (): void => {
      const quietMs = clock.mono() - connection.lastHeardAt;
      if (quietMs < pingMs) return arm(pingMs - quietMs, check);
      const askedAt = clock.mono();
      connection.write(this.isManaged ? requestText : this.#newPing());
      arm(answerMs, () => {
        if (connection.lastHeardAt >= askedAt) check();
        else connection.destroy(new Error('the server does not answer'));
      });
    };
    arm(pingMs, check);
  }

  #disconnected(error: Error | undefined): void {
    if (this.#state === 'ended') return;
    this.#watchTimer?.[Symbol.dispose]();
    this.#connection = undefined;
    if (this.#ending?.text === 'detached') return; // `detach` sees to the rest
    if (this.#ending) return this.#end(this.#ending);
    if (this.#managed?.id === undefined)
      return this.#end({ reason: 'lost', text: error?.message ?? 'connection closed' });
    this.#options.log.info({ jid: String(this.#jid), err: error }, 'connection lost; resuming');
    this.#state = 'waiting';
    this.#giveUpAt = this.#options.clock.mono() + (this.#managed.maxMs ?? this.#limits.resumeMs);
    this.#retry();
  }

  #retry(): void {
    const { clock, random } = this.#options;
    const { retryMs, retryMsMax } = this.#limits;
    const longest = Math.min(retryMsMax, retryMs * 2 ** Math.min(this.#retries++, 20));
    const delayMs = longest * (0.5 + random.fraction() / 2);
    if (clock.mono() + delayMs > this.#giveUpAt) return this.#end({ reason: 'lost', text: 'not back in time' });
    this.#retryTimer = clock.after(delayMs, () => void this.#resume());
  }

  async #resume(): Promise<void> {
    const attempt = await this.#connect(undefined, false);
    if (attempt.ok || this.#state !== 'waiting') return;
    const { isSessionGone } = attempt.fault;
    const end = isSessionGone ? undefined : unreachableEnd(attempt.fault);
    if (isSessionGone) this.#end({ reason: 'lost', text: attempt.fault.text });
    else if (end) this.#end(end);
    else this.#retry();
  }

  #end(end: LinkEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#watchTimer?.[Symbol.dispose]();
    this.#retryTimer?.[Symbol.dispose]();
    const lost = new LinkLostError(end.text ?? end.reason);
    for (const { reject } of this.#sent) reject(lost);
    this.#ended.resolve();
    this.#receiver.closed(end);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
