// Killed for real: a process of its own over SQLite files, which kills itself with SIGKILL. Its phones speak HTTP to it. Time is
// given to it from here, over the channel that Node has between processes, so that no second of it is waited for.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock } from '../../base/clock.ts';
import { httpPost } from '../../imps/client/node.ts';
import type { HttpAnswer, Post } from '../../imps/client/transport.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import type { Store } from '../../store/store.ts';
import { type DoomedProcess, startDoomed } from '../testing/doomed-process.ts';
import type { Order, Quiet } from '../testing/given-time.ts';
import type { Mortal } from './mortal.ts';

/** One process, from its start to its end. */
interface Life {
  readonly process: DoomedProcess;
  /** Requests sent to it, and those of them that have come to an end. */
  asked: number;
  ended: number;
  isOver: boolean;
  nextInMs: number | undefined;
  moments: number;
}

/** Turns of the event loop after which phones have made of an answer what they make of it. */
const turnsOfPhones = 4;

export class Real implements Mortal {
  readonly domain = 'home.test';
  readonly clock = new SimulatedClock();
  readonly store: Store;
  readonly #directory: string;
  readonly #posts = new Map<number, Post & Disposable>();
  #lives = 0;
  #port = 0;
  #life: Life | undefined;
  /** Calls back when a request has ended, or the process has. */
  #changed: () => void = () => {};

  static async open(users: readonly string[]): Promise<Real> {
    const directory = mkdtempSync(join(tmpdir(), 'onesoup-killing-'));
    const mortal = new Real(directory);
    await mortal.start(users);
    return mortal;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    // A second connection to the file, as the command line has it.
    this.store = openSqliteStore({ file: join(directory, 'onesoup.sqlite') });
  }

  get lives(): number {
    return this.#lives;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  get moments(): number {
    return this.#life?.moments ?? 0;
  }

  async start(users: readonly string[] = []): Promise<void> {
    this.#lives++;
    const process = await startDoomed({
      ...{ directory: this.#directory, port: this.#port, users },
      ...{ serves: 'everything', wallMs: this.clock.wall() },
    });
    this.#port = process.port;
    const life: Life = { process, asked: 0, ended: 0, isOver: false, nextInMs: undefined, moments: 0 };
    this.#life = life;
    void process.exited.then(() => {
      life.isOver = true;
      if (this.#life === life) this.#life = undefined;
      this.#changed();
    });
  }

  async post(body: Uint8Array, contentType: string, phone: number): Promise<HttpAnswer> {
    const life = this.#life;
    if (!life) throw new Error('ECONNREFUSED');
    const post = this.#posts.get(phone) ?? httpPost(`http://127.0.0.1:${this.#port}/csp`);
    this.#posts.set(phone, post);
    life.asked++;
    try {
      return await post(body, contentType);
    } finally {
      life.ended++;
      this.#changed();
    }
  }

  async pass(atMostMs: number): Promise<void> {
    const { clock } = this;
    const own = clock.nextAt === undefined ? atMostMs : clock.nextAt - clock.mono();
    const advanceMs = Math.max(1, Math.min(atMostMs, own, this.#life?.nextInMs ?? atMostMs));
    clock.advance(advanceMs);
    await this.#settle({ advanceMs });
  }

  quiet(): Promise<void> {
    return this.#settle({ advanceMs: 0 });
  }

  async killAfter(moments: number): Promise<void> {
    await this.#settle({ advanceMs: 0, dieAfter: Number.isFinite(moments) ? moments : null });
  }

  async close(): Promise<void> {
    for (const post of this.#posts.values()) post[Symbol.dispose]();
    const { process } = this.#life ?? {};
    process?.child.kill('SIGKILL');
    await process?.exited;
    await this.store.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** Until the process has nothing to do, every answer that has left it is here, and the phones have nothing to ask. */
  async #settle(order: Omit<Order, 'asked'>): Promise<void> {
    let next = order;
    const life = this.#life;
    for (;;) {
      await this.#phonesRest();
      if (!life || life.isOver) return this.#buried(life);
      const { asked } = life;
      const quiet = await this.#obeyed(life, { ...next, asked });
      next = { advanceMs: 0 };
      if (!quiet) continue;
      life.nextInMs = quiet.nextInMs;
      life.moments = quiet.moments;
      while (life.ended < quiet.answered && !life.isOver) await this.#change();
      await this.#phonesRest();
      if (life.asked === asked && !life.isOver) return;
    }
  }

  /** Phones whose requests have died with it know it. */
  async #buried(life: Life | undefined): Promise<void> {
    while (life && life.ended < life.asked) await this.#change();
    await this.#phonesRest();
  }

  /** Undefined when it dies of it. */
  #obeyed({ process }: Life, order: Order): Promise<Quiet | undefined> {
    return new Promise((resolve) => {
      process.child.once('message', (quiet) => resolve(quiet as Quiet));
      void process.exited.then(() => resolve(undefined));
      process.child.send(order, (cause) => cause && resolve(undefined));
    });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  async #phonesRest(): Promise<void> {
    for (let turn = 0; turn < turnsOfPhones; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}
