// The wake-up methods of CSP ("CIR channel"), and what our rules need to know of each.

import type { Session } from '../session/session.ts';

export const methods = ['STCP', 'SHTTP', 'SUDP', 'WAPUDP', 'SSMS', 'WAPSMS'] as const;
export type Method = (typeof methods)[number];

export const isMethod = (name: string): name is Method => (methods as readonly string[]).includes(name);

/**
 * 0: the phone holds it open, and its end is noticed. 1: the phone comes and asks. 2: we send and hope, at no cost. 3: the
 * same, and every message is paid for.
 */
export const rankOf: Readonly<Record<Method, 0 | 1 | 2 | 3>> = {
  STCP: 0,
  SHTTP: 1,
  SUDP: 2,
  WAPUDP: 2,
  SSMS: 3,
  WAPSMS: 3,
};

/** One method, as far as it is up in this process. */
export interface Channel {
  /** Could a wake-up go to this session over it now? */
  canReach(session: Session): boolean;
  /**
   * Wakes. `sent` is told when the wake-up has left, or `unsent`, with a reason for metrics, when it cannot: one of the two,
   * once, at once or later; neither after `cancel`.
   */
  wake(session: Session, sent: () => void, unsent: (why: string) => void): void;
  /** The phone has come: true when a wake-up had not left yet, which it then never does. */
  cancel?(session: Session): boolean;
  /** The session is over. */
  forget?(session: Session): void;
}
