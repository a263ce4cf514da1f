// RFC 6121 Appendix A: the nine subscription states, and what each of the four subscription stanzas does in each of them.
// The rows are those of the RFC, in its order; `tables.test.ts` walks every one.

import type { RosterItem } from '../../../store/store.ts';

/** A.1. `out`: we asked and wait ("Pending Out"); `in`: the contact asked and waits ("Pending In"). */
export type State = 'none' | 'none+out' | 'none+in' | 'none+out+in' | 'to' | 'to+in' | 'from' | 'from+out' | 'both';
export type SubscriptionType = 'subscribe' | 'unsubscribe' | 'subscribed' | 'unsubscribed';

/** `pass`: routed to the contact (A.2) or delivered to the user (A.3). `next` equals the state where nothing changes. */
export interface Step {
  readonly pass: boolean;
  readonly next: State;
}
type Row = Readonly<Record<State, Step>>;
type Table = Readonly<Record<SubscriptionType, Row>>;

const go = (next: State): Step => ({ pass: true, next });
const stop = (next: State): Step => ({ pass: false, next });

/** A.2: what our user sends to the contact. */
export const sentSteps: Table = {
  // A.2.1
  subscribe: {
    none: go('none+out'),
    'none+out': go('none+out'),
    'none+in': go('none+out+in'),
    'none+out+in': go('none+out+in'),
    to: go('to'),
    'to+in': go('to+in'),
    from: go('from+out'),
    'from+out': go('from+out'),
    both: go('both'),
  },
  // A.2.2
  unsubscribe: {
    none: go('none'),
    'none+out': go('none'),
    'none+in': go('none+in'),
    'none+out+in': go('none+in'),
    to: go('none'),
    'to+in': go('none+in'),
    from: go('from'),
    'from+out': go('from'),
    both: go('from'),
  },
  // A.2.3; where nothing waits it is a pre-approval (§3.4), and is not routed either
  subscribed: {
    none: stop('none'),
    'none+out': stop('none+out'),
    'none+in': go('from'),
    'none+out+in': go('from+out'),
    to: stop('to'),
    'to+in': go('both'),
    from: stop('from'),
    'from+out': stop('from+out'),
    both: stop('both'),
  },
  // A.2.4
  unsubscribed: {
    none: stop('none'),
    'none+out': stop('none+out'),
    'none+in': go('none'),
    'none+out+in': go('none+out'),
    to: stop('to'),
    'to+in': go('to'),
    from: go('none'),
    'from+out': go('none+out'),
    both: go('to'),
  },
};

/** A.3: what the contact sends to our user. */
export const receivedSteps: Table = {
  // A.3.1; in the states with `from` the server answers by itself (§3.1.3)
  subscribe: {
    none: go('none+in'),
    'none+out': go('none+out+in'),
    'none+in': stop('none+in'),
    'none+out+in': stop('none+out+in'),
    to: go('to+in'),
    'to+in': stop('to+in'),
    from: stop('from'),
    'from+out': stop('from+out'),
    both: stop('both'),
  },
  // A.3.2
  unsubscribe: {
    none: stop('none'),
    'none+out': stop('none+out'),
    'none+in': go('none'),
    'none+out+in': go('none+out'),
    to: stop('to'),
    'to+in': go('to'),
    from: go('none'),
    'from+out': go('none+out'),
    both: go('to'),
  },
  // A.3.3
  subscribed: {
    none: stop('none'),
    'none+out': go('to'),
    'none+in': stop('none+in'),
    'none+out+in': go('to+in'),
    to: stop('to'),
    'to+in': stop('to+in'),
    from: stop('from'),
    'from+out': go('both'),
    both: stop('both'),
  },
  // A.3.4
  unsubscribed: {
    none: stop('none'),
    'none+out': go('none'),
    'none+in': stop('none+in'),
    'none+out+in': go('none+in'),
    to: go('none'),
    'to+in': go('none+in'),
    from: stop('from'),
    'from+out': go('from'),
    both: go('from'),
  },
};

/** The state that a roster record stands for. */
export const stateOf = ({ subscription, ask, request }: RosterItem): State => {
  switch (subscription) {
    case 'none':
      return ask ? (request === undefined ? 'none+out' : 'none+out+in') : request === undefined ? 'none' : 'none+in';
    case 'to':
      return request === undefined ? 'to' : 'to+in';
    case 'from':
      return ask ? 'from+out' : 'from';
    case 'both':
      return 'both';
    default:
      return subscription satisfies never;
  }
};

/** The record in another state; `request` is the contact's request, for states in which it waits. */
export const inState = (item: RosterItem, state: State, request?: string): RosterItem => ({
  ...item,
  subscription: state.split('+')[0] as RosterItem['subscription'],
  ask: state.includes('+out'),
  request: state.endsWith('+in') ? (request ?? item.request) : undefined,
});

/** Does the contact see our user's presence in this state? */
export const letsSee = (state: State): boolean => state === 'both' || state === 'from' || state === 'from+out';
/** Does our user see the contact's? */
export const sees = (state: State): boolean => state === 'both' || state === 'to' || state === 'to+in';
