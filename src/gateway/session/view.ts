// SessionView over a Session: what services see.

import type { Outcome } from '../../base/outcome.ts';
import { bad } from '../../base/outcome.ts';
import type { CspVersion } from '../../imps/version.ts';
import { type Announcement, announcementsFor, readAnnouncements } from '../../store/announcements.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import type { Effects, WaitingItem } from '../service.ts';
import type { IqFault, IqRequest, SessionView, Slot } from '../session-view.ts';
import { isOnSms } from '../sms/reach.ts';
import { commit, SessionOverError } from '../transactions/commit.ts';
import type { Session } from './session.ts';

/** With ten seconds for a lost Link before it: less than the 40 s that Nokia S60 waits for an answer. */
const iqTimeoutMs = 20_000;

export class View implements SessionView {
  readonly #session: Session;
  readonly #version: CspVersion | undefined;

  /** `version`: of a request that is not in the session's own. */
  constructor(session: Session, version?: CspVersion) {
    this.#session = session;
    this.#version = version;
  }

  get user() {
    return this.#session.user;
  }
  get jid() {
    return this.#session.jid;
  }
  get clientId() {
    return this.#session.state.clientId;
  }
  get version() {
    return this.#version ?? this.#session.state.version;
  }
  get personality() {
    return this.#session.personality;
  }
  get capabilities() {
    return this.#session.state.capabilities;
  }
  get features(): ReadonlySet<string> {
    const { state, host } = this.#session;
    return state.features ? new Set(state.features) : host.leaves;
  }
  get clock() {
    return this.#session.host.clock;
  }
  get random() {
    return this.#session.host.random;
  }
  get isOnSms() {
    return isOnSms(this.#session);
  }
  get contents() {
    return this.#session.host.contents;
  }
  get limits() {
    return this.#session.host.settings.limits;
  }
  get log() {
    return this.#session.log;
  }

  async iq(request: IqRequest): Promise<Outcome<Stanza, IqFault>> {
    const { link, iqs, host } = this.#session;
    // What asks on the way back to where it was has its Link.
    if (!link.current) await link.ensure();
    if (!link.current) return bad({ reason: 'link-lost' });
    const id = host.random.id(12);
    const answer = iqs.expect(id, request.to, request.timeoutMs ?? iqTimeoutMs);
    link.tell(Stanza.make({ kind: 'iq', type: request.type, id, to: request.to }, request.child));
    return answer;
  }

  async apply(effects: Effects): Promise<void> {
    if (!this.#session.isEnded) await commit(this.#session, { effects });
  }

  run(task: () => Promise<Effects | void>): void {
    void this.#run(task);
  }

  between(task: () => Promise<Effects | void>): void {
    const { turns } = this.#session;
    void this.#run(() => turns.take(async () => (this.#session.isEnded ? undefined : task())));
  }

  after(delayMs: number, task: () => Effects | void | Promise<Effects | void>): Disposable {
    const { timers, host, isEnded } = this.#session;
    if (isEnded) return { [Symbol.dispose]() {} };
    const timer = host.clock.after(delayMs, () => {
      timers.delete(timer);
      void this.#run(async () => task());
    });
    timers.add(timer);
    return {
      [Symbol.dispose]: () => {
        timers.delete(timer);
        timer[Symbol.dispose]();
      },
    };
  }

  setting(key: string): Promise<string | undefined> {
    return this.#session.host.store.csp.setting(this.#session.account, key);
  }

  async announcements(): Promise<readonly Announcement[]> {
    const { host, account } = this.#session;
    return announcementsFor(await readAnnouncements(host.store), account, host.clock.wall());
  }

  slot<Value>(slot: Slot<Value>): Value {
    const { state, slots, view } = this.#session;
    if (slot.kept) return Object.hasOwn(state.kept, slot.name) ? (state.kept[slot.name] as Value) : slot.make(view);
    if (!slots.has(slot)) slots.set(slot, slot.make(view));
    return slots.get(slot) as Value;
  }

  async waiting(kind?: string): Promise<readonly WaitingItem[]> {
    const { entries } = this.#session.queue;
    return kind === undefined ? entries : entries.filter((entry) => entry.kind === kind);
  }

  async #run(task: () => Promise<Effects | void>): Promise<void> {
    try {
      const effects = await task();
      if (effects?.length) await this.apply(effects);
    } catch (cause) {
      if (cause instanceof SessionOverError) return;
      // A phone that signs out at once takes the Link from under what began with its sign-in.
      if (this.#session.isEnded) return this.#session.log.debug({ err: cause }, 'a task ended with its session');
      this.#session.host.events.failed(this.#session.log, 'service', cause, 'a task of a service failed');
    }
  }
}
