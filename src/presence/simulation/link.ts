// A link between two servers, as their views get to know it: what is sent arrives in order, late, or not at all. While the
// link is cut, stanzas wait; when it heals, they go on (a stream is resumed, and some come twice) or are lost (a new one).
// Each end may notice a cut, sooner or later or never.

import type { World } from './world.ts';

export interface Stanza {
  readonly type: 'available' | 'unavailable' | 'error' | 'probe';
  /** Bare addresses; the resource is the sender's, '' for presence from the bare address. */
  readonly from: string;
  readonly resource: string;
  readonly to: string;
  readonly payload: string;
}

export interface LinkEnd {
  readonly name: string;
  isRunning: boolean;
  receive(stanza: Stanza): void;
  hear(news: 'link-down' | 'link-up', domain: string): void;
}

/** No stanza is under way for longer: links give up what has waited that long. */
export const transitMaxMs = 300_000;
const resentMax = 4;

interface Sent {
  readonly stanza: Stanza;
  readonly sentAt: number;
  readonly readyAt: number;
}

/** One direction: first in, first out. */
class Lane {
  readonly waiting: Sent[] = [];
  readonly delivered: Sent[] = [];
  isPumping = false;
}

export class Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
  readonly #world: World;
  readonly #lanes = [new Lane(), new Lane()] as const;
  /** What each end believes. */
  readonly #isDownFor = [false, false];
  /** Of a stanza in how many is lost without a trace. */
  #loss: number;
  #delayMaxMs: number;
  isCut = false;
  #cuts = 0;

  constructor(world: World, ends: readonly [LinkEnd, LinkEnd]) {
    this.#world = world;
    this.ends = ends;
    this.#loss = world.pick([0, 0, 0.01, 0.1]);
    this.#delayMaxMs = world.pick([2, 100, 2_000, 20_000]);
  }

  send(from: LinkEnd, stanza: Stanza): void {
    if (this.#world.chance(this.#loss)) return;
    const side = this.#sideOf(from);
    const { now } = this.#world;
    const readyAt = now + this.#world.span(1, this.#delayMaxMs);
    this.#lanes[side].waiting.push({ stanza, sentAt: now, readyAt });
    this.#pump(side);
  }

  cut(): void {
    if (this.isCut) return;
    this.isCut = true;
    const cut = ++this.#cuts;
    for (const side of [0, 1] as const)
      this.#world.after(this.#world.span(200, 600_000), () => {
        if (this.isCut && this.#cuts === cut) this.#tell(side, true);
      });
  }

  /** From now on nothing is lost without a trace, or is under way for very long. */
  becomeReliable(): void {
    this.#loss = 0;
    this.#delayMaxMs = Math.min(this.#delayMaxMs, 2_000);
  }

  /** `lost`: the ends whose memory of the stream is gone. */
  heal(lost: readonly LinkEnd[] = []): void {
    if (!this.isCut) return;
    this.isCut = false;
    const cut = this.#cuts;
    const isResumed = lost.length === 0 && this.#world.chance(0.5);
    for (const side of [0, 1] as const) {
      const lane = this.#lanes[side];
      if (isResumed) lane.waiting.unshift(...lane.delivered.splice(-this.#world.below(resentMax)));
      // A new stream: what was given to the old one is lost, as a rule; what waited for a stream is sent.
      else if (this.#world.chance(0.7)) lane.waiting.splice(0);
      lane.delivered.splice(0);
      if (this.#isDownFor[side])
        this.#world.after(this.#world.span(100, 30_000), () => {
          if (!this.isCut && this.#cuts === cut) this.#tell(side, false);
        });
      else if (!isResumed && this.#world.chance(0.7)) {
        this.#tell(side, true);
        this.#tell(side, false);
      }
      this.#pump(side);
    }
  }

  /** The end has crashed: all that it had to send, and all that it knew, is gone. */
  crash(end: LinkEnd): void {
    const side = this.#sideOf(end);
    this.#lanes[side].waiting.splice(0);
    this.#lanes[side].delivered.splice(0);
    this.#isDownFor[side] = false;
    this.cut();
  }

  other(end: LinkEnd): LinkEnd {
    return this.ends[end === this.ends[0] ? 1 : 0];
  }

  #sideOf(end: LinkEnd): 0 | 1 {
    return end === this.ends[0] ? 0 : 1;
  }

  #tell(side: 0 | 1, isDown: boolean): void {
    const end = this.ends[side];
    if (!end.isRunning || this.#isDownFor[side] === isDown) return;
    this.#isDownFor[side] = isDown;
    end.hear(isDown ? 'link-down' : 'link-up', this.other(end).name);
  }

  #pump(side: 0 | 1): void {
    const lane = this.#lanes[side];
    const first = lane.waiting[0];
    if (this.isCut || lane.isPumping || !first) return;
    lane.isPumping = true;
    this.#world.after(first.readyAt - this.#world.now, () => {
      lane.isPumping = false;
      const next = this.isCut ? undefined : lane.waiting.shift();
      if (next && this.#world.now - next.sentAt <= transitMaxMs) {
        lane.delivered.push(next);
        if (lane.delivered.length > resentMax) lane.delivered.shift();
        this.ends[side === 0 ? 1 : 0].receive(next.stanza);
      }
      this.#pump(side);
    });
  }
}
