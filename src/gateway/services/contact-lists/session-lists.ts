// The lists of a session's user, as they are now.

import { listOfText, textOfList } from '../../mapping/address.ts';
import type { SessionView } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';
import { roster } from '../common/roster.ts';
import { type ContactList, freshLists, type KeptLists, listsOf } from './lists.ts';

export const keptLists: Kept<KeptLists> = kept('contact-lists.kept', freshLists);

export interface SessionLists {
  readonly kept: KeptLists;
  readonly lists: readonly ContactList[];
}

/** Rejects when the server does not give the roster. */
export const sessionLists = async (session: SessionView): Promise<SessionLists> => {
  const items = await session.slot(roster).ready();
  const state = await keptLists.read(session);
  return { kept: state, lists: listsOf(items.values(), state) };
};

/** The list a phone names, among those there are; undefined for somebody else's and for one that is not there. */
export const findList = (
  session: SessionView,
  lists: readonly ContactList[],
  text: string,
): ContactList | undefined => {
  const address = listOfText(text, session.user);
  return address?.owner.equals(session.user) ? lists.find(({ name }) => name === address.name) : undefined;
};

export const addressOf = (session: SessionView, list: { readonly name: string }): string =>
  textOfList(session.user, list.name);
