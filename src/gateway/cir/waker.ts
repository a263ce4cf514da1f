// Wakes phones: keeps each session's wake state, looks again when it is due, and carries out what it says.

import type { Session } from '../session/session.ts';
import type { CirCounts } from './counts.ts';
import { type Channel, isMethod, type Method } from './method.ts';
import { dueAtOf, noWakeState, step, type Terms, type Waiting, type WakeEvent, type WakeState } from './wake-state.ts';

/** How an agreed channel stands, for operators. */
export interface Standing {
  readonly method: Method;
  /** A wake-up could go over it now. */
  readonly isUp: boolean;
  /** It has brought the phone at least once. */
  readonly hasWorked: boolean;
}

interface Watched {
  state: WakeState;
  timer: Disposable | undefined;
  /** Something came while a request of the phone was being answered: looked at when that is done. */
  isDeferred: boolean;
}

export class Waker {
  readonly #channels: ReadonlyMap<Method, Channel>;
  readonly #counts: CirCounts;
  readonly #watched = new Map<Session, Watched>();

  constructor(channels: ReadonlyMap<Method, Channel>, counts: CirCounts) {
    this.#channels = channels;
    this.#counts = counts;
  }

  /** The phone has agreed to other channels. */
  agreed(session: Session): void {
    const agreed = session.state.capabilities.cirMethods.filter(isMethod);
    if (agreed.length === 0) return this.forget(session);
    this.#take(session, { kind: 'agreed', methods: agreed, worked: session.state.reach?.worked ?? [] });
  }

