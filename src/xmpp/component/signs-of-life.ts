// Asks a component whether it has read what was written, and whether it is there at all, by XEP-0199 pings: see unconfirmed.ts
// for what an answer says. Any answer will do, an error as well.

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import type { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import { Stanza } from '../stanza.ts';
import type { Connection } from '../stream/transport.ts';
import type { ComponentLimits } from './limits.ts';
import { Unconfirmed } from './unconfirmed.ts';

export interface SignsOfLifeOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Pick<ComponentLimits, 'idleMs' | 'answerMs'>;
  /** False while an answer may have arrived that we have not looked at. */
  isReading(): boolean;
  /** The component is dead, or does not read. */
  gaveNone(text: string): void;
  /** It is alive and answers no pings: from now on what went to the socket counts as read. */
  isMute(): void;
}

export class SignsOfLife {
  readonly unconfirmed = new Unconfirmed();
  readonly #options: SignsOfLifeOptions;
  #component: Jid | undefined;
  #server: Jid | undefined;
  #id: string | undefined;
  #askedAt = 0;
  /** The system took the ping: the component reads what was before it, more or less. */
  #hasLeft = false;
  #isQuiet = false;
  #isMute = false;
  #idle: Disposable | undefined;
  #deadline: Disposable | undefined;

  constructor(options: SignsOfLifeOptions) {
    this.#options = options;
  }

  start(component: Jid, server: Jid): void {
    this.#component = component;
    this.#server = server;
    this.#watch();
  }

  /** What goes with what is about to be written. */
  flushing(): { readonly text: string; readonly sent?: () => void } | undefined {
    const { unconfirmed } = this;
    if (unconfirmed.isAsking || (unconfirmed.count === 0 && !this.#isQuiet)) return undefined;
    this.#isQuiet = false;
    unconfirmed.ask();
    if (this.#isMute) return { text: '', sent: () => this.#confirm() };
    this.#hasLeft = false;
    return {
      text: this.#ping(),
      sent: () => {
        this.#hasLeft = true;
      },
    };
  }

  isAnswer({ kind, type, id }: Stanza): boolean {
    if (kind !== 'iq' || (type !== 'result' && type !== 'error') || id === undefined || id !== this.#id) return false;
    this.#id = undefined;
    // A late answer says that pings make sense after all, and nothing about what was written since.
    if (this.#isMute) this.#isMute = false;
    else this.#confirm();
    return true;
  }

  /** No more questions; what is unconfirmed stays so until disposed of. */
  stop(): void {
    this.#idle?.[Symbol.dispose]();
    this.#deadline?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.stop();
    this.unconfirmed.lose();
  }

  #confirm(): void {
    this.#deadline?.[Symbol.dispose]();
    this.unconfirmed.answered();
    if (this.unconfirmed.count > 0) this.#options.connection.wake();
  }

  #ping(): string {
    const { random, clock } = this.#options;
    this.#id = random.id(16);
    this.#askedAt = clock.mono();
    this.#await();
    const ping = el('ping', { xmlns: ns.ping });
    return Stanza.make(
      { kind: 'iq', type: 'get', id: this.#id, from: this.#server, to: this.#component },
      ping,
    ).toXml();
  }

  #await(): void {
    const { clock, limits, connection } = this.#options;
    this.#deadline = clock.after(limits.answerMs, () => {
      if (!this.#options.isReading()) return this.#await();
      if (connection.lastHeardAt <= this.#askedAt || !this.#hasLeft) return this.#options.gaveNone('no sign of life');
      this.#isMute = true;
      this.#options.isMute();
      this.#confirm();
    });
  }

  /** `waitMs`: until it may have been quiet for long. */
  #watch(waitMs = this.#options.limits.idleMs): void {
    const { clock, limits, connection } = this.#options;
    this.#idle = clock.after(waitMs, () => {
      const quietMs = clock.mono() - connection.lastHeardAt;
      if (quietMs < limits.idleMs) return this.#watch(limits.idleMs - quietMs);
      // Asked, it has the time that an answer may take: there is nothing to look for before.
      this.#watch();
      if (this.#isMute) return;
      this.#isQuiet = true;
      connection.wake();
    });
  }
}
