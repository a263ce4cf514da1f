// Changes of what a phone keeps a copy of: its lists, and who may reach its user. Whatever makes a change (another phone of
// the user, a client through the server) leads to a look: what is there now is compared with what was there when the phone
// last knew. What the phone changes by itself it knows.
//
// A look waits a moment, since one deed makes several changes, and runs between two requests of the phone, since a request
// that is half done would be taken for somebody else's doing.

import type { Effects } from '../../service.ts';
import { type SessionView, type Slot, slot } from '../../session-view.ts';
import { type Served, subscribed, wants } from './subscribed.ts';

const lookAfterMs = 500;

/** Something to be looked at: how it is now, in a form that can be compared, and what a change of it means. */
export interface Watched<State = unknown> {
  readonly name: string;
  readonly types: readonly Served[];
  readonly read: (session: SessionView) => Promise<State>;
  // A method, so that what reads a state and what compares it may go together under any name.
  compare(before: State, now: State, session: SessionView): Effects;
}

interface Watch {
  /** As the phone knows it; undefined before anybody wanted to hear of it. */
  state: unknown;
  isLookDue: boolean;
}

const watches: Slot<Map<string, Watch>> = slot('notifications-watches', () => new Map());
const all: Watched[] = [];

/** Makes it known to `beginWatching`. */
export const watched = <State>(one: Watched<State>): Watched<State> => {
  all.push(one);
  return one;
};

const watchOf = (session: SessionView, { name }: { readonly name: string }): Watch => {
  const map = session.slot(watches);
  const found = map.get(name) ?? { state: undefined, isLookDue: false };
  map.set(name, found);
  return found;
};

/** Somebody else may have changed it. */
export const changedElsewhere = (session: SessionView, what: Watched): void => {
  if (!wants(session, ...what.types)) return;
  const watch = watchOf(session, what);
  if (watch.isLookDue) return;
  watch.isLookDue = true;
  session.after(lookAfterMs, () =>
    session.between(async () => {
      watch.isLookDue = false;
      const before = watch.state;
      const now = await what.read(session);
      watch.state = now;
      return before === undefined ? [] : what.compare(before, now, session);
    }),
  );
};

/** The phone itself changed it. When somebody else did too, the look tells of both. */
export const changedHere = (session: SessionView, what: Watched): void => {
  const watch = watchOf(session, what);
  if (watch.isLookDue || !wants(session, ...what.types)) return;
  session.run(async () => {
    const now = await what.read(session);
    if (!watch.isLookDue) watch.state = now;
  });
};

/** What is there now is what the phone knows. `types`: those it is about to be told of. */
export const beginWatching = async (
  session: SessionView,
  types: readonly Served[] = session.slot(subscribed).types,
): Promise<void> => {
  for (const what of all) {
    const watch = watchOf(session, what);
    if (watch.state === undefined && what.types.some((type) => types.includes(type)))
      watch.state = await what.read(session);
  }
};
