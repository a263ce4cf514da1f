// Invitations that are open, as the account has them: those that its phones have sent, and those that they were shown. A phone
// of CSP 1.1 answers with nothing but the InviteID.

import type { Effect } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';

export interface SentInvitation {
  readonly type: string;
  readonly room?: string;
  /** Bare JIDs. */
  readonly to: readonly string[];
  /** Wall-clock ms. */
  readonly until: number;
}
export interface ShownInvitation {
  /** The inviter's own id, if it has one. */
  readonly id?: string;
  readonly from: string;
  readonly room?: string;
  readonly isByRoom: boolean;
  /** PR: who is suggested. */
  readonly contacts?: readonly { readonly jid: string; readonly name?: string }[];
  /** The phone that was shown it under this id: its resource. */
  readonly phone?: string;
  readonly until: number;
}

const listsMax = 50;

class Book<One extends { readonly until: number }> {
  readonly #kept: Kept<Readonly<Record<string, One>>>;

  constructor(key: `${string}.${string}`) {
    this.#kept = kept(key, {});
  }

  /** Those whose time has not run out, by id. */
  async open(session: SessionView): Promise<ReadonlyMap<string, One>> {
    const now = session.clock.wall();
    return new Map(Object.entries(await this.#kept.read(session)).filter(([, { until }]) => until > now));
  }

  /** The oldest makes room. */
  /** Several phones of the user are shown the same invitation at the same moment, each under an id of its own. */
  with(session: SessionView, id: string, one: One): Effect {
    const now = session.clock.wall();
    return this.#kept.change((all) => Object.fromEntries([...others(all, id, now).slice(1 - listsMax), [id, one]]));
  }

  without(session: SessionView, id: string): Effect {
    const now = session.clock.wall();
    return this.#kept.change((all) => Object.fromEntries(others(all, id, now)));
  }
}

const others = <One extends { readonly until: number }>(
  all: Readonly<Record<string, One>>,
  id: string,
  now: number,
): [string, One][] => Object.entries(all).filter(([other, { until }]) => other !== id && until > now);

export const sent = new Book<SentInvitation>('invitations.sent');
export const shown = new Book<ShownInvitation>('invitations.shown');
