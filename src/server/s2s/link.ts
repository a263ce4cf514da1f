// A link at work: its machine (link-machine.ts), what waits for it (outbox.ts), and the stream that carries it at the moment.
//
// A message that is to be kept is handed to the stream at once when there is one; only if the other server has not
// acknowledged it soon after is it written to the Store too, so that a link in good order costs no writes. When there is no
// stream, it is written first. Either way its sender is answered when it is safe.

import type { Clock, MonoMs, WallMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Pair } from '../../xmpp/s2s/s2s.ts';
import { Stanza, type StanzaCondition } from '../../xmpp/stanza.ts';
import { delayed } from '../messages/delay.ts';
import { type Fate, fateOf, newsKey } from './fates.ts';
import {
  idleLink,
  isFinal,
  type LinkEffect,
  type LinkEvent,
  type LinkFault,
  type LinkRules,
  type LinkState,
  nextTick,
  refusalOf,
  type StreamNow,
  step,
} from './link-machine.ts';
import { type Budget, type Entry, Outbox } from './outbox.ts';
import type { QueueMax } from './settings.ts';
import type { OnTheWay, StreamRecord, StreamUser } from './streams.ts';

/** What a link asks of its surroundings. */
export interface LinkSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  /** A stream that carries the pair: one that is there, or a new one. Never rejects. */
  obtain(link: Link, way: OnTheWay): Promise<StreamRecord | LinkFault>;
  /** Nobody needs it any more on behalf of the link. */
  release(record: StreamRecord, link: Link): void;
  /** Keeps a message; resolves with its number after the commit. */
  store(pair: Pair, stanza: string, receivedAt: WallMs): Promise<number>;
  unstore(seq: number): void;
  /** Answers the sender, where it is to be told. Resolves when that is done; never rejects. */
  giveBack(entry: Entry, condition: StanzaCondition): Promise<void>;
  reach(pair: Pair, isReachable: boolean, fault: LinkFault | undefined): void;
  failed(link: Link, fault: LinkFault): void;
  /** A ping with this id was sent; `answered` is called when the other domain answers. */
  expectPong(link: Link, id: string, answered: () => void): void;
  storeFailed(cause: unknown): void;
  /** The link is idle, empty and worth nothing any more. */
  idle(link: Link): void;
  sent(entry: Entry): void;
}

export interface LinkTimes {
  readonly queueMs: number;
  readonly requestMs: number;
}

/**
 * How long a message in the hands of a stream may wait for its acknowledgement before it is stored as well. A busy stream on a
 * short way is acknowledged sooner; for a lone message a write costs little, and its sender is answered early.
 */
const patienceMs = 25;
/** A stanza that waited longer gets a delay stamp (XEP-0203). */
const stampAfterMs = 10_000;
/** Handed to a stream and unacknowledged, at most: the rest waits here, where it is bounded and can expire. */
const inHandsMax = 1_000;
const charsInHandsMax = 2_000_000;
/** One stanza is as long as this, whatever its text. */
const overheadChars = 200;
/** Deadlines are kept to within this. */
const sweepMs = 1_000;

export class Link implements StreamUser {
  readonly pair: Pair;
  /** Distinguishes its tags from other links'. */
  readonly number: number;
  readonly rules: LinkRules;
  readonly outbox: Outbox;
  readonly #times: LinkTimes;
  readonly #around: LinkSurroundings;
  readonly #local: Jid;
  #state: LinkState = idleLink;
  #record: StreamRecord | undefined;
  /** While the pair is being authenticated on it, and stanzas are sent ahead. */
  #early: StreamRecord | undefined;
  #nextTag = 1;
  #lastSentTag = 0;
  #unprovenSince: MonoMs | undefined;
  #impatient: Entry[] = [];
  #patience: Disposable | undefined;
  #timer: Disposable | undefined;
  #timerAt: MonoMs = 0;
  #sweep: Disposable | undefined;
  #isStopped = false;
  /** What of the last stream's end the machine is being told, while it dials. */
  #dials = 0;

  constructor(
    pair: Pair,
    number: number,
    options: {
      readonly rules: LinkRules;
      readonly times: LinkTimes;
      readonly max: QueueMax;
      readonly budget: Budget;
      readonly around: LinkSurroundings;
    },
  ) {
    this.pair = pair;
    this.number = number;
    this.rules = options.rules;
    this.outbox = new Outbox(options.max, options.budget);
    this.#times = options.times;
    this.#around = options.around;
    this.#local = Jid.from(pair.local);
  }

  get state(): LinkState {
    return this.#state;
  }
  get record(): StreamRecord | undefined {
    return this.#record;
  }

