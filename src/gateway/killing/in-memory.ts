// Killed in memory: nothing that the process asks of its store after its death happens.

import { SimulatedClock } from '../../base/clock.ts';
import type { HttpAnswer } from '../../imps/client/transport.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Activity } from '../simulation/activity.ts';
import { Lines } from '../simulation/lines.ts';
import { Place } from '../simulation/place.ts';
import type { Mortal } from './mortal.ts';

export class InMemory implements Mortal {
  readonly domain = 'home.test';
  readonly clock = new SimulatedClock();
  /** What its operator would have to look at. */
  readonly troubles: string[] = [];
  readonly #activity = new Activity();
  readonly #place: Place;
  #lives = 0;

  /** `users`: accounts to be made, whose password is 'secret'. */
  static async open(users: readonly string[]): Promise<InMemory> {
    const mortal = new InMemory();
    await mortal.start();
    for (const user of users) {
      const jid = Jid.from(`${user}@${mortal.domain}`);
      await mortal.#place.running?.server.accounts(mortal.domain).create(jid, 'secret');
      await mortal.#place.keepForDigests(jid.toString(), 'secret');
    }
    return mortal;
  }

  private constructor() {
    this.#place = new Place({
      ...{ clock: this.clock, activity: this.#activity, lines: new Lines(this.#activity) },
      ...{ domains: [this.domain], number: 1 },
      tell: () => {},
      trouble: (text) => void this.troubles.push(text),
    });
  }

  get store() {
    return this.#place.store;
  }

  get lives(): number {
    return this.#lives;
  }

  get isUp(): boolean {
    return this.#place.running !== undefined;
  }

  get moments(): number {
    return this.#place.running?.life.moments ?? 0;
  }

  async start(): Promise<void> {
    this.#lives++;
    await this.#place.start();
  }

  async post(body: Uint8Array, contentType: string, phone: number): Promise<HttpAnswer> {
    const remoteAddress = `192.0.2.${phone % 250}`;
    const answer = await this.#place.post({ body, contentType, userAgent: 'Phone/1.0', remoteAddress });
    answer.delivered?.(true);
    return { status: answer.status, contentType: answer.contentType, body: answer.body };
  }

  async pass(atMostMs: number): Promise<void> {
    const { clock } = this;
    clock.advance(Math.max(1, Math.min(atMostMs, (clock.nextAt ?? 0) - clock.mono())));
    await this.quiet();
  }

  quiet(): Promise<void> {
    return this.#activity.quiet();
  }

  async killAfter(moments: number): Promise<void> {
    this.#place.killAfter(moments);
  }

  close(): Promise<void> {
    return this.#place.close();
  }
}
