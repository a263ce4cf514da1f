// The link breaks in the middle of anything, again and again. Whatever was taken for sending has arrived, or is known not to be
// known to have: acknowledged, returned, or still held. And nothing arrives twice, for nothing is sent twice here but by
// resumption.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptS2s } from './accept.ts';
import { openS2s } from './open.ts';
import { s2sResumables } from './resumption.ts';
import type { OpenS2sOptions, PeerHints, S2sResumption, S2sStream } from './s2s.ts';
import {
  bodies,
  capuletOptions,
  inPair,
  lenient,
  montagueOptions,
  outPair,
  TestListener,
  toJuliet,
  toRomeo,
} from './testing.ts';
import { Wire } from './wire.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Round {
  /** Turns of the event loop before and after something is sent; then the link breaks. */
  readonly before: number;
  readonly after: number;
  readonly outgoing: number;
  readonly incoming: number;
  /** Turns a stanza takes to be handled. */
  readonly handling: number;
}

interface End {
  readonly stream: S2sStream;
  readonly listener: TestListener;
}

class World {
  readonly #options: Partial<OpenS2sOptions>;
  readonly #resumables = s2sResumables();
  readonly outs: End[] = [];
  readonly ins: End[] = [];
  /** By tag. */
  readonly sent = new Map<number, string>();
  #next = 0;
  #hints: PeerHints | undefined;

  constructor(options: Partial<OpenS2sOptions>) {
    this.#options = options;
  }

  async round({ before, after, outgoing, incoming, handling }: Round): Promise<void> {
    const wire = this.#connect(handling);
    for (let i = 0; i < before; i++) await turn();
    for (let i = 0; i < outgoing; i++) this.#send(this.outs, outPair);
    for (let i = 0; i < incoming; i++) this.#send(this.ins, inPair);
    for (let i = 0; i < after; i++) await turn();
    wire.cut();
    for (let i = 0; i < 4; i++) await turn();
  }

  #connect(handling: number): Wire {
    const wire = new Wire();
    const [left, right] = wire.ends;
    const [atOut, atIn] = [new TestListener(), new TestListener()];
    const slowly = async (): Promise<void> => {
      for (let i = 0; i < handling; i++) await turn();
    };
    if (handling > 0)
      for (const { listener } of [...this.ins, { listener: atOut }, { listener: atIn }]) listener.handle = slowly;
    const incoming = acceptS2s(right, { ...montagueOptions(atIn), resumables: this.#resumables });
    this.ins.push({ stream: incoming, listener: atIn });
    const outgoing = openS2s(left, {
      ...capuletOptions(atOut),
      ...this.#options,
      usesBidi: true,
      resume: this.#resumption,
      ...(this.#hints && { hints: this.#hints }),
    });
    this.#hints = atOut.hints ?? this.#hints;
    this.outs.push({ stream: outgoing, listener: atOut });
    return wire;
  }

  get #resumption(): S2sResumption | undefined {
    return this.outs.at(-1)?.listener.end?.resumption;
  }

  #send(ends: readonly End[], pair: typeof outPair): void {
    const end = ends.findLast(({ stream }) => stream.carries(pair));
    if (!end) return;
    const tag = this.#next++;
    const text = `${tag}`;

    if (end.stream.send(pair === outPair ? toRomeo(text) : toJuliet(text), tag)) this.sent.set(tag, text);
  }

  async finish(): Promise<void> {
    // A last connection, long enough for everything to be said; acknowledgements are asked for after a while of quiet.
    const wire = this.#connect(0);
    for (let i = 0; i < 60; i++) await turn();
    await Promise.all([...this.outs, ...this.ins].map(({ stream }) => stream.close()));
    wire.cut();
  }

  check(): void {
    const all = [...this.outs, ...this.ins].map(({ listener }) => listener);
    const arrived = all.flatMap(({ received }) => bodies(received));
    assert.equal(new Set(arrived).size, arrived.length, 'something came twice');
    const acked = new Set(all.flatMap(({ acks }) => acks));
    const returned = new Set(all.flatMap(({ end }) => end?.unacked.map(({ tag }) => tag) ?? []));
    for (const { resumption } of all.map(({ end }) => end ?? { resumption: undefined }))
      for (const { tag } of resumption?.unacked ?? []) returned.add(tag);
    for (const [tag, text] of this.sent) {
      assert.ok(acked.has(tag) || returned.has(tag), `${tag} is lost`);
      if (acked.has(tag)) assert.ok(arrived.includes(text), `${tag} was acknowledged, but never came`);
    }
    for (const { received } of all) {
      const numbers = bodies(received).map(Number);
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
        'the order changed',
      );
    }
  }
}

const rounds = (turnsMax: number): fc.Arbitrary<Round[]> =>
  fc.array(
    fc.record({
      before: fc.nat(turnsMax),
      after: fc.nat(turnsMax),
      outgoing: fc.nat(4),
      incoming: fc.nat(4),
      handling: fc.nat(3),
    }),
    { minLength: 1, maxLength: 6 },
  );

const worlds: [string, Partial<OpenS2sOptions>, number, number][] = [
  ['by dialback', { policy: { ...lenient, tls: 'off' } }, 30, 80],
  ['by EXTERNAL', {}, 40, 20],
];
for (const [how, options, turnsMax, numRuns] of worlds)
  test(`nothing is lost in silence, nothing comes twice: ${how}`, async () => {
    let resumptions = 0;
    const property = fc.asyncProperty(rounds(turnsMax), async (all) => {
      const world = new World(options);
      for (const one of all) await world.round(one);
      await world.finish();
      world.check();
      resumptions += world.outs.filter(({ stream }) => stream.isResumed).length;
    });
    await fc.assert(property, { numRuns });
    assert.ok(resumptions > numRuns / 4, `only ${resumptions} streams were resumed`);
  });