  /** See Carrier.carry. */
  carry(stanza: Stanza, isBroadcast: boolean): Promise<void> {
    const fate = fateOf(stanza, isBroadcast);
    const now = this.#around.clock.mono();
    const entry = this.#entry(stanza, fate, isBroadcast, { arrivedAt: now, receivedAt: this.#around.clock.wall() });
    const refusal = this.#isStopped ? shutDown : refusalOf(this.#state, fate === 'asked' || fate === 'news', now);
    // A program that is about to end still stores what it was given.
    if (refusal && !(this.#isStopped && fate === 'kept')) return this.#around.giveBack(entry, refusal.condition);
    if (!this.outbox.push(entry)) return this.#around.giveBack(entry, 'resource-constraint');
    if (fate === 'kept') {
      if (this.#state.phase.name === 'up' && this.#canSend()) this.#waitPatiently(entry);
      else this.#store(entry);
    }
    this.#armSweep();
    if (!this.#isStopped) this.#tell({ type: 'wanted' });
    return entry.safe?.promise ?? resolved;
  }

  /** Puts a stored message of an earlier run back. */
  restoreStored(stanza: Stanza, seq: number, receivedAt: WallMs): void {
    const { clock } = this.#around;
    const arrivedAt = clock.mono() - Math.max(0, clock.wall() - receivedAt);
    const entry = this.#entry(stanza, 'kept', false, { arrivedAt, receivedAt });
    entry.stored = seq;
    entry.safe?.resolve();
    if (entry.deadline <= clock.mono()) void this.#giveBack(entry, 'remote-server-timeout');
    else if (!this.outbox.push(entry)) void this.#giveBack(entry, 'resource-constraint');
    else this.#armSweep();
  }

  /** To be called when the link is to be up though nothing waits, and after `restoreStored`. */
  wake(): void {
    this.#tell({ type: 'wanted' });
  }

  /** A stream that carries the pair turned up by itself. */
  offered(record: StreamRecord): void {
    const { name } = this.#state.phase;
    if (this.#isStopped || name === 'up' || name === 'detached') return;
    this.#use(record);
  }

  heard(): void {
    this.#tell({ type: 'heard' });
  }
  incomingLost(fault: LinkFault): void {
    if (!this.#isStopped) this.#tell({ type: 'incoming-lost', fault });
  }

  // ---- what its stream tells ------------------------------------------------------------------------------------------

  acked(tag: number): void {
    const entry = this.outbox.sentEntry(tag);
    if (!entry) return;
    if (this.#record?.stream.isManaged || entry.fate !== 'kept') this.#delivered(entry);
    else {
      this.outbox.out(entry);
      this.#unprovenSince ??= this.#around.clock.mono();
      this.#arm();
    }
    this.#flush();
  }

  detached(): void {
    this.#tell({ type: 'detached' });
  }
  resumed(): void {
    this.#tell({ type: 'resumed' });
  }
  renewed(): void {
    this.#unprovenSince = undefined;
    this.#tell({ type: 'renewed' });
  }

  streamEnded(isOrderly: boolean, fault: LinkFault): void {
    // What had left our hands before a stream ended in good order has arrived.
    if (isOrderly) for (const entry of this.outbox.unproven) this.#delivered(entry);
    this.#record = undefined;
    this.#unprovenSince = undefined;
    if (this.#isStopped) this.outbox.restore();
    else this.#tell(isOrderly ? { type: 'closed' } : { type: 'lost', fault });
  }

  // ---- the end --------------------------------------------------------------------------------------------------------

  /** No more is sent from now on; acknowledgements still count. */
  stop(): void {
    this.#isStopped = true;
    for (const one of [this.#timer, this.#sweep]) one?.[Symbol.dispose]();
  }

  /** After `stop`. Resolves when every message that is to be kept is stored. */
  async storeAll(): Promise<void> {
    this.#patience?.[Symbol.dispose]();
    this.#impatient = [];
    const storing: Promise<unknown>[] = [];
    for (const entry of this.outbox.all) {
      if (entry.fate === 'kept') {
        this.#store(entry);
        storing.push(Promise.resolve(entry.stored).catch(() => {}));
      }
    }
    await Promise.all(storing);
  }

  // ---- inside ---------------------------------------------------------------------------------------------------------

  #entry(
    stanza: Stanza,
    fate: Fate,
    isBroadcast: boolean,
    { arrivedAt, receivedAt }: { readonly arrivedAt: MonoMs; readonly receivedAt: WallMs },
  ): Entry {
    const { queueMs, requestMs } = this.#times;
    const isHasty = fate === 'asked' || fate === 'news';
    return {
      stanza,
      fate,
      isBroadcast,
      chars: stanza.inner.length + overheadChars,
      tag: this.#nextTag++,
      arrivedAt,
      receivedAt,
      deadline: arrivedAt + (isHasty ? requestMs : queueMs),
      newsKey: newsKey(stanza),
      stored: undefined,
      isOut: false,
      isDone: false,
      safe: fate === 'kept' ? Promise.withResolvers() : undefined,
    };
  }

  #tell(event: LinkEvent): void {
    const now = this.#around.clock.mono();
    const [next, effects] = step(this.#state, event, now, this.rules);
    this.#state = next;
    for (const effect of effects) this.#perform(effect);
    this.#arm();
  }

  #perform(effect: LinkEffect): void {
    switch (effect.type) {
      case 'dial':
        void this.#dial();
        return;
      case 'flush':
        this.#flush();
        return;
      case 'restore':
        this.outbox.restore();
        // In good order or not, what waits wants another stream.
        if (this.#state.phase.name === 'idle' && this.outbox.size > 0) this.#tell({ type: 'wanted' });
        return;
      case 'give-back':
        this.#around.failed(this, effect.fault);
        for (const entry of this.outbox.waiting)
          if (effect.what === 'all' || entry.fate === 'asked' || entry.fate === 'news')
            void this.#giveBack(entry, effect.fault.condition);
        return;
      case 'reach':
        this.#around.reach(this.pair, effect.isReachable, this.#state.lastFault);
        return;
      case 'ping':
        this.#ping();
        return;
      case 'abandon': {
        const record = this.#record;
        // One of ours that broke off is being resumed: that has its own end.
        if (!record || (record.isDetached && record.direction === 'out')) return;
        record.abandon(effect.fault);
        // Its end tells us.
        void record.stream.close({ condition: 'connection-timeout' });
        return;
      }
      case 'release': {
        const record = this.#record;
        this.#record = undefined;
        if (record) this.#around.release(record, this);
        return;
      }
      default:
        effect satisfies never;
    }
  }

  async #dial(): Promise<void> {
    const dial = ++this.#dials;
    const isOurs = (): boolean => !this.#isStopped && dial === this.#dials;
    const got = await this.#around.obtain(this, {
      connected: () => isOurs() && this.#tell({ type: 'connected' }),
      early: (record) => isOurs() && this.#sendEarly(record),
    });
    if (!isOurs()) return;
    if ('stream' in got) this.#use(got);
    else {
      this.#takeBack();
      this.#tell({ type: 'failed', fault: got, lot: this.#around.random.fraction() });
    }
  }

  /** A server that reads ahead gets what waits with the request to authenticate; a refusal brings it back. */
  #sendEarly(record: StreamRecord): void {
    if (this.#state.phase.name !== 'authenticating') return;
    this.#takeBack();
    this.#early = record;
    this.#flush();
  }

  #takeBack(): void {
    if (!this.#early) return;
    this.#early = undefined;
    this.outbox.restore();
  }

  #use(record: StreamRecord): void {
    const { name } = this.#state.phase;
    if (name === 'up' || name === 'detached') return;
    if (this.#early !== record) this.#takeBack();
    this.#early = undefined;
    this.#record = record;
    record.users.add(this);
    this.#tell({ type: 'established' });
  }

  #canSend(): boolean {
    return this.outbox.inHands < inHandsMax && this.outbox.charsInHands < charsInHandsMax;
  }

  #flush(): void {
    const record = this.#state.phase.name === 'up' ? this.#record : this.#early;
    if (!record || this.#isStopped) return;
    const { clock } = this.#around;
    let hasSent = false;
    while (this.#canSend()) {
      const entry = this.outbox.first;
      if (!entry) break;
      const waited = clock.mono() - entry.arrivedAt;
      const stanza =
        waited > stampAfterMs && entry.stanza.kind !== 'iq'
          ? delayed(entry.stanza, this.#local, entry.receivedAt)
          : entry.stanza;
      // Before it is sent: a stream may say at once that it is out of its hands.
      this.outbox.sent(entry);
      this.#lastSentTag = entry.tag;
      if (!record.send(stanza, this, entry.tag)) {
        // The stream is ending, and will say so; then everything comes again.
        break;
      }
      hasSent = true;
      record.usedAt = clock.mono();
      this.#around.sent(entry);
    }
    if (hasSent) this.#tell({ type: 'sent' });
  }

  #ping(): void {
    const record = this.#record;
    if (!record) return;
    const id = `link-${this.#around.random.id(16)}`;
    const upTo = this.#lastSentTag;
    const ping = Stanza.make(
      { kind: 'iq', type: 'get', id, from: this.#local, to: Jid.from(this.pair.remote) },
      el('ping', { xmlns: 'urn:xmpp:ping' }),
    );
    this.#around.expectPong(this, id, () => {
      // The other server handles a stream's stanzas in order: it has what came before the ping.
      for (const entry of this.outbox.unproven) if (entry.tag <= upTo) this.#delivered(entry);
      this.#unprovenSince = this.outbox.isProven ? undefined : this.#around.clock.mono();
      this.#tell({ type: 'pong' });
      this.#flush();
    });
    record.send(ping, this, undefined);
  }

  #delivered(entry: Entry): void {
    this.outbox.done(entry);
    entry.safe?.resolve();
    this.#forgetStored(entry);
    if (this.outbox.size === 0) this.#unprovenSince = undefined;
  }

  #giveBack(entry: Entry, condition: StanzaCondition): Promise<void> {
    this.outbox.done(entry);
    return this.#around.giveBack(entry, condition).then(() => {
      entry.safe?.resolve();
      this.#forgetStored(entry);
    });
  }

