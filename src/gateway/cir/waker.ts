// When to wake which phone. One WVCI is enough until the phone has been heard; it is repeated while something urgent waits
// and the phone stays away, since a wake-up may get lost and a phone with a CIR channel does not poll by itself.

import type { Session } from '../session/session.ts';

export interface Channel {
  readonly name: string;
  /** False when it cannot reach this session. */
  wake(session: Session): boolean;
}

interface Woken {
  /** Monotonic ms of the last wake-up. */
  at: number;
  timer: Disposable | undefined;
}

export class Waker {
  readonly #channels: readonly Channel[];
  readonly #woken = new WeakMap<Session, Woken>();

  constructor(channels: readonly Channel[]) {
    this.#channels = channels;
  }

  /** Something urgent waits for the session. */
  wake(session: Session, when: 'now' | 'later'): void {
    const woken = this.#of(session);
    if (woken.timer) {
      // It was woken, or told by a poll flag, and has not come yet: the repetition is under way.
      if (woken.at >= session.heardAt || when === 'later') return;
      woken.timer[Symbol.dispose]();
      woken.timer = undefined;
    }
    if (when === 'later') this.#repeat(session, woken);
    else this.#send(session, woken);
  }

  /** A channel of the session came up: a wake-up sent before may have been lost with the old one. */
  ready(session: Session): void {
    const woken = this.#of(session);
    woken.timer?.[Symbol.dispose]();
    woken.timer = undefined;
    if (this.#isNeeded(session)) this.#send(session, woken);
  }

  forget(session: Session): void {
    this.#woken.get(session)?.timer?.[Symbol.dispose]();
    this.#woken.delete(session);
  }

  #send(session: Session, woken: Woken): void {
    const channel = this.#channels.find((one) => one.wake(session));
    if (!channel) return;
    woken.at = session.host.clock.mono();
    session.host.events.woken(channel.name);
    this.#repeat(session, woken);
  }

  #repeat(session: Session, woken: Woken): void {
    const { clock, settings } = session.host;
    // Never twice within the time the phone may take between polls.
    const pauseMs = Math.max(settings.cir.repeatS, session.state.capabilities.serverPollMin) * 1000;
    woken.timer = clock.after(pauseMs, () => {
      woken.timer = undefined;
      if (this.#isNeeded(session)) this.#send(session, woken);
    });
  }

  #isNeeded(session: Session): boolean {
    return !session.isEnded && session.queue.hasUrgent(session.host.clock.mono());
  }

  #of(session: Session): Woken {
    const known = this.#woken.get(session);
    if (known) return known;
    const made: Woken = { at: Number.NEGATIVE_INFINITY, timer: undefined };
    this.#woken.set(session, made);
    return made;
  }
}
