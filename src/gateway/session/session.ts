// One phone's session: who it is, what was agreed, what waits for it and what it sent. Requests are worked on one at a time
// (`turns`); stanzas come in beside them.

import { LateMap, LateSet } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import type { Encoding } from '../../imps/message.ts';
import type { Primitive, PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import { isSourced } from '../../imps/pts/names.ts';
import { messageMax } from '../../imps/pts/segments.ts';
import type { CspSessionRecord } from '../../store/store.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type Host, keptKinds } from '../host.ts';
import type { News } from '../news.ts';
import type { Effects, Service } from '../service.ts';
import type { Slot } from '../session-view.ts';
import { bearerTerms, isOnSms } from '../sms/reach.ts';
import { octetsMax } from '../sms/sender.ts';
import { commit } from '../transactions/commit.ts';
import { LostAnswers } from '../transactions/lost-answers.ts';
import { WaitingQueue } from '../transactions/waiting-queue.ts';
import { Turns } from '../turns.ts';
import { phoneKey } from './client-id.ts';
import { Iqs } from './iqs.ts';
import { Outbox } from './outbox.ts';
import { type Family, personalities } from './personality.ts';
import { Poll } from './poll.ts';
import { Rate } from './rate.ts';
import { SessionLink } from './session-link.ts';
import { type SessionState, writeState } from './state.ts';
import { View } from './view.ts';

export interface SessionEnd {
  /** logged-out: the phone said so. replaced: the same phone signed in again. disconnected: the server ended it. */
  readonly how: 'logged-out' | 'expired' | 'replaced' | 'disconnected';
  /** For the user, with `disconnected`: the phone hears 601 and this. */
  readonly text?: string;
}

export interface SessionIdentity {
  readonly key: string;
  readonly user: Jid;
  /** ClientID in its canonical form. */
  readonly client: string;
  readonly state: SessionState;
  /** Wall-clock ms. */
  readonly lastHeardAt: number;
}

const shortIdMax = 999;
/** State changes reach the store within this; what was heard when, within the other. */
const saveWithinMs = 1000;
const saveHeardWithinMs = 30_000;

export class Session {
  readonly host: Host;
  readonly key: string;
  readonly user: Jid;
  /** `user` as the store writes it. */
  readonly account: string;
  readonly client: string;
  /** What waits for the phone is stored under this. */
  readonly phone: string;
  readonly state: SessionState;
  /** Requests. */
  readonly turns = new Turns();
  /** Writes to the store: in the order they were asked for. */
  readonly commits = new Turns();
  readonly queue: WaitingQueue;
  readonly outbox: Outbox;
  readonly iqs: Iqs;
  readonly link: SessionLink;
  readonly poll: Poll;
  readonly rate: Rate;
  readonly lostAnswers = new LostAnswers();
  readonly view: View;
  readonly slots = new Map<Slot<unknown>, unknown>();
  /** Stanzas a service failed on, and how often. */
  readonly failures = new LateMap<string, number>();
  /** Ends with the session: timers of its services and its own. */
  readonly timers = new LateSet<Disposable>();
  /** Our TransactionIDs that were acknowledged lately: a phone may repeat its acknowledgement. */
  settledIds: readonly string[] = [];
  /** Wall-clock ms, for the store and for people. */
  lastHeardAt: number;
  /** Monotonic ms, for the expiry. */
  heardAt: number;
  /** Where its last request came from. */
  remoteAddress = '';
  isBeingReplaced = false;
  readonly #tag: string;
  #handOuts = 0;
  #log: Log | undefined;
  #isEnded = false;
  #lapse: Disposable | undefined;
  #save: { readonly timer: Disposable; readonly at: number } | undefined;

  constructor(host: Host, identity: SessionIdentity) {
    this.host = host;
    this.key = identity.key;
    this.user = identity.user;
    this.account = identity.user.toString();
    this.client = identity.client;
    this.phone = phoneKey(this.account, this.client);
    this.#tag = host.random.id(4);
    this.state = identity.state;
    this.lastHeardAt = identity.lastHeardAt;
    this.heardAt = host.clock.mono() - Math.max(0, host.clock.wall() - identity.lastHeardAt);
    this.queue = new WaitingQueue(bearerTerms(host.settings, this.state.sms).redeliverS * 1000, ({ primitive }) =>
      this.canTell(primitive),
    );
    this.outbox = new Outbox(host.store.csp, this);
    this.iqs = new Iqs(host.clock);
    this.link = new SessionLink(this);
    this.poll = new Poll(host.clock);
    this.rate = new Rate(host.settings.limits.requestsPerSecondMax);
    this.view = new View(this);
  }

  /** Made when there is something to write: most sessions have nothing to tell. */
  get log(): Log {
    this.#log ??= this.host.log.child({ user: this.account, session: this.key.slice(0, 8) });
    return this.#log;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The full JID: as the server bound it, or as we shall ask for it. */
  get jid(): Jid {
    return this.link.current?.jid ?? this.user.withResource(this.state.resource);
  }

  get personality() {
    return personalities[this.state.family as Family];
  }

  /** Transactions that may stand in one answer, and hand-outs of one kind that may be open. */
  get window(): number {
    return this.personality.oneTransactionPerMessage ? 1 : this.state.capabilities.transactionsPerMessage;
  }

  /** Milliseconds of silence after which it is over. */
  get patienceMs(): number {
    return (this.state.keepAliveS + bearerTerms(this.host.settings, this.state.sms).keepAlive.graceS) * 1000;
  }

  /** A phone in the plain text syntax may have no words for it: then it waits for a session that has. */
  canTell({ name }: Primitive): boolean {
    const { plainText } = this.state;
    return !plainText || plainText.knowsOurs || isSourced(name);
  }

  /** Octets of a message that the phone can take: over short messages, as many as go into 26. */
  parserSize(encoding: Encoding): number {
    const { parserSize } = this.state.capabilities;
    return encoding === 'pts' && isOnSms(this) ? Math.min(parserSize, messageMax(octetsMax)) : parserSize;
  }

  /**
   * A TransactionID of ours: never the same twice for a phone, restarts and other sessions included. The plain text syntax has
   * 1 to 999 only: there it is one that nothing waits under.
   */
  nextTransactionId(): string {
    if (this.state.plainText) return this.#nextShortId();
    this.#handOuts++;
    return `s${this.#tag}-${this.#handOuts}`;
  }

  #nextShortId(): string {
    if (this.#handOuts === 0) this.#handOuts = Math.floor(this.host.random.fraction() * shortIdMax);
    for (let tries = 0; tries < shortIdMax; tries++) {
      this.#handOuts = (this.#handOuts % shortIdMax) + 1;
      if (!this.queue.under(`${this.#handOuts}`)?.length) break;
    }
    return `${this.#handOuts}`;
  }

  record(): CspSessionRecord {
    const { key, account, client, lastHeardAt, state } = this;
    const expiresAt = lastHeardAt + this.patienceMs;
    const resumption = this.link.current?.resumption() ?? state.resumption;
    // Datagrams go where the phone was heard last, after a restart too.
    const udp = state.udp && { ...state.udp, address: this.remoteAddress || state.udp.address };
    return { key, account, client, lastHeardAt, expiresAt, state: writeState({ ...state, udp, resumption }) };
  }

  /** The phone was heard: the session goes on. */
  heard(remoteAddress: string): void {
    this.lastHeardAt = this.host.clock.wall();
    this.heardAt = this.host.clock.mono();
    this.remoteAddress = remoteAddress;
    this.#saveWithin(saveHeardWithinMs);
  }

  /** `state` was changed outside a commit. */
  changed(): void {
    this.#saveWithin(saveWithinMs);
  }

  async save(): Promise<void> {
    this.#save?.timer[Symbol.dispose]();
    this.#save = undefined;
    if (!this.#isEnded) await this.host.store.csp.saveSession(this.record());
  }

  /** Sends what need not be kept. A broadcast presence is remembered for the session's next Link. */
  tell(stanza: Stanza): void {
    if (stanza.kind === 'presence' && !stanza.to && (stanza.type === undefined || stanza.type === 'unavailable')) {
      this.state.presence = stanza.type === undefined ? stanza.toXml() : undefined;
      this.changed();
    }
    this.link.tell(stanza);
  }

  /** Sets a kept slot; the function returned takes it back. The caller sees to the store. */
  keep(slot: Slot<unknown>, value: unknown): () => void {
    const { kept } = this.state;
    const before = Object.hasOwn(kept, slot.name) ? [kept[slot.name]] : undefined;
    kept[slot.name] = value;
    return () => {
      if (before) kept[slot.name] = before[0];
      else delete kept[slot.name];
    };
  }

  /** Takes it out of the store; what waited for it goes to its account, as far as its kind outlives a session. */
  async forget(): Promise<void> {
    await this.host.store.together(async ({ csp }) => {
      await csp.removeSession(this.key, { keepWaiting: [] });
      await csp.removeSession(this.phone, { keepWaiting: keptKinds(this.host) });
    });
  }

  /** The waiting queue has news: whoever can bring them to the phone is told. */
  queueChanged(): void {
    this.watchLapse();
    if (this.#isEnded || !this.queue.hasUrgent(this.host.clock.mono())) return;
    if (!this.poll.ready()) this.host.wake(this, 'now');
  }

  /** Something was handed out: when its acknowledgement does not come, that is news again. */
  watchLapse(): void {
    this.#lapse?.[Symbol.dispose]();
    this.#lapse = undefined;
    const { clock } = this.host;
    const at = this.#isEnded ? undefined : this.queue.nextLapse(clock.mono());
    if (at !== undefined) this.#lapse = clock.after(at - clock.mono(), () => this.queueChanged());
  }

  /** A new Link after the first. */
  async resumed(): Promise<void> {
    this.changed();
    await this.tellServices('onResume');
  }

  /** Asks every service, in order; one that fails is logged and the others still hear. */
  async tellServices(what: keyof Pick<Service, 'onStart' | 'onResume' | 'onNegotiated'>): Promise<void> {
    for (const service of this.host.services) {
      try {
        const effects: Effects | void = await service[what]?.(this.view);
        if (effects?.length) await commit(this, { effects });
      } catch (cause) {
        this.host.events.failed(this.log, 'service', cause, 'a service failed', { service: service.name, what });
      }
    }
  }

  /** What a session of the account did; services may make something of it, in their own time. */
  hear(news: News): void {
    if (news.what === 'message' && this.queue.size >= this.host.settings.limits.waitingMax) return;
    for (const service of this.host.services) {
      try {
        // Most news concern nobody: what has nothing to say costs a call.
        const said = service.onNews?.(news, this.view);
        if (said) this.view.run(async () => said);
      } catch (cause) {
        const { name } = service;
        this.host.events.failed(this.log, 'service', cause, 'a service failed on news', { service: name });
      }
    }
  }

  /** 1.3: what services make of the Login-Request, committed; resolves with what they have to say in its Result. */
  async greet(request: PrimitiveOf<'Login-Request'>): Promise<Partial<StructureOf<'Result'>>> {
    let said: Partial<StructureOf<'Result'>> = {};
    for (const { onLogin } of this.host.services) {
      const greeting = await onLogin?.(request, this.view);
      if (greeting?.effects.length) await commit(this, { effects: greeting.effects });
      said = { ...said, ...greeting?.result };
    }
    return said;
  }

  /** Ends it, here and now; the store and the Link follow. Whoever made it is told by `host.ended`. */
  end(end: SessionEnd): void {
    if (this.#isEnded) return;
    for (const service of this.host.services) {
      try {
        service.onEnd?.(this.view);
      } catch (cause) {
        this.host.events.failed(this.log, 'service', cause, 'a service failed at the end of a session', {
          service: service.name,
        });
      }
    }
    this.#isEnded = true;
    this.#drop();
    this.host.events.sessionEnded(end.how);
    this.log.info({ how: end.how, text: end.text }, 'session ended');
    this.host.ended(this, end);
  }

  /** This process goes down, the session does not. */
  async suspend(): Promise<void> {
    this.poll.release();
    await this.turns.take(() => this.commits.take(() => this.save()));
    this.link.abandon();
    this.#isEnded = true;
    this.#drop();
  }

  #drop(): void {
    this.#save?.timer[Symbol.dispose]();
    this.#lapse?.[Symbol.dispose]();
    for (const timer of this.timers) timer[Symbol.dispose]();
    this.timers.clear();
    this.poll.release();
    this.iqs.fail();
  }

  #saveWithin(ms: number): void {
    const { clock } = this.host;
    const at = clock.mono() + ms;
    if (this.#isEnded || (this.#save && this.#save.at <= at)) return;
    this.#save?.timer[Symbol.dispose]();
    const timer = clock.after(ms, () => {
      this.save().catch((cause: unknown) => {
        this.host.events.failed(this.log, 'store', cause, 'a session could not be saved');
        this.#saveWithin(saveHeardWithinMs);
      });
    });
    this.#save = { timer, at };
  }
}
