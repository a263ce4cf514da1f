// What the operator has to say to the users, kept over any Store: phones of CSP 1.3 get it as a system message, which they may
// be asked to answer; other phones and XMPP clients as a message from the server.
//
// The announcements are one value of the server; what an account made of them is one value of the account, so that it is
// written together with the answer that the phone gets.

import type { WallMs } from '../base/clock.ts';
import type { Store } from './store.ts';

export interface Announcement {
  readonly id: string;
  readonly text: string;
  /** To choose from, numbered from 1. */
  readonly options: readonly string[];
  /** Phones that can answer must, before they go on. */
  readonly requiresAnswer: boolean;
  /** What an answer has to repeat: the word itself is shown, or a picture of it. */
  readonly verification: { readonly key: string; readonly url?: string | undefined } | undefined;
  /** Bare JIDs; undefined: everybody. */
  readonly to: readonly string[] | undefined;
  readonly createdAt: WallMs;
  readonly expiresAt: WallMs;
}

/** What an account made of an announcement. */
export interface Heard {
  /** An XMPP client was sent it. */
  readonly isSent?: boolean;
  /** The phones that have taken it, by resource. */
  readonly shownOn?: readonly string[];
  readonly answer?: { readonly option: number | undefined; readonly at: WallMs };
  /** Answers with a wrong key, and when the last one was. */
  readonly wrongKeys?: number;
  readonly wrongAt?: WallMs;
}
/** By id of announcement. */
export type AllHeard = Readonly<Record<string, Heard>>;

/** The server's own values stand under an account that cannot be. */
const server = '';
const listKey = 'announcements';
export const heardKey = 'system-messages.heard';
export const announcementsMax = 100;

/** Oldest first, also those whose time is over. */
export const readAnnouncements = async ({ csp }: Pick<Store, 'csp'>): Promise<readonly Announcement[]> => {
  const text = await csp.setting(server, listKey);
  return text === undefined ? [] : (JSON.parse(text) as Announcement[]);
};

/** Those that an account is to hear now. */
export const announcementsFor = (all: readonly Announcement[], account: string, now: WallMs): readonly Announcement[] =>
  all.filter(({ to, expiresAt }) => expiresAt > now && (to === undefined || to.includes(account)));

/** The oldest makes room. */
export const addAnnouncement = (store: Store, announcement: Announcement): Promise<void> =>
  store.together(async (inside) => {
    const all = [...(await readAnnouncements(inside)), announcement].slice(-announcementsMax);
    await inside.csp.setSetting(server, listKey, JSON.stringify(all));
  });

/** False when there is none of that id. */
export const removeAnnouncement = (store: Store, id: string): Promise<boolean> =>
  store.together(async (inside) => {
    const all = await readAnnouncements(inside);
    const left = all.filter((one) => one.id !== id);
    if (left.length < all.length)
      await inside.csp.setSetting(server, listKey, left.length > 0 ? JSON.stringify(left) : undefined);
    return left.length < all.length;
  });

export const readHeard = (text: string | undefined): AllHeard =>
  text === undefined ? {} : (JSON.parse(text) as AllHeard);

/** The account's value with one entry changed; of announcements that are no more, nothing is kept. */
export const withHeard = (
  text: string | undefined,
  id: string,
  change: (heard: Heard) => Heard,
  known: readonly Announcement[],
): string => {
  const all = readHeard(text);
  const ids = new Set([id, ...known.map((one) => one.id)]);
  const left = Object.fromEntries(Object.entries(all).filter(([one]) => ids.has(one)));
  return JSON.stringify({ ...left, [id]: change(all[id] ?? {}) });
};

/** What every account made of them, page by page, in order of account. */
export async function* heardByAccount(
  store: Store,
  pageSize = 500,
): AsyncGenerator<{ readonly account: string; readonly heard: AllHeard }> {
  for (let after = ''; ; ) {
    const page = await store.csp.settingsNamed(heardKey, { after, limit: pageSize });
    for (const { account, value } of page) yield { account, heard: readHeard(value) };
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.account;
  }
}
