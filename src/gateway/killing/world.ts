// Phones, and what they are phones of: an onesoup that is started again whenever it is gone.

import assert from 'node:assert/strict';
import type { Personality } from '../../imps/client/personality.ts';
import type { PrimitiveName } from '../../imps/primitives.ts';
import { Handy } from './handy.ts';
import type { Mortal } from './mortal.ts';

/** `ivan`, `jens` and `kurt` sign in where it is shown that they can; `lena` of 1.3 has a phone that reads little at a time. */
export const users: readonly string[] = ['anna', 'mila', 'otto', 'ivan', 'jens', 'kurt', 'lena'];

export class World {
  readonly mortal: Mortal;
  /** What phones have asked for while the process was to die. */
  readonly asked = new Set<PrimitiveName>();
  /** There all the time: anna and mila with phones of 1.2, otto with one of 1.3. */
  readonly anna: Handy;
  readonly mila: Handy;
  readonly otto: Handy;
  isAimedAt = false;

  constructor(mortal: Mortal) {
    this.mortal = mortal;
    this.anna = this.phone('anna', 1);
    this.mila = this.phone('mila', 2);
    this.otto = this.phone('otto', 3, { version: '1.3' });
  }

  async start(): Promise<this> {
    // They see each other, so that each is told what became of messages.
    const { rosters } = this.mortal.store;
    const friends = [this.anna, this.mila, this.otto].map(({ user }) => `${user}@${this.mortal.domain}`);
    for (const one of friends)
      for (const contact of friends.filter((other) => other !== one))
        await rosters.set(one, contact, {
          ...{ contact, name: undefined, groups: [], subscription: 'both', ask: false },
          ...{ request: undefined, approved: false, listed: true },
        });
    for (const one of [this.anna, this.mila, this.otto]) await one.start();
    return this;
  }

  phone(user: string, number: number, personality?: Partial<Personality>): Handy {
    return new Handy(this, user, number, personality);
  }

  /** Somebody new, signed in; with anna's password, so that nobody has to hash it. */
  async guest(user: string, number: number): Promise<Handy> {
    const { mortal, anna } = this;
    const { accounts } = mortal.store;
    const record = await accounts.get(`${anna.user}@${mortal.domain}`);
    assert.ok(record && (await accounts.create({ ...record, address: `${user}@${mortal.domain}` })));
    return this.phone(user, number).start();
  }

  /** Time passes, and the process is started again whenever it is gone, until the work is done. */
  async done<Value>(work: Promise<Value>): Promise<Value> {
    const { mortal } = this;
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    await mortal.quiet();
    for (let steps = 0; !isOver; steps++) {
      if (!mortal.isUp) await mortal.start();
      await mortal.pass(60_000);
      assert.ok(steps < 20_000, 'it comes to an end');
    }
    return work;
  }

  async pass(ms: number): Promise<void> {
    await this.done(new Promise<void>((resolve) => void this.mortal.clock.after(ms, resolve)));
  }

  /** When a phone was heard is written down within half a minute: nobody's session is to end for being killed so often. */
  async keepAlive(): Promise<void> {
    for (const { client } of [this.anna, this.mila, this.otto])
      await this.done(client.codeFor({ name: 'KeepAlive-Request' }));
    await this.pass(31_000);
  }

  noteAsked(name: PrimitiveName): void {
    if (this.isAimedAt) this.asked.add(name);
  }

  /** Of an account, in the store. */
  async sessionsOf(user: string): Promise<number> {
    const all = await this.mortal.store.csp.sessions();
    return all.filter(({ account }) => account === `${user}@${this.mortal.domain}`).length;
  }
}
