// Hook points. A point is an exported, typed value of one of four kinds; what listens is a tap, which is plain data; a
// registry (one per domain) joins them.
//
//   route   keyed, exactly one owner per key; a second owner is an error at start-up   (an IQ by type and namespace)
//   decide  in order of phases, the first answer wins                                  (may this be delivered?)
//   fold    each adds to a value, in order of phases                                   (stream features, disco)
//   tell    everyone hears it, a failing listener is logged and the others still run   (a resource went away)
//
// `route`, `decide` and `fold` let a failure through to the session that caused it: a broken guard never lets a stanza pass.

import type { Log } from './log.ts';

type Handler = (...args: never[]) => unknown;

interface PointBase {
  readonly name: string;
  readonly phases: readonly string[];
}
export interface RoutePoint<H extends Handler> extends PointBase {
  readonly kind: 'route';
  readonly handler?: H;
}
export interface DecidePoint<Payload, Answer, Phase extends string> extends PointBase {
  readonly kind: 'decide';
  readonly phase?: Phase;
  readonly shape?: (payload: Payload) => Answer;
}
export interface FoldPoint<Value, Payload, Phase extends string> extends PointBase {
  readonly kind: 'fold';
  readonly phase?: Phase;
  readonly shape?: (value: Value, payload: Payload) => Value;
}
export interface TellPoint<Payload, Phase extends string> extends PointBase {
  readonly kind: 'tell';
  readonly phase?: Phase;
  readonly shape?: (payload: Payload) => void;
}
type Point = PointBase & { readonly kind: 'route' | 'decide' | 'fold' | 'tell' };

/** One listener on one point: made by `own`, `judge`, `add` or `hear`, put to work by `Hooks.use`. */
export interface Tap {
  readonly point: Point;
  readonly at: string;
  readonly handler: Handler;
}

/** A point where exactly one handler owns each key. */
export const route =
  <H extends Handler>() =>
  (name: string): RoutePoint<H> => ({ kind: 'route', name, phases: [] });
/** A point where the first listener that answers (anything but undefined) decides. */
export const decide =
  <Payload, Answer>() =>
  <const Phase extends string>(name: string, phases: readonly Phase[]): DecidePoint<Payload, Answer, Phase> => ({
    kind: 'decide',
    name,
    phases,
  });
/** A point where every listener adds to a value. */
export const fold =
  <Value, Payload>() =>
  <const Phase extends string>(name: string, phases: readonly Phase[]): FoldPoint<Value, Payload, Phase> => ({
    kind: 'fold',
    name,
    phases,
  });
/** A point that everyone hears. */
export const tell =
  <Payload>() =>
  <const Phase extends string>(name: string, phases: readonly Phase[]): TellPoint<Payload, Phase> => ({
    kind: 'tell',
    name,
    phases,
  });

export const own = <H extends Handler>(point: RoutePoint<H>, key: string, handler: H): Tap => ({
  point,
  at: key,
  handler,
});
export const judge = <Payload, Answer, Phase extends string>(
  point: DecidePoint<Payload, Answer, Phase>,
  phase: NoInfer<Phase>,
  handler: (payload: Payload) => Answer | undefined,
): Tap => ({ point, at: phase, handler });
export const add = <Value, Payload, Phase extends string>(
  point: FoldPoint<Value, Payload, Phase>,
  phase: NoInfer<Phase>,
  handler: (value: Value, payload: Payload) => Value,
): Tap => ({ point, at: phase, handler });
export const hear = <Payload, Phase extends string>(
  point: TellPoint<Payload, Phase>,
  phase: NoInfer<Phase>,
  handler: (payload: Payload) => void,
): Tap => ({ point, at: phase, handler });

export class Hooks {
  readonly #ordered = new Map<Point, Tap[]>();
  readonly #routes = new Map<Point, Map<string, Tap>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Puts the taps to work, in phase order and then in the order given. Throws at once when a route has two owners. */
  use(taps: readonly Tap[]): Disposable {
    for (const tap of taps) {
      if (tap.point.kind === 'route') {
        const owners = this.#routes.get(tap.point) ?? new Map<string, Tap>();
        if (owners.has(tap.at)) throw new Error(`${tap.point.name}: '${tap.at}' has two owners`);
        owners.set(tap.at, tap);
        this.#routes.set(tap.point, owners);
      } else {
        const { point } = tap;
        const list = [...(this.#ordered.get(point) ?? []), tap];
        list.sort((a, b) => point.phases.indexOf(a.at) - point.phases.indexOf(b.at));
        this.#ordered.set(point, list);
      }
    }
    return {
      [Symbol.dispose]: () => {
        for (const tap of taps) {
          if (tap.point.kind === 'route') this.#routes.get(tap.point)?.delete(tap.at);
          else
            this.#ordered.set(
              tap.point,
              (this.#ordered.get(tap.point) ?? []).filter((other) => other !== tap),
            );
        }
      },
    };
  }

  /** The owner of `key`, if there is one. */
  owner<H extends Handler>(point: RoutePoint<H>, key: string): H | undefined {
    return this.#routes.get(point)?.get(key)?.handler as H | undefined;
  }

  ask<Payload, Answer, Phase extends string>(
    point: DecidePoint<Payload, Answer, Phase>,
    payload: Payload,
  ): Answer | undefined {
    const taps = this.#ordered.get(point);
    if (taps)
      for (const tap of taps) {
        const answer = (tap.handler as unknown as (payload: Payload) => Answer | undefined)(payload);
        if (answer !== undefined) return answer;
      }
    return undefined;
  }

  gather<Value, Payload, Phase extends string>(
    point: FoldPoint<Value, Payload, Phase>,
    start: Value,
    payload: Payload,
  ): Value {
    let value = start;
    for (const tap of this.#ordered.get(point) ?? [])
      value = (tap.handler as unknown as (value: Value, payload: Payload) => Value)(value, payload);
    return value;
  }

  tell<Payload, Phase extends string>(point: TellPoint<Payload, Phase>, payload: Payload): void {
    for (const tap of this.#ordered.get(point) ?? []) {
      try {
        (tap.handler as unknown as (payload: Payload) => void)(payload);
      } catch (cause) {
        this.#log.error({ err: cause, point: point.name, at: tap.at }, 'a listener failed');
      }
    }
  }

  /** Every point with its listeners in order, for people. */
  describe(): string {
    const lines: string[] = [];
    for (const [point, taps] of this.#ordered) lines.push(`${point.name}: ${taps.map((tap) => tap.at).join(' > ')}`);
    for (const [point, owners] of this.#routes) lines.push(`${point.name}: ${[...owners.keys()].sort().join(', ')}`);
    return lines.sort().join('\n');
  }
}
