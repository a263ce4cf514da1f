// Dialback on a stream as it runs: does what the Dialback machine asks for, and sees that no question stays open for ever.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import type { StanzaCondition } from '../stanza.ts';
import type { StreamError } from '../stream/conditions.ts';
import {
  Dialback,
  type DialbackEffect,
  type DialbackEvent,
  type DialbackOptions,
  type DialbackStream,
  requestKey,
} from './dialback.ts';
import { pairKey } from './pairs.ts';
import type { KeyRequest, KeyVerdict, Pair, Proof, S2sFault, S2sLimits } from './s2s.ts';

export interface DialbackDeskOptions {
  readonly dialback: Omit<DialbackOptions, 'pairsMax' | 'verifyingMax'>;
  /** Asks the authoritative server, on another stream. */
  readonly findOut: (request: KeyRequest) => Promise<KeyVerdict>;
  readonly limits: Pick<S2sLimits, 'pairsMax' | 'verifyingMax' | 'authMs'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The stream it is for. */
export interface DialbackHost {
  write(text: string): void;
  /** They may send for the pair; we may; we may not. */
  admit(pair: Pair, proof: Proof): void;
  grant(pair: Pair): void;
  refuse(pair: Pair, fault: S2sFault): void;
  note(fields: object, text: string): void;
  fail(error: StreamError): void;
}

export class DialbackDesk {
  readonly #options: DialbackDeskOptions;
  readonly #host: DialbackHost;
  readonly #dialback: Dialback;
  readonly #questions = new Map<string, { readonly request: KeyRequest; settle(verdict: KeyVerdict): void }>();
  readonly #timers = new Map<string, Disposable>();
  #isReady = false;
  #isClosed = false;

  constructor(options: DialbackDeskOptions, stream: DialbackStream, host: DialbackHost) {
    const { pairsMax, verifyingMax } = options.limits;
    this.#options = options;
    this.#host = host;
    this.#dialback = new Dialback({ ...options.dialback, pairsMax, verifyingMax }, stream);
  }

  /** A dialback element of the other side. */
  element(element: StreamElement): void {
    this.#step({ type: 'element', element });
  }

  /** Asks for leave to send. */
  ask(pair: Pair): void {
    this.#step({ type: 'ask', pair });
    this.#arm(pairKey(pair), () => {
      if (!this.#dialback.forget(pair)) return;
      const text = 'the other server does not answer our dialback';
      this.#host.refuse(pair, { reason: 'unreachable', text, condition: 'remote-server-timeout' });
    });
  }

  /** Asks whether a key is theirs. */
  verify(request: KeyRequest): Promise<KeyVerdict> {
    const { promise, resolve } = Promise.withResolvers<KeyVerdict>();
    const key = requestKey(request);
    if (this.#options.dialback.direction === 'in') resolve(cannotTell('not-allowed'));
    else if (this.#isClosed) resolve(cannotTell('remote-server-timeout'));
    else if (this.#questions.has(key) || this.#questions.size >= this.#options.limits.verifyingMax)
      resolve(cannotTell('resource-constraint'));
    else {
      this.#questions.set(key, { request, settle: resolve });
      this.#arm(key, () => {
        this.#dialback.forget(request);
        this.#settle(key, cannotTell('remote-server-timeout'));
      });
      if (this.#isReady) this.#step({ type: 'verify', request });
    }
    return promise;
  }

  /** Questions may be sent from now on. */
  ready(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    for (const { request } of this.#questions.values()) this.#step({ type: 'verify', request });
  }

  /** Nothing comes any more. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
    for (const key of [...this.#questions.keys()]) this.#settle(key, cannotTell('remote-server-timeout'));
  }

  #step(event: DialbackEvent): void {
    for (const effect of this.#dialback.step(event)) this.#perform(effect);
  }

  #perform(effect: DialbackEffect): void {
    const host = this.#host;
    switch (effect.do) {
      case 'send':
        return host.write(effect.text);
      case 'find-out':
        void this.#findOut(effect.request);
        return;
      case 'admit':
        return host.admit(effect.pair, effect.proof);
      case 'grant':
        this.#disarm(pairKey(effect.pair));
        return host.grant(effect.pair);
      case 'refuse':
        this.#disarm(pairKey(effect.pair));
        return host.refuse(effect.pair, effect.fault);
      case 'settle':
        return this.#settle(effect.key, effect.verdict);
      case 'note':
        return host.note({ ...effect.pair }, effect.text);
      case 'fail':
        return host.fail(effect.error);
    }
  }

  async #findOut(request: KeyRequest): Promise<void> {
    let verdict: KeyVerdict;
    try {
      verdict = await this.#options.findOut(request);
    } catch (error) {
      this.#options.log.error({ ...request.pair, err: error }, 'a dialback key could not be verified');
      verdict = cannotTell('internal-server-error');
    }
    if (!this.#isClosed) this.#step({ type: 'found-out', request, verdict });
  }

  #settle(key: string, verdict: KeyVerdict): void {
    this.#disarm(key);
    this.#questions.get(key)?.settle(verdict);
    this.#questions.delete(key);
  }

  #arm(name: string, task: () => void): void {
    this.#disarm(name);
    const { clock, limits } = this.#options;
    const timer = clock.after(limits.authMs, () => {
      this.#timers.delete(name);
      task();
    });
    this.#timers.set(name, timer);
  }

  #disarm(name: string): void {
    this.#timers.get(name)?.[Symbol.dispose]();
    this.#timers.delete(name);
  }
}

const cannotTell = (condition: StanzaCondition): KeyVerdict => ({ verdict: 'error', condition });