  /**
   * A session that was there before a restart. It may have been woken a moment before the end, so it has the time of a phone
   * that was told; if what waits for it was not told, it is woken then.
   */
  restored(session: Session): void {
    this.agreed(session);
    if (this.#watched.has(session) && isNeeded(session)) this.told(session);
  }

  /** Something urgent waits for the session, and it holds no poll open. */
  waiting(session: Session): void {
    const watched = this.#watched.get(session);
    if (!watched || watched.isDeferred) return;
    if (session.turns.waiting === 0) {
      const waiting = this.#waiting(session);
      if (waiting) this.#take(session, { kind: 'waiting', ...waiting });
      return;
    }
    // The answer that is being made may bring it, or say that it waits.
    watched.isDeferred = true;
    void session.turns.take(async () => {
      watched.isDeferred = false;
      // Our own turn is among those that are waiting.
      const waiting = session.turns.waiting === 1 ? this.#waiting(session) : undefined;
      if (waiting && !session.poll.ready()) this.#take(session, { kind: 'waiting', ...waiting });
      else if (session.turns.waiting > 1) queueMicrotask(() => this.waiting(session));
    });
  }

  /** The answer that leaves now says by its poll flag that something waits. */
  told(session: Session): void {
    if (!this.#watched.has(session)) return;
    this.#takeBack(session);
    this.#take(session, { kind: 'told', news: session.queue.news });
  }

  /** The answer that leaves now brings all that waited. */
  served(session: Session): void {
    if (!this.#isResting(session)) this.#take(session, { kind: 'served', isUnsent: this.#takeBack(session) });
  }

  /** A request of the phone is about to be answered. */
  heard(session: Session, isPoll: boolean): void {
    if (isPoll ? !this.#watched.has(session) : this.#isResting(session)) return;
    this.#take(session, { kind: 'heard', isPoll, isUnsent: this.#takeBack(session) });
  }

  #isResting(session: Session): boolean {
    return (this.#watched.get(session)?.state.phase.is ?? 'resting') === 'resting';
  }

  /** The phone has opened a channel, or shown that it is there. */
  opened(session: Session, method: Method): void {
    if (this.#watched.has(session)) this.#take(session, { kind: 'opened', method, waiting: this.#waiting(session) });
  }

  lost(session: Session, method: Method): void {
    if (this.#watched.has(session)) this.#take(session, { kind: 'lost', method });
  }

  /** Is there a channel, as far as is known? A phone without one had better wait in its poll. */
  hasChannel(session: Session): boolean {
    const { channels = [] } = this.#watched.get(session)?.state ?? {};
    return channels.some(({ method, failures }) => failures === 0 && this.#channels.get(method)?.canReach(session));
  }

  standing(session: Session): readonly Standing[] {
    return (this.#watched.get(session)?.state.channels ?? []).map(({ method, hasWorked }) => ({
      method,
      isUp: this.#channels.get(method)?.canReach(session) ?? false,
      hasWorked,
    }));
  }

  /** A last wake-up over the surest channel, so that the phone hears why its session is over. */
  farewell(session: Session): void {
    const [best] = this.#usable(session);
    const nothing = (): void => {};
    if (best) this.#channels.get(best)?.wake(session, nothing, nothing);
  }

  forget(session: Session): void {
    this.#watched.get(session)?.timer?.[Symbol.dispose]();
    this.#watched.delete(session);
  }

  #take(session: Session, event: WakeEvent): void {
    if (session.isEnded) return this.forget(session);
    const watched = this.#watched.get(session) ?? { state: noWakeState, timer: undefined, isDeferred: false };
    this.#watched.set(session, watched);
    const { clock } = session.host;
    const { phase } = watched.state;
    const before = dueAtOf(watched.state);
    const [state, effects] = step(watched.state, event, clock.mono(), termsOf(session));
    watched.state = state;
    const dueAt = dueAtOf(state);
    if (dueAt !== before) {
      watched.timer?.[Symbol.dispose]();
      watched.timer =
        dueAt === undefined ? undefined : clock.after(dueAt - clock.mono(), () => this.#due(session, watched));
    }
    for (const effect of effects) {
      switch (effect.do) {
        case 'send':
          // Whatever has not left yet must not follow this one.
          if (phase.is === 'out') this.#cancel(session, phase.method);
          this.#send(session, effect.method);
          break;
        case 'worked':
          this.#counts.worked(effect.method, effect.afterMs);
          remember(session, effect.method);
          break;
        case 'unanswered':
          if (this.#cancel(session, effect.method)) this.#counts.failed(effect.method, 'not-fetched');
          else this.#counts.failed(effect.method, 'unanswered');
          break;
        case 'fellBack':
          this.#counts.fellBack(effect.from, effect.to);
          break;
      }
    }
  }

  #due(session: Session, watched: Watched): void {
    watched.timer = undefined;
    this.#take(session, { kind: 'due', waiting: this.#waiting(session) });
  }

  #send(session: Session, method: Method): void {
    this.#channels.get(method)?.wake(
      session,
      () => {
        this.#counts.sent(method);
        const phase = this.#watched.get(session)?.state.phase;
        if (phase?.is === 'out' && phase.at < session.host.clock.mono())
          this.#take(session, { kind: 'left', method, news: session.queue.news });
        const { news } = session.queue;
        session.log.debug({ channel: method, news, atMostEveryS: session.state.capabilities.serverPollMin }, 'woken');
      },
      (why) => {
        this.#counts.failed(method, why);
        if (this.#watched.has(session))
          this.#take(session, { kind: 'unsent', method, waiting: this.#waiting(session) });
      },
    );
  }

  /** The answer will tell: a wake-up that has not left yet does not. True when there was one. */
  #takeBack(session: Session): boolean {
    const phase = this.#watched.get(session)?.state.phase;
    return phase?.is === 'out' && this.#cancel(session, phase.method);
  }

  #cancel(session: Session, method: Method): boolean {
    return this.#channels.get(method)?.cancel?.(session) ?? false;
  }

  #waiting(session: Session): Waiting | undefined {
    return isNeeded(session) ? { news: session.queue.news, usable: this.#usable(session) } : undefined;
  }

  #usable(session: Session): readonly Method[] {
    return [...this.#channels].flatMap(([method, channel]) => (channel.canReach(session) ? [method] : []));
  }
}

const isNeeded = ({ isEnded, queue, host }: Session): boolean => !isEnded && queue.hasUrgent(host.clock.mono());

const termsOf = ({ host, state }: Session): Terms => {
  const { cir } = host.settings;
  return {
    repeatMs: cir.repeatS * 1000,
    fallbackMs: cir.fallbackS * 1000,
    smsRepeatMs: cir.smsRepeatS * 1000,
    smsFallbackMs: cir.smsFallbackS * 1000,
    pollMinMs: state.capabilities.serverPollMin * 1000,
  };
};

/** For after a restart. */
const remember = (session: Session, method: Method): void => {
  const { reach } = session.state;
  const worked = reach?.worked ?? [];
  if (worked.includes(method)) return;
  session.state.reach = { ...reach, worked: [...worked, method] };
  session.changed();
};
