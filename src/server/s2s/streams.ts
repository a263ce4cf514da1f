// All streams between this server and others, ours and theirs, and which of them can carry for a pair of domains. Ours are
// made here: look-up, connection, stream, server by server until one works; and resumed here when they broke off (XEP-0198).

import type { Clock, MonoMs } from '../../base/clock.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { Connected, Dialler } from '../../xmpp/connect/dial.ts';
import type { ConnectFault } from '../../xmpp/connect/look-up.ts';
import type { Pair, Proof, S2sEnd, S2sFault, S2sListener, S2sResumption, S2sStream } from '../../xmpp/s2s/s2s.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { LinkFault } from './link-machine.ts';

/** Who sends over a stream: a link. */
export interface StreamUser {
  readonly pair: Pair;
  readonly number: number;
  acked(tag: number): void;
  /** Nothing can be sent until `resumed` or `streamEnded`. */
  detached(): void;
  resumed(): void;
  /** The stream is another one now, which knows nothing of what the one before had. */
  renewed(): void;
  streamEnded(isOrderly: boolean, fault: LinkFault): void;
}

export const pairKey = ({ local, remote }: Pair): string => `${local} ${remote}`;

export type StreamPurpose = 'carry' | 'verify';

/** One stream; through resumptions, one of ours has several after each other. */
export class StreamRecord {
  // Set as soon as the stream is made; what it tells before that concerns nobody.
  stream!: S2sStream;
  readonly direction: 'out' | 'in';
  /** Of an outgoing one, the pair it was made for. */
  readonly pair: Pair | undefined;
  readonly openedAt: MonoMs;
  usedAt: MonoMs;
  readonly users = new Set<StreamUser>();
  readonly proofs = new Map<string, Proof>();
  isDetached = false;
  hasEnded = false;
  resumptions = 0;
  /** It broke off, and those interested were told. */
  isMissed = false;
  #dead: LinkFault | undefined;

  constructor(direction: 'out' | 'in', pair: Pair | undefined, now: MonoMs) {
    this.direction = direction;
    this.pair = pair;
    this.openedAt = now;
    this.usedAt = now;
  }

  /** Something useful can be asked of it. */
  get isLive(): boolean {
    return !this.hasEnded && !this.isDetached && !this.#dead && this.stream?.state === 'established';
  }

  /** Also while it is being made: a question about a key waits in it until it can be sent. */
  get takesQuestions(): boolean {
    return this.isLive || (!this.hasEnded && !this.#dead && this.stream?.state === 'negotiating');
  }

  /** Also while the pair is being authenticated, to a server that reads ahead. */
  carries(pair: Pair): boolean {
    return !this.hasEnded && !this.isDetached && !this.#dead && this.stream?.carries(pair) === true;
  }

  send(stanza: Stanza, user: StreamUser, tag: number | undefined): boolean {
    return this.stream.send(stanza, tag === undefined ? undefined : globalTag(user.number, tag));
  }

  /** It will end, for this reason. */
  abandon(fault: LinkFault): void {
    this.#dead = fault;
  }
  get abandonedFor(): LinkFault | undefined {
    return this.#dead;
  }
}

/** Tags are unique within a link; on a stream that several links share, the link's number comes before. */
const perLink = 2 ** 33;
const globalTag = (number: number, tag: number): number => number * perLink + tag;
export const linkOfTag = (tag: number): number => Math.floor(tag / perLink);
export const tagWithin = (tag: number): number => tag % perLink;

export interface StreamsOptions {
  readonly clock: Clock;
  /** One of ours that nobody uses is closed after so long. */
  readonly idleMs: number;
  /** Looks the domain up. */
  dialler(remote: string): Promise<Outcome<Dialler, ConnectFault>>;
  /** Starts a stream of ours on a connection. */
  open(
    connected: Connected,
    pair: Pair,
    options: {
      readonly purpose: StreamPurpose;
      readonly resume: S2sResumption | undefined;
      readonly listener: S2sListener;
    },
  ): S2sStream;
  /** DNS should be asked anew about the domain. */
  ledNowhere(remote: string): void;
  received(record: StreamRecord, stanza: Stanza): void | Promise<void>;
  authenticated(record: StreamRecord, pair: Pair, proof: Proof): void;
  learnt: NonNullable<S2sListener['learnt']>;
  user(number: number): StreamUser | undefined;
  dialled(remote: string, outcome: string): void;
  ended(record: StreamRecord, end: S2sEnd): void;
  /** A stream of theirs broke off, and may be resumed. */
  detached(record: StreamRecord): void;
  resumed(record: StreamRecord): void;
}

/** What became of a stream that was opened. */
type Opened =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'failed'; readonly fault: LinkFault & { readonly isStaleHint?: true } };

