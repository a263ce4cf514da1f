// A store as a process sees it that may die at any moment: what the process asks for after its death never happens, and what
// it asked for before is done in full or not at all.

import type { Store } from '../../store/store.ts';
import type { Activity } from './activity.ts';

/** One process, from its start to its end. */
export class Life {
  #isOver = false;
  #momentsLeft = Number.POSITIVE_INFINITY;
  #moments = 0;
  readonly #atDeath: (() => void)[] = [];

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It dies so many moments from now, a moment being before or after a write. */
  dieAfter(moments: number): void {
    this.#momentsLeft = moments;
    this.#moments = 0;
  }

  /** Moments since `dieAfter` was last called. */
  get moments(): number {
    return this.#moments;
  }

  atDeath(task: () => void): void {
    this.#atDeath.push(task);
  }

  moment(): void {
    if (this.#isOver) return;
    this.#moments++;
    if (--this.#momentsLeft < 0) this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const task of this.#atDeath) task();
  }
}

const never = (): Promise<never> => new Promise(() => {});
const writes =
  /^(together|add|save|stored|remove|set|handedOut|keep$|drop|put|append|create|forget|update|replace|publish)/;

export const mortal = (store: Store, life: Life, activity: Activity): Store => part(store, life, activity);

const part = <Part extends object>(whole: Part, life: Life, activity: Activity): Part => {
  const parts = new Map<PropertyKey, unknown>();
  return new Proxy(whole, {
    get(target, name) {
      if (!parts.has(name)) parts.set(name, wrapped(Reflect.get(target, name), target, String(name), life, activity));
      return parts.get(name);
    },
  });
};

const wrapped = (value: unknown, target: object, name: string, life: Life, activity: Activity): unknown => {
  if (typeof value === 'object' && value) return part(value, life, activity);
  if (typeof value !== 'function') return value;
  const isWrite = writes.test(name);
  return async (...given: unknown[]): Promise<unknown> => {
    if (isWrite) life.moment();
    if (life.isOver) return never();
    const over = activity.begin();
    try {
      const done = (await value.apply(target, given)) as unknown;
      if (isWrite) life.moment();
      return life.isOver ? never() : done;
    } catch (cause) {
      if (life.isOver) return never();
      throw cause;
    } finally {
      over();
    }
  };
};