  // ---- keeping --------------------------------------------------------------------------------------------------------

  #waitPatiently(entry: Entry): void {
    this.#impatient.push(entry);
    this.#patience ??= this.#around.clock.after(patienceMs, () => this.#losePatience());
  }

  #losePatience(): void {
    this.#patience = undefined;
    const since = this.#around.clock.mono() - patienceMs;
    const waiting = this.#impatient.filter(({ isDone }) => !isDone);
    this.#impatient = waiting.filter(({ arrivedAt }) => arrivedAt > since);
    for (const entry of waiting) if (entry.arrivedAt <= since) this.#store(entry);
    const [first] = this.#impatient;
    if (first) this.#patience ??= this.#around.clock.after(soon(first.arrivedAt - since), () => this.#losePatience());
  }

  #store(entry: Entry): void {
    if (entry.stored !== undefined || entry.isDone) return;
    const stored = this.#around.store(this.pair, entry.stanza.toXml(), entry.receivedAt);
    entry.stored = stored;
    stored.then(
      (seq) => {
        entry.stored = seq;
        entry.safe?.resolve();
        if (entry.isDone) this.#forgetStored(entry);
      },
      (cause: unknown) => {
        entry.stored = undefined;
        this.#around.storeFailed(cause);
        if (entry.isDone) return;
        // It went out already: its sender hears when it arrived, or was stored after all.
        if (this.outbox.sentEntry(entry.tag)) return this.#waitPatiently(entry);
        // Whoever sent it is told that it failed, and may send it again: it must not go out later as well.
        this.outbox.done(entry);
        entry.safe?.reject(cause);
      },
    );
  }

  #forgetStored(entry: Entry): void {
    const { stored } = entry;
    if (typeof stored !== 'number') return;
    entry.stored = undefined;
    this.#around.unstore(stored);
  }

  // ---- time -----------------------------------------------------------------------------------------------------------

  get #stream(): StreamNow {
    return { isManaged: this.#record?.stream.isManaged ?? false, unprovenSince: this.#unprovenSince };
  }

  /** One timer at a time. One that goes off too early does no harm, and is cheaper than a new one for every stanza. */
  #arm(): void {
    if (this.#isStopped) return;
    const { clock } = this.#around;
    const at = nextTick(this.#state, this.#stream, this.rules);
    if (this.#state.phase.name === 'idle' && this.outbox.size === 0) this.#around.idle(this);
    if (at === undefined || at === Number.POSITIVE_INFINITY) return;
    if (this.#timer && this.#timerAt <= at) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = at;
    this.#timer = clock.after(soon(at - clock.mono()), () => {
      this.#timer = undefined;
      this.#tell({ type: 'tick', waits: this.outbox.size > 0, stream: this.#stream });
    });
  }

  #armSweep(): void {
    if (this.#sweep || this.#isStopped) return;
    const { clock } = this.#around;
    this.#sweep = clock.after(sweepMs, () => {
      this.#sweep = undefined;
      const now = clock.mono();
      // Nothing expires while it is with a stream: whether that arrives is the stream's to find out.
      for (const entry of this.outbox.waiting)
        if (entry.deadline <= now) {
          const { phase } = this.#state;
          const condition = phase.name === 'waiting' && isFinal(phase.fault) ? phase.fault.condition : timeout;
          void this.#giveBack(entry, condition);
        }
      if (this.outbox.waiting.length > 0) this.#armSweep();
    });
  }
}

const timeout: StanzaCondition = 'remote-server-timeout';
const shutDown: LinkFault = { text: 'the server shuts down', condition: 'remote-server-timeout' };
const resolved = Promise.resolve();
/** Whole milliseconds, never less than one: a timer that goes off a hair too early would be armed again for ever. */
const soon = (ms: number): number => Math.max(1, Math.ceil(ms));
