// Sessions that are over, remembered for a while, so that a phone that comes back hears why. (Reference §4: 600, 601, 604;
// §5.9 to §5.12)

import type { Clock } from '../../base/clock.ts';
import { isRefused, type Received, type Transaction } from '../../imps/message.ts';
import type { Primitive } from '../../imps/primitives.ts';
import { result } from '../../imps/transaction.ts';
import { statusOf } from '../result.ts';
import { loggedOut } from './basics.ts';
import type { SessionEnd } from './session.ts';

const rememberedMs = 60 * 60 * 1000;
const rememberedMax = 20_000;

interface Ended {
  readonly end: SessionEnd;
  readonly at: number;
  isTold: boolean;
}

export class EndedSessions {
  readonly #clock: Clock;
  readonly #ended = new Map<string, Ended>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: string, end: SessionEnd): void {
    this.#ended.set(key, { end, at: this.#clock.mono(), isTold: false });
    for (const [first, { at }] of this.#ended) {
      if (this.#ended.size <= rememberedMax && this.#clock.mono() - at < rememberedMs) break;
      this.#ended.delete(first);
    }
  }

  /** Did the server end it? Other sessions ended by their phone's own doing, or are silent. */
  wasDisconnected(key: string): boolean {
    return this.#ended.get(key)?.end.how === 'disconnected';
  }

  /** What a request of a session that is not there gets. */
  answer(key: string, { message, encoding }: Pick<Received, 'message' | 'encoding'>): readonly Transaction[] {
    const known = this.#ended.get(key);
    const ended = known && this.#clock.mono() - known.at < rememberedMs ? known : undefined;
    const out: Transaction[] = [];
    for (const one of message.transactions) {
      const name = isRefused(one) ? '' : one.content.name;
      // The phone's acknowledgement of Disconnect, or of what it got before.
      if (one.mode === 'Response') continue;
      if (name === 'Polling-Request' && ended?.end.how === 'disconnected' && !ended.isTold) {
        ended.isTold = true;
        out.push({
          mode: 'Request',
          id: encoding === 'pts' ? '999' : 'sd',
          content: { name: 'Disconnect', Result: result(601, ended.end.text) },
        });
      } else out.push({ mode: 'Response', id: one.id, content: refusal(ended?.end, name, message.version) });
    }
    return out;
  }
}

const refusal = (end: SessionEnd | undefined, name: string, version: '1.1' | '1.2' | '1.3'): Primitive => {
  switch (end?.how) {
    case 'logged-out':
      // Its answer was lost, and the phone asks again.
      return name === 'Logout-Request' ? loggedOut(version) : statusOf(604);
    case 'expired':
      return statusOf(600);
    case 'disconnected':
      return statusOf(601, end.text);
    case 'replaced':
    case undefined:
      return statusOf(604);
  }
};
