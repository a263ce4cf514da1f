// A phone that never gives a request up, and what it was shown.

import { seededRandom } from '../../base/random.ts';
import { CspClient } from '../../imps/client/client.ts';
import { type Personality, plain } from '../../imps/client/personality.ts';
import { digestBytes } from '../../imps/digest.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../imps/primitives.ts';
import type { World } from './world.ts';

export class Handy {
  readonly user: string;
  readonly client: CspClient;
  readonly arrived: Primitive[] = [];
  readonly #world: World;

  /** `number`: tells the phones of a user apart. */
  constructor(world: World, user: string, number: number, personality: Partial<Personality> = {}) {
    this.#world = world;
    this.user = user;
    const { mortal } = world;
    this.client = new CspClient({
      post: (body, contentType) => mortal.post(body, contentType, number),
      ...{ clock: mortal.clock, random: seededRandom(number), user: this.wv, password: 'secret', digest: digestBytes },
      personality: {
        ...{ ...plain, version: '1.2', retriesMax: Number.POSITIVE_INFINITY, retryMsMax: 1_000 },
        clientId: { URL: `http://phone.example/${number}` },
        ...personality,
      },
      trace: (direction, message) => {
        if (direction === 'sent')
          for (const one of message?.transactions ?? []) if ('content' in one) world.noteAsked(one.content.name);
      },
    });
    void this.#listen();
  }

  get wv(): string {
    return `wv:${this.user}@${this.#world.mortal.domain}`;
  }

  /** An address of the user's own: of a list, of a group. */
  own(name: string): string {
    return `wv:${this.user}/${name}@${this.#world.mortal.domain}`;
  }

  async start(): Promise<this> {
    await this.#world.done(this.client.signIn('PWD'));
    await this.#world.done(this.client.negotiate());
    return this;
  }

  code(content: Primitive): Promise<number> {
    return this.#world.done(this.client.codeFor(content));
  }

  ask(content: Primitive): Promise<Primitive>;
  ask<Name extends PrimitiveName>(content: Primitive, expected: Name): Promise<PrimitiveOf<Name>>;
  ask(content: Primitive, expected?: PrimitiveName): Promise<Primitive> {
    const { client } = this;
    return this.#world.done(expected ? client.request(content, expected) : client.request(content));
  }

  /** Polls until nothing comes any more, for longer than it takes until something is handed out again. */
  async look(): Promise<void> {
    for (let polls = 0; polls < 4; polls++) {
      await this.#world.done(this.client.poll());
      await this.#world.pass(25_000);
    }
  }

  /** Of that name, once or more often. */
  shown<Name extends PrimitiveName>(name: Name): PrimitiveOf<Name>[] {
    return this.arrived.filter((one) => one.name === name) as PrimitiveOf<Name>[];
  }

  /** The texts of messages it was shown. */
  get texts(): string[] {
    return this.shown('NewMessage').map(({ ContentData }) => String(ContentData));
  }

  async #listen(): Promise<void> {
    for await (const { content } of this.client.arrivals()) this.arrived.push(content);
  }
}
