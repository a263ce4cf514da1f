// XEP-0220 §2.1.2 step 2: asking the authoritative server whether it made a key. A stream of ours to it is used if there is
// one, or is being made; else one is made for that. Strangers set this off, so it is bounded: by domain and in all.

import type { Clock } from '../../base/clock.ts';
import type { KeyRequest, KeyVerdict } from '../../xmpp/s2s/s2s.ts';
import type { StreamRecord, Streams } from './streams.ts';

/** Streams made for verification at a time, and questions to one server. */
const streamsMax = 100;
const questionsMax = 50;
const answerMs = 40_000;
/** A server that could not be reached is not tried again for so long, and so many of them are remembered. */
const failureMs = 10_000;
const failuresMax = 1_000;

export class Verifier {
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #asked = new Map<string, number>();
  readonly #opening = new Map<string, Promise<StreamRecord | undefined>>();
  readonly #failures = new Map<string, { readonly until: number; readonly verdict: KeyVerdict }>();

  constructor(streams: Streams, clock: Clock) {
    this.#streams = streams;
    this.#clock = clock;
  }

  /** Never rejects. */
  async verify(request: KeyRequest): Promise<KeyVerdict> {
    const { remote } = request.pair;
    const failure = this.#failures.get(remote);
    if (failure && failure.until > this.#clock.mono()) return failure.verdict;
    const asked = this.#asked.get(remote) ?? 0;
    if (asked >= questionsMax) return { verdict: 'error', condition: 'resource-constraint' };
    this.#asked.set(remote, asked + 1);
    const late = Promise.withResolvers<KeyVerdict>();
    using _timer = this.#clock.after(answerMs, () =>
      late.resolve({ verdict: 'error', condition: 'remote-server-timeout' }),
    );
    try {
      return await Promise.race([this.#ask(request), late.promise]);
    } finally {
      const left = (this.#asked.get(remote) ?? 1) - 1;
      if (left > 0) this.#asked.set(remote, left);
      else this.#asked.delete(remote);
    }
  }

  /** A stream to the domain will be wanted: makes it, if there is room. */
  prepare({ pair }: Pick<KeyRequest, 'pair'>): void {
    if (!this.#existing(pair.remote) && this.#streams.underWay(pair.remote).size === 0) void this.#open(pair);
  }

  async #ask(request: KeyRequest): Promise<KeyVerdict> {
    const { pair } = request;
    // A stream may end just when it is asked: once more then, on another.
    for (const record of [this.#existing(pair.remote), ...(await this.#comingUp(pair.remote))]) {
      if (!record || record.hasEnded) continue;
      record.usedAt = this.#clock.mono();
      const verdict = await record.stream.verify(request);
      if (verdict.verdict !== 'error') return verdict;
    }
    const opened = await this.#open(pair);
    if (!opened) return this.#failures.get(pair.remote)?.verdict ?? busy;
    opened.usedAt = this.#clock.mono();
    return opened.stream.verify(request);
  }

  #existing(remote: string): StreamRecord | undefined {
    for (const record of this.#streams.of(remote))
      if (record.direction === 'out' && record.takesQuestions) return record;
    return undefined;
  }

  async #comingUp(remote: string): Promise<readonly (StreamRecord | undefined)[]> {
    const first = [...this.#streams.underWay(remote)][0];
    return first ? [await first] : [];
  }

  /** One at a time to each domain. */
  #open(pair: KeyRequest['pair']): Promise<StreamRecord | undefined> {
    const { remote } = pair;
    const opening = this.#opening.get(remote);
    if (opening) return opening;
    if (this.#opening.size >= streamsMax) return Promise.resolve(undefined);
    const made = this.#streams.open(pair, 'verify').then((got) => {
      this.#opening.delete(remote);
      if ('stream' in got) return got;
      this.#failures.delete(remote);
      this.#failures.set(remote, {
        until: this.#clock.mono() + failureMs,
        verdict: { verdict: 'error', condition: got.condition },
      });
      for (const oldest of this.#failures.keys()) {
        if (this.#failures.size <= failuresMax) break;
        this.#failures.delete(oldest);
      }
      return undefined;
    });
    this.#opening.set(remote, made);
    return made;
  }
}

const busy: KeyVerdict = { verdict: 'error', condition: 'resource-constraint' };
