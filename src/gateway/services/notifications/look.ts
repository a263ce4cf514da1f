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
  /** What the look will find is not the phone's own doing. */
  isForeign: boolean;
  /** Resolves when what the phone did last is part of `state`. */
  absorbed: Promise<void>;
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
  const found = map.get(name) ?? { state: undefined, isLookDue: false, isForeign: false, absorbed: Promise.resolve() };
  map.set(name, found);
  return found;
};

/**
 * Somebody else has changed it; or, not `isSure`, it was changed by this phone or by somebody else: servers push a change to
 * whoever made it too, before the answer or after.
 */
export const changedElsewhere = (session: SessionView, what: Watched, isSure: boolean): void => {
  if (!wants(session, ...what.types)) return;
  const watch = watchOf(session, what);
  if (isSure) watch.isForeign = true;
  if (watch.isLookDue) return;
  watch.isLookDue = true;
  session.after(lookAfterMs, () =>
    session.between(async () => {
      await watch.absorbed;
      watch.isLookDue = watch.isForeign = false;
      const now = await what.read(session);
      const before = watch.state;
      watch.state = now;
      return before === undefined ? [] : what.compare(before, now, session);
    }),
  );
};

/** The phone itself changed it. When somebody else did too, the look tells of both. */
export const changedHere = (session: SessionView, what: Watched): void => {
  const watch = watchOf(session, what);
  if (watch.isForeign || !wants(session, ...what.types)) return;
  const absorb = async (): Promise<void> => {
    const now = await what.read(session);
    if (!watch.isForeign) watch.state = now;
  };
  const absorbed = watch.absorbed.then(absorb);
  // A failure is logged by `run`; what waits for this goes on.
  watch.absorbed = absorbed.catch(() => {});
  session.run(() => absorbed);
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
