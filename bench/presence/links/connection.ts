// One connection over a link. What an end sends, the other receives half a round trip later, the end of the connection and
// its breaking included.

import type { Socket } from 'node:net';
import type { MonoMs } from '../../../src/base/clock.ts';
import { Direction, type DirectionOptions } from './direction.ts';
import type { Line } from './line.ts';
import type { Traffic } from './traffic.ts';

export interface ConnectionOptions extends DirectionOptions {
  readonly traffic: Traffic;
}

export class Connection {
  readonly #near: Socket;
  #far: Socket | undefined;
  readonly #options: ConnectionOptions;
  readonly #openAt: MonoMs;
  readonly #directions: readonly [Direction, Direction];
  readonly #onGone: () => void;
  #isGone = false;
  #lastFlight: 'out' | 'back' | undefined;

  constructor(near: Socket, options: ConnectionOptions, out: Line, back: Line, onGone: () => void) {
    this.#near = near;
    this.#options = options;
    this.#onGone = onGone;
    this.#openAt = options.clock.mono() + options.conditions().rttMs;
    this.#directions = [new Direction(options, out, near), new Direction(options, back, undefined)];
    near.on('data', (octets) => this.#sent(octets));
    near.on('end', () => this.#directions[0].push(undefined, this.#openAt));
    this.#watch(near);
  }

  set isHeld(held: boolean) {
    for (const direction of this.#directions) direction.isHeld = held;
  }

  /** The far end, about to be connected. */
  reach(far: Socket): void {
    if (this.#isGone) return void far.destroy();
    this.#far = far;
    const [out, back] = this.#directions;
    this.#watch(far);
    far.on('connect', () => {
      out.into = far;
    });
    back.from = far;
    back.into = this.#near;
    far.on('data', (octets) => back.push(octets, 0, () => this.#count('back', octets.length)));
    far.on('end', () => back.push(undefined, 0));
  }

  breakOff(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const direction of this.#directions) direction[Symbol.dispose]();
    this.#near.resetAndDestroy();
    this.#far?.resetAndDestroy();
    this.#onGone();
  }

  #sent(octets: Buffer): void {
    this.#count('out', octets.length);
    this.#directions[0].push(octets, this.#openAt);
  }

  #count(direction: 'out' | 'back', octets: number): void {
    const { traffic, clock } = this.#options;
    traffic.lastAt = clock.mono();
    if (direction === 'out') traffic.outOctets += octets;
    else traffic.backOctets += octets;
    if (direction === this.#lastFlight) return;
    this.#lastFlight = direction;
    traffic.flights++;
  }

  /** An end that breaks is news for the other one, when it gets there; what is on its way goes first. */
  #watch(socket: Socket): void {
    socket.on('error', () => {});
    socket.on('close', (hadError) => {
      if (this.#isGone) return;
      const bothEnded = this.#near.destroyed && (this.#far?.destroyed ?? false);
      if (bothEnded) return this.breakOff();
      if (!hadError) return;
      const [out, back] = this.#directions;
      (socket === this.#near ? out : back).push(undefined, 0, () => this.breakOff());
    });
  }
}
