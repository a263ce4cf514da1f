// One message on its way to an account's sessions, and the promise behind it: it is handled once it is in the Store or one
// client has acknowledged it, and it leaves the Store only after a client has acknowledged it.
//
//   sessions of which one is durable by itself (the gateway stores before it acknowledges): nothing is kept, unless the
//   receiver takes longer than its patience;  all other sessions: kept in the Store at once, while it is delivered.

import type { WallMs } from '../../base/clock.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { Parcel, Receipt, Session } from '../sessions/session.ts';
import { delayed } from './delay.ts';
import type { Mailbox } from './mailbox.ts';

export class Delivery implements Receipt {
  readonly stanza: Stanza;
  readonly receivedAt: WallMs;
  /** Resolves when the message is safe; rejects when the Store failed and no session took it. */
  readonly safe: Promise<void>;
  readonly #mailbox: Mailbox;
  readonly #tried = new Set<Session>();
  #resolve: () => void = () => {};
  #reject: (cause: unknown) => void = () => {};
  #outstanding = 0;
  #isReceived = false;
  /** Its number in the Store, once it is there. */
  #seq: number | undefined;
  #keeping: Promise<void> | undefined;
  #patience: Disposable | undefined;

  constructor(mailbox: Mailbox, stanza: Stanza, receivedAt: WallMs, seq?: number) {
    this.#mailbox = mailbox;
    this.stanza = stanza;
    this.receivedAt = receivedAt;
    this.#seq = seq;
    this.safe = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits gets the rejection; nobody waits for a message that was safe before.
    this.safe.catch(() => {});
    if (seq !== undefined) this.#resolve();
  }

  /** Hands the message to sessions; call it in the account's turn. */
  handTo(sessions: readonly Session[]): void {
    const { limits, clock } = this.#mailbox.host;
    this.#outstanding += sessions.length;
    for (const session of sessions) this.#tried.add(session);
    if (this.#seq === undefined && !this.#keeping) {
      if (sessions.some((one) => one.isDurable)) {
        this.#patience ??= clock.after(limits.receiverPatienceMs, () => void this.#keep());
      } else void this.#keep();
    }
    const shown = this.#shown;
    for (const session of sessions) session.deliver(shown, this);
  }

  /** The same as `handTo` for one session that gets many in one write: the parcel is for the caller to deliver. */
  parcelFor(session: Session): Parcel {
    this.#outstanding++;
    this.#tried.add(session);
    return { stanza: this.#shown, receipt: this };
  }

  /** What comes out of the Store is late, and says so. */
  get #shown(): Stanza {
    return this.#seq === undefined ? this.stanza : delayed(this.stanza, this.#mailbox.host.domain, this.receivedAt);
  }

  received(): void {
    this.#outstanding--;
    if (this.#isReceived) return;
    this.#isReceived = true;
    this.#endPatience();
    this.#resolve();
    if (!this.#keeping) this.#mailbox.received(this, this.#seq);
  }

  missed(): void {
    this.#outstanding--;
    if (this.#outstanding > 0 || this.#isReceived) return;
    this.#endPatience();
    this.#mailbox.reroute(this).catch((cause: unknown) => this.#reject(cause));
  }

  /** Next try, in the account's turn, after every session that had it has ended or failed. */
  async goOn(candidates: readonly Session[]): Promise<void> {
    await this.#keeping;
    const untried = candidates.filter((one) => !this.#tried.has(one));
    if (untried.length > 0) {
      this.handTo(untried);
      return;
    }
    if (this.#seq === undefined) await this.#keepNow();
    this.#mailbox.leave(this, this.#seq);
    if (this.#seq === undefined) await this.#mailbox.refuse(this.stanza);
    this.#resolve();
  }

  /** Keeps while sessions have it. A Store that fails or is full is no loss yet: a session may still acknowledge. */
  #keep(): Promise<void> {
    this.#keeping ??= this.#keepNow().catch((cause: unknown) => this.#mailbox.host.events.failed(this.stanza, cause));
    return this.#keeping;
  }

  async #keepNow(): Promise<void> {
    try {
      this.#seq = await this.#mailbox.store(this.stanza, this.receivedAt);
    } finally {
      this.#keeping = undefined;
    }
    if (this.#isReceived) this.#mailbox.received(this, this.#seq);
    else if (this.#seq !== undefined) this.#resolve();
  }

  #endPatience(): void {
    this.#patience?.[Symbol.dispose]();
    this.#patience = undefined;
  }
}
