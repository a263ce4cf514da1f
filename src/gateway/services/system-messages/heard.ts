// What the account made of the operator's announcements, as the session knows it, and how it is changed.

import {
  type AllHeard,
  type Announcement,
  type Heard,
  heardKey,
  readHeard,
  withHeard,
} from '../../../store/announcements.ts';
import type { Effect } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';

interface Desk {
  /** Those that are for this account now. */
  announcements: readonly Announcement[];
  heard: AllHeard;
}
export const desk = slot<Desk>('system-messages-desk', () => ({ announcements: [], heard: {} }));

/** Reads both anew. */
export const refresh = async (session: SessionView): Promise<Desk> => {
  const state = session.slot(desk);
  state.announcements = await session.announcements();
  state.heard = readHeard(await session.setting(heardKey));
  return state;
};

export const change = (session: SessionView, id: string, next: (heard: Heard) => Heard): Effect => {
  const { announcements } = session.slot(desk);
  return { do: 'change', key: heardKey, change: (text) => withHeard(text, id, next, announcements) };
};

const phonesMax = 8;

const withPhone = (session: SessionView, id: string, phone: string): Effect =>
  change(session, id, (heard) => ({
    ...heard,
    shownOn: [...new Set([...(heard.shownOn ?? []), phone])].slice(-phonesMax),
  }));

/** This phone has taken it. */
export const shown = (session: SessionView, id: string): Effect => withPhone(session, id, session.jid.resource ?? '');

/** It was told in a way that has no answer: this phone owes none. */
const asTextOn = (session: SessionView): string => `- ${session.jid.resource ?? ''}`;
export const shownAsText = (session: SessionView, id: string): Effect => withPhone(session, id, asTextOn(session));
export const isShownAsText = (session: SessionView, { shownOn = [] }: Heard): boolean =>
  shownOn.includes(asTextOn(session));

export const isShownHere = (session: SessionView, { shownOn = [] }: Heard): boolean =>
  shownOn.includes(session.jid.resource ?? '');

/** Announcements that this phone has taken and must answer before it goes on. */
export const owed = (session: SessionView): readonly Announcement[] => {
  const { announcements, heard } = session.slot(desk);
  const now = session.clock.wall();
  return announcements.filter(({ id, requiresAnswer, expiresAt }) => {
    const one = heard[id] ?? {};
    return requiresAnswer && expiresAt > now && !one.answer && isShownHere(session, one);
  });
};