/** What whoever wants a stream hears on the way to it. */
export interface OnTheWay {
  connected(): void;
  /** Stanzas may be sent on it already; whether the other server takes them is open. */
  early(record: StreamRecord): void;
}
const nobody: OnTheWay = { connected() {}, early() {} };

const authorityMs = 45_000;
/** Between attempts to go on with a stream; the last again and again, for as long as the other server keeps it. */
const resumeDelaysMs = [0, 1_000, 2_000, 4_000, 8_000, 15_000];
/** … and one made only to ask about keys after so long. */
const verifyIdleMs = 30_000;
const sweepMs = 30_000;

export class Streams {
  readonly #options: StreamsOptions;
  readonly #records = new Set<StreamRecord>();
  /** By remote domain: streams of ours, and of theirs that may carry. */
  readonly #byRemote = new Map<string, Set<StreamRecord>>();
  /** Streams being made, by remote: whoever wants a key verified may ask on them before they are finished. */
  readonly #underWay = new Map<string, Set<Promise<StreamRecord | undefined>>>();
  /** Who waits for an answer to `authenticate`. */
  readonly #asking = new Map<StreamRecord, Map<string, (opened: Opened) => void>>();
  readonly #abort = new AbortController();
  #sweep: Disposable | undefined;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  get all(): ReadonlySet<StreamRecord> {
    return this.#records;
  }
  of(remote: string): ReadonlySet<StreamRecord> {
    return this.#byRemote.get(remote) ?? none;
  }
  /** Streams of ours to the domain that are being made; each resolves when it can be asked something. */
  underWay(remote: string): ReadonlySet<Promise<StreamRecord | undefined>> {
    return this.#underWay.get(remote) ?? none;
  }

  /** A stream that carries the pair: one there is, one that can be asked to, or a new one. Never rejects. */
  async obtain(pair: Pair, way: OnTheWay): Promise<StreamRecord | LinkFault> {
    const there = this.#find(pair.remote, (record) => record.proofs.has(pairKey(pair)) && record.carries(pair));
    if (there) return there;
    const asked = this.#find(pair.remote, (record) => record.isLive && record.stream.takesMorePairs);
    if (asked) {
      way.connected();
      const answer = await this.#ask(asked, pair);
      if (answer.kind === 'authenticated' && asked.carries(pair)) return asked;
    }
    return this.open(pair, 'carry', way);
  }

  /** A new stream of ours. Resolves when the pair is authenticated; one for verification, when it can be asked. */
  async open(pair: Pair, purpose: StreamPurpose, way: OnTheWay = nobody): Promise<StreamRecord | LinkFault> {
    const { clock, dialler, dialled, ledNowhere } = this.#options;
    const ready = Promise.withResolvers<StreamRecord | undefined>();
    this.#addUnderWay(pair.remote, ready.promise);
    try {
      const looked = await dialler(pair.remote);
      if (!looked.ok) {
        dialled(pair.remote, looked.fault.reason);
        return looked.fault;
      }
      const servers = looked.value;
      let fault: LinkFault | undefined;
      let hasRepeated = false;
      while (servers.hasMore && !this.#abort.signal.aborted) {
        const got = await servers.next(this.#abort.signal);
        if (!got.ok) {
          // What a server said is worth more than that another one said nothing.
          fault ??= got.fault;
          dialled(pair.remote, got.fault.reason);
          break;
        }
        if (this.#abort.signal.aborted) {
          got.value.socket.destroy();
          break;
        }
        way.connected();
        const record = new StreamRecord('out', pair, clock.mono());
        const opened = await this.#negotiate(record, got.value, pair, purpose, (made) => {
          ready.resolve(made);
          if (purpose === 'carry' && made.carries(pair)) way.early(made);
        });
        if (opened.kind === 'authenticated') {
          dialled(pair.remote, 'connected');
          return record;
        }
        dialled(pair.remote, 'no-stream');
        fault = opened.fault;
        if (opened.fault.isStaleHint && !hasRepeated) {
          hasRepeated = true;
          servers.again(got.value.endpoint);
        }
      }
      ledNowhere(pair.remote);
      return fault ?? { text: 'given up', condition: 'remote-server-timeout' };
    } finally {
      ready.resolve(undefined);
      this.#underWay.get(pair.remote)?.delete(ready.promise);
      if (this.#underWay.get(pair.remote)?.size === 0) this.#underWay.delete(pair.remote);
    }
  }

  /** The link is done with it: one of ours that nobody uses is closed. */
  release(record: StreamRecord, user: StreamUser): void {
    record.users.delete(user);
    if (record.direction === 'out' && record.users.size === 0 && !record.hasEnded) void record.stream.close();
  }

  /** The record of a stream of theirs, and its listener. */
  incoming(stream: S2sStream): { readonly record: StreamRecord; readonly listener: S2sListener } {
    const record = new StreamRecord('in', undefined, this.#options.clock.mono());
    record.stream = stream;
    this.#records.add(record);
    return { record, listener: this.#listener(record, () => {}) };
  }

  /** Closes every stream, with an error if one is given. */
  async close(error: Parameters<S2sStream['close']>[0]): Promise<void> {
    this.#abort.abort();
    this.#sweep?.[Symbol.dispose]();
    await Promise.all([...this.#records].map((record) => record.stream.close(error)));
  }

  // ---- inside ---------------------------------------------------------------------------------------------------------

  #find(remote: string, fits: (record: StreamRecord) => boolean): StreamRecord | undefined {
    for (const record of this.of(remote)) if (fits(record)) return record;
    return undefined;
  }

  /** Starts a stream of ours on a connection and waits for what becomes of it. */
  async #negotiate(
    record: StreamRecord,
    connected: Connected,
    pair: Pair,
    purpose: StreamPurpose,
    ready: (record: StreamRecord) => void,
  ): Promise<Opened> {
    const settled = Promise.withResolvers<Opened>();
    const listener = this.#listener(record, settled.resolve);
    record.stream = this.#options.open(connected, pair, { purpose, resume: undefined, listener });
    this.#records.add(record);
    this.#addByRemote(pair.remote, record);
    ready(record);
    this.#armSweep();
    if (purpose === 'verify') return { kind: 'authenticated' };
    return settled.promise;
  }

  #ask(record: StreamRecord, pair: Pair): Promise<Opened> {
    return new Promise((resolve) => {
      const waiting = this.#asking.get(record) ?? new Map<string, (opened: Opened) => void>();
      this.#asking.set(record, waiting);
      const end = (opened: Opened): void => {
        late[Symbol.dispose]();
        waiting.delete(pairKey(pair));
        resolve(opened);
      };
      const late = this.#options.clock.after(authorityMs, () =>
        end({ kind: 'failed', fault: { text: 'no answer to dialback', condition: 'remote-server-timeout' } }),
      );
      waiting.set(pairKey(pair), end);
      record.stream.authenticate(pair);
    });
  }

  #listener(record: StreamRecord, settle: (opened: Opened) => void): S2sListener {
    const options = this.#options;
    const answer = (pair: Pair, opened: Opened): void => {
      if (record.pair && pairKey(pair) === pairKey(record.pair)) settle(opened);
      this.#asking.get(record)?.get(pairKey(pair))?.(opened);
    };
    return {
      authenticated: (pair, proof) => {
        record.proofs.set(pairKey(pair), proof);
        this.#addByRemote(pair.remote, record);
        answer(pair, { kind: 'authenticated' });
        options.authenticated(record, pair, proof);
      },
      refused: (pair, fault) => {
        answer(pair, { kind: 'failed', fault });
        const isMain = record.pair && pairKey(pair) === pairKey(record.pair);
        // Refused what it was made for, and of no use to anybody else.
        if (isMain && record.users.size === 0 && record.proofs.size === 0) void record.stream.close();
      },
      stanza: (stanza) => {
        record.usedAt = options.clock.mono();
        return options.received(record, stanza);
      },
      acked: (tags) => {
        for (const tag of tags) options.user(linkOfTag(tag))?.acked(tagWithin(tag));
      },
      detached: () => {
        this.#detach(record);
        options.detached(record);
      },
      resumed: () => {
        record.isDetached = false;
        record.resumptions++;
        options.resumed(record);
        for (const user of [...record.users]) user.resumed();
      },
      learnt: options.learnt,
      ended: (end) => this.#ended(record, end, settle),
    };
  }

  #detach(record: StreamRecord): void {
    record.isDetached = true;
    for (const user of [...record.users]) user.detached();
  }

  #ended(record: StreamRecord, end: S2sEnd, settle: (opened: Opened) => void): void {
    const fault = faultOf(record, end);
    settle({ kind: 'failed', fault });
    const waiting = this.#asking.get(record);
    this.#asking.delete(record);
    for (const answer of waiting?.values() ?? []) answer({ kind: 'failed', fault });
    if (end.resumption && !record.abandonedFor && !this.#abort.signal.aborted) {
      this.#detach(record);
      void this.#resume(record, end.resumption, end);
      return;
    }
    this.#over(record, end, isOrderly(record, end), fault);
  }

  #over(record: StreamRecord, end: S2sEnd, orderly: boolean, fault: LinkFault): void {
    if (record.hasEnded) return;
    record.hasEnded = true;
    this.#records.delete(record);
    const remotes = new Set([...record.proofs.keys()].map((key) => key.slice(key.indexOf(' ') + 1)));
    if (record.pair) remotes.add(record.pair.remote);
    for (const remote of remotes) {
      const there = this.#byRemote.get(remote);
      there?.delete(record);
      if (there?.size === 0) this.#byRemote.delete(remote);
    }
    this.#options.ended(record, end);
    const users = [...record.users];
    record.users.clear();
    for (const user of users) user.streamEnded(orderly, fault);
  }

  /** Goes on with a stream of ours on another connection, as long as the other server keeps it. */
  async #resume(record: StreamRecord, first: S2sResumption, end: S2sEnd): Promise<void> {
    const { clock, dialler } = this.#options;
    const { pair } = record;
    const { signal } = this.#abort;
    let resumption: S2sResumption | undefined = first;
    for (let tries = 0; ; tries++) {
      const delayMs = resumeDelaysMs[Math.min(tries, resumeDelaysMs.length - 1)] ?? 0;
      await new Promise<void>((resolve) => void clock.after(delayMs, resolve));
      if (!pair || !resumption || signal.aborted || clock.mono() >= resumption.until) break;
      // Though we do not send over it, they may (XEP-0288), and wait for us; but not for ever.
      if (record.users.size === 0 && tries >= resumeDelaysMs.length) break;
      const looked = await dialler(pair.remote);
      const connected = looked.ok ? await looked.value.next(signal) : undefined;
      if (!connected?.ok || signal.aborted) continue;
      const settled = Promise.withResolvers<S2sEnd | undefined>();
      const inner = this.#listener(record, () => {});
      let isBack = false;
      record.stream = this.#options.open(connected.value, pair, {
        purpose: 'carry',
        resume: resumption,
        listener: {
          ...inner,
          authenticated: (proven, proof) => {
            if (!isBack && pairKey(proven) === pairKey(pair)) {
              isBack = true;
              record.isDetached = false;
              settled.resolve(undefined);
            }
            inner.authenticated(proven, proof);
          },
          refused: () => void record.stream.close(),
          ended: (again) => {
            if (isBack) inner.ended(again);
            else settled.resolve(again);
          },
        },
      });
      const failure = await settled.promise;
      if (!failure) return this.#afterResumption(record);
      resumption = failure.resumption;
    }
    this.#over(record, end, false, faultOf(record, end));
  }

  /** The stream is there again; who can go on on it does, the others start anew. */
  #afterResumption(record: StreamRecord): void {
    record.resumptions++;
    this.#options.resumed(record);
    for (const user of [...record.users]) {
      if (record.stream.isResumed && record.stream.carries(user.pair)) user.resumed();
      else if (record.stream.carries(user.pair)) user.renewed();
      else {
        record.users.delete(user);
        user.streamEnded(false, {
          text: 'the other server had forgotten the stream',
          condition: 'remote-server-timeout',
        });
      }
    }
  }

  #addByRemote(remote: string, record: StreamRecord): void {
    const there = this.#byRemote.get(remote) ?? new Set();
    there.add(record);
    this.#byRemote.set(remote, there);
  }

  #addUnderWay(remote: string, promise: Promise<StreamRecord | undefined>): void {
    const there = this.#underWay.get(remote) ?? new Set();
    there.add(promise);
    this.#underWay.set(remote, there);
  }

  /** Closes streams of ours that nobody has used for a while: those for verification, and those beside another in use. */
  #armSweep(): void {
    const { clock } = this.#options;
    this.#sweep ??= clock.after(sweepMs, () => {
      this.#sweep = undefined;
      let isAnyLeft = false;
      for (const record of this.#records) {
        if (record.direction !== 'out') continue;
        isAnyLeft = true;
        const patienceMs = record.proofs.size === 0 ? verifyIdleMs : this.#options.idleMs;
        const isIdle = clock.mono() - Math.max(record.usedAt, record.openedAt) >= patienceMs;
        if (record.users.size === 0 && isIdle && !this.#asking.get(record)?.size) void record.stream.close();
      }
      if (isAnyLeft) this.#armSweep();
    });
  }
}

const none: ReadonlySet<never> = new Set();

/** Did nothing go wrong? A server that goes down says so with an error (RFC 6120 §4.9.3.21): that is no good order. */
const isOrderly = (record: StreamRecord, end: S2sEnd): boolean =>
  !record.abandonedFor && (end.reason === 'closed-by-us' || end.reason === 'closed-by-peer') && !end.error;

const faultOf = (record: StreamRecord, end: S2sEnd): LinkFault => {
  const given: S2sFault | LinkFault | undefined = record.abandonedFor ?? end.fault;
  if (given) return given;
  const { error } = end;
  return {
    text: error
      ? `the stream ended with ${error.condition}${error.text === undefined ? '' : `: ${error.text}`}`
      : (ends[end.reason] ?? end.reason),
    condition: 'remote-server-timeout',
  };
};

const ends: Readonly<Record<S2sEnd['reason'], string>> = {
  'closed-by-peer': 'the other server closed the stream',
  'closed-by-us': 'we closed the stream',
  lost: 'the connection broke off',
  resumed: 'it went on as an earlier stream',
  failed: 'no stream came about',
  overrun: 'too much waited to be taken',
};
