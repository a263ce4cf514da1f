// Some connections that many phones share: each request takes one that is free.

import { Wire } from './wire.ts';

type Answer = { readonly status: number; readonly body: Buffer };

export class Wires implements Disposable {
  readonly #all: readonly Wire[];
  readonly #free: Wire[];
  readonly #waiting: ((wire: Wire) => void)[] = [];

  private constructor(wires: readonly Wire[]) {
    this.#all = wires;
    this.#free = [...wires];
  }

  static async open(port: number, count: number): Promise<Wires> {
    return new Wires(await Promise.all(Array.from({ length: count }, () => Wire.open(port))));
  }

  async asked(request: Uint8Array): Promise<Answer> {
    const wire = this.#free.pop() ?? (await new Promise<Wire>((resolve) => this.#waiting.push(resolve)));
    try {
      return await wire.asked(request);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(wire);
      else this.#free.push(wire);
    }
  }

  [Symbol.dispose](): void {
    for (const wire of this.#all) wire.close();
  }
}
